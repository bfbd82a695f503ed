"""Where mock galaxies lie, how good the night was, and what else is in the field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.images.legacy_surveys import (
    AB_ZERO_POINT,
    EBV_MAG,
    LOG10_TRANSMISSION_PER_EBV,
    PIXEL_NOISE_NMGY,
    PIXEL_SCALE_ARCSEC,
    PSF_FWHM_ARCSEC,
)
from pipeline.sources.mock.canvas import GRID_PX, Plane, add_points, sersic
from pipeline.sources.mock.colours import flux_ratios
from pipeline.sources.mock.population import draw_magnitude

# North galactic pole, deg, ICRS: Hipparcos catalogue (ESA 1997, volume 1, section 1.5.3).
POLE_RA_DEG, POLE_DEC_DEG = 192.85948, 27.12825
FOOTPRINT_MIN_LATITUDE_DEG = 20.0
FOOTPRINT_NORTH_DEC_DEG = (-12.0, 84.0)  # of the cap around the north galactic pole
FOOTPRINT_SOUTH_DEC_DEG = (-65.0, 33.0)  # of the cap around the south galactic pole

FIELD_GALAXIES = 7.0  # mean number per grid between the magnitudes below
FIELD_GALAXY_MAG_Z = (17.5, 23.2)
FIELD_STARS = 1.6  # mean number per grid; grows towards the galactic plane
FIELD_STAR_MAG_Z = (14.5, 22.0)

# 32 points of a sunflower, spread like an exponential disk: half within one half-light radius.
_SHARES = (np.arange(32) + 0.5) / 32
SUNFLOWER_RADII2 = np.interp(
    _SHARES, (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1), (0, 0.1, 0.33, 1, 2.6, 5.4, 9)
)
SUNFLOWER_ANGLES = np.arange(32) * np.pi * (3 - np.sqrt(5))  # the golden angle


@dataclass(frozen=True)
class Conditions:
    """What lies between a galaxy and its cutout; tuples are over g, r, z.

    Attributes
    ----------
    psf_fwhm_arcsec : tuple of float
    noise_nmgy : tuple of float
        Standard deviation of a sky pixel.
    ebv : float
        Galactic reddening E(B-V), mag.
    """

    psf_fwhm_arcsec: tuple[float, ...]
    noise_nmgy: tuple[float, ...]
    ebv: float

    @property
    def transmission(self) -> np.ndarray:
        """Share of the light in g, r, z that passes the dust of the Milky Way, shape (3,)."""
        return 10 ** (self.ebv * np.array(LOG10_TRANSMISSION_PER_EBV))


def draw_conditions(rng: np.random.Generator) -> Conditions:
    """Draw PSF, noise and reddening from the survey's distributions."""
    return Conditions(
        psf_fwhm_arcsec=tuple(fwhm.draw(rng) for fwhm in PSF_FWHM_ARCSEC),
        noise_nmgy=tuple(noise.draw(rng) for noise in PIXEL_NOISE_NMGY),
        ebv=EBV_MAG.draw(rng),
    )


def galactic_latitude_deg(ra_deg: float, dec_deg: float) -> float:
    """Return the galactic latitude of an ICRS position, in deg."""
    dec, pole = np.radians(dec_deg), np.radians(POLE_DEC_DEG)
    around = np.cos(np.radians(ra_deg - POLE_RA_DEG))
    sine = np.sin(dec) * np.sin(pole) + np.cos(dec) * np.cos(pole) * around
    return float(np.degrees(np.arcsin(np.clip(sine, -1, 1))))


def in_footprint(ra_deg: float, dec_deg: float) -> bool:
    """Tell whether an ICRS position lies in the mock's outline of DR9; the real one is more ragged.

    It is more than 20 degrees off the galactic plane, between Dec -12 and +84 in the northern cap,
    between -65 and +33 in the southern one.
    """
    latitude = galactic_latitude_deg(ra_deg, dec_deg)
    low, high = FOOTPRINT_NORTH_DEC_DEG if latitude > 0 else FOOTPRINT_SOUTH_DEC_DEG
    return abs(latitude) > FOOTPRINT_MIN_LATITUDE_DEG and low <= dec_deg <= high


def draw_position(rng: np.random.Generator) -> tuple[float, float]:
    """Draw a position in the footprint, uniform on the sky, as RA and Dec in deg."""
    while True:
        ra_deg = float(rng.uniform(0, 360))
        dec_deg = float(np.degrees(np.arcsin(rng.uniform(-1, 1))))
        if in_footprint(ra_deg, dec_deg):
            return ra_deg, dec_deg


def draw_field(
    rng: np.random.Generator, crowding: float, own_redshift: float, n_companions: int
) -> tuple[np.ndarray, list[tuple[float, float, np.ndarray]]]:
    """Draw what else is in a cutout.

    Parameters
    ----------
    rng : Generator
    crowding : float
        Density of stars relative to the galactic pole's.
    own_redshift : float
        Of the galaxy in the middle; companions share it.
    n_companions : int
        Number of old galaxies at `own_redshift`, as in a cluster.

    Returns
    -------
    faint : ndarray, shape (3, GRID_PX, GRID_PX)
        Galaxies and faint stars in nanomaggies, before the atmosphere, without Galactic extinction.
    bright_stars : list of (x_arcsec, y_arcsec, flux_nmgy of shape (3,))
        Stars whose halos reach so far that they are drawn with their PSF.
    """
    plane = Plane.around((0.0, 0.0))
    half = GRID_PX * PIXEL_SCALE_ARCSEC / 2
    faint = np.zeros((3, GRID_PX, GRID_PX), np.float32)
    for i in range(n_companions + int(rng.poisson(FIELD_GALAXIES))):
        _add_neighbour(faint, plane, half, own_redshift if i < n_companions else None, rng)
    bright_stars = []
    for _ in range(int(rng.poisson(FIELD_STARS * crowding))):
        mag_z = draw_magnitude(rng, *FIELD_STAR_MAG_Z, slope=0.17)
        x, y = rng.uniform(-half, half, 2)
        flux = star_flux(rng, mag_z)
        if mag_z < 18:
            bright_stars.append((float(x), float(y), flux))
        else:
            add_points(faint, plane, np.array([x]), np.array([y]), flux)
    return faint, bright_stars


def star_flux(rng: np.random.Generator, mag_z: float) -> np.ndarray:
    """Draw a star's fluxes in g, r, z, nanomaggies, shape (3,), from the stellar locus."""
    g_minus_r = float(np.clip(rng.normal(0.55, 0.2) if rng.random() < 0.45 else 1.45, 0.2, 1.5))
    # M dwarfs pile up at g - r = 1.4 and differ in r - z only.
    r_minus_z = rng.uniform(0.7, 2.0) if g_minus_r > 1.3 else 0.55 * g_minus_r - 0.08
    mags = mag_z + np.array([g_minus_r + r_minus_z, r_minus_z, 0.0])
    return (10 ** (0.4 * (AB_ZERO_POINT - mags))).astype(np.float32)


def _add_neighbour(
    faint: np.ndarray,
    plane: Plane,
    half: float,
    redshift: float | None,
    rng: np.random.Generator,
) -> None:
    """Add one galaxy of the field, or a companion at a given redshift."""
    companion = redshift is not None
    mag_z = draw_magnitude(rng, *FIELD_GALAXY_MAG_Z, slope=0.33)
    mag_z = float(rng.uniform(18.0, 21.5)) if companion else mag_z
    size = 0.55 * 10 ** (0.13 * (21.5 - mag_z)) * float(np.exp(0.35 * rng.standard_normal()))
    size = float(np.clip(size, 0.2, 4))
    old = companion or rng.random() < 0.3
    population = "old" if old else str(rng.choice(["mixed", "young"]))
    own = redshift if redshift is not None else float(np.clip(rng.normal(0.45, 0.2), 0.1, 1.0))
    flux = 10 ** (0.4 * (AB_ZERO_POINT - mag_z)) * flux_ratios(population, own)
    centre = float(rng.uniform(-half, half)), float(rng.uniform(-half, half))
    axis_ratio, angle = float(rng.uniform(0.35, 1)), float(rng.uniform(0, np.pi))
    if size > 0.8:
        light = sersic(plane, 3.0 if old else 1.0, size, axis_ratio, angle, centre)
        faint += flux.astype(np.float32)[:, None, None] * light
        return
    # Too small to show a profile: a handful of points spread like one gives the right blob.
    radius = size * np.sqrt(SUNFLOWER_RADII2)
    along = radius * np.cos(SUNFLOWER_ANGLES)
    across = axis_ratio * radius * np.sin(SUNFLOWER_ANGLES)
    x = centre[0] + along * np.cos(angle) - across * np.sin(angle)
    y = centre[1] + along * np.sin(angle) + across * np.cos(angle)
    add_points(faint, plane, x, y, flux / len(x))
