"""Exports as FITS: a header by astropy, the rows as a stream behind it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import count

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.io import fits
from astropy.table import MaskedColumn, Table

from dashboard.export.packed_rows import (
    PackedColumn,
    holds_ascii,
    number_column,
    packed_rows,
    row_type,
    text_column,
    truth_column,
    ucd,
    unit_text,
)
from dashboard.export.provenance import ascii_text
from dashboard.export.table import TEXT, ExportColumn, ExportTable, unique_names
from pipeline.atlas import Column

_BLOCK_BYTES = 2880  # a FITS file is a multiple of it
_LONGEST_NAME = 60  # of the 68 letters of a card, with room for a number
_LEAST_INT64 = np.iinfo(np.int64).min
_TEXTS_CHANGED = (
    "In texts accents are left out and other letters beyond ASCII are written as Python escapes "
    "(\\u03b1), because FITS has none of them."
)


def fits_file(table: ExportTable) -> Iterator[bytes]:
    """Yield a FITS file with one binary table.

    Missing whole numbers are TNULL; truth values with missing ones become 1, 0 and TNULL, because
    astropy reads a missing logical value as false. Blanks at the end of a text are lost: FITS has
    no other way to fill a cell. Long texts may be too much, see `row_type`.

    Notes
    -----
    Source: IAU FITS Working Group, "Definition of the Flexible Image Transport System", 4.0. TCOMM
    and TUCD are what TOPCAT reads; astropy has descriptions in the comments that it writes.
    """
    packed = [_packed(table, column) for column in table.columns]
    dtype = row_type(table, packed, nulls=False)
    yield fits.PrimaryHDU().header.tostring().encode("ascii")
    yield _header(table, packed).tostring().encode("ascii")
    yield from packed_rows(table, packed, dtype)
    yield bytes(-dtype.itemsize * table.n_rows % _BLOCK_BYTES)


def _packed(table: ExportTable, column: ExportColumn) -> PackedColumn:
    if column.type == TEXT:
        return text_column(table, column, "ascii")
    if pa.types.is_floating(column.type):
        return number_column(column)
    if not any(column.read(rows).null_count for rows in table.slices()):
        return truth_column(column) if column.type == pa.bool_() else number_column(column)
    if column.type == pa.bool_():
        truths = column.about
        description = f"{truths.description} (1 is yes, 0 is no)".strip()
        about = Column(truths.name, truths.unit, description)
        return number_column(_cast(column, about, pa.int16()), missing=-1)
    whole = _cast(column, column.about, pa.int64())
    return number_column(whole, missing=_unused(table, whole))


def _cast(column: ExportColumn, about: Column, kind: pa.DataType) -> ExportColumn:
    return ExportColumn(about, kind, lambda rows: column.read(rows).cast(kind))


def _unused(table: ExportTable, column: ExportColumn) -> int:
    """Return the least whole number that a column does not have."""
    small = pa.scalar(_LEAST_INT64 + table.n_rows, pa.int64())
    used: set[int] = set()
    for rows in table.slices():
        values = column.read(rows)
        used.update(values.filter(pc.less_equal(values, small)).to_pylist())
    return next(number for number in count(_LEAST_INT64) if number not in used)


def _header(table: ExportTable, packed: list[PackedColumn]) -> fits.Header:
    names = unique_names(_name(one.column.about) for one in packed)
    empty = Table(meta={key: ascii_text(value) for key, value in table.provenance.items()})
    texts = [column for column in table.columns if column.type == TEXT]
    if not all(holds_ascii(table, column) for column in texts):
        empty.meta["comments"] = [_TEXTS_CHANGED]
    for name, one in zip(names, packed, strict=True):
        is_truth = one.column.type == pa.bool_()
        empty[name] = MaskedColumn(
            np.empty(0, bool if is_truth else one.dtype.newbyteorder("=")),
            description=_description(one.column.about) or None,
            fill_value=one.missing,
        )
    file = io.BytesIO()
    empty.write(file, format="fits")
    file.seek(0)
    with fits.open(file) as hdus:
        header = hdus[1].header.copy()
    header["NAXIS2"] = table.n_rows
    header.set("EXTNAME", "galaxies", after="TFIELDS")
    for number, one in enumerate(packed, start=1):
        header.pop(f"TNULL{number}", None)
        about = one.column.about
        cards = {
            "TNULL": one.missing,
            "TUNIT": unit_text(about.unit),
            "TUCD": ucd(about),
            "TCOMM": _description(about),
        }
        for key, value in cards.items():
            if value not in (None, ""):
                header.set(f"{key}{number}", value, after=f"TFORM{number}")
    return header


def _name(about: Column) -> str:
    """Return a name of letters, digits and underscores: others confuse readers of FITS."""
    return re.sub("[^A-Za-z0-9_]", "_", ascii_text(about.name))[:_LONGEST_NAME] or "column"


def _description(about: Column) -> str:
    changed = "" if _name(about) == about.name else f" (column '{about.name}')"
    return ascii_text(about.description + changed).strip()
