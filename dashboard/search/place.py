"""What lies at a position, in one atlas: a galaxy, or only the nearest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import format_both, name_of, outside_footprint, search_answer
from dashboard.names.openngc import bundled_names
from dashboard.sky.coordinates import SkyPosition

BUNDLED = "bundled NGC/IC catalogue"
# The centre of a galaxy is where catalogues say it is to a twentieth of its size, or it is another.
CENTRE_SHARE = 0.05


@dataclass(frozen=True)
class Target:
    """A galaxy of the atlas that a text leads to."""

    row: int
    separation_arcsec: float | None  # from the position asked for; None if the galaxy was named
    is_near: bool  # whether it is what was asked for, and not only the nearest to it
    answer: str  # what was understood and found, in words
    is_outside: bool = False  # whether the position asked for is outside the atlas's footprint
    position: SkyPosition | None = None  # that was asked for; None if the galaxy was named
    blur_arcsec: float | None = None  # how well that of a named object is known; None if typed


class There(NamedTuple):
    """The galaxy of an atlas that lies at a position, or the nearest one."""

    row: int
    separation_arcsec: float
    is_near: bool
    another: str = ""  # name of a known galaxy that lies there instead


def find_at(
    explorer: Explorer,
    position: SkyPosition,
    understood: str = "",
    blur_arcsec: float | None = None,
) -> Target:
    """Return the galaxy that a position lies in, else the nearest one.

    Parameters
    ----------
    understood : str
        What the position was understood from, in words.
    blur_arcsec : float or None
        Of a named object: how well its centre is known. That it lies in a galaxy of the atlas is
        not enough then.
    """
    there = look(explorer, position, blur_arcsec)
    if there.another:
        understood = f"{understood or format_both(position)}, in {there.another}"
    outside_arcsec = 0.0 if there.is_near else explorer.outside_arcsec(position)
    answer = search_answer(
        position,
        there.separation_arcsec,
        name_of(explorer.galaxy(there.row)),
        is_near=there.is_near,
        is_inside=blur_arcsec is None and there.separation_arcsec > explorer.near_arcsec,
        understood=understood,
        outside=outside_footprint(explorer.title, outside_arcsec) if outside_arcsec else "",
    )
    return Target(
        *(there.row, there.separation_arcsec, there.is_near, answer),
        is_outside=bool(outside_arcsec),
        position=position,
        blur_arcsec=blur_arcsec,
    )


def look(explorer: Explorer, position: SkyPosition, blur_arcsec: float | None = None) -> There:
    """Return what `find_at` tells of, without words."""
    is_named = blur_arcsec is not None
    found = explorer.galaxy_at(position, 2 * CENTRE_SHARE if is_named else 1.0)
    row, separation_arcsec = found or explorer.nearest_on_sky(position)
    is_near = found is not None or separation_arcsec <= (blur_arcsec or 0.0)
    if is_named or not is_near or separation_arcsec <= explorer.near_arcsec:
        return There(row, separation_arcsec, is_near)
    another = _another_there(explorer, row, position)
    return There(row, separation_arcsec, not another, another)


def _another_there(explorer: Explorer, row: int, position: SkyPosition) -> str:
    """Return the name of a known galaxy that a position lies in rather than in that of ``row``.

    NGC 5195 lies at the end of an arm of M 51, and is not M 51.
    """
    found = None if explorer.manifest.simulated else bundled_names().nearest(position)
    known, away_arcsec = found or (None, 0.0)
    if known is None or known.position is None:
        return ""
    centre_arcsec = explorer.separation_arcsec(row, known.position)
    same_arcsec = max(
        known.size_arcsec * CENTRE_SHARE, explorer.reach_arcsec(row, 2 * CENTRE_SHARE)
    )
    is_nearer = away_arcsec < explorer.separation_arcsec(row, position)
    reaches = away_arcsec <= max(known.size_arcsec / 2, explorer.near_arcsec)
    if not is_nearer or not reaches or centre_arcsec <= same_arcsec:
        return ""
    return f"{known.names[0]} ({BUNDLED})"
