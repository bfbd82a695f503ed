"""Positions of a catalogue: any usual spelling to degrees, and what is wrong with the rest."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from pipeline.atlas.angles import (
    CoordinateError,
    plain_signs,
    plain_units,
    read_angle,
    unsigned,
)

# Degrees in one unit, for units in which catalogues write right ascension and declination.
_DEGREES = {
    **dict.fromkeys(("rad", "radian", "radians"), 180 / np.pi),
    **dict.fromkeys(("arcsec", "arcsecond"), 1 / 3600),
    **dict.fromkeys(("h", "hr", "hour", "hours", "hourangle"), 15.0),
}


def degrees_per(unit: str) -> float:
    """Return the degrees in one unit of right ascension or declination; 1 if it is unknown.

    >>> degrees_per("hourangle"), degrees_per("deg"), degrees_per("")
    (15.0, 1.0, 1.0)
    """
    return _DEGREES.get(unit.strip().lower(), 1.0)


def degrees(values: pd.Series, unit: str = "", *, hours: bool = False) -> np.ndarray:
    """Convert one coordinate to degrees.

    Parameters
    ----------
    values : Series, length n_rows
        Numbers, or text that holds numbers or sexagesimal angles.
    unit : str
        Unit of the numbers; degrees where it is empty or unknown.
    hours : bool
        Whether sexagesimal text without a unit counts hours (right ascension), not degrees.

    Returns
    -------
    ndarray, shape (n_rows,), float64
        Degrees, not wrapped into any range; NaN where there is no number or angle.

    Examples
    --------
    >>> degrees(pd.Series(["13:17:20", "199.5", "unknown"]), hours=True).round(4).tolist()
    [199.3333, 199.5, nan]
    """
    numbers = pd.to_numeric(values, errors="coerce").to_numpy("float64", copy=True)
    numbers *= degrees_per(unit)
    if not pd.api.types.is_numeric_dtype(values):
        for i in np.flatnonzero(np.isnan(numbers) & (values != "").to_numpy()):
            numbers[i] = _angle_deg(values.iloc[i], hours=hours)
    return numbers


def position_faults(ra_deg: np.ndarray, dec_deg: np.ndarray) -> np.ndarray:
    """Say what is wrong with each position.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray, shape (n_rows,)
        Degrees.

    Returns
    -------
    ndarray of str, shape (n_rows,)
        A sentence; empty where the position is valid: right ascension in [0, 360), declination
        in [-90, 90].
    """
    faults = np.full(len(ra_deg), "", dtype=object)
    with np.errstate(invalid="ignore"):
        off_ra = ~((ra_deg >= 0) & (ra_deg < 360))
        off_dec = ~(np.abs(dec_deg) <= 90)
    for i in np.flatnonzero(off_dec):
        faults[i] = f"Its declination, {dec_deg[i]:g} deg, is not between -90 and 90."
    for i in np.flatnonzero(off_ra):
        faults[i] = f"Its right ascension, {ra_deg[i]:g} deg, is not at least 0 and below 360."
    faults[~(np.isfinite(ra_deg) & np.isfinite(dec_deg))] = "It has no position."
    return faults


def _angle_deg(text: str, *, hours: bool) -> float:
    """Return an angle in degrees, NaN where it is none; ``hours`` if parts without a unit are."""
    try:
        angle = read_angle(plain_units(plain_signs(text).lower().strip()), "angle")
        size = unsigned(angle, "angle")
    except CoordinateError:
        return _rare_angle_deg(text, hours=hours)
    if angle.unit == "h" or (hours and not angle.unit):
        size = 15 * size if size <= 24 else np.nan
    return -size if angle.negative else size


def _rare_angle_deg(text: str, *, hours: bool) -> float:
    """Return an angle as astropy reads it: points of the compass, radians, minutes alone."""
    from astropy.coordinates import Angle

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rounding writes 60 minutes; the angle is right
            return float(Angle(text, unit="hourangle" if hours else "deg").deg)
    except ValueError:
        return np.nan
