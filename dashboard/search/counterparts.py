"""What the other open atlases have of what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import format_separation, name_of, other_names_of, understood_as
from dashboard.names.spellings import each_once, spelled_like
from dashboard.search.place import Target, find_at, look


@dataclass(frozen=True)
class Elsewhere:
    """A galaxy of another open atlas."""

    explorer: Explorer
    row: int
    separation_arcsec: float | None  # from what was asked for; None if it goes by its name

    @property
    def object_id(self) -> str:
        """Return its identifier in the other atlas."""
        return self.explorer.galaxy(self.row).object_id

    @property
    def in_words(self) -> str:
        """Return which atlas has which galaxy, and how far from what was asked for it lies."""
        off = self.separation_arcsec
        away = "" if off is None else f", {format_separation(off)} off"
        kind = " (simulated)" if self.explorer.manifest.simulated else ""
        return f"{self.explorer.title}{kind} has {name_of(self.explorer.galaxy(self.row))}{away}"


def galaxies_elsewhere(text: str, target: Target, others: Sequence[Explorer]) -> list[Elsewhere]:
    """Return the galaxies that other atlases have where a text leads to none in this one.

    Parameters
    ----------
    text : str
        As typed.
    target : Target
        What it leads to in this atlas.
    others : sequence of Explorer
        The other open atlases.
    """
    if target.is_near or target.position is None:
        return []
    found = [_in(other, " ".join(text.split()), target) for other in others]
    return [one for one in found if one is not None]


def homes_of(names: Sequence[str], explorers: Sequence[Explorer]) -> list[list[Elsewhere]]:
    """Return the galaxies of some identifiers or names in each atlas that has all of them."""
    homes = []
    for explorer in explorers:
        called = [explorer.rows_called(name) for name in names]
        if called and all(len(rows) == 1 for rows in called):
            homes.append([Elsewhere(explorer, rows[0], None) for rows in called])
    return homes


def named_elsewhere(explorer: Explorer, text: str, others: Sequence[Explorer]) -> Target | None:
    """Return what lies where another atlas has the one galaxy of a name; None if none has it."""
    for other in others:
        rows = other.rows_called(text)
        if len(rows) == 1:
            galaxy = other.galaxy(rows[0])
            called = [name_of(galaxy), galaxy.object_id]
            names = [spelled_like(text, [*called, *other_names_of(galaxy)]), *called]
            understood = understood_as(each_once(names), galaxy.position, other.title)
            return find_at(explorer, galaxy.position, understood, 0.0)
    return None


def _in(other: Explorer, text: str, target: Target) -> Elsewhere | None:
    rows = other.rows_called(text)
    if len(rows) == 1:
        return Elsewhere(other, rows[0], None)
    assert target.position is not None  # it has a name or a position  # nosec B101
    theirs = look(other, target.position, target.blur_arcsec)
    return Elsewhere(other, theirs.row, theirs.separation_arcsec) if theirs.is_near else None
