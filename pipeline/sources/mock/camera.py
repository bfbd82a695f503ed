"""From light above the atmosphere to a noisy cutout, and what goes wrong in real data."""

from __future__ import annotations

import numpy as np

from pipeline.images.legacy_surveys import CUTOUT_PX, NORTH_SOUTH_DEC_DEG, PIXEL_SCALE_ARCSEC
from pipeline.sources.mock.canvas import GRID_PX
from pipeline.sources.mock.sky import Conditions

CORE_BETA = 3  # Moffat index of the PSF's core; fits to the survey's stars give 2.5 to 3.5
HALO_BETA = 2  # of the wide wings: light scattered in the telescope, whatever the seeing
HALO_SHARE, HALO_FWHM_ARCSEC = 0.05, 3.6

# Electrons per nanomaggy: zero point near 25 mag per electron per second, three 100 s exposures.
GAIN_PER_NMGY = 3000.0

# Share of all objects that each fault spoils; real surveys have a few per cent in all.
RATES = {
    "satellite trail": 0.008,
    "bleed trail": 0.006,
    "brick edge": 0.006,
    "missing band": 0.005,
}

TRAIL_NMGY = (0.02, 0.035, 0.08)  # brightness of a typical satellite trail in g, r, z, per pixel


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
    rng : Generator

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
    """Return the light per pixel of the PSF, a Moffat core in a wide Moffat halo; its sum is one.

    The squared distance from the star is float32; the FWHM is that of the core.
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


def draw_fault(rng: np.random.Generator) -> str:
    """Draw the fault of one object, most often none (an empty string)."""
    chance = float(rng.random())
    for name, rate in RATES.items():
        if chance < rate:
            return name
        chance -= rate
    return ""


def spoil(flux: np.ndarray, fault: str, dec_deg: float, rng: np.random.Generator) -> np.ndarray:
    """Return a cutout with a fault.

    Parameters
    ----------
    flux : ndarray, shape (3, y, x)
    fault : str
        One of `RATES`, or empty.
    dec_deg : float
        Tells the telescope, and so the direction in which stars bleed.
    rng : Generator

    Returns
    -------
    ndarray, shape (3, y, x)
        float32; the input itself if there is no fault.
    """
    if fault == "satellite trail":
        return _with_satellite_trail(flux, rng)
    if fault == "bleed trail":
        return _with_bleed_trail(flux, dec_deg, rng)
    if fault == "brick edge":
        return _with_edge(flux, rng)
    if fault == "missing band":
        band = int(rng.integers(3))
        return np.where(np.arange(3)[:, None, None] == band, np.float32(0), flux)
    return flux


def _coordinates(flux: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y in px from the middle of a cutout."""
    size = flux.shape[-1]
    steps = np.arange(size) - (size - 1) / 2
    x, y = np.meshgrid(steps, steps)
    return x, y


def _with_satellite_trail(flux: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add a straight streak in one band: the others were exposed at other times."""
    x, y = _coordinates(flux)
    angle = rng.uniform(0, np.pi)
    gap = x * np.sin(angle) - y * np.cos(angle) - rng.uniform(-45, 45)
    width = rng.uniform(1.6, 3.2)
    band = int(rng.integers(3))
    height = TRAIL_NMGY[band] * rng.uniform(0.5, 2.0)
    # Out of focus, because near: flatter at the top than a star's profile.
    streak = height * np.exp(-0.5 * np.abs(gap / width) ** 2.6)
    spoiled = flux.copy()
    spoiled[band] += streak.astype(np.float32)
    return spoiled


def _with_bleed_trail(flux: np.ndarray, dec_deg: float, rng: np.random.Generator) -> np.ndarray:
    """Add a saturated star whose charge spills along the columns of the detector."""
    x, y = _coordinates(flux)
    centre_x, centre_y = rng.uniform(-68, 68, 2)
    along, across = x - centre_x, y - centre_y
    if dec_deg > NORTH_SOUTH_DEC_DEG:
        along, across = across, along
    radius2 = along**2 + across**2
    spoiled = flux.copy()
    light = rng.uniform(3, 9)
    for band, strength in enumerate((0.5, 0.9, 1.0)):
        halo = light * strength * (1 + radius2 / 14.0) ** -1.55
        length, width = rng.uniform(25, 110), rng.uniform(0.8, 2.6)
        trail = (np.abs(along) < length) & (np.abs(across) < width)
        # Bled pixels are masked: some bands keep another exposure's value there, some have none.
        kept = rng.random() < 0.5
        spoiled[band] += np.minimum(halo, 6.0)
        spoiled[band][trail] = 0.35 * light if kept else 0.0
    return spoiled


def _with_edge(flux: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blank what lies beyond a straight edge of the coverage, in one band or in all."""
    x, y = _coordinates(flux)
    # Bricks and detectors are aligned with the sky to within a few degrees.
    angle = rng.integers(4) * np.pi / 2 + rng.normal(0, 0.02)
    beyond = x * np.cos(angle) + y * np.sin(angle) > rng.uniform(5, 60)
    bands = np.ones(3, bool) if rng.random() < 0.5 else np.arange(3) == rng.integers(3)
    return np.where(bands[:, None, None] & beyond, np.float32(0), flux)
