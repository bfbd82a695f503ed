"""What a survey's catalogue would say of a mock galaxy: the truth, blurred by measurement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.images.legacy_surveys import AB_ZERO_POINT, PIXEL_SCALE_ARCSEC
from pipeline.sources.mock.population import Galaxy
from pipeline.sources.mock.sky import Conditions

MAGNITUDE_FLOOR = 0.01  # mag; model mismatch of bright galaxies
OUTLIER_SHARE = 0.015  # of photo-z; grows for faint galaxies


@dataclass(frozen=True)
class Measurement:
    """Catalogue entries of one galaxy.

    Attributes
    ----------
    mags : tuple of float
        AB magnitudes in g, r, z, not corrected for Galactic extinction; NaN where the measured flux
        is not positive or the band is missing.
    photo_z, photo_z_err : float
        Photometric redshift and its quoted standard deviation.
    half_light_radius_arcsec : float
        Of the fitted model.
    source_type : str
        Model that Tractor would choose: REX, EXP, DEV or SER.
    """

    mags: tuple[float, ...]
    photo_z: float
    photo_z_err: float
    half_light_radius_arcsec: float
    source_type: str


def measure(
    galaxy: Galaxy,
    flux_nmgy: np.ndarray,
    conditions: Conditions,
    missing: np.ndarray,
    rng: np.random.Generator,
) -> Measurement:
    """Measure a galaxy as the survey's pipeline would.

    Parameters
    ----------
    galaxy : Galaxy
        The truth.
    flux_nmgy : ndarray, shape (3,)
        Its true total fluxes in g, r, z, after Galactic extinction.
    conditions : Conditions
        Noise and PSF set the errors.
    missing : ndarray of bool, shape (3,)
        Bands without data at the galaxy's place.
    rng : Generator
        Source of the errors.

    Returns
    -------
    Measurement
    """
    # A model fit weighs about the pixels within the blurred half-light radius.
    seeing = float(np.mean(conditions.psf_fwhm_arcsec))
    radius_px = np.hypot(galaxy.half_light_radius_arcsec, 0.6 * seeing) / PIXEL_SCALE_ARCSEC
    n_pixels = 4 * np.pi * radius_px**2
    error = np.hypot(np.array(conditions.noise_nmgy) * np.sqrt(n_pixels), 0.0)
    error = np.hypot(error, MAGNITUDE_FLOOR * flux_nmgy)
    measured = flux_nmgy + error * rng.standard_normal(3)
    good = (measured > 0) & ~missing
    mags = AB_ZERO_POINT - 2.5 * np.log10(np.where(good, measured, np.nan))
    photo_z, photo_z_err = _photo_z(galaxy, rng)
    size = galaxy.half_light_radius_arcsec * float(np.exp(0.04 * rng.standard_normal()))
    return Measurement(
        mags=tuple(float(mag) for mag in mags),
        photo_z=photo_z,
        photo_z_err=photo_z_err,
        half_light_radius_arcsec=size,
        source_type=_source_type(galaxy, seeing, rng),
    )


def _photo_z(galaxy: Galaxy, rng: np.random.Generator) -> tuple[float, float]:
    """Return a photometric redshift and its quoted error.

    Notes
    -----
    The scatter, 0.013 (1 + z) for bright galaxies and twice that at z-band mag 19.5, is like that
    of Zhou et al. 2021 (MNRAS 501, 3309) for Legacy Surveys galaxies; quoted errors miss it by a
    fifth either way.
    """
    faintness = float(np.clip((galaxy.mag_z - 16.5) / 3, 0, 1))
    scatter = 0.013 * (1 + faintness) * (1 + galaxy.redshift)
    photo_z = galaxy.redshift + scatter * float(rng.standard_normal())
    if rng.random() < OUTLIER_SHARE * (1 + faintness):
        photo_z = galaxy.redshift + float(rng.uniform(-0.25, 0.45))
    quoted = scatter * float(np.exp(0.2 * rng.standard_normal()))
    return max(photo_z, 0.001), quoted


def _source_type(galaxy: Galaxy, seeing_arcsec: float, rng: np.random.Generator) -> str:
    """Return the simplest model that would fit: round, exponential, de Vaucouleurs or Sersic."""
    if galaxy.half_light_radius_arcsec < 0.5 * seeing_arcsec and galaxy.mag_z > 18.5:
        return "REX"
    # The free Sersic index pays where the signal is high; nearly all bright galaxies get it.
    if rng.random() < np.clip((19.6 - galaxy.mag_z) / 2.5, 0.1, 0.97):
        return "SER"
    return "DEV" if galaxy.bulge_fraction > 0.5 else "EXP"
