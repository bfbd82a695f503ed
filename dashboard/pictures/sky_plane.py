"""Where on the sky a picture is, as far as its header says."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import Any

from dashboard.sky.coordinates import SkyPosition
from dashboard.untrusted import is_number
from pipeline.atlas import celestial_wcs, pixel_scale_arcsec

_FARTHEST = 2.0  # of a tangent plane, radians: larger fields are no pictures of a galaxy


@dataclass(frozen=True)
class SkyPlane:
    """The plane that touches the sky in the middle of a square picture.

    Attributes
    ----------
    ra_deg, dec_deg : float
        The middle, ICRS.
    x_east, x_north, y_east, y_north : float
        What a side of the picture to the right, and one downwards, is on the plane, in radians.
    """

    ra_deg: float
    dec_deg: float
    x_east: float
    x_north: float
    y_east: float
    y_north: float

    @classmethod
    def of(cls, header: Any, height_px: int, square: tuple[int, int, int]) -> SkyPlane | None:
        """Return that of a square of a FITS image; None if its header does not tell.

        Parameters
        ----------
        header : astropy.io.fits.Header
        height_px : int
            Of the image: FITS counts its lines from below, we from above.
        square : tuple of int
            First column and first line, from above, and side.
        """
        wcs = celestial_wcs(header)
        if wcs is None or pixel_scale_arcsec(header) is None:
            return None
        left, top, side = square
        x, y = left + side / 2 - 0.5, height_px - top - side / 2 - 0.5
        # A tenth of the side, lest distortions at the edge have a say.
        step = side / 10
        middle, right, below = (
            _position(wcs, *at) for at in ((x, y), (x + step, y), (x, y - step))
        )
        if middle is None or right is None or below is None:
            return None
        steps = [_on_plane(middle, other) for other in (right, below)]
        plane = cls(*middle, *(10 * part for parts in steps for part in parts))
        return plane if plane._makes_sense() else None

    def position(self, x: float, y: float) -> SkyPosition:
        """Return the position of a place in the picture, in its sides from the left and above."""
        east = self.x_east * (x - 0.5) + self.y_east * (y - 0.5)
        north = self.x_north * (x - 0.5) + self.y_north * (y - 0.5)
        dec = math.radians(self.dec_deg)
        towards = math.cos(dec) - north * math.sin(dec)
        ra_deg = self.ra_deg + math.degrees(math.atan2(east, towards))
        up = math.sin(dec) + north * math.cos(dec)
        return SkyPosition(ra_deg % 360, math.degrees(math.atan2(up, math.hypot(east, towards))))

    def to_store(self) -> list[float]:
        """Return what the browser keeps."""
        return list(astuple(self))

    @classmethod
    def from_store(cls, values: Any) -> SkyPlane | None:
        """Read what the browser sent, which is anything that JSON can say; None if it is none."""
        if not isinstance(values, list) or len(values) != 6 or not all(map(is_number, values)):
            return None
        plane = cls(*map(float, values))
        return plane if plane._makes_sense() else None

    def _makes_sense(self) -> bool:
        numbers = astuple(self)
        return (
            all(map(is_number, numbers))
            and 0 <= self.ra_deg < 360
            and -90 <= self.dec_deg <= 90
            and max(map(abs, numbers[2:])) <= _FARTHEST
        )


def _position(wcs: Any, x_px: float, y_px: float) -> SkyPosition | None:
    from astropy.wcs.utils import pixel_to_skycoord

    found = pixel_to_skycoord(x_px, y_px, wcs).icrs
    position = SkyPosition(float(found.ra.deg) % 360, float(found.dec.deg))
    return position if all(map(math.isfinite, position)) else None


def _on_plane(middle: SkyPosition, other: SkyPosition) -> tuple[float, float]:
    """Return where a position is on the plane that touches the sky in ``middle``, in radians."""
    away = math.radians(other.ra_deg - middle.ra_deg)
    dec, touching = math.radians(other.dec_deg), math.radians(middle.dec_deg)
    scale = math.sin(touching) * math.sin(dec)
    scale += math.cos(touching) * math.cos(dec) * math.cos(away)
    if scale <= 0:  # on the other side of the sky
        return math.inf, math.inf
    east = math.cos(dec) * math.sin(away)
    north = math.cos(touching) * math.sin(dec)
    north -= math.sin(touching) * math.cos(dec) * math.cos(away)
    return east / scale, north / scale
