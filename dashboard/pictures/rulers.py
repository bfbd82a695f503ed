"""How large on the sky a picture is: a bar of a round length, words, where North and East are."""

from __future__ import annotations

from typing import Any, NamedTuple

_ARCMIN, _DEG = 60.0, 3600.0
_LONGEST_SHARE = 0.3  # of the side of a picture
_LENGTHS_ARCSEC = (
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0),
    *(_ARCMIN * arcmin for arcmin in (1, 2, 5, 10, 20, 30)),
)
SCALE_NOT_KNOWN = "Scale not known: it follows the galaxy"
OWN_SCALE = "The frame follows the galaxy"


class Ruler(NamedTuple):
    """What is drawn on a picture.

    Attributes
    ----------
    share : float
        Length of the bar, in sides of the picture; 0 where the scale is not known.
    length, across : str
        Of the bar, and of the picture's side, in words; empty where the scale is not known.
    north_up : bool
        Whether arrows show North and East.
    note : str
        What has to be said of the scale, where each picture has its own.
    """

    share: float
    length: str
    across: str
    north_up: bool
    note: str

    def to_page(self) -> dict[str, Any]:
        """Return what assets/picture.js draws."""
        return self._asdict()


def ruler(side_arcsec: float | None, *, north_up: bool, note: str = "") -> Ruler:
    """Return what is drawn on a picture whose side spans so much of the sky, if that is known.

    >>> ruler(39.8, north_up=True).length, ruler(39.8, north_up=True).across
    ('10 arcsec', '40 arcsec across')
    """
    if side_arcsec is None:
        return Ruler(0.0, "", "", north_up, SCALE_NOT_KNOWN)
    longest = _LONGEST_SHARE * side_arcsec
    fitting = [length for length in _LENGTHS_ARCSEC if length <= longest]
    length = fitting[-1] if fitting else _LENGTHS_ARCSEC[0]
    share = round(length / side_arcsec, 4)
    return Ruler(share, angle(length), f"{angle(side_arcsec)} across", north_up, note)


def angle(arcsec: float) -> str:
    """Return an angle with two significant digits, in the unit that fits its size.

    >>> angle(28.4), angle(0.2), angle(100.1), angle(1800), angle(5400)
    ('28 arcsec', '0.2 arcsec', '1.7 arcmin', '30 arcmin', '1.5 deg')
    """
    if arcsec < _ARCMIN:
        return f"{arcsec:.2g} arcsec"
    if arcsec < _DEG:
        return f"{arcsec / _ARCMIN:.2g} arcmin"
    return f"{arcsec / _DEG:.2g} deg"
