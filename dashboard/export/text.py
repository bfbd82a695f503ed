"""Exports as CSV for spreadsheets, as ECSV for astronomers, and as Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from astropy.table import Column as AstropyColumn
from astropy.table import Table
from astropy.table.meta import get_yaml_from_table

from dashboard.export.stream import ChunkStream
from dashboard.export.table import TEXT, ExportColumn, ExportTable, unique_names
from dashboard.export.votable import votable_document
from pipeline.atlas import FORMULA, Column

_LINE_BREAK = "\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]"  # all that Python takes for one


def defused(texts: pa.Array) -> pa.Array:
    """Return texts that no spreadsheet takes for a formula: those that it could get an apostrophe.

    So do those that look defused already; hence whoever takes one apostrophe away from each cell
    that matches ``^'+[=+-@...]`` has the catalogue's text again.
    """
    return pc.if_else(
        pc.match_substring_regex(texts, FORMULA),
        pc.binary_join_element_wise(pa.scalar("'", texts.type), texts, pa.scalar("", texts.type)),
        texts,
    )


def csv_file(table: ExportTable) -> Iterator[bytes]:
    """Yield a CSV file: UTF-8, one line of names, nothing where a value is missing.

    Numbers are never defused: a negative declination is one. Provenance is in a column of its own,
    as JSON in its first row: nothing else stays with the rows in every program that reads CSV.
    """
    told = json.dumps(table.provenance, ensure_ascii=False)
    about = Column("provenance", "", "Where these galaxies come from, in the first row")
    column = ExportColumn(about, TEXT, partial(_first, told))
    whole = ExportTable((*table.columns, column), table.n_rows, table.provenance)
    names = unique_names(column.about.name for column in whole.columns)
    header = pa.table({name: pa.array([], TEXT) for name in defused(pa.array(names)).to_pylist()})
    yield _lines(header, header=True)
    for block in whole.blocks():
        cells = [defused(cell) if cell.type == TEXT else cell for cell in block.columns]
        yield _lines(pa.table(cells, names=names))


def ecsv_file(table: ExportTable) -> Iterator[bytes]:
    """Yield an ECSV file: CSV after comments that hold unit, description and provenance.

    Its texts are not defused: no spreadsheet opens it, and astropy gets every text as it is, but
    that a break of lines becomes a blank, for readers of ECSV take each line for a row.

    Notes
    -----
    Source: T. Aldcroft, "Enhanced Character Separated Values table format 1.0", APE 6.
    """
    header = io.StringIO()
    _empty_table(table).write(header, format="ascii.ecsv", delimiter=",")
    yield header.getvalue().encode()
    for block in table.blocks():
        cells = [
            pc.replace_substring_regex(cell, _LINE_BREAK, " ") if cell.type == TEXT else cell
            for cell in block.columns
        ]
        yield _lines(pa.table(cells, names=block.column_names))


def parquet_file(table: ExportTable) -> Iterator[bytes]:
    """Yield a Parquet file.

    Unit and description of each column are there three times over: in the metadata of its field as
    in an atlas, in the table that astropy looks for, and in the VOTable that TOPCAT looks for.
    Provenance is in the metadata of the file, and in these two tables.

    Notes
    -----
    Source: IVOA Note "VOParquet", 1.0, of 16 January 2025.
    """
    fields = [
        pa.field(
            column.about.name,
            column.type,
            metadata={"unit": column.about.unit, "description": column.about.description},
        )
        for column in table.columns
    ]
    lengths = _text_lengths(table)
    metadata = {
        **table.provenance,
        "table_meta_yaml": "\n".join(get_yaml_from_table(_empty_table(table))),
        "IVOA.VOTable-Parquet.version": "1.0",
        "IVOA.VOTable-Parquet.content": votable_document(table, lengths),
        **{f"table::len::{name}": str(length) for name, length in lengths.items()},
    }
    schema = pa.schema(fields, metadata=metadata)
    stream = ChunkStream()
    with pq.ParquetWriter(pa.PythonFile(stream, "w"), schema, compression="snappy") as writer:
        for block in table.blocks():
            writer.write_table(block.cast(schema))
            yield stream.take()
    yield stream.take()


def _lines(block: pa.Table, *, header: bool = False) -> bytes:
    # True and False are what both pandas and astropy take for truth values.
    cells = [
        pc.if_else(cell, "True", "False") if cell.type == pa.bool_() else cell
        for cell in block.columns
    ]
    lines = io.BytesIO()
    options = pa_csv.WriteOptions(include_header=header)
    pa_csv.write_csv(pa.table(cells, names=block.column_names), lines, options)
    return lines.getvalue()


def _first(text: str, rows: slice) -> pa.Array:
    rest = rows.stop - max(rows.start, 1)
    return pa.array([text] * (rows.start == 0) + [None] * rest, TEXT)


def _empty_table(table: ExportTable) -> Table:
    """Return an astropy table of these columns, without rows."""
    empty = Table(meta=dict(table.provenance))
    for column in table.columns:
        about = column.about
        dtype = np.dtype("U1") if column.type == TEXT else np.dtype(column.type.to_pandas_dtype())
        empty[about.name] = AstropyColumn(
            np.empty(0, dtype), unit=about.unit or None, description=about.description or None
        )
    return empty


def _text_lengths(table: ExportTable) -> dict[str, int]:
    """Return how many characters the longest text of each text column has, at least 1."""
    lengths = {}
    for column in table.columns:
        if column.type == TEXT:
            longest = [pc.max(pc.utf8_length(column.read(rows))).as_py() for rows in table.slices()]
            lengths[column.about.name] = max(1, *longest)
    return lengths
