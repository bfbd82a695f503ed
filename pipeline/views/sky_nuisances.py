"""Nuisances of flux cutouts: seeing, noise and dust as the survey has them.

Each is drawn and applied to a whole batch on the device, in nanomaggies, before the colours are
made. Source: Stein et al. 2022 (arXiv 2110.00023); distributions in
`pipeline.images.legacy_surveys`.
"""

from __future__ import annotations

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
)
from pipeline.views.random_draws import draw, normal_like
from pipeline.views.tensors import gaussian_blur, noise_level, redden


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


class PsfBlur:
    """Blur to a seeing drawn from the survey's distribution, where that is worse than the own.

    Gaussian widths add in quadrature, so the kernel's sigma is sqrt(drawn^2 - own^2).

    Parameters
    ----------
    pixel_scale_arcsec : float
        Of the pictures that it is given.
    """

    def __init__(self, pixel_scale_arcsec: float) -> None:
        self.pixel_scale_arcsec = pixel_scale_arcsec

    def __call__(
        self, flux: Tensor, generator: Generator, own_psf_sigma: Tensor | None = None
    ) -> Tensor:
        """Map (n, 3, y, x) to the same shape.

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
        drawn = (draw(PIXEL_NOISE_NMGY, len(flux), generator) / self.scale).to(flux)
        sigma = (drawn**2 - noise_level(flux) ** 2).clamp(min=0).sqrt()
        return torch.addcmul(flux, sigma[:, :, None, None], normal_like(flux, generator))


class Reddening:
    """Remove the galaxy's own dust in front, on average, and put a drawn amount there instead.

    The change of E(B-V) is the difference of two draws from the survey's distribution.
    """

    def __call__(self, flux: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        added, removed = draw((EBV_MAG, EBV_MAG), len(flux), generator).unbind(1)
        return redden(flux, (added - removed).to(flux))
