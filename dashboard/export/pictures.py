"""Pictures to take away: a ZIP with them, their table, and where they are from."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from dashboard.explorer.explorer import Explorer
from dashboard.export.formats import Download, Export
from dashboard.export.provenance import file_safe
from dashboard.export.stream import ChunkStream
from dashboard.export.table import ExportError, ExportTable, export_table
from dashboard.export.text import csv_file
from dashboard.pictures.addresses import Pictures

MOST_PICTURES = 1000
TABLE_NAME, ABOUT_NAME = "galaxies.csv", "README.txt"
_READABLE_BY_ALL = 0o644 << 16  # where ZIP keeps the permissions of Unix


class NoPicturesError(ExportError):
    """The atlas has no pictures of its own to give away; the message says who has them."""


def picture_archive(export: Export) -> Download:
    """Return a ZIP file: a picture of each galaxy, ``galaxies.csv`` and ``README.txt``.

    Pictures are called RANK_OBJECT-ID.jpg, the table says which is whose. They are JPEG already,
    so they are stored as they are.

    Raises
    ------
    NoPicturesError
        They are a cutout service's, which would not like to be asked for all of them at once; the
        tables of `dashboard.export.formats` have the address of each instead.
    ExportError
        More than `MOST_PICTURES`.
    ChangedError
        A picture is damaged.
    """
    thumbnails = export.explorer.thumbnails
    if thumbnails is None:
        raise NoPicturesError(who_has_pictures(export.explorer))
    if len(export.rows) > MOST_PICTURES:
        raise ExportError(
            f"A ZIP has at most {MOST_PICTURES:,} pictures, these are {len(export.rows):,}. Take "
            "fewer galaxies, or the table alone."
        )
    for row in export.rows:  # read now, so that one that is damaged is said before the file begins
        thumbnails[int(row)]
    names = _names(export)
    table = export_table(replace(export, pictures=None), names)
    pictures = ((name, thumbnails[int(row)]) for name, row in zip(names, export.rows, strict=True))
    files = chain(
        [(ABOUT_NAME, _about(export, table)), (TABLE_NAME, b"".join(csv_file(table)))], pictures
    )
    return Download(f"{export.stem}_pictures.zip", "application/zip", _zipped(export, files))


def who_has_pictures(explorer: Explorer) -> str:
    """Return why there is no ZIP of an atlas without thumbnails, and what to take instead."""
    host = Pictures(explorer).host
    if host is None:
        return f"{explorer.title} has no pictures. Take the table instead."
    return (
        f"The pictures of {explorer.title} are with {host}, not here. Take the table instead: its "
        "column picture_url has the address of each."
    )


def _names(export: Export) -> list[str]:
    digits = len(str(export.places.max()))
    identifiers = export.explorer.catalogue["object_id"].iloc[export.rows]
    return [
        f"{rank:0{digits}d}_{file_safe(str(identifier))}.jpg"
        for rank, identifier in zip(export.places, identifiers, strict=True)
    ]


def _zipped(export: Export, files: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    stream = ChunkStream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, export.made.timetuple()[:6])
            entry.create_system = 3  # Unix, so that permissions are read
            entry.external_attr = _READABLE_BY_ALL
            archive.writestr(entry, content)
            yield stream.take()
    yield stream.take()


def _about(export: Export, table: ExportTable) -> bytes:
    told = {key: value for key, value in table.provenance.items() if not key.startswith("cite_")}
    cited = [value for key, value in table.provenance.items() if key.startswith("cite_")]
    columns = [
        f"  {column.about.name}: {column.about.description or 'no description'}"
        + (f" [{column.about.unit}]" if column.about.unit else "")
        for column in table.columns
    ]
    lines = [
        f"Pictures of galaxies from {export.explorer.title}",
        "",
        *(f"{key}: {value}" for key, value in told.items()),
        *(["", "If you use these pictures, please cite"] if cited else []),
        *(f"  {citation}" for citation in cited),
        "",
        f"The columns of {TABLE_NAME}",
        *columns,
    ]
    return ("\n".join(lines) + "\n").encode()
