"""Rows as FITS and VOTable's BINARY2 want them: packed, big-endian, one width for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.export.provenance import ascii_text
from dashboard.export.table import TEXT, ExportColumn, ExportError, ExportTable

NULLS = "nulls"  # the field of BINARY2's null flags
_MOST_TEXT_BYTES = 4 * 2**30
_NO_ASCII = "[^ -~]"


@dataclass(frozen=True)
class PackedColumn:
    """How one column lies in a row.

    Attributes
    ----------
    column : ExportColumn
    dtype : dtype
        Big-endian.
    encode : callable
        Turns a block of values into an array that fits `dtype`.
    missing : int or None
        The number that stands for a missing one.
    encoding : str
        Of a text.
    """

    column: ExportColumn
    dtype: np.dtype
    encode: Callable[[pa.Array], np.ndarray]
    missing: int | None = None
    encoding: str = ""

    @property
    def width(self) -> int:
        """Bytes of a cell."""
        return self.dtype.itemsize


def number_column(column: ExportColumn, *, missing: int | None = None) -> PackedColumn:
    """Return a column of numbers as they are; `missing` is for whole numbers, others have NaN."""
    dtype = np.dtype(column.type.to_pandas_dtype()).newbyteorder(">")
    instead = np.nan if dtype.kind == "f" else missing or 0

    def encode(values: pa.Array) -> np.ndarray:
        return values.fill_null(instead).to_numpy(zero_copy_only=False)

    return PackedColumn(column, dtype, encode, missing)


def truth_column(column: ExportColumn) -> PackedColumn:
    """Return a column of truth values as the letters T and F."""

    def encode(values: pa.Array) -> np.ndarray:
        return np.where(values.fill_null(False).to_numpy(zero_copy_only=False), b"T", b"F")

    return PackedColumn(column, np.dtype("S1"), encode)


def text_column(table: ExportTable, column: ExportColumn, encoding: str) -> PackedColumn:
    """Return a column of text in the width of its longest cell, filled up with zero bytes.

    Parameters
    ----------
    table : ExportTable
    column : ExportColumn
        One of its columns of `TEXT`.
    encoding : str
        "ascii", with what it does not have as `ascii_text` writes it, or "utf-16-be".
    """

    def encode(texts: pa.Array) -> np.ndarray:
        cells = texts.to_pylist()
        if encoding != "ascii":
            cells = [cell.encode(encoding) for cell in cells]
        elif not is_ascii(texts):
            cells = [ascii_text(cell) for cell in cells]
        return np.array(cells, dtype=np.bytes_)

    widest = max(encode(column.read(rows)).dtype.itemsize for rows in table.slices())
    least = len("A".encode(encoding))
    return PackedColumn(column, np.dtype(f"S{max(widest, least)}"), encode, encoding=encoding)


def is_ascii(texts: pa.Array) -> bool:
    """Return whether texts are printable ASCII, all of them."""
    return not pc.any(pc.match_substring_regex(texts, _NO_ASCII)).as_py()


def row_type(table: ExportTable, packed: Sequence[PackedColumn], *, nulls: bool) -> np.dtype:
    """Return the type of a row; ``nulls`` puts a flag for each column before it.

    Raises
    ------
    ExportError
        Texts would take more than 4 GB: one long text makes every row long.
    """
    fields: list[tuple] = [(NULLS, "u1", (-(-len(packed) // 8),))] if nulls else []
    fields += [(f"f{place}", one.dtype) for place, one in enumerate(packed)]
    texts = [one for one in packed if one.column.type == TEXT]
    if sum(one.width for one in texts) * table.n_rows > _MOST_TEXT_BYTES:
        widest = max(texts, key=lambda one: one.width)
        raise ExportError(
            f"In this format every row has room for the longest text of column "
            f"'{widest.column.about.name}', {widest.width:,} bytes: the file would be far too "
            "large. Take Parquet instead, or fewer galaxies."
        )
    return np.dtype(fields)


def packed_rows(packed: Sequence[PackedColumn], dtype: np.dtype, rows: slice) -> bytes:
    """Return the bytes of some rows.

    Parameters
    ----------
    packed : sequence of PackedColumn
    dtype : dtype
        Their `row_type`.
    rows : slice
        Which rows.
    """
    block = np.zeros(rows.stop - rows.start, dtype)
    flags = np.zeros((len(block), len(packed)), dtype=bool)
    for place, one in enumerate(packed):
        values = one.column.read(rows)
        block[f"f{place}"] = one.encode(values)
        flags[:, place] = values.is_null().to_numpy(zero_copy_only=False)
    if NULLS in (dtype.names or ()):
        block[NULLS] = np.packbits(flags, axis=1)
    return block.tobytes()
