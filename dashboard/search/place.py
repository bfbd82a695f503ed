"""What lies at a position, in one atlas: a galaxy, or only the nearest one."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import format_both, name_of, outside_footprint, search_answer
from dashboard.names.openngc import bundled_names
from dashboard.sky.coordinates import SkyPosition

BUNDLED = "bundled NGC/IC catalogue"
# The centre of a galaxy is where catalogues say it is to a twentieth of its size, or it is another.
CENTRE_SHARE = 0.05


@dataclass(frozen=True)
class Target:
    """A galaxy of the atlas that a text leads to.

    Attributes
    ----------
    row : int
    separation_arcsec : float or None
        From the position that was asked for; None where the galaxy was named.
    is_near : bool
        Whether the galaxy is what was asked for, and not only the nearest to it.
    answer : str
        What was understood and found, in words.
    is_outside : bool
        Whether the position that was asked for is outside the atlas's footprint.
    position : SkyPosition or None
        What was asked for; None where a galaxy of the atlas was named.
    blur_arcsec : float or None
        How well the position of a named object is known; None for a position in numbers.
    """

    row: int
    separation_arcsec: float | None
    is_near: bool
    answer: str
    is_outside: bool = False
    position: SkyPosition | None = None
    blur_arcsec: float | None = None


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
    is_named = blur_arcsec is not None
    found = explorer.galaxy_at(position, 2 * CENTRE_SHARE if is_named else 1.0)
    row, separation_arcsec = found or explorer.nearest_on_sky(position)
    is_inside = not is_named and separation_arcsec > explorer.near_arcsec
    is_near = found is not None or separation_arcsec <= (blur_arcsec or 0.0)
    if is_near and is_inside:
        another = _another_there(explorer, row, position)
        if another:
            is_near, understood = False, f"{understood or format_both(position)}, in {another}"
    outside_arcsec = 0.0 if is_near else explorer.outside_arcsec(position)
    answer = search_answer(
        position,
        separation_arcsec,
        name_of(explorer.galaxy(row)),
        is_near=is_near,
        is_inside=is_inside,
        understood=understood,
        outside=outside_footprint(explorer.title, outside_arcsec) if outside_arcsec else "",
    )
    return Target(
        row,
        separation_arcsec,
        is_near,
        answer,
        bool(outside_arcsec),
        position,
        blur_arcsec,
    )


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
