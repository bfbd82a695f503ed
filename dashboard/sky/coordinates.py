"""Positions on the sky: reading what people type or paste, writing what they can paste elsewhere.

Everything is ICRS; galactic coordinates are read where the text says that they are. Right ascension
comes first. Sexagesimal right ascension is in hours unless it says degrees (``199d19m56.6s``);
declination is in degrees. Right ascension 360 (24h) is 0, for catalogues round up to it.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from pipeline.atlas import (
    POSITION_EXAMPLES,
    CoordinateError,
    latitude_deg,
    longitude_deg,
    plain_signs,
    plain_units,
    quoted,
    read_angle,
    right_ascension_deg,
)

# The galactic north pole, and the longitude at which the galactic plane crosses the equator.
_POLE_RA_DEG, _POLE_DEC_DEG, _NODE_L_DEG = 192.85948, 27.12825, 32.93192
SHOWN_DECIMALS = 5  # of a degree, 0.04 arcsec: finer than a pixel
LONGEST_TEXT = 200  # characters; two positions of any notation fit, a pasted page does not


class SkyPosition(NamedTuple):
    """A direction: ``ra_deg`` in [0, 360) and ``dec_deg`` in [-90, 90], both in degrees, ICRS."""

    ra_deg: float
    dec_deg: float


def parse_position(text: str) -> SkyPosition:
    """Read one position, in degrees or sexagesimal, as people type it or paste it from papers.

    Parameters
    ----------
    text : str
        Right ascension, then declination, between them blanks, a tab, a comma or a semicolon:
        ``199.3324 +20.6382``, ``13:17:19.8, +20:38:17``, ``13h17m19.8s +20d38m17s``,
        ``13 17 19.8 +20 38 17``, ``13ʰ17ᵐ19ˢ.8 +20°38′17″``, ``RA = 199.3324 Dec = +20.6382``,
        ``SDSS J131719.8+203817``. Galactic: ``gal 123.4 -45.6``, ``123.4 -45.6 galactic``,
        ``l=123.4 b=-45.6``.

    Raises
    ------
    CoordinateError
        Not a position, or one that could be read in two ways; says what was read.

    Examples
    --------
    >>> parse_position("00:00:00 -00:30:00")
    SkyPosition(ra_deg=0.0, dec_deg=-0.5)
    """
    plain = _plain(text[: LONGEST_TEXT + 1])
    if max(len(text), len(plain)) > LONGEST_TEXT:
        raise CoordinateError(
            f"The text has {len(text)} characters, a position has at most {LONGEST_TEXT}. "
            f"Write one position, such as {POSITION_EXAMPLES}."
        )
    if not plain:
        raise CoordinateError(f"No position was given. Write one, such as {POSITION_EXAMPLES}.")
    if galactic := _galactic(plain, text):
        return galactic_to_icrs(*galactic)
    ra_text, dec_text = _designation(plain) or _halves(plain, text)
    if ra_text.startswith("+") and ":" in ra_text and dec_text[:1] not in {"+", "-"}:
        raise CoordinateError(
            f"{quoted(text)} has its sign on the first value. Right ascension comes first, "
            f"declination second, such as {POSITION_EXAMPLES}."
        )
    ra, dec = read_angle(ra_text, "right ascension"), read_angle(dec_text, "declination")
    if (ra.notation == "blanks") != (dec.notation == "blanks"):
        raise CoordinateError(
            f"{quoted(text)} can be read in more than one way. Put colons between hours or "
            f"degrees, minutes and seconds, such as {POSITION_EXAMPLES}."
        )
    return SkyPosition(right_ascension_deg(ra), latitude_deg(dec))


def is_galactic(text: str) -> bool:
    """Return whether a text that `parse_position` can read is in galactic coordinates."""
    return _galactic(_plain(text[:LONGEST_TEXT]), text) is not None


def galactic_to_icrs(l_deg: float, b_deg: float) -> SkyPosition:
    """Turn galactic longitude and latitude, in degrees, into a position.

    Notes
    -----
    Source: The Hipparcos Catalogue (ESA SP-1200, 1997), volume 1, section 1.5.3, which defines
    galactic coordinates in ICRS. Astropy goes by way of FK5 and differs by 0.03 arcsec; it takes
    seconds to import, which nobody who waits for an answer should.
    """
    from_node = math.radians(l_deg - _NODE_L_DEG)
    b, pole = math.radians(b_deg), math.radians(_POLE_DEC_DEG)
    # Components towards the ascending node of the galactic plane, 90 deg east of it, and the pole.
    node = math.cos(b) * math.cos(from_node)
    east = math.cos(b) * math.sin(from_node) * math.sin(pole) - math.sin(b) * math.cos(pole)
    north = math.cos(b) * math.sin(from_node) * math.cos(pole) + math.sin(b) * math.sin(pole)
    ra_deg = math.degrees(math.atan2(east, node)) + _POLE_RA_DEG + 90
    return SkyPosition(ra_deg % 360, math.degrees(math.atan2(north, math.hypot(node, east))))


def format_degrees(position: SkyPosition) -> str:
    """Write a position in degrees as people read it: to 5 decimals (0.04 arcsec), or to 4.

    >>> format_degrees(SkyPosition(199.33240049, 20.63821234))
    '199.3324, +20.63821'
    """
    return _degrees(position, SHOWN_DECIMALS)


def format_exactly(position: SkyPosition) -> str:
    """Write a position in degrees, to 4 decimals or to as many as it needs, at most 8.

    `parse_position` reads it back to 0.5e-8 deg (0.02 milliarcsec).
    """
    return _degrees(position, 8)


def format_sexagesimal(position: SkyPosition) -> str:
    """Write a position as ``13:17:19.78 +20:38:17.5``, to 0.01 s (0.15 arcsec) and 0.1 arcsec."""
    ra = round(position.ra_deg * 24_000) % 8_640_000  # 59.996 s carries over
    dec = round(abs(position.dec_deg) * 36_000)
    sign = "-" if position.dec_deg < 0 and dec else "+"
    return f"{_clock(ra, 2)} {sign}{_clock(dec, 1)}"


def iau_name(position: SkyPosition) -> str:
    """Write a position as a name, ``J131719.77+203817.5``; digits are cut, not rounded.

    Notes
    -----
    Source: the form J...+... of the IAU for designations by position, as CDS explains it.
    """
    # Products a rounding error below a whole number are that number.
    ra = math.floor(round(position.ra_deg * 24_000, 4)) % 8_640_000
    dec = math.floor(round(abs(position.dec_deg) * 36_000, 4))
    sign = "-" if position.dec_deg < 0 else "+"
    return f"J{_clock(ra, 2)}{sign}{_clock(dec, 1)}".replace(":", "")


_FRAME = re.compile(r"\(?\b(?:j2000(?:\.0)?|icrs)\b\)?[:,]?")
_LABELLED = re.compile(
    r"(?:ra|α|right ascension)\b\s*[=:]?\s*(?P<ra>.+?)[\s,;]*"
    r"\b(?:dec|δ|declination)\b\s*[=:]?\s*(?P<dec>.+)"
)
_GALACTIC_FIRST = re.compile(r"gal(?:actic)?\b[.:,]?\s*(?P<rest>.+)")
_GALACTIC_LAST = re.compile(r"(?P<rest>.*[\d.dms])\s*,?\s*\(?\bgal(?:actic)?\)?", re.ASCII)
_GALACTIC_LABELLED = re.compile(
    r"(?:l|glon)(?:\s*[=:]\s*|\s)(?P<l>[-+\d.](?:[^a-z]|[dms])*?)[\s,;]*"
    r"(?:b|glat)(?:\s*[=:]\s*|\s)(?P<b>[-+\d.].*)"
)
_GALACTIC_ORDER = "Write longitude, then latitude, such as 'gal 123.4 -45.6'."
# Hours, minutes and maybe seconds, the sign, degrees, minutes and maybe seconds. Without the J at
# least four digits: 0123-0043 is a name, too, and 123-43 a pair of numbers.
_DESIGNATION = re.compile(
    r"(?:[a-z][a-z0-9]* )?j?(\d\d)(\d\d)(\d\d(?:\.\d+)?)?([+-])(\d\d)(\d\d)(\d\d(?:\.\d+)?)?",
    re.ASCII,
)


def _plain(text: str) -> str:
    """Return ``text`` in lower case with plain signs, unit letters and no frame of reference."""
    plain = plain_signs(text).lower().strip()
    # One blank for many: else the grammar's optional blanks make a hostile text take seconds.
    plain = re.sub(r"\s+", lambda run: "\t" if set(run[0]) & set("\t\n\r") else " ", plain)
    if plain[:1] in {"(", "["} and plain[-1:] in {")", "]"}:
        plain = plain[1:-1]
    return plain_units(_FRAME.sub(" ", plain)).strip().strip(",;").strip()


def _galactic(plain: str, text: str) -> tuple[float, float] | None:
    """Return galactic longitude and latitude in degrees; None where the text does not say so."""
    said = _GALACTIC_FIRST.fullmatch(plain) or _GALACTIC_LAST.fullmatch(plain)
    rest = said["rest"].strip() if said else plain
    if labelled := _GALACTIC_LABELLED.fullmatch(rest):
        halves = labelled["l"].strip(), labelled["b"].strip()
    elif said:
        try:
            halves = _halves(rest, text)
        except CoordinateError as error:
            raise CoordinateError(
                f"{quoted(text)} is not a galactic longitude and latitude. {_GALACTIC_ORDER}"
            ) from error
    else:
        return None
    l_angle = read_angle(halves[0], "galactic longitude")
    b_angle = read_angle(halves[1], "galactic latitude")
    return (
        longitude_deg(l_angle, "galactic longitude", _GALACTIC_ORDER),
        latitude_deg(b_angle, "galactic latitude", _GALACTIC_ORDER),
    )


def _designation(plain: str) -> tuple[str, str] | None:
    """Split a name made of a position, as in SDSS J131719.80+203817.0; None for all else."""
    match = _DESIGNATION.fullmatch(plain)
    if match is None:
        return None
    *ra, sign = (part for part in match.groups()[:4] if part is not None)
    dec = [part for part in match.groups()[4:] if part is not None]
    return ":".join(ra), sign + ":".join(dec)


def _halves(plain: str, text: str) -> tuple[str, str]:
    """Split a plain text into right ascension and declination."""
    if labelled := _LABELLED.fullmatch(plain):
        return labelled["ra"].strip(), labelled["dec"].strip()
    for separator in (r"\s*[,;]\s*", r"\t"):
        halves = re.split(separator, plain)
        if len(halves) == 2:
            return halves[0], halves[1]
        if len(halves) > 2 and separator.startswith(r"\s"):
            raise CoordinateError(
                f"{quoted(text)} has more than one comma or semicolon. Put one between right "
                "ascension and declination, and points in decimal numbers, such as "
                f"{POSITION_EXAMPLES}."
            )
    fields = plain.split()
    # A sign that opens a number, not an exponent, after the first begins the declination.
    if signs := list(re.finditer(r"(?<=[\dhms.\s])(?<!\de)[+-]", plain)):
        return plain[: signs[-1].start()].strip(), plain[signs[-1].start() :]
    if second := re.fullmatch(r"(.*?[hd].*?)((?<![\d.])[\d.]+\s*[hd].*)", plain):
        return second[1].strip(), second[2]
    # "13h17m 19.8" may be one value with blanks in it, "13h17m19.8s 20.6" may not.
    if len(fields) in {2, 4, 6} and not re.search("[hdm][^s]*$", fields[0]):
        middle = len(fields) // 2
        return " ".join(fields[:middle]), " ".join(fields[middle:])
    raise CoordinateError(_why_not_two(text, fields))


def _why_not_two(text: str, fields: list[str]) -> str:
    remedy = f"Write right ascension and declination, such as {POSITION_EXAMPLES}."
    if fields[0][0].isalpha() or re.search(r"[^\d.:+\-hdmse]", "".join(fields), re.ASCII):
        return f"{quoted(text)} is not a position: it has words or signs in it. {remedy}"
    if len(fields) == 1:
        return f"{quoted(text)} is one value, a position has two. {remedy}"
    return (
        f"{quoted(text)} has {len(fields)} parts: where does declination begin? "
        f"Put a comma between them, such as {POSITION_EXAMPLES}."
    )


def _trimmed(number: str) -> str:
    whole, decimals = number.split(".")
    return f"{whole}.{decimals.rstrip('0'):0<4}"


def _degrees(position: SkyPosition, decimals: int) -> str:
    ra_deg = round(position.ra_deg, decimals) % 360
    dec_deg = round(position.dec_deg, decimals) + 0.0  # no "-0.0000"
    return f"{_trimmed(f'{ra_deg:.{decimals}f}')}, {_trimmed(f'{dec_deg:+.{decimals}f}')}"


def _clock(parts: int, decimals: int) -> str:
    """Write a number of tenths or hundredths of a second as hours, or degrees, and so on."""
    seconds, rest = divmod(parts, 10**decimals)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{rest:0{decimals}d}"
