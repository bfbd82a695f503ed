"""Views: what a telescope, the sky and the angle of sight could have made of the same galaxy.

All nuisances are drawn and applied to a whole batch on the device. Geometry is one resampling, so
that a view is no blurrier than it must be. There is no colour jitter beyond dust and no small crop:
colour is physics, and a crop that loses the galaxy teaches nonsense.

Source: Stein et al. 2021 (arXiv 2110.00023); distributions in `pipeline.survey_constants`.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Generator, Tensor

from pipeline.config import ConfigError, ViewsConfig
from pipeline.field import Field
from pipeline.survey_constants import (
    EBV_MAG,
    FWHM_OVER_SIGMA,
    PIXEL_NOISE_NMGY,
    PIXEL_SCALE_ARCSEC,
    PSF_FWHM_ARCSEC,
    ShiftedLogNormal,
)
from pipeline.tensors import flux_to_rgb, gaussian_blur, noise_level, redden


class Nuisance(Protocol):
    """What turns pictures (n, band, y, x) into others of the same shape."""

    def __call__(self, pictures: Tensor, generator: Generator, /) -> Tensor:
        """Return new pictures; those given stay as they are."""
        ...


class Geometry:
    """Flip, rotation, magnification and shift, in one resampling."""

    def __init__(self, config: ViewsConfig, field: Field) -> None:
        self.config, self.field = config, field

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Map prepared pictures (n, band, y, x) to (n, band, input_px, input_px)."""
        n = len(pictures)
        angle = 2 * math.pi * _uniform(n, generator)
        low, high = self.config.size
        size = low + (high - low) * _uniform(n, generator)
        flip = torch.where(_uniform(n, generator) < 0.5, -1.0, 1.0)
        cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
        matrix = torch.stack(
            [torch.stack([flip * cos, -sin], 1), torch.stack([flip * sin, cos], 1)], 1
        )
        # Along the axes of the cutout; the field is two halves wide.
        largest = 2 * self.config.shift_px / self.field.input_px
        shift = largest * (2 * _uniform(2 * n, generator).view(n, 2) - 1)
        return self.field.sample(pictures, matrix, shift)


class PsfBlur:
    """Blur to a seeing drawn from the survey's distribution, where that is worse than the own.

    Gaussian widths add in quadrature, so the kernel's sigma is sqrt(drawn^2 - own^2). A cutout's
    own seeing is taken as the survey's median.

    Parameters
    ----------
    pixel_scale_arcsec : float
        Of the pictures that it is given.
    """

    def __init__(self, pixel_scale_arcsec: float) -> None:
        self.pixel_scale_arcsec = pixel_scale_arcsec

    def __call__(self, flux: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        drawn = _draw(PSF_FWHM_ARCSEC, len(flux), generator)
        own = torch.tensor([band.loc + band.scale for band in PSF_FWHM_ARCSEC])
        sigma_arcsec = (drawn**2 - own**2).clamp(min=0).sqrt() / FWHM_OVER_SIGMA
        return gaussian_blur(flux, (sigma_arcsec / self.pixel_scale_arcsec).to(flux))


class SkyNoise:
    """Noise up to a level drawn from the survey's distribution, where that is above the own.

    Variances add; the own level is estimated from differences of neighbouring pixels.

    Parameters
    ----------
    scale : float
        Survey pixels, along a side, that are averaged to one of the pictures that it is given.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, flux: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        # The mean of scale^2 pixels of independent noise.
        drawn = (_draw(PIXEL_NOISE_NMGY, len(flux), generator) / self.scale).to(flux)
        sigma = (drawn**2 - noise_level(flux) ** 2).clamp(min=0).sqrt()
        return flux + sigma[:, :, None, None] * _normal(flux, generator)


class Reddening:
    """Remove the galaxy's own dust in front, on average, and put a drawn amount there instead.

    The change of E(B-V) is the difference of two draws from the survey's distribution.
    """

    def __call__(self, flux: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        added, removed = _draw((EBV_MAG, EBV_MAG), len(flux), generator).unbind(1)
        return redden(flux, (added - removed).to(flux))


class PictureNuisances:
    """For pictures: brightness, channel balance, blur and noise; what flux would be is unknown."""

    def __init__(self, config: ViewsConfig) -> None:
        self.config = config

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) in [0, 1] to the same shape and range."""
        n, config = len(pictures), self.config
        normal = torch.randn(n, 4, generator=generator)
        gain = torch.exp(config.gain * normal[:, :1] + config.band_gain * normal[:, 1:])
        # Half of the views stay as sharp and clean as the picture is.
        blur = config.blur_px * (2 * _uniform(n, generator) - 1).clamp(min=0)
        noise = config.picture_noise * (2 * _uniform(n, generator) - 1).clamp(min=0)
        views = gaussian_blur(pictures * gain.to(pictures)[:, :, None, None], blur[:, None])
        noisy = views + noise.to(views).view(n, 1, 1, 1) * _normal(views, generator)
        return noisy.clamp(0, 1)


class Views:
    """Draw one view of each cutout of a batch.

    Parameters
    ----------
    config : ViewsConfig
    field : Field

    Raises
    ------
    ConfigError
        Blur or noise as of the survey is asked for, but the pixel scale is not known.
    """

    def __init__(self, config: ViewsConfig, field: Field) -> None:
        self.is_flux = field.is_flux
        self.geometry = Geometry(config, field)
        self.nuisances: list[Nuisance] = [PictureNuisances(config)]
        if field.is_flux:
            self.nuisances = _sky_nuisances(config, field)

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Return one view of each cutout.

        Parameters
        ----------
        pictures : Tensor, shape (n, band, y, x)
            Of `Field.prepare`; not changed.
        generator : torch.Generator
            On the CPU: views do not depend on the device.

        Returns
        -------
        Tensor, shape (n, 3, input_px, input_px)
            RGB in [0, 1].
        """
        views = self.geometry(pictures, generator)
        for nuisance in self.nuisances:
            views = nuisance(views, generator)
        return flux_to_rgb(views) if self.is_flux else views


def _sky_nuisances(config: ViewsConfig, field: Field) -> list[Nuisance]:
    chosen: list[Nuisance] = [Reddening()] if config.reddening else []
    if not (config.psf or config.noise):
        return chosen
    if field.pixel_scale_arcsec is None:
        raise ConfigError(
            "Blur and noise as the sky has them need the pixel scale: set "
            "source.pixel_scale_arcsec, or views.psf = false and views.noise = false."
        )
    input_scale_arcsec = field.pixel_scale_arcsec * field.scale
    if config.noise:
        # The distribution is of the survey's own pixels.
        chosen.insert(0, SkyNoise(input_scale_arcsec / PIXEL_SCALE_ARCSEC))
    if config.psf:
        chosen.insert(0, PsfBlur(input_scale_arcsec))
    return chosen


def _uniform(n: int, generator: Generator) -> Tensor:
    return torch.rand(n, generator=generator)


def _normal(like: Tensor, generator: Generator) -> Tensor:
    """Return standard normal noise like ``like``, from a seed drawn from ``generator``."""
    seed = int(torch.randint(2**62, (1,), generator=generator))
    on_device = Generator(device=like.device).manual_seed(seed)
    return torch.randn(like.shape, generator=on_device, device=like.device, dtype=like.dtype)


def _draw(distributions: tuple[ShiftedLogNormal, ...], n: int, generator: Generator) -> Tensor:
    """Draw (n, number of distributions) values; the few beyond a limit come to lie on it."""
    normal = torch.randn(n, len(distributions), generator=generator)
    values = [
        (d.loc + d.scale * torch.exp(d.shape * normal[:, i])).clamp(d.low, d.high)
        for i, d in enumerate(distributions)
    ]
    return torch.stack(values, dim=1)
