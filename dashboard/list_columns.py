"""Which columns of a table say which galaxies are meant: name, right ascension, declination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.atlas import POSITION_NAMES, normal_name

# In order of preference: what the sky calls a galaxy before what a list does.
_NAMES = (
    *("name", "main_id", "object_name", "obj_name", "objname", "target_name", "target", "galaxy"),
    *("object", "object_id", "objectid", "objid", "designation", "iauname", "source_id", "id"),
)


class ListColumns(NamedTuple):
    """Places of the columns in their table, from 0; None where there is none.

    Attributes
    ----------
    name, ra, dec : int or None
        Right ascension and declination come together.
    """

    name: int | None
    ra: int | None
    dec: int | None

    @property
    def places(self) -> list[int]:
        """Those that are there, in the table's order; none where the names tell nothing."""
        return sorted(place for place in self if place is not None)

    def pick(self, cells: Sequence[str]) -> tuple[str, ...]:
        """Return name, right ascension and declination of one line, "" for what is not there."""
        return tuple("" if place is None else cells[place] for place in self)


def find_columns(names: Sequence[str]) -> ListColumns:
    """Return the columns that have usual names.

    >>> find_columns(["Vmag", "RA_ICRS", "DE_ICRS", "Name"])
    ListColumns(name=3, ra=1, dec=2)
    """
    places: dict[str, int] = {}
    for place, column in enumerate(names):
        places.setdefault(normal_name(column), place)
    name = next((places[usual] for usual in _NAMES if usual in places), None)
    for ra, dec in POSITION_NAMES:
        if ra in places and dec in places:
            return ListColumns(name, places[ra], places[dec])
    return ListColumns(name, None, None)
