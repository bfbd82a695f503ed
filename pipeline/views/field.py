"""The field: which part of a survey's cutouts the encoder sees, and at which scale."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.atlas.field import binning
from pipeline.config import ConfigError, InputConfig
from pipeline.sources import Survey
from pipeline.views.tensors import binned, flux_to_rgb


@dataclass(frozen=True)
class Field:
    """How a cutout becomes the encoder's input."""

    cutout_px: int  # side of the cutouts
    field_px: int  # side of the central square that the encoder sees, in cutout pixels
    input_px: int  # side of that square after resampling
    is_flux: bool  # g, r, z nanomaggies, or pictures
    pixel_scale_arcsec: float | None = None  # of the cutouts

    @classmethod
    def of(cls, config: InputConfig, survey: Survey) -> Field:
        """Return the field of a survey.

        Raises
        ------
        ConfigError
            The field is larger than the cutouts.
        """
        field_px = config.field_px or survey.cutout_px
        if field_px > survey.cutout_px:
            raise ConfigError(
                f"input.field_px is {field_px}, but the cutouts of {survey.title} are "
                f"{survey.cutout_px} px wide. Lower it, or leave it out to see all of them."
            )
        return cls(
            survey.cutout_px, field_px, config.input_px, survey.is_flux, survey.pixel_scale_arcsec
        )

    @property
    def binning(self) -> int:
        """Cutout pixels, along a side, that are averaged to one before resampling."""
        return binning(self.field_px, self.input_px)

    @property
    def scale(self) -> float:
        """Cutout pixels, along a side, to a pixel of the input."""
        return self.field_px / self.input_px

    def prepare(self, cutouts: Tensor) -> Tensor:
        """Return stored cutouts as float32 and binned: what views and `encoder_input` start from.

        Parameters
        ----------
        cutouts : Tensor, shape (n, band, cutout_px, cutout_px)
        """
        return binned(cutouts, self.binning)

    def sample(self, pictures: Tensor, matrix: Tensor, shift: Tensor | None = None) -> Tensor:
        """Resample prepared pictures, once.

        Parameters
        ----------
        pictures : Tensor, shape (n, band, y, x)
            Of `prepare`.
        matrix : Tensor, shape (n or 1, 2, 2)
            From places in the input to places in the picture.
        shift : Tensor, shape (n, 2), optional
            In halves of the field.

        Returns
        -------
        Tensor, shape (n, band, input_px, input_px)
        """
        n, side = len(pictures), pictures.shape[-1]
        share = self.field_px / (side * self.binning)
        turned = (matrix.to(pictures) * share).expand(n, 2, 2)[..., None, None]
        moved = pictures.new_zeros(n, 2) if shift is None else shift.to(pictures) * share
        # Centres of pixels, from -1 to 1. `affine_grid` would take as long as the sampling.
        x = (2 * torch.arange(self.input_px, device=pictures.device) + 1) / self.input_px - 1
        grid = pictures.new_empty(n, self.input_px, self.input_px, 2)
        for axis in (0, 1):
            across, down = turned[:, axis, 0] * x, turned[:, axis, 1] * x[:, None]
            grid[..., axis] = across + down + moved[:, axis, None, None]
        # The sky beyond the edge is more sky: black corners would tell how a view was turned.
        return F.grid_sample(
            pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False
        )

    def encoder_input(self, cutouts: Tensor) -> Tensor:
        """Return stored cutouts as the encoder sees them when nothing is augmented.

        Returns
        -------
        Tensor, shape (n, 3, input_px, input_px)
            RGB in [0, 1].
        """
        return self.colours(self.sample(self.prepare(cutouts), torch.eye(2)[None]))

    def colours(self, pictures: Tensor) -> Tensor:
        """Return fluxes (n, 3, y, x) as RGB in [0, 1], and pictures as they are."""
        return flux_to_rgb(pictures) if self.is_flux else pictures
