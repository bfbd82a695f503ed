"""Exports as VOTable: the document, and the rows as a stream of BINARY2 in it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree  # writes only  # nosec B405

import pyarrow as pa

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
from dashboard.export.table import TEXT, ExportColumn, ExportTable, unique_names

_NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"  # of all versions from 1.3 on
_DATATYPES = {
    pa.bool_(): "boolean",
    pa.uint8(): "unsignedByte",
    pa.int16(): "short",
    pa.int32(): "int",
    pa.int64(): "long",
    pa.float32(): "float",
    pa.float64(): "double",
}
_STREAM_HERE = "@"


def votable_file(table: ExportTable) -> Iterator[bytes]:
    """Yield a VOTable; missing values are flagged. Long texts may be too much, see `row_type`.

    Rows in base64 rather than an XML element for each cell: a million rows take seconds.

    Notes
    -----
    Source: IVOA, "VOTable Format Definition", 1.4, section 5.4.
    """
    packed = [_packed(table, column) for column in table.columns]
    dtype = row_type(table, packed, nulls=True)
    document = _document(table, [_type_of(one) for one in packed], rows_here=True)
    before, after = document.rsplit(_STREAM_HERE, 1)
    yield before.encode()
    for block in packed_rows(table, packed, dtype):
        yield base64.b64encode(block) + b"\n"
    yield after.encode()


def votable_document(table: ExportTable, text_lengths: Mapping[str, int]) -> str:
    """Return a VOTable without data, as Parquet files carry it.

    Astropy asks for the characters of the longest text of each column of texts, ``text_lengths``.
    """
    types = [
        {"datatype": "unicodeChar", "arraysize": str(text_lengths[column.about.name])}
        if column.type == TEXT
        else {"datatype": _DATATYPES[column.type]}
        for column in table.columns
    ]
    return _document(table, types, rows_here=False)


def _packed(table: ExportTable, column: ExportColumn) -> PackedColumn:
    if column.type == pa.bool_():
        return truth_column(column)
    if column.type != TEXT:
        return number_column(column)
    return text_column(table, column, "ascii" if holds_ascii(table, column) else "utf-16-be")


def _type_of(packed: PackedColumn) -> dict[str, str]:
    if packed.column.type != TEXT:
        return {"datatype": _DATATYPES[packed.column.type]}
    if packed.encoding == "ascii":
        return {"datatype": "char", "arraysize": str(packed.dtype.itemsize)}
    return {"datatype": "unicodeChar", "arraysize": str(packed.dtype.itemsize // 2)}


def _document(table: ExportTable, types: Sequence[dict[str, str]], *, rows_here: bool) -> str:
    root = ElementTree.Element("VOTABLE", {"version": "1.4", "xmlns": _NAMESPACE})
    resource = ElementTree.SubElement(root, "RESOURCE", {"type": "results"})
    for key, value in table.provenance.items():
        ElementTree.SubElement(resource, "INFO", {"name": key, "value": _xml(value)})
    attributes = {"name": "galaxies", "nrows": str(table.n_rows)}
    galaxies = ElementTree.SubElement(resource, "TABLE", attributes)
    names = [column.about.name for column in table.columns]
    ids = unique_names(re.sub(r"^(?=[^A-Za-z])|[^A-Za-z0-9_.-]", "_", name) for name in names)
    for column, identifier, kind in zip(table.columns, ids, types, strict=True):
        about = column.about
        unit, meaning = unit_text(about.unit), ucd(about)
        attributes = {"ID": identifier, "name": _xml(about.name), **kind}
        attributes |= {"unit": unit} if unit else {}
        attributes |= {"ucd": meaning} if meaning else {}
        field = ElementTree.SubElement(galaxies, "FIELD", attributes)
        if about.description:
            ElementTree.SubElement(field, "DESCRIPTION").text = _xml(about.description)
    if rows_here:
        data = ElementTree.SubElement(galaxies, "DATA")
        binary = ElementTree.SubElement(data, "BINARY2")
        ElementTree.SubElement(binary, "STREAM", {"encoding": "base64"}).text = _STREAM_HERE
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _xml(text: str) -> str:
    """Return a text without what XML cannot hold at all."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", text)
