"""Which columns of a table say which galaxies are meant: name, right ascension, declination."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.atlas import POSITION_NAMES, normal_name

# In order of preference: what the sky calls a galaxy before what a list does.
_NAMES = (
    *("name", "main_id", "object_name", "obj_name", "objname", "target_name", "target", "galaxy"),
    *("object", "object_id", "objectid", "objid", "designation", "iauname", "source_id", "id"),
)
# What a column's name may say of its unit.
_HOURS = re.compile(r"(?<=[a-z0-9])_?(?:hourangle|hours?|hrs?|h)(?=_|$)")
_DEGREES = re.compile(r"_(?:degrees?|deg|d)(?=_|$)")
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)


class ListColumns(NamedTuple):
    """Places of the columns in their table, from 0; None where there is none."""

    name: int | None
    ra: int | None  # right ascension and declination come together
    dec: int | None
    ra_in_hours: bool = False  # whether the column's name says that its decimal numbers are hours

    @property
    def places(self) -> list[int]:
        """Those that are there, in the table's order; none where the names tell nothing."""
        return sorted(place for place in self[:3] if place is not None)

    def pick(self, cells: Sequence[str]) -> tuple[str, ...]:
        """Return name, right ascension and declination of one line, "" for what is not there."""
        name, ra, dec = ("" if place is None else cells[place] for place in self[:3])
        return name, f"{ra}h" if self.ra_in_hours and _NUMBER.fullmatch(ra) else ra, dec


def find_columns(names: Sequence[str]) -> ListColumns:
    """Return the columns that have usual names, maybe with a unit: ``RA (h)``, ``Dec (deg)``.

    Raises
    ------
    ValueError
        Right ascension is split into hours, minutes and seconds, as VizieR has it; says so.

    >>> find_columns(["Vmag", "RA_ICRS", "DE_ICRS", "Name"])
    ListColumns(name=3, ra=1, dec=2, ra_in_hours=False)
    """
    places: dict[str, int] = {}
    for place, column in enumerate(names):
        places.setdefault(normal_name(column), place)
    name = next((places[usual] for usual in _NAMES if usual in places), None)
    for usual_ra, usual_dec in POSITION_NAMES:
        if usual_ra in places and usual_dec in places:
            return ListColumns(name, places[usual_ra], places[usual_dec])
    if places.keys() >= {"rah", "ram"}:
        raise ValueError(
            "its right ascension is split over the columns RAh, RAm and RAs, which are not read "
            "together; give it one column for right ascension and one for declination (VizieR "
            "adds _RAJ2000 and _DEJ2000 in degrees where you tick them)"
        )
    hours = {_HOURS.sub("", column, 1): place for column, place in places.items()}
    degrees = {_DEGREES.sub("", column, 1): place for column, place in places.items()}
    ra = next((ra for ra, _ in POSITION_NAMES if ra in degrees or ra in hours), None)
    dec = next((dec for _, dec in POSITION_NAMES if dec in degrees), None)
    if ra is not None and dec is not None:
        in_hours = ra not in degrees
        return ListColumns(name, (hours if in_hours else degrees)[ra], degrees[dec], in_hours)
    return ListColumns(name, None, None)
