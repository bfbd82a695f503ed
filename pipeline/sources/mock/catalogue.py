"""What a survey's catalogue would say of a mock galaxy: measured with errors, and its truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.atlas.catalogue import REQUIRED, Column
from pipeline.images.legacy_surveys import AB_ZERO_POINT, BANDS, PIXEL_SCALE_ARCSEC
from pipeline.sources.mock.population import Galaxy
from pipeline.sources.mock.sky import Conditions

MAGNITUDE_FLOOR = 0.01  # mag; model mismatch of bright galaxies
OUTLIER_SHARE = 0.015  # of photo-z; grows for faint galaxies
# Of a `Galaxy`, as they stand in the catalogue.
_TRUTH = ("redshift", "bulge_fraction", "pitch_deg", "winding", "bar_length", "inclination_deg")

COLUMNS = (
    *REQUIRED,
    *(
        Column(f"mag_{b}", "mag", f"AB magnitude in {b}, not corrected for Galactic extinction")
        for b in BANDS
    ),
    Column("photo_z", "", "Photometric redshift"),
    Column("photo_z_err", "", "Quoted standard deviation of the photometric redshift"),
    Column("half_light_radius_arcsec", "arcsec", "Half-light radius of the fitted model"),
    Column("source_type", "", "Model that fits best: REX, EXP, DEV or SER"),
    Column("ebv", "mag", "Galactic reddening E(B-V)"),
    *(
        Column(f"psf_fwhm_arcsec_{b}", "arcsec", f"Full width at half maximum of the PSF in {b}")
        for b in BANDS
    ),
    Column("truth_class", "", "True kind of galaxy"),
    Column("truth_redshift", "", "True redshift"),
    Column("truth_bulge_fraction", "", "True share of the spheroid in the z-band light"),
    Column("truth_n_arms", "", "True number of spiral arms; missing where they cannot be counted"),
    Column("truth_pitch_deg", "deg", "True pitch angle of the spiral arms"),
    Column("truth_winding", "", "Letter that the arms draw, North up and East left: S or Z"),
    Column("truth_bar_length", "", "True length of the bar over the disk's diameter; 0: no bar"),
    Column("truth_inclination_deg", "deg", "True inclination of the disk; 0 is face-on"),
    Column("truth_fault", "", "Fault of the data, if any"),
)


def true_entries(galaxy: Galaxy) -> dict[str, Any]:
    """Return the entries of the catalogue that no survey could know."""
    return {
        "truth_class": galaxy.kind,
        "truth_n_arms": float(galaxy.n_arms) if galaxy.n_arms else np.nan,
        **{f"truth_{name}": getattr(galaxy, name) for name in _TRUTH},
    }


def measure(
    galaxy: Galaxy,
    flux_nmgy: np.ndarray,
    conditions: Conditions,
    missing: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, Any]:
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
    dict
        Entries of the catalogue; a magnitude is NaN where the measured flux is not positive or the
        band is missing.
    """
    # A model fit weighs about the pixels within the blurred half-light radius.
    seeing = float(np.mean(conditions.psf_fwhm_arcsec))
    radius_px = np.hypot(galaxy.half_light_radius_arcsec, 0.6 * seeing) / PIXEL_SCALE_ARCSEC
    n_pixels = 4 * np.pi * radius_px**2
    sky_error = np.array(conditions.noise_nmgy) * np.sqrt(n_pixels)
    error = np.hypot(sky_error, MAGNITUDE_FLOOR * flux_nmgy)
    measured = flux_nmgy + error * rng.standard_normal(3)
    good = (measured > 0) & ~missing
    mags = AB_ZERO_POINT - 2.5 * np.log10(np.where(good, measured, np.nan))
    photo_z, photo_z_err = _photo_z(galaxy, rng)
    size = galaxy.half_light_radius_arcsec * float(np.exp(0.04 * rng.standard_normal()))
    return {
        **{f"mag_{band}": float(mag) for band, mag in zip(BANDS, mags, strict=True)},
        "photo_z": photo_z,
        "photo_z_err": photo_z_err,
        "half_light_radius_arcsec": size,
        "source_type": _source_type(galaxy, seeing, rng),
        "ebv": conditions.ebv,
        **{
            f"psf_fwhm_arcsec_{band}": fwhm_arcsec
            for band, fwhm_arcsec in zip(BANDS, conditions.psf_fwhm_arcsec, strict=True)
        },
    }


def _photo_z(galaxy: Galaxy, rng: np.random.Generator) -> tuple[float, float]:
    """Return a photometric redshift and its quoted error.

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
