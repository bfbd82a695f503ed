"""Which galaxies the mock survey holds: their kinds, magnitudes, redshifts, sizes and shapes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pipeline.sources.mock.colours import arcsec_per_kpc, redshift_at


class Kind(NamedTuple):
    """What the galaxies of one class have in common; our choice, in the range of real surveys.

    Attributes
    ----------
    share : float
        Fraction of the survey.
    absolute_mag_z, absolute_mag_scatter : float
        Mean and scatter of the z-band luminosity, mag.
    faintest_mag_z : float
        Fainter ones would show nothing of what makes their class.
    early_type : bool
        Follows the size-luminosity relation of early types.
    """

    share: float
    absolute_mag_z: float
    absolute_mag_scatter: float
    faintest_mag_z: float
    early_type: bool = False


KINDS = {
    "elliptical": Kind(0.185, -22.9, 0.8, 19.5, early_type=True),
    "lenticular": Kind(0.13, -22.2, 0.7, 19.5, early_type=True),
    "spiral": Kind(0.23, -22.1, 0.7, 19.5),
    "flocculent spiral": Kind(0.08, -21.4, 0.7, 19.5),
    "barred spiral": Kind(0.135, -22.0, 0.7, 19.5),
    "ring": Kind(0.035, -21.8, 0.6, 18.0),
    "edge-on": Kind(0.095, -21.6, 0.8, 19.5),
    "irregular": Kind(0.05, -18.9, 1.0, 18.5),
    "merger": Kind(0.045, -22.4, 0.7, 17.8),
    "lens": Kind(0.015, -23.6, 0.3, 18.8, early_type=True),
}

BRIGHTEST_MAG_Z = 13.8
COUNTS_SLOPE = 0.03  # dex per mag; the sky has ~0.5, which would leave no big galaxy in the atlas
LARGEST_ARCSEC = 10.0  # a cutout is 40 arcsec wide: a larger half-light radius does not fit
SMALLEST_ARCSEC = 0.6
WINDINGS = ("S", "Z")


@dataclass(frozen=True)
class Galaxy:
    """The truth about one galaxy.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    mag_z : float
        Total z-band AB magnitude before Galactic extinction.
    half_light_radius_arcsec : float
        Along the major axis, of the disk where there is one.
    bulge_fraction : float
        Share of the z-band light in the spheroid.
    inclination_deg : float
        0 is face-on; NaN for galaxies without a disk.
    position_angle_rad : float
        Of the major axis, from the picture's x axis anticlockwise.
    n_arms : int
        0 where arms cannot be counted.
    pitch_deg : float
        Pitch angle of the arms; NaN without arms.
    winding : str
        ``"S"`` or ``"Z"``, the letter that the arms draw with North up and East left; else empty.
    bar_length : float
        Length of the bar over the optical diameter of the disk; 0 without a bar.
    bar_angle_rad : float
        Between the bar and the major axis, in the plane of the disk.
    reddening : tuple of float
        Departure from the average g - r and r - z of its populations, mag.
    """

    kind: str
    mag_z: float
    redshift: float
    half_light_radius_arcsec: float
    bulge_fraction: float
    inclination_deg: float
    position_angle_rad: float
    n_arms: int = 0
    pitch_deg: float = np.nan
    winding: str = ""
    bar_length: float = 0.0
    bar_angle_rad: float = 0.0
    reddening: tuple[float, float] = (0.0, 0.0)


# The first galaxy of the survey: the one that visitors of the ancestor site saw first.
FIRST_GALAXY = Galaxy(
    kind="spiral",
    mag_z=14.6,
    redshift=0.0225,
    half_light_radius_arcsec=6.6,
    bulge_fraction=0.17,
    inclination_deg=24.0,
    position_angle_rad=0.6,
    n_arms=2,
    pitch_deg=19.0,
    winding="Z",
)


def draw_galaxy(rng: np.random.Generator) -> Galaxy:
    """Draw one galaxy of the survey's population."""
    shares = np.array([kind.share for kind in KINDS.values()])
    name = str(rng.choice(list(KINDS), p=shares / shares.sum()))
    kind = KINDS[name]
    brightest = 16.5 if name == "lens" else BRIGHTEST_MAG_Z
    mag_z = draw_magnitude(rng, brightest, kind.faintest_mag_z)
    # Two standard deviations: a mock dwarf at redshift 0.002 or a quasar-bright disk helps nobody.
    scatter = float(np.clip(rng.standard_normal(), -2, 2)) * kind.absolute_mag_scatter
    absolute_mag_z = kind.absolute_mag_z + scatter
    redshift = redshift_at(mag_z, absolute_mag_z)
    size_kpc = half_light_radius_kpc(absolute_mag_z, kind.early_type)
    size = size_kpc * float(np.exp(0.3 * rng.standard_normal())) * arcsec_per_kpc(redshift)
    galaxy = Galaxy(
        kind=name,
        mag_z=mag_z,
        redshift=redshift,
        half_light_radius_arcsec=float(np.clip(size, SMALLEST_ARCSEC, LARGEST_ARCSEC)),
        bulge_fraction=0.0,
        inclination_deg=np.nan,
        position_angle_rad=float(rng.uniform(0, np.pi)),
        bar_angle_rad=float(rng.uniform(0, np.pi)),
        reddening=(0.05 * float(rng.standard_normal()), 0.03 * float(rng.standard_normal())),
    )
    return _draw_structure(galaxy, rng)


def draw_magnitude(
    rng: np.random.Generator, brightest: float, faintest: float, slope: float = COUNTS_SLOPE
) -> float:
    """Draw a magnitude from number counts that grow as ``10 ** (slope * mag)``."""
    low, high = 10 ** (slope * brightest), 10 ** (slope * faintest)
    return float(np.log10(rng.uniform(low, high)) / slope)


def half_light_radius_kpc(absolute_mag_z: float, early_type: bool) -> float:
    """Return the mean half-light radius at a luminosity; early types grow faster than disks.

    Source: Shen et al. 2003 (MNRAS 343, 978), r-band Sersic fits; taken to the z band with
    r - z = 0.7 for early and 0.5 for late types.
    """
    if early_type:
        return float(10 ** (-0.4 * 0.60 * (absolute_mag_z + 0.7) - 4.63))
    mag_r = absolute_mag_z + 0.5
    bend = 1 + 10 ** (-0.4 * (mag_r + 20.91))
    return float(10 ** (-0.4 * 0.26 * mag_r + (0.51 - 0.26) * np.log10(bend) - 1.71))


def _draw_structure(galaxy: Galaxy, rng: np.random.Generator) -> Galaxy:
    """Return the galaxy with the traits of its kind: bulge, inclination, arms, bar."""
    # Random orientations have a uniform cos(i); disks beyond 73 degrees belong to "edge-on".
    inclination = float(np.degrees(np.arccos(rng.uniform(0.3, 1.0))))
    bulge = float(np.clip(rng.normal(0.18, 0.1), 0.02, 0.5))
    n_arms = int(rng.choice([2, 3, 4], p=[0.66, 0.2, 0.14]))
    pitch = float(np.clip(rng.normal(19, 6), 8, 34))
    winding = WINDINGS[int(rng.integers(2))]
    bar, has_bar = float(rng.uniform(0.12, 0.4)), bool(rng.random() < 0.3)

    disk = replace(galaxy, bulge_fraction=bulge, inclination_deg=inclination)
    arms = replace(disk, n_arms=n_arms, pitch_deg=pitch, winding=winding)
    match galaxy.kind:
        case "elliptical" | "lens":
            return replace(galaxy, bulge_fraction=1.0)
        case "lenticular":
            big_bulge = float(np.clip(rng.normal(0.5, 0.12), 0.2, 0.8))
            return replace(disk, bulge_fraction=big_bulge, bar_length=0.7 * bar * has_bar)
        case "spiral":
            return arms
        case "flocculent spiral":
            return replace(arms, n_arms=0, pitch_deg=pitch + 4, bulge_fraction=0.5 * bulge)
        case "barred spiral":
            # Bars drive two arms.
            return replace(arms, n_arms=2 if rng.random() < 0.85 else n_arms, bar_length=bar)
        case "ring":
            return replace(
                disk,
                bulge_fraction=min(bulge + 0.15, 0.6),
                inclination_deg=min(inclination, 65.0),
                bar_length=bar * has_bar,
            )
        case "edge-on":
            return replace(disk, inclination_deg=float(rng.uniform(84, 90)))
        case "irregular":
            return replace(disk, bulge_fraction=0.0)
        case _:
            return disk
