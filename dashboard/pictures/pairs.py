"""Two galaxies side by side: at one angular scale, or each filling its frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.addresses import Pictures
from dashboard.pictures.rulers import OWN_SCALE, ruler
from pipeline.atlas import MOST_CUTOUT_PX

MOST_ZOOM = 4.0  # of a picture that has one size: beyond that its pixels are all one sees
# Columns that say how large galaxies are, and how many of that the side of a frame spans: arcsec.
_SIZES = {
    "major_axis_arcmin": 1.6 * 60,
    "half_light_radius_arcsec": 8.0,
}
SCALE, FRAME = "scale", "frame"
SCALES_NOT_KNOWN = "The scales of these pictures are not known."
SIZES_NOT_KNOWN = "The catalogue does not say how large both galaxies are."


class View(NamedTuple):
    """One galaxy as it is shown.

    Attributes
    ----------
    url : str or None
        Of its picture.
    zoom : float
        How much it is enlarged, at least 1.
    side_arcsec : float or None
        How much of the sky is then seen.
    """

    url: str | None
    zoom: float
    side_arcsec: float | None


class Pair(NamedTuple):
    """One galaxy or two, as they can be shown.

    Attributes
    ----------
    views : dict of str to tuple of View
        By `SCALE` and `FRAME`; only what there is.
    first : str
        How the atlas itself shows them.
    why_not : str
        Why there is only one; empty if there are both.
    """

    views: dict[str, tuple[View, ...]]
    first: str
    why_not: str


def pair(explorer: Explorer, pictures: Pictures, rows: Sequence[int]) -> Pair:
    """Return how the galaxies of these rows, one or two, can be shown beside each other."""
    sides = [pictures.side_arcsec(row) for row in rows]
    plain = tuple(
        View(pictures.url(row, MOST_CUTOUT_PX), 1.0, side)
        for row, side in zip(rows, sides, strict=True)
    )
    known = [side for side in sides if side is not None]
    if len(known) < len(sides):
        return Pair({FRAME: plain}, FRAME, SCALES_NOT_KNOWN)
    if pictures.follow_galaxies:
        return Pair({SCALE: _at_one_scale(pictures, rows, max(known)), FRAME: plain}, FRAME, "")
    framed = _framed(explorer, plain, rows)
    views = {SCALE: plain} if framed is None else {SCALE: plain, FRAME: framed}
    return Pair(views, SCALE, SIZES_NOT_KNOWN if framed is None else "")


def words_of(pictures: Pictures, view: View, mode: str) -> dict[str, Any]:
    """Return the address, zoom and ruler of a view, as assets/picture.js draws them."""
    is_own = pictures.follow_galaxies or view.zoom > 1
    note = OWN_SCALE if mode == FRAME and is_own else ""
    lines = ruler(view.side_arcsec, north_up=pictures.north_up, note=note)
    return {"url": view.url, "zoom": view.zoom, "ruler": lines.to_page()}


def _at_one_scale(pictures: Pictures, rows: Sequence[int], side_arcsec: float) -> tuple[View, ...]:
    urls = [pictures.url(row, MOST_CUTOUT_PX, side_arcsec) for row in rows]
    return tuple(View(url, 1.0, side_arcsec) for url in urls)


def _framed(
    explorer: Explorer, plain: Sequence[View], rows: Sequence[int]
) -> tuple[View, ...] | None:
    """Return pictures of one scale, enlarged until each galaxy fills its frame if it can."""
    framed = []
    for view, row in zip(plain, rows, strict=True):
        frame, side = _frame_arcsec(explorer, row), view.side_arcsec
        if frame is None or side is None:
            return None
        zoom = min(max(side / frame, 1.0), MOST_ZOOM)
        framed.append(View(view.url, round(zoom, 3), side / zoom))
    return tuple(framed)


def _frame_arcsec(explorer: Explorer, row: int) -> float | None:
    """Return the side of a frame that a galaxy fills; None where its size is not known."""
    known = {column.name: value for column, value in explorer.galaxy(row).values}
    for name, factor in _SIZES.items():
        value = known.get(name)
        if isinstance(value, int | float) and value > 0:
            return factor * value
    return None
