"""Colours of stellar populations against redshift, and the distances that go with it."""

from __future__ import annotations

from functools import cache

import numpy as np

SPEED_OF_LIGHT_KM_S = 299792.458  # km/s, exact
HUBBLE_KM_S_MPC = 70.0  # km/s/Mpc; a round flat cosmology is enough for a mock
OMEGA_MATTER = 0.3
MAX_REDSHIFT = 1.2

# Observed AB colours of four stellar populations, chosen by us to follow the red sequence and the
# blue cloud of Legacy Surveys galaxies; the rise with redshift stands for the k-correction.
REDSHIFTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.2)
G_MINUS_R = {
    "old": (0.76, 0.95, 1.20, 1.44, 1.64, 1.72, 1.80, 1.85),
    "mixed": (0.58, 0.70, 0.88, 1.06, 1.18, 1.26, 1.30, 1.32),
    "young": (0.22, 0.29, 0.38, 0.48, 0.57, 0.63, 0.68, 0.70),
    "burst": (-0.12, -0.06, 0.00, 0.08, 0.16, 0.22, 0.28, 0.30),
}
R_MINUS_Z = {
    "old": (0.60, 0.68, 0.77, 0.87, 1.02, 1.20, 1.55, 2.00),
    "mixed": (0.46, 0.51, 0.57, 0.65, 0.77, 0.90, 1.10, 1.35),
    "young": (0.10, 0.13, 0.18, 0.24, 0.33, 0.43, 0.58, 0.80),
    "burst": (-0.20, -0.15, -0.10, -0.04, 0.03, 0.10, 0.20, 0.35),
}


def flux_ratios(
    population: str, redshift: float, reddening: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Return g, r, z fluxes of a stellar population over its z flux, float32, shape (3,).

    Parameters
    ----------
    population : str
        ``"old"``, ``"mixed"``, ``"young"`` or ``"burst"``.
    redshift : float
        Between 0 and `MAX_REDSHIFT`.
    reddening : tuple of float
        Added to g - r and r - z, in mag: one galaxy's departure from the average.
    """
    g_minus_r = np.interp(redshift, REDSHIFTS, G_MINUS_R[population]) + reddening[0]
    r_minus_z = np.interp(redshift, REDSHIFTS, R_MINUS_Z[population]) + reddening[1]
    mag_over_z = np.array([g_minus_r + r_minus_z, r_minus_z, 0.0])
    return (10 ** (-0.4 * mag_over_z)).astype(np.float32)


@cache
def _distance_table() -> tuple[np.ndarray, np.ndarray]:
    """Return redshifts and comoving distances in Mpc of a flat universe."""
    redshifts = np.linspace(0, MAX_REDSHIFT, 1201)
    inverse_hubble = 1 / np.sqrt(OMEGA_MATTER * (1 + redshifts) ** 3 + 1 - OMEGA_MATTER)
    steps = 0.5 * (inverse_hubble[1:] + inverse_hubble[:-1]) * np.diff(redshifts)
    comoving = np.concatenate([[0], np.cumsum(steps)]) * SPEED_OF_LIGHT_KM_S / HUBBLE_KM_S_MPC
    return redshifts, comoving


def apparent_minus_absolute(redshift: np.ndarray | float) -> np.ndarray:
    """Return the distance modulus plus a z-band k-correction, in mag.

    The redshift is positive. The k-correction is 0.4 mag per unit redshift, about that of an
    average galaxy.
    """
    redshifts, comoving = _distance_table()
    luminosity_mpc = np.interp(redshift, redshifts, comoving) * (1 + np.asarray(redshift))
    return 5 * np.log10(luminosity_mpc) + 25 + 0.4 * np.asarray(redshift)


def redshift_at(mag_z: float, absolute_mag_z: float) -> float:
    """Return the redshift, cut to [0.002, 1.15], at which a luminosity has a given magnitude."""
    redshifts = _distance_table()[0][2:]
    difference = apparent_minus_absolute(redshifts)
    return float(np.clip(np.interp(mag_z - absolute_mag_z, difference, redshifts), 0.002, 1.15))


def arcsec_per_kpc(redshift: float) -> float:
    """Return the angle that one proper kiloparsec subtends, in arcsec."""
    redshifts, comoving = _distance_table()
    angular_diameter_mpc = np.interp(redshift, redshifts, comoving) / (1 + redshift)
    return float(np.degrees(1e-3 / angular_diameter_mpc) * 3600)
