"""Nuisances: seeing, noise and dust of flux cutouts, and their counterparts for pictures.

Each is drawn and applied to a whole batch (n, 3, y, x). Random numbers are drawn on the CPU, so
that views do not depend on the device. Of flux they are as the survey has them, in nanomaggies,
before the colours are made; source: Stein et al. 2022 (arXiv 2110.00023), distributions in
`pipeline.images.legacy_surveys`. What the fluxes of a picture would be is not known, so that there
strengths are knobs of `ViewsConfig`. None of them cuts to [0, 1]: views are cut once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor

from pipeline.images.legacy_surveys import (
    BANDS,
    EBV_MAG,
    FWHM_OVER_SIGMA,
    PIXEL_NOISE_NMGY,
    PSF_FWHM_ARCSEC,
    ShiftedLogNormal,
)
from pipeline.views.tensors import gaussian_blur, noise_level, redden

# What turns pictures (n, band, y, x) into others of the same shape; those given stay as they are.
Nuisance = Callable[[Tensor, Generator], Tensor]


def own_psf(catalogue: pd.DataFrame) -> np.ndarray | None:
    """Return the seeing that each galaxy was observed with, where the catalogue knows it.

    Parameters
    ----------
    catalogue : DataFrame, n rows
        May have ``psf_fwhm_arcsec_g``, ``_r`` and ``_z``: full widths at half maximum, as
        ``psfsize`` of the Legacy Surveys DR9 is.

    Returns
    -------
    ndarray, shape (n, 3), float32, or None
        Gaussian sigma in arcsec, NaN where it is not known; None if it is known of no galaxy.
    """
    sigma = np.full((len(catalogue), len(BANDS)), np.nan, np.float32)
    for number, band in enumerate(BANDS):
        column = f"psf_fwhm_arcsec_{band}"
        if column in catalogue:
            values = pd.to_numeric(catalogue[column], errors="coerce").to_numpy(np.float32)
            # 0 stands for a band in which no exposure saw the galaxy.
            known = np.isfinite(values) & (values > 0)
            sigma[known, number] = values[known] / FWHM_OVER_SIGMA
    return sigma if np.isfinite(sigma).any() else None


@dataclass(frozen=True)
class PsfBlur:
    """Blur to a seeing drawn from the survey's distribution, where that is worse than the own.

    Gaussian widths add in quadrature, so the kernel's sigma is sqrt(drawn^2 - own^2).
    """

    pixel_scale_arcsec: float  # of the pictures that it is given

    def __call__(
        self, flux: Tensor, generator: Generator, own_psf_sigma: Tensor | None = None
    ) -> Tensor:
        """Return blurred fluxes.

        Parameters
        ----------
        own_psf_sigma : Tensor, shape (n, 3), optional
            Gaussian sigma in arcsec, of `own_psf`; the survey's median where it is NaN or left out.
        """
        drawn = draw(PSF_FWHM_ARCSEC, len(flux), generator) / FWHM_OVER_SIGMA
        own = torch.tensor([band.loc + band.scale for band in PSF_FWHM_ARCSEC]) / FWHM_OVER_SIGMA
        if own_psf_sigma is not None:
            given = own_psf_sigma.to(drawn)
            own = torch.where(given.isfinite(), given, own)
        sigma_arcsec = (drawn**2 - own**2).clamp(min=0).sqrt()
        return gaussian_blur(flux, (sigma_arcsec / self.pixel_scale_arcsec).to(flux))


@dataclass(frozen=True)
class SkyNoise:
    """Noise up to a level drawn from the survey's distribution, where that is above the own.

    Variances add; the own level is estimated from differences of neighbouring pixels.
    """

    scale: float  # survey pixels, along a side, that are averaged to one of the given pictures

    def __call__(self, flux: Tensor, generator: Generator) -> Tensor:
        """Return noisier fluxes."""
        # The mean of scale^2 pixels of independent noise.
        drawn = (draw(PIXEL_NOISE_NMGY, len(flux), generator) / self.scale).to(flux)
        sigma = (drawn**2 - noise_level(flux) ** 2).clamp(min=0).sqrt()
        return _noisier(flux, sigma, generator)


def reddened(flux: Tensor, generator: Generator) -> Tensor:
    """Remove the galaxy's own dust in front, on average, and put a drawn amount there instead.

    The change of E(B-V) is the difference of two draws from the survey's distribution.
    """
    added, removed = draw((EBV_MAG, EBV_MAG), len(flux), generator).unbind(1)
    return redden(flux, (added - removed).to(flux))


@dataclass(frozen=True)
class Gain:
    """Multiply a picture by a log-normal factor: twice as bright is as likely as half as bright.

    One factor for all channels is another exposure, or another stretch. Source: the brightness
    jitter of Chen et al. 2020 (arXiv 2002.05709), appendix A, a fraction as strong, for brightness
    is physics. One for each of three is dust in front, and calibration: the counterpart of
    `reddened`; no hue is rotated. Source: the survey's median E(B-V), 0.035 mag (Stein et al.
    2021), dims g by 6 % more than z; a few per cent a channel are of that order.
    """

    sigma: float  # standard deviation of a factor's natural logarithm
    n_factors: int  # 1 or 3

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Return brighter or fainter pictures."""
        logarithm = self.sigma * torch.randn(len(pictures), self.n_factors, generator=generator)
        return pictures * torch.exp(logarithm).to(pictures)[:, :, None, None]


@dataclass(frozen=True)
class PictureBlur:
    """Blur with a Gaussian: worse seeing; half of the views stay as sharp as the picture is.

    Source: Chen et al. 2020, appendix A, which blurs half of the views, too.
    """

    blur_px: float  # largest sigma, in pixels of the pictures that it is given

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Return blurred pictures."""
        return gaussian_blur(pictures, self.blur_px * _half_of_them(len(pictures), generator))


@dataclass(frozen=True)
class PictureNoise:
    """Add normal noise: a shorter exposure; half of the views stay as clean as the picture is.

    Source: the noise of Stein et al. 2021, where, too, about half of the galaxies already have more
    than is drawn.
    """

    picture_noise: float  # largest sigma; full scale is 1

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Return noisier pictures."""
        sigma = self.picture_noise * _half_of_them(len(pictures), generator)
        return _noisier(pictures, sigma.to(pictures), generator)


def draw(distributions: tuple[ShiftedLogNormal, ...], n: int, generator: Generator) -> Tensor:
    """Draw (n, number of distributions) values; the few beyond a limit come to lie on it."""
    values = torch.randn(n, len(distributions), generator=generator)
    columns = [
        (d.loc + d.scale * torch.exp(d.shape * values[:, i])).clamp(d.low, d.high)
        for i, d in enumerate(distributions)
    ]
    return torch.stack(columns, dim=1)


def _half_of_them(n: int, generator: Generator) -> Tensor:
    """Draw (n, 1) values: 0 for half of them, between 0 and 1 for the others."""
    return (2 * torch.rand(n, 1, generator=generator) - 1).clamp(min=0)


def _noisier(pictures: Tensor, sigma: Tensor, generator: Generator) -> Tensor:
    """Add normal noise of sigma (n, bands or 1), drawn on the device of ``pictures``.

    Its seed comes from ``generator``: drawing it on the CPU would cost more than all the rest.
    """
    seed = int(torch.randint(2**62, (1,), generator=generator))
    on_device = Generator(device=pictures.device).manual_seed(seed)
    noise = torch.randn(
        pictures.shape, generator=on_device, device=pictures.device, dtype=pictures.dtype
    )
    return torch.addcmul(pictures, sigma[:, :, None, None], noise)
