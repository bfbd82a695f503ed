"""Names known without a network: NGC, IC and Messier objects, and what else they are called.

The table is OpenNGC (M. Verga, CC-BY-SA-4.0), which the package pyongc carries.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from dashboard.names.spellings import NameIndex, Spellings, tidy
from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import name_key, unit_vectors

_COLUMNS = (
    *("name", "type", "ra", "dec", "majax"),
    *("messier", "ngc", "ic", "identifiers", "commonnames"),
)
_GALAXIES = ("G", "GPair", "GTrpl", "GGroup")
_NEAR_ARCSEC = 60.0  # a galaxy this near may be the one, however small it is
_NICKNAME_ENDS = (" galaxy", " galaxies")  # "Whirlpool" will do


@dataclass(frozen=True)
class BundledObject:
    """One object of the table."""

    names: tuple[str, ...]  # the main name first
    position: SkyPosition | None  # None where nobody knows what was meant
    is_galaxy: bool  # or a pair, triplet or group of galaxies
    size_arcsec: float  # major axis; 0 where it is not known


class BundledNames:
    """All objects of the table, to be found by any name."""

    def __init__(self, objects: list[BundledObject]) -> None:
        self._objects = objects
        self._index = NameIndex(
            (name, number) for number, one in enumerate(objects) for name in one.names
        )

    def find(self, name: str) -> list[BundledObject]:
        """Return the objects of this name, in any spelling: none, one, or several."""
        return [self._objects[number] for number in self._index.bearers(name)]

    def nearest(self, position: SkyPosition) -> tuple[BundledObject, float] | None:
        """Return the galaxy nearest to ``position``, and its separation in arcsec.

        Only galaxies whose disc reaches there, or that are within `_NEAR_ARCSEC`; None if there
        are none. Clusters and nebulae lie before whatever is behind them.
        """
        objects, vectors, reach_arcsec = self._galaxies
        chords = np.linalg.norm(vectors - unit_vectors(*position), axis=1)
        separations = np.degrees(2 * np.arcsin(chords.clip(max=2) / 2)) * 3600
        within = np.where(separations <= reach_arcsec, separations, np.inf)
        nearest = int(np.argmin(within))
        if not np.isfinite(within[nearest]):
            return None
        return objects[nearest], float(separations[nearest])

    @cached_property
    def _galaxies(self) -> tuple[list[BundledObject], np.ndarray, np.ndarray]:
        objects = [one for one in self._objects if one.is_galaxy and one.position is not None]
        ra_deg, dec_deg = np.array([one.position for one in objects], dtype=np.float64).T
        radii_arcsec = np.array([one.size_arcsec for one in objects]) / 2
        return objects, unit_vectors(ra_deg, dec_deg), radii_arcsec.clip(min=_NEAR_ARCSEC)

    @cached_property
    def spellings(self) -> Spellings:
        """The names that people type."""
        return Spellings(name for one in self._objects for name in one.names if _is_short(name))


@cache
def bundled_names() -> BundledNames:
    """Return the table, read at the first question: half a second, then kept."""
    from pyongc import data

    table = data.all()[list(_COLUMNS)].to_dict("records")
    by_messier = {row["messier"]: row["name"] for row in table if row["type"] != "Dup"}
    also: dict[str, list[str]] = {}
    for row in table:
        if row["type"] == "Dup":
            original = by_messier[row["messier"]] if row["messier"] else _ngc_or_ic(row)
            also.setdefault(name_key(original), []).extend(_names(row))
    objects = [row for row in table if row["type"] != "Dup"]
    return BundledNames([_read(row, also.get(name_key(row["name"]), [])) for row in objects])


def _read(row: dict[str, Any], also: list[str]) -> BundledObject:
    known = math.isfinite(row["ra"]) and math.isfinite(row["dec"])
    position = SkyPosition(math.degrees(row["ra"]) % 360, math.degrees(row["dec"]))
    return BundledObject(
        names=tuple(dict.fromkeys([*_names(row), *also])),
        position=position if known else None,
        is_galaxy=row["type"] in _GALAXIES,
        size_arcsec=row["majax"] * 60 if math.isfinite(row["majax"]) else 0.0,
    )


def _names(row: dict[str, Any]) -> Iterator[str]:
    """Yield the names of one row of the table; a duplicate's other numbers are the original's."""
    yield tidy(row["name"])
    if row["type"] != "Dup":
        for catalogue in ("messier", "ngc", "ic"):
            if row[catalogue]:
                yield from (_numbered(catalogue, number) for number in row[catalogue].split(","))
    for column in ("identifiers", "commonnames"):
        for name in filter(None, map(str.strip, row[column].split(","))):
            yield tidy(name)
            for end in _NICKNAME_ENDS:
                if name.lower().endswith(end):
                    yield name[: -len(end)]


def _ngc_or_ic(row: dict[str, Any]) -> str:
    return f"NGC {row['ngc']}" if row["ngc"] else f"IC {row['ic']}"


def _numbered(catalogue: str, number: str) -> str:
    return tidy(f"{'M' if catalogue == 'messier' else catalogue.upper()}{number.strip()}")


def _is_short(name: str) -> bool:
    """Return whether people type a name, rather than a catalogue's position of an object."""
    return not name.startswith(("2MASX", "SDSS", "IRAS", "TYC", "UCAC", "MCG", "ESO-LV", "WDS"))
