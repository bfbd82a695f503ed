"""Views: what a telescope, the sky and the angle of sight could have made of the same galaxy.

All nuisances are drawn and applied to a whole batch on the device. Geometry is one resampling, so
that a view is no blurrier than it must be. There is no colour jitter beyond dust and no small crop:
colour is physics, and a crop that loses the galaxy teaches nonsense.

Source: Stein et al. 2022 (arXiv 2110.00023).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from pipeline.config import ConfigError, ViewsConfig
from pipeline.images.legacy_surveys import PIXEL_SCALE_ARCSEC
from pipeline.views.field import Field
from pipeline.views.nuisances import (
    Gain,
    Nuisance,
    PictureBlur,
    PictureNoise,
    PsfBlur,
    SkyNoise,
    reddened,
)


@dataclass(frozen=True)
class Geometry:
    """Flip, rotation, magnification and shift, in one resampling.

    Source: Stein et al. 2021, section on augmentations; ranges in `ViewsConfig`.
    """

    config: ViewsConfig
    field: Field

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Map prepared pictures (n, band, y, x) to (n, band, input_px, input_px)."""
        n = len(pictures)
        angle = 2 * math.pi * torch.rand(n, generator=generator)
        low, high = self.config.size
        size = low + (high - low) * torch.rand(n, generator=generator)
        flip = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
        cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
        matrix = torch.stack([flip * cos, -sin, flip * sin, cos], 1).view(n, 2, 2)
        # Along the axes of the cutout; the field is two halves wide.
        largest = 2 * self.config.shift_px / self.field.input_px
        shift = largest * (2 * torch.rand(n, 2, generator=generator) - 1)
        return self.field.sample(pictures, matrix, shift)


class Views:
    """Draw one view of each cutout of a batch.

    Attributes
    ----------
    psf_blur : PsfBlur or None
        Apart from the other nuisances, since it may be told what the galaxies had already.
    nuisances : list of Nuisance
        What follows, in this order.

    Raises
    ------
    ConfigError
        Blur or noise as of the survey is asked for, but the pixel scale is not known.
    """

    def __init__(self, config: ViewsConfig, field: Field) -> None:
        self.field, self.geometry = field, Geometry(config, field)
        self.psf_blur: PsfBlur | None = None
        self.nuisances: list[Nuisance] = [
            Gain(config.gain, 1),
            Gain(config.band_gain, 3),
            PictureBlur(config.blur_px),
            PictureNoise(config.picture_noise),
        ]
        if field.is_flux:
            self.nuisances = []
            if config.psf or config.noise:
                self._add_seeing_and_noise(config, field)
            if config.reddening:
                self.nuisances.append(reddened)

    def __call__(
        self, pictures: Tensor, generator: Generator, own_psf_sigma: Tensor | None = None
    ) -> Tensor:
        """Return one view of each cutout.

        Parameters
        ----------
        pictures : Tensor, shape (n, band, y, x)
            Of `Field.prepare`; not changed.
        generator : torch.Generator
            On the CPU: views do not depend on the device.
        own_psf_sigma : Tensor, shape (n, band), optional
            Seeing that each flux cutout has already, as Gaussian sigma in arcsec, of
            `pipeline.views.nuisances.own_psf`; the survey's median where it is NaN or left out.

        Returns
        -------
        Tensor, shape (n, 3, input_px, input_px)
            RGB in [0, 1].
        """
        views = self.geometry(pictures, generator)
        if self.psf_blur is not None:
            views = self.psf_blur(views, generator, own_psf_sigma)
        for nuisance in self.nuisances:
            views = nuisance(views, generator)
        return self.field.colours(views) if self.field.is_flux else views.clamp(0, 1)

    def _add_seeing_and_noise(self, config: ViewsConfig, field: Field) -> None:
        if field.pixel_scale_arcsec is None:
            raise ConfigError(
                "Blur and noise as the sky has them need the pixel scale: set "
                "source.pixel_scale_arcsec, or views.psf = false and views.noise = false."
            )
        input_scale_arcsec = field.pixel_scale_arcsec * field.scale
        if config.psf:
            self.psf_blur = PsfBlur(input_scale_arcsec)
        if config.noise:
            # The distribution is of the survey's own pixels.
            self.nuisances.append(SkyNoise(input_scale_arcsec / PIXEL_SCALE_ARCSEC))
