"""From light above the atmosphere to a noisy cutout."""

from __future__ import annotations

import numpy as np

from pipeline.images.legacy_surveys import CUTOUT_PX, PIXEL_SCALE_ARCSEC
from pipeline.sources.mock.canvas import GRID_PX
from pipeline.sources.mock.sky import Conditions

CORE_BETA = 3  # Moffat index of the PSF's core; fits to the survey's stars give 2.5 to 3.5
HALO_BETA = 2  # of the wide wings: light scattered in the telescope, whatever the seeing
HALO_SHARE, HALO_FWHM_ARCSEC = 0.05, 3.6

# Electrons per nanomaggy: zero point near 25 mag per electron per second, three 100 s exposures.
GAIN_PER_NMGY = 3000.0


def expose(
    faint: np.ndarray,
    bright_stars: list[tuple[float, float, np.ndarray]],
    conditions: Conditions,
    rng: np.random.Generator,
) -> np.ndarray:
    """Blur, redden, cut out and add noise.

    Parameters
    ----------
    faint : ndarray, shape (3, GRID_PX, GRID_PX)
        Nanomaggies per pixel above atmosphere and Milky Way.
    bright_stars : list of (x_arcsec, y_arcsec, flux_nmgy of shape (3,))
        West and North of the cutout's middle.
    conditions : Conditions
        PSF, noise, reddening.
    rng : Generator
        Source of the noise.

    Returns
    -------
    ndarray, shape (3, CUTOUT_PX, CUTOUT_PX)
        Nanomaggies in g, r, z, float32.

    Notes
    -----
    The PSF's widths are those of stars in the coadds, so they hold the pixel's response already.
    """
    import scipy.fft

    steps = np.fft.fftfreq(GRID_PX, 1 / GRID_PX).astype(np.float32)
    radius2 = np.float32(PIXEL_SCALE_ARCSEC**2) * (steps[:, None] ** 2 + steps[None, :] ** 2)
    kernels = np.stack([psf(radius2, fwhm) for fwhm in conditions.psf_fwhm_arcsec])
    # scipy's transforms stay in single precision, numpy's do not.
    spectrum = scipy.fft.rfft2(faint) * scipy.fft.rfft2(kernels)
    low = (GRID_PX - CUTOUT_PX) // 2
    inner = slice(low, low + CUTOUT_PX)
    flux = scipy.fft.irfft2(spectrum, s=(GRID_PX, GRID_PX))[:, inner, inner]
    steps = (np.arange(CUTOUT_PX) - (CUTOUT_PX - 1) / 2).astype(np.float32)
    steps *= np.float32(PIXEL_SCALE_ARCSEC)
    for x, y, star_flux in bright_stars:
        radius2 = (steps[None, :] - np.float32(x)) ** 2 + (steps[:, None] + np.float32(y)) ** 2
        for band, fwhm in enumerate(conditions.psf_fwhm_arcsec):
            flux[band] += star_flux[band] * psf(radius2, fwhm)
    flux *= conditions.transmission.astype(np.float32)[:, None, None]
    sky = np.array(conditions.noise_nmgy, np.float32)[:, None, None]
    variance = sky**2 + np.maximum(flux, 0) / np.float32(GAIN_PER_NMGY)
    return flux + np.sqrt(variance) * rng.standard_normal(flux.shape, dtype=np.float32)


def psf(radius2_arcsec2: np.ndarray, fwhm_arcsec: float) -> np.ndarray:
    """Return the PSF, a Moffat core in a wide Moffat halo, whose light is one.

    Parameters
    ----------
    radius2_arcsec2 : ndarray
        Squared distance from the star, float32.
    fwhm_arcsec : float
        Of the core.

    Returns
    -------
    ndarray
        Light per pixel.
    """
    core = _moffat(radius2_arcsec2, CORE_BETA, fwhm_arcsec)
    halo = _moffat(radius2_arcsec2, HALO_BETA, HALO_FWHM_ARCSEC)
    return np.float32(1 - HALO_SHARE) * core + np.float32(HALO_SHARE) * halo


def _moffat(radius2_arcsec2: np.ndarray, beta: int, fwhm_arcsec: float) -> np.ndarray:
    """Return a Moffat profile of whole index, light per pixel; whole powers are fast."""
    scale2 = (fwhm_arcsec / 2) ** 2 / (2 ** (1 / beta) - 1)
    peak = (beta - 1) / (np.pi * scale2) * PIXEL_SCALE_ARCSEC**2
    falling = 1 / (1 + radius2_arcsec2 / np.float32(scale2))
    profile = np.float32(peak) * falling
    for _ in range(beta - 1):
        profile *= falling
    return profile
