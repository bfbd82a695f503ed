"""Angles as people and catalogues write them: decimal, or parts with colons, letters or blanks."""

from __future__ import annotations

import re
import unicodedata
import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd

_ORDER = "Right ascension comes first, declination second."
POSITION_EXAMPLES = "'199.3324 +20.6382' or '13:17:19.8 +20:38:17'"


class CoordinateError(ValueError):
    """A text is not a position on the sky; the message says why, for the person who typed it."""


class Angle(NamedTuple):
    """What was written: sign, up to three parts, h or d or neither, and how they were set apart."""

    text: str
    negative: bool
    parts: tuple[float, ...]
    unit: str  # "h", "d" or "" where none was written
    notation: str  # "decimal", "colons", "letters" or "blanks"


_NUMBER = r"(?:\d+\.?\d*|\.\d+)"
_DECIMAL = re.compile(rf"({_NUMBER}(?:e[+-]?\d+)?)\s*([hd]?)", re.ASCII)
_COLONS = re.compile(rf"(\d+)():(?:(\d+):)?({_NUMBER})", re.ASCII)
_BLANKS = re.compile(rf"(\d+)() (?:(\d+) )?({_NUMBER})", re.ASCII)
_LETTERS = re.compile(
    rf"(\d+)\s*([hd])\s*(?:(\d+)\s*m\s*({_NUMBER})\s*s?|({_NUMBER})\s*m?)", re.ASCII
)


# Signs of papers and word processors, each to the plain one that the grammar below knows.
_SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("°º˚∘ᵒ", "d")
    | dict.fromkeys("'′’‘´`ʹ", "m")
    | dict.fromkeys('"″”“ʺ', "s")
    | dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "^")  # a footnote's mark is not a decimal
    | dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", None)  # invisible
)
_UNIT_WORDS = (
    (re.compile(r"(?<![a-z])(?:degrees|degree|deg)(?![a-z])"), "d"),
    (re.compile(r"(?<![a-z])(?:hours|hour|hrs|hr)(?![a-z])"), "h"),
    (re.compile(r"(?<![a-z])(?:arcmin|minutes|min)(?![a-z])"), "m"),
    (re.compile(r"(?<![a-z])(?:arcsec|seconds|sec)(?![a-z])|mm"), "s"),
)
_UNIT_BEFORE_POINT = re.compile(r"([hdms])\.(\d+)", re.ASCII)  # 19ˢ.8 is 19.8 s

# Degrees in one unit, for units in which catalogues write right ascension and declination.
_DEGREES = {
    **dict.fromkeys(("rad", "radian", "radians"), 180 / np.pi),
    **dict.fromkeys(("arcsec", "arcsecond"), 1 / 3600),
    **dict.fromkeys(("h", "hr", "hour", "hours", "hourangle"), 15.0),
}


def plain_signs(text: str) -> str:
    """Return ``text`` with the plain forms of minus signs, marks of minutes, wide letters..."""
    return unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)


def plain_units(text: str) -> str:
    """Return lower-case ``text`` with one letter for each unit, right after its number.

    >>> plain_units("13 hours 17 min 19s.8")
    '13h 17m 19.8s'
    """
    for words, letter in _UNIT_WORDS:
        text = words.sub(letter, text)
    text = _UNIT_BEFORE_POINT.sub(r".\2\1", text)
    text = re.sub(r"\s*:\s*", ":", text)
    return re.sub(r"(?<=[\d.])\s+(?=[hdms](?![a-z]))", "", text)


def read_angle(text: str, name: str) -> Angle:
    """Read one angle in plain signs and units; a CoordinateError names it where it is none."""
    unsigned = text.lstrip("+-").strip()
    if len(text) - len(text.lstrip("+-")) <= 1:
        negative = text.startswith("-")
        if match := _DECIMAL.fullmatch(unsigned):
            return Angle(text, negative, (float(match[1]),), match[2], "decimal")
        blanks = re.sub(r"\s+", " ", unsigned)
        for notation, grammar in (("colons", _COLONS), ("letters", _LETTERS), ("blanks", _BLANKS)):
            if match := grammar.fullmatch(blanks):
                unit, *parts = match.groups()[1:]
                numbers = (match[1], *(part for part in parts if part is not None))
                return Angle(text, negative, tuple(map(float, numbers)), unit, notation)
    raise CoordinateError(
        f"The {name} {quoted(text)} is not a number of degrees, nor sexagesimal. "
        f"Write a position such as {POSITION_EXAMPLES}."
    )


def right_ascension_deg(angle: Angle) -> float:
    """Return degrees in [0, 360), or raise a CoordinateError; parts without a unit are hours."""
    hours = angle.unit == "h" or (angle.unit == "" and angle.notation != "decimal")
    ra_deg = _unsigned(angle, "right ascension") * (15 if hours else 1)
    if (angle.negative and ra_deg > 0) or not ra_deg <= 360:
        allowed = "0h and 24h" if hours else "0 and 360 degrees"
        remedy = (
            "Add 360 degrees to a negative one."
            if angle.negative
            else "Write degrees as a decimal number or with a d, as in 199d19m56s."
            if hours
            else _ORDER
        )
        raise CoordinateError(
            f"The right ascension {quoted(angle.text)} is not between {allowed}. {remedy}"
        )
    return ra_deg % 360


def latitude_deg(angle: Angle, name: str = "declination", order: str = _ORDER) -> float:
    """Return a declination, or another latitude, in [-90, 90] degrees, or raise a CoordinateError.

    It says of which angle, and in which ``order`` the two are written.
    """
    if angle.unit == "h":
        raise CoordinateError(
            f"The {name} {quoted(angle.text)} is in hours; {name} is in degrees. {order}"
        )
    magnitude = _unsigned(angle, name)
    if not magnitude <= 90:
        raise CoordinateError(
            f"The {name} {quoted(angle.text)} is not between -90 and +90 degrees. {order}"
        )
    # The sign is the text's: that of "-00:30" would be lost in the number of degrees.
    return -magnitude if angle.negative and magnitude else magnitude


def longitude_deg(angle: Angle, name: str, order: str) -> float:
    """Return [0, 360) degrees, or raise a CoordinateError; negative ones may be written."""
    if angle.unit == "h":
        raise CoordinateError(
            f"The {name} {quoted(angle.text)} is in hours; {name} is in degrees. {order}"
        )
    magnitude = _unsigned(angle, name)
    if not magnitude <= (180 if angle.negative else 360):
        raise CoordinateError(
            f"The {name} {quoted(angle.text)} is not between 0 and 360, nor between -180 and 180, "
            f"degrees. {order}"
        )
    return (-magnitude if angle.negative else magnitude) % 360


def quoted(text: str) -> str:
    """Return what someone typed, in quotes, short and without what cannot be printed."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{shown if len(shown) <= 40 else shown[:39] + '…'}'"


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


def _unsigned(angle: Angle, name: str) -> float:
    """Return an angle without its sign, in its own unit; the minutes must be below 60."""
    whole, *sixtieths = angle.parts
    for part, what in zip(sixtieths, ("minutes", "seconds"), strict=False):
        # Catalogues round up to 60 seconds, as they do to 24 hours.
        if not (part < 60 or (part == 60 and what == "seconds")):
            raise CoordinateError(
                f"The {name} {quoted(angle.text)} has {part:g} {what}; "
                "minutes and seconds are below 60."
            )
    minutes, seconds = [*sixtieths, 0.0, 0.0][:2]
    return (whole * 3600 + minutes * 60 + seconds) / 3600 if sixtieths else whole


def _angle_deg(text: str, *, hours: bool) -> float:
    """Return an angle in degrees, NaN where it is none; ``hours`` if parts without a unit are."""
    try:
        angle = read_angle(plain_units(plain_signs(text).lower().strip()), "angle")
        size = _unsigned(angle, "angle")
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
