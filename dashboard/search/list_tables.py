"""Tables of galaxies: which columns say what is meant, and FITS and VOTable files read as text."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dashboard.search.votable_check import check_votable
from pipeline.atlas import (
    POSITION_NAMES,
    READING_ERRORS,
    degrees_per,
    first_fits_table,
    normal_name,
)

# In order of preference: what the sky calls a galaxy before what a list does.
_NAMES = (
    *("name", "main_id", "object_name", "obj_name", "objname", "target_name", "target", "galaxy"),
    *("object", "object_id", "objectid", "objid", "designation", "iauname", "source_id", "id"),
)
# What a column's name may say of its unit.
_HOURS = re.compile(r"(?<=[a-z0-9])_?(?:hourangle|hours?|hrs?|h)(?=_|$)")
_DEGREES = re.compile(r"_(?:degrees?|deg|d)(?=_|$)")
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
# What astropy raises for tables that strangers send; the last one for a deep nest of elements.
_READING_ERRORS: tuple[type[BaseException], ...] = (
    *READING_ERRORS,
    *(LookupError, AttributeError, ArithmeticError, MemoryError, RecursionError),
)
# Name, right ascension, declination; "" where missing.
Rows = list[tuple[str, ...]]
_ARRAYS = "a column of names or positions has arrays in its cells; give each value its own column"


class TableFileError(ValueError):
    """A FITS or VOTable file that cannot be read; the message says why."""


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


# The columns, and for each that is there its first values and their unit; how many rows there are.
_Table = tuple[ListColumns, dict[int, tuple[Any, str]], int]


def read_table(data: bytes, kind: str, most: int) -> tuple[Rows, int]:
    """Read the first rows of the first table of a whole file, at most so many, and count them all.

    Parameters
    ----------
    data : bytes
    kind : str
        "FITS" or "VOTable".
    most : int

    Returns
    -------
    rows : list of (name, right ascension, declination)
        Numbers in degrees, sexagesimal text as it is.
    n_rows : int

    Raises
    ------
    TableFileError
        Damaged or not safe to read, or without a table or a column that could be used.
    """
    read = _fits_table if kind == "FITS" else _votable_table
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of standards that files rarely keep to
            columns, found, n_rows = read(data, most)
            texts = [[""] * min(n_rows, most)] * 3
            for part, place in enumerate(columns[:3]):
                if place is not None:
                    values, unit = found[place]
                    unit = unit or ("h" if columns.ra_in_hours and place == columns.ra else "")
                    texts[part] = [_text(value, unit) for value in values]
    except _READING_ERRORS as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise TableFileError(reason or type(error).__name__) from error
    return list(zip(*texts, strict=True)), n_rows


def _fits_table(data: bytes, most: int) -> _Table:
    from astropy.io import fits

    with fits.open(io.BytesIO(data), memmap=False) as hdus:
        table = first_fits_table(hdus)
        if table is None:
            raise ValueError("it holds no table")
        if table.header["NAXIS1"] < 1:  # else its rows take no bytes, and can be without end
            raise ValueError("its rows are empty")
        described, rows = table.columns, table.data
        columns = _needed(described.names)
        if any(described.dtype[i].shape for i in columns.places):
            raise ValueError(_ARRAYS)
        first = rows[:most]  # before `field`, which decodes every row
        found = {
            i: (_masked(first.field(i), described[i]), described[i].unit or "")
            for i in columns.places
        }
        return columns, found, len(rows)


def _masked(values: Any, column: Any) -> Any:
    """Return the values of a FITS column, whole numbers that stand for nothing masked."""
    if not isinstance(column.null, int) or values.dtype.kind not in "iu":
        return values
    return np.ma.masked_equal(values, column.null * (column.bscale or 1) + (column.bzero or 0))


def _votable_table(data: bytes, most: int) -> _Table:
    columns = _needed(check_votable(data))
    from astropy.io import votable

    file = votable.parse(io.BytesIO(data), columns=columns.places, table_number=0, verify="ignore")
    table = file.get_first_table()
    found = {
        i: (table.array[field.ID][:most], str(field.unit or ""))
        for i, field in zip(columns.places, table.fields, strict=True)
    }
    return columns, found, len(table.array)


def _needed(names: Sequence[str]) -> ListColumns:
    columns = find_columns(names)
    if not columns.places:
        raise ValueError(
            "no column has a usual name for positions (ra, dec) or for names (name, object_id); "
            f"its columns are {', '.join(names) or 'none'}"
        )
    return columns


def _text(value: Any, unit: str) -> str:
    """Return a cell as someone would write it; "" where it is missing."""
    if np.ndim(value):
        raise ValueError(_ARRAYS)
    if np.ma.is_masked(value):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    degrees = degrees_per(unit)
    if isinstance(value, float | np.floating) or (isinstance(value, np.integer) and degrees != 1):
        return np.format_float_positional(float(value * degrees), precision=10, trim="0")
    return str(value).strip()
