"""FITS and VOTable files with a list of galaxies: their names and positions, as text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.search.list_columns import ListColumns, find_columns
from dashboard.search.votable_check import check_votable
from pipeline.atlas import READING_ERRORS, degrees_per, first_fits_table

# What astropy raises for tables that strangers send; the last one for a deep nest of elements.
_READING_ERRORS: tuple[type[BaseException], ...] = (
    *READING_ERRORS,
    *(LookupError, AttributeError, ArithmeticError, MemoryError, RecursionError),
)
# Name, right ascension, declination; "" where missing.
Rows = list[tuple[str, ...]]
# The columns, and for each that is there its first values and their unit; how many rows there are.
_Table = tuple[ListColumns, dict[int, tuple[Any, str]], int]
_ARRAYS = "a column of names or positions has arrays in its cells; give each value its own column"


class TableFileError(ValueError):
    """A FITS or VOTable file that cannot be read; the message says why."""


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
