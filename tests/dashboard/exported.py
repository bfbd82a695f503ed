"""Exports of a small atlas, and what each format says when it is read back."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from astropy.io import votable
from astropy.table import Table

from dashboard.explorer.explorer import Explorer
from dashboard.export.formats import Export, download
from pipeline.atlas import Column
from tests.dashboard.small_atlas import small_atlas, unit_rows

MADE = datetime(2026, 11, 24, 18, 55, 7, tzinfo=UTC)
_READ_BY_ASTROPY = {
    "ecsv": "ascii.ecsv",
    "fits": "fits",
    "votable": "votable",
    "parquet": "parquet",
}


def explorer_of(columns, n=None, about=(), **manifest):
    """Return an explorer of galaxies a degree apart on the equator, with these columns."""
    n = n or len(next(iter(columns.values())))
    positions = np.arange(n, dtype=float), np.linspace(-1, 1, n)
    atlas = small_atlas(unit_rows(np.ones((n, 2))), positions, columns)
    described = {column.name: column for column in about}
    manifest = replace(atlas.manifest, **manifest)
    return Explorer(replace(atlas, columns=atlas.columns | described, manifest=manifest))


def export_of(columns, *, about=(), **keywords):
    """Return an export of all galaxies of such an atlas, made at `MADE`."""
    explorer = explorer_of(columns, about=about)
    rows = np.arange(explorer.n_objects)
    return Export(explorer, rows, **{"content": "catalogue", "made": MADE} | keywords)


def written(export, kind):
    return b"".join(download(export, kind).chunks)


def read_back(content, kind):
    """Return what astropy reads; provenance in ``meta`` under lower-case keys."""
    table = Table.read(io.BytesIO(content), format=_READ_BY_ASTROPY[kind])
    if kind == "votable":
        document = votable.parse(io.BytesIO(content), verify="exception")
        table.meta = {info.name: info.value for info in document.resources[0].infos}
    table.meta = {key.lower(): value for key, value in table.meta.items()}
    return table


def read_csv(content):
    """Return names and rows of a CSV file as Python reads them."""
    names, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return names, rows


def without_apostrophe(cell):
    """Return the text of the catalogue that a cell of a CSV file stands for."""
    return cell[1:] if re.match("'+[=+\\-@\t\r\n＝＋－＠]", cell) else cell


MAGNITUDE = Column("mag_z", "mag", "Magnitude in z")
