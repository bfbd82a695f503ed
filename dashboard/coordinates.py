"""Positions on the sky: reading what people type or paste, writing what they can paste elsewhere.

Everything is ICRS. Right ascension comes first. Sexagesimal right ascension is in hours unless it
says degrees (``199d19m56.6s``); declination is in degrees. Right ascension 360 (24h) is 0, for
catalogues round up to it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

EXAMPLES = "'199.3324 +20.6382' or '13:17:19.8 +20:38:17'"
LONGEST_TEXT = 200  # characters; two positions of any notation fit, a pasted page does not


class CoordinateError(ValueError):
    """A text is not a position on the sky; the message says why, for the person who typed it."""


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
        ``SDSS J131719.8+203817``.

    Returns
    -------
    SkyPosition

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
            f"Write one position, such as {EXAMPLES}."
        )
    if not plain:
        raise CoordinateError(f"No position was given. Write one, such as {EXAMPLES}.")
    ra_text, dec_text = _designation(plain) or _halves(plain, text)
    if ra_text.startswith("+") and ":" in ra_text and dec_text[:1] not in {"+", "-"}:
        raise CoordinateError(
            f"{_quoted(text)} has its sign on the first value. Right ascension comes first, "
            f"declination second, such as {EXAMPLES}."
        )
    ra, dec = _angle(ra_text, "right ascension"), _angle(dec_text, "declination")
    if (ra.notation == "blanks") != (dec.notation == "blanks"):
        raise CoordinateError(
            f"{_quoted(text)} can be read in more than one way. Put colons between hours or "
            f"degrees, minutes and seconds, such as {EXAMPLES}."
        )
    return SkyPosition(_right_ascension_deg(ra), _declination_deg(dec))


def format_degrees(position: SkyPosition) -> str:
    """Write a position in degrees, to 4 decimals or to as many as it needs, at most 8.

    `parse_position` reads it back to 0.5e-8 deg (0.02 milliarcsec).
    """
    ra_deg = round(position.ra_deg, 8) % 360
    dec_deg = round(position.dec_deg, 8) + 0.0  # no "-0.0000"
    return f"{_trimmed(f'{ra_deg:.8f}')}, {_trimmed(f'{dec_deg:+.8f}')}"


def format_sexagesimal(position: SkyPosition) -> str:
    """Write a position as ``13:17:19.8 +20:38:17.5``, to 0.1 s (1.5 arcsec) and 0.1 arcsec."""
    ra = round(position.ra_deg * 2400) % 864_000  # tenths of a second: 59.96 s carries over
    dec = round(abs(position.dec_deg) * 36_000)
    sign = "-" if position.dec_deg < 0 and dec else "+"
    return f"{_clock(ra)} {sign}{_clock(dec)}"


class _Angle(NamedTuple):
    """What was written: sign, up to three parts, h or d or neither, and how they were set apart."""

    text: str
    negative: bool
    parts: tuple[float, ...]
    unit: str  # "h", "d" or "" where none was written
    notation: str  # "decimal", "colons", "letters" or "blanks"


# Signs of papers and word processors, each to the plain one that the grammar below knows.
_SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("°º˚∘ᵒ", "d")
    | dict.fromkeys("'′’‘´`ʹ", "m")
    | dict.fromkeys('"″”“ʺ', "s")
    | dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "^")  # a footnote's mark is not a decimal
    | dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", None)  # invisible
)
_FRAME = re.compile(r"\(?\b(?:j2000(?:\.0)?|icrs)\b\)?[:,]?")
_UNIT_WORDS = (
    (re.compile(r"(?<![a-z])(?:degrees|degree|deg)(?![a-z])"), "d"),
    (re.compile(r"(?<![a-z])(?:hours|hour|hrs|hr)(?![a-z])"), "h"),
    (re.compile(r"(?<![a-z])(?:arcmin|minutes|min)(?![a-z])"), "m"),
    (re.compile(r"(?<![a-z])(?:arcsec|seconds|sec)(?![a-z])|mm"), "s"),
)
_UNIT_BEFORE_POINT = re.compile(r"([hdms])\.(\d+)", re.ASCII)  # 19ˢ.8 is 19.8 s
_LABELLED = re.compile(
    r"(?:ra|α|right ascension)\b\s*[=:]?\s*(?P<ra>.+?)[\s,;]*"
    r"\b(?:dec|δ|declination)\b\s*[=:]?\s*(?P<dec>.+)"
)
# Hours, minutes and maybe seconds, the sign, degrees, minutes and maybe seconds. Without the J at
# least four digits: 0123-0043 is a name, too, and 123-43 a pair of numbers.
_DESIGNATION = re.compile(
    r"(?:[a-z][a-z0-9]* )?j?(\d\d)(\d\d)(\d\d(?:\.\d+)?)?([+-])(\d\d)(\d\d)(\d\d(?:\.\d+)?)?",
    re.ASCII,
)
_NUMBER = r"(?:\d+\.?\d*|\.\d+)"
_DECIMAL = re.compile(rf"({_NUMBER}(?:e[+-]?\d+)?)\s*([hd]?)", re.ASCII)
_COLONS = re.compile(rf"(\d+)():(?:(\d+):)?({_NUMBER})", re.ASCII)
_BLANKS = re.compile(rf"(\d+)() (?:(\d+) )?({_NUMBER})", re.ASCII)
_LETTERS = re.compile(
    rf"(\d+)\s*([hd])\s*(?:(\d+)\s*m\s*({_NUMBER})\s*s?|({_NUMBER})\s*m?)", re.ASCII
)


def _plain(text: str) -> str:
    """Return ``text`` in lower case with plain signs, unit letters and no frame of reference."""
    plain = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).lower().strip()
    # One blank for many: else the grammar's optional blanks make a hostile text take seconds.
    plain = re.sub(r"\s+", lambda run: "\t" if set(run[0]) & set("\t\n\r") else " ", plain)
    if plain[:1] in {"(", "["} and plain[-1:] in {")", "]"}:
        plain = plain[1:-1]
    plain = _FRAME.sub(" ", plain)
    for words, letter in _UNIT_WORDS:
        plain = words.sub(letter, plain)
    plain = _UNIT_BEFORE_POINT.sub(r".\2\1", plain)
    plain = re.sub(r"\s*:\s*", ":", plain)
    plain = re.sub(r"(?<=[\d.])\s+(?=[hdms](?![a-z]))", "", plain)
    return plain.strip().strip(",;").strip()


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
                f"{_quoted(text)} has more than one comma or semicolon. Put one between right "
                f"ascension and declination, and points in decimal numbers, such as {EXAMPLES}."
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
    remedy = f"Write right ascension and declination, such as {EXAMPLES}."
    if fields[0][0].isalpha() or re.search(r"[^\d.:+\-hdmse]", "".join(fields), re.ASCII):
        return f"{_quoted(text)} is not a position: it has words or signs in it. {remedy}"
    if len(fields) == 1:
        return f"{_quoted(text)} is one value, a position has two. {remedy}"
    return (
        f"{_quoted(text)} has {len(fields)} parts: where does declination begin? "
        f"Put a comma between them, such as {EXAMPLES}."
    )


def _angle(text: str, name: str) -> _Angle:
    """Read one angle of any notation."""
    unsigned = text.lstrip("+-").strip()
    if len(text) - len(text.lstrip("+-")) <= 1:
        negative = text.startswith("-")
        if match := _DECIMAL.fullmatch(unsigned):
            return _Angle(text, negative, (float(match[1]),), match[2], "decimal")
        blanks = re.sub(r"\s+", " ", unsigned)
        for notation, grammar in (("colons", _COLONS), ("letters", _LETTERS), ("blanks", _BLANKS)):
            if match := grammar.fullmatch(blanks):
                unit, *parts = match.groups()[1:]
                numbers = (match[1], *(part for part in parts if part is not None))
                return _Angle(text, negative, tuple(map(float, numbers)), unit, notation)
    raise CoordinateError(
        f"The {name} {_quoted(text)} is not a number of degrees, nor sexagesimal. "
        f"Write a position such as {EXAMPLES}."
    )


def _right_ascension_deg(angle: _Angle) -> float:
    hours = angle.unit == "h" or (angle.unit == "" and angle.notation != "decimal")
    ra_deg = _magnitude(angle, "right ascension") * (15 if hours else 1)
    if (angle.negative and ra_deg > 0) or not ra_deg <= 360:
        allowed = "0h and 24h" if hours else "0 and 360 degrees"
        remedy = (
            "Add 360 degrees to a negative one."
            if angle.negative
            else "Write degrees as a decimal number or with a d, as in 199d19m56s."
            if hours
            else "Right ascension comes first, declination second."
        )
        raise CoordinateError(
            f"The right ascension {_quoted(angle.text)} is not between {allowed}. {remedy}"
        )
    return ra_deg % 360


def _declination_deg(angle: _Angle) -> float:
    if angle.unit == "h":
        raise CoordinateError(
            f"The declination {_quoted(angle.text)} is in hours; declination is in degrees. "
            "Right ascension comes first, declination second."
        )
    magnitude = _magnitude(angle, "declination")
    if not magnitude <= 90:
        raise CoordinateError(
            f"The declination {_quoted(angle.text)} is not between -90 and +90 degrees. "
            "Right ascension comes first, declination second."
        )
    # The sign is the text's: that of "-00:30" would be lost in the number of degrees.
    return -magnitude if angle.negative and magnitude else magnitude


def _magnitude(angle: _Angle, name: str) -> float:
    whole, *sixtieths = angle.parts
    for part, what in zip(sixtieths, ("minutes", "seconds"), strict=False):
        # Catalogues round up to 60 seconds, as they do to 24 hours.
        if not (part < 60 or (part == 60 and what == "seconds")):
            raise CoordinateError(
                f"The {name} {_quoted(angle.text)} has {part:g} {what}; "
                "minutes and seconds are below 60."
            )
    minutes, seconds = [*sixtieths, 0.0, 0.0][:2]
    return (whole * 3600 + minutes * 60 + seconds) / 3600 if sixtieths else whole


def _quoted(text: str) -> str:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{shown if len(shown) <= 40 else shown[:39] + '…'}'"


def _trimmed(number: str) -> str:
    whole, decimals = number.split(".")
    return f"{whole}.{decimals.rstrip('0'):0<4}"


def _clock(tenths: int) -> str:
    minutes, tenths = divmod(tenths, 600)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{tenths // 10:02d}.{tenths % 10}"
