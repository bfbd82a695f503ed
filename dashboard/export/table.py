"""The table of an export: its columns, and its rows in blocks, so that no table is held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.export.provenance import provenance
from pipeline.atlas import Catalogue, Column

if TYPE_CHECKING:
    from dashboard.export.formats import Export
    from dashboard.pictures.addresses import Pictures

# Rows in memory at once; a multiple of 3, so that blocks in base64 can follow each other.
BLOCK_ROWS = 3 * 2**14
TEXT = pa.large_string()
# Types that all formats have; others become the next larger one, or text.
_KEPT = {pa.bool_(), pa.uint8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64()}
_WIDENED = {
    pa.int8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.float16(): pa.float32(),
}
_POSITION = ("object_id", "ra_deg", "dec_deg")


class ExportError(ValueError):
    """An export that cannot be made; the message says why, and what to do instead."""


@dataclass(frozen=True)
class ExportColumn:
    """One column of an export.

    Attributes
    ----------
    about : Column
        Name (no other column has it, in any case), unit and description.
    type : DataType
        bool, uint8, int16, int32, int64, float32, float64 or `TEXT`.
    read : callable
        Returns the values of a slice of rows: an Array of this type, null where a number or a
        truth value is missing, "" where a text is.
    """

    about: Column
    type: pa.DataType
    read: Callable[[slice], pa.Array]


@dataclass(frozen=True)
class ExportTable:
    """What every format writes."""

    columns: tuple[ExportColumn, ...]
    n_rows: int
    provenance: Mapping[str, str]

    def slices(self) -> Iterator[slice]:
        """Yield the rows in blocks of `BLOCK_ROWS`."""
        for start in range(0, self.n_rows, BLOCK_ROWS):
            yield slice(start, min(start + BLOCK_ROWS, self.n_rows))

    def blocks(self) -> Iterator[pa.Table]:
        """Yield the rows in blocks."""
        names = [column.about.name for column in self.columns]
        for rows in self.slices():
            yield pa.table([column.read(rows) for column in self.columns], names=names)


def export_table(export: Export, files: Sequence[str] = ()) -> ExportTable:
    """Return the table of an export.

    Its columns are ``rank`` and ``similarity`` if the export has them, ``object_id``, ``ra_deg``,
    ``dec_deg``, the others in the catalogue's order, ``picture_url`` if the export has pictures of
    a cutout service, and ``picture`` if their ``files`` are given in the order of the rows.
    """
    explorer, rows = export.explorer, export.rows
    columns: list[ExportColumn] = []
    if export.similarity is not None:
        columns += [
            _given("rank", "Place in the order of similarity, from 1", export.places, pa.int32()),
            _given(
                "similarity",
                "Cosine between the embeddings of query and galaxy",
                export.similarity.astype(np.float32),
                pa.float32(),
            ),
        ]
    for name in dict.fromkeys([*_POSITION, *explorer.catalogue]):
        kind = _kind(explorer.catalogue[name], rows)
        read = partial(_read, explorer.catalogue, name, rows, kind)
        columns.append(ExportColumn(explorer.columns[name], kind, read))
    if export.pictures is not None and export.pictures.host is not None:
        about = Column("picture_url", "", "Address of a picture of the galaxy")
        columns.append(ExportColumn(about, TEXT, partial(_addresses, export.pictures, rows)))
    if files:
        columns.append(_given("picture", "File with the picture of the galaxy", files, TEXT))
    names = unique_names(column.about.name for column in columns)
    return ExportTable(
        tuple(
            replace(column, about=replace(column.about, name=name))
            for name, column in zip(names, columns, strict=True)
        ),
        len(rows),
        provenance(export),
    )


def unique_names(names: Iterable[str]) -> list[str]:
    """Return names of which no two are the same, in any case; formats and tools mix them up.

    >>> unique_names(["rank", "Rank", "mag"])
    ['rank', 'Rank_2', 'mag']
    """
    unique: dict[str, str] = {}
    for name in names:
        other, number = name, 1
        while other.lower() in unique:
            number += 1
            other = f"{name}_{number}"
        unique[other.lower()] = other
    return list(unique.values())


def _given(
    name: str, description: str, values: np.ndarray | Sequence[str], kind: pa.DataType
) -> ExportColumn:
    return ExportColumn(
        Column(name, "", description),
        kind,
        lambda rows: pa.array(values[rows], kind, from_pandas=True),
    )


def _addresses(pictures: Pictures, rows: np.ndarray, part: slice) -> pa.Array:
    return pa.array([pictures.url(int(row)) or "" for row in rows[part]], TEXT)


def _kind(series: pd.Series, rows: np.ndarray) -> pa.DataType:
    """Return the type in which a column of the catalogue is exported."""
    # What objects are shows only when one looks at them all.
    looked_at = series.iloc[rows] if series.dtype == object else series.iloc[:1]
    kind = _arrow(looked_at).type
    if kind == pa.uint64():  # most fit; what does not keeps its digits as text
        return pa.int64() if series.max() < 2**63 else TEXT
    kind = _WIDENED.get(kind, kind)
    return kind if kind in _KEPT else TEXT


def _read(
    catalogue: Catalogue, name: str, rows: np.ndarray, kind: pa.DataType, part: slice
) -> pa.Array:
    array = _arrow(catalogue[name].iloc[_run(rows[part])])
    if kind != TEXT:
        return array.cast(kind)
    # No format has NUL in a text: it would end there.
    return pc.replace_substring(array.cast(TEXT).fill_null(""), "\0", "")


def _run(rows: np.ndarray) -> np.ndarray | slice:
    """Return rows as a slice if each follows the other: nothing is copied then."""
    if len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        return slice(int(rows[0]), int(rows[0]) + len(rows))
    return rows


def _arrow(series: pd.Series) -> pa.Array:
    """Return a column of any type of pandas as an array; as text where its objects are mixed."""
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, OverflowError):
        missing = series.isna()
        array = pa.array(series.astype(object).map(str).mask(missing, None), TEXT)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
