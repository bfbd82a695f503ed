"""What FITS and VOTable share: packed rows, big-endian and of one width; units; meanings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from astropy import units

from dashboard.export.provenance import ascii_text
from dashboard.export.table import TEXT, ExportColumn, ExportError, ExportTable
from pipeline.atlas import Column

_NULLS = "nulls"  # the field of BINARY2's null flags
_MOST_TEXT_BYTES = 4 * 2**30
_FIRST_ASCII, _LAST_ASCII = ord(" "), ord("~")  # that can be seen
# Source: IVOA, "The UCD1+ controlled vocabulary", 1.5.
_UCDS = {
    "object_id": "meta.id;meta.main",
    "ra_deg": "pos.eq.ra;meta.main",
    "dec_deg": "pos.eq.dec;meta.main",
    "redshift": "src.redshift",
    "photo_z": "src.redshift.phot",
    "picture_url": "meta.ref.url",
}


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

    The encoding is "ascii", with what it does not have as `ascii_text` writes it, or "utf-16-be".
    """

    def encode(texts: pa.Array) -> np.ndarray:
        if encoding != "ascii":
            return np.array([cell.encode(encoding) for cell in texts.to_pylist()], dtype=np.bytes_)
        if not _is_ascii(texts):
            texts = pa.array([ascii_text(cell) for cell in texts.to_pylist()], TEXT)
        return _packed_ascii(texts)

    widest = max(encode(column.read(rows)).dtype.itemsize for rows in table.slices())
    least = len("A".encode(encoding))
    return PackedColumn(column, np.dtype(f"S{max(widest, least)}"), encode, encoding=encoding)


def holds_ascii(table: ExportTable, column: ExportColumn) -> bool:
    """Return whether the texts of a column are printable ASCII, all of them."""
    return all(_is_ascii(column.read(rows)) for rows in table.slices())


def row_type(table: ExportTable, packed: Sequence[PackedColumn], *, nulls: bool) -> np.dtype:
    """Return the type of a row; ``nulls`` puts a flag for each column before it.

    Raises
    ------
    ExportError
        Texts would take more than 4 GB: one long text makes every row long.
    """
    fields: list[tuple] = [(_NULLS, "u1", (-(-len(packed) // 8),))] if nulls else []
    fields += [(f"f{place}", one.dtype) for place, one in enumerate(packed)]
    width_of = {one.column.about.name: one.dtype.itemsize for one in packed if one.encoding}
    if sum(width_of.values()) * table.n_rows > _MOST_TEXT_BYTES:
        widest = max(width_of, key=width_of.__getitem__)
        raise ExportError(
            f"In this format every row has room for the longest text of column '{widest}', "
            f"{width_of[widest]:,} bytes: the file would be far too large. Take Parquet instead, "
            "or fewer galaxies."
        )
    return np.dtype(fields)


def packed_rows(
    table: ExportTable, packed: Sequence[PackedColumn], dtype: np.dtype
) -> Iterator[bytes]:
    """Yield the rows of a table in blocks, as `row_type` lays them out."""
    for rows in table.slices():
        block = np.zeros(rows.stop - rows.start, dtype)
        flags = np.zeros((len(block), len(packed)), dtype=bool)
        for place, one in enumerate(packed):
            values = one.column.read(rows)
            block[f"f{place}"] = one.encode(values)
            flags[:, place] = values.is_null().to_numpy(zero_copy_only=False)
        if _NULLS in (dtype.names or ()):
            block[_NULLS] = np.packbits(flags, axis=1)
        yield block.tobytes()


def unit_text(unit: str) -> str:
    """Return a unit in ASCII: as it is, or as astropy spells it; unknown ones stay, too.

    >>> unit_text("deg"), unit_text("Å"), unit_text("µm"), unit_text("furlong")
    ('deg', 'Angstrom', 'um', 'furlong')
    """
    if unit.isascii():
        return ascii_text(unit)
    return ascii_text(units.Unit(unit, parse_strict="silent").to_string())


def ucd(column: Column) -> str:
    """Return what a column means, in words that the tools of astronomy know; "" if that is unclear.

    >>> ucd(Column("ra_deg", "deg")), ucd(Column("mag_z", "mag")), ucd(Column("bar_length"))
    ('pos.eq.ra;meta.main', 'phot.mag', '')
    """
    if column.ucd:
        return column.ucd
    if column.name.startswith("mag_") and column.unit == "mag":
        return "phot.mag"
    return _UCDS.get(column.name, "")


def _is_ascii(texts: pa.Array) -> bool:
    letters = _letters(texts)[1]
    return not ((letters < _FIRST_ASCII) | (letters > _LAST_ASCII)).any()


def _packed_ascii(texts: pa.Array) -> np.ndarray:
    """Return texts in cells of the length of the longest one, at least 1."""
    ends, letters = _letters(texts)
    lengths = np.diff(ends)
    cells = np.zeros((len(texts), max(1, int(lengths.max(initial=0)))), dtype=np.uint8)
    cells[np.arange(cells.shape[1]) < lengths[:, None]] = letters
    return cells.view(f"S{cells.shape[1]}")[:, 0]


def _letters(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return where each text begins and the last one ends, and the bytes of all of them."""
    _, ends_buffer, letters = texts.buffers()
    if not len(texts):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    ends = np.frombuffer(ends_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    known = np.empty(0, np.uint8) if letters is None else np.frombuffer(letters, np.uint8)
    return ends, known[ends[0] : ends[-1]]
