"""Taking galaxies away: neighbours, a selection or the filtered catalogue as a file.

Five formats, each with unit and description of every column and with its provenance inside, where
the format has a place for them:

=========  ==================  ==================  =================================================
format     unit, description   provenance          texts
=========  ==================  ==================  =================================================
CSV        none                column, first row   formulas defused, see `export_text.defused`
ECSV       header              header              on one line
FITS       TUNIT, TCOMM        header              ASCII, see `provenance.ascii_text`
VOTable    FIELD               INFO                as they are
Parquet    of fields, VOTable  of the file         as they are
=========  ==================  ==================  =================================================

A CSV file begins with its one line of names, because spreadsheets and TOPCAT know no comments; ECSV
is the same table for astropy and TOPCAT, with comments before it that both understand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

import numpy as np

from dashboard.explorer.across import Guest
from dashboard.explorer.explorer import Explorer, UnknownGalaxyError
from dashboard.export.fits_table import fits_file
from dashboard.export.provenance import file_safe
from dashboard.export.table import ExportError, ExportTable, export_table
from dashboard.export.text import csv_file, ecsv_file, parquet_file
from dashboard.export.votable import votable_file
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query

CONTENTS = ("neighbours", "selection", "catalogue")


@dataclass(frozen=True)
class Export:
    """Galaxies to take away, and the question that they answer.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
        In the order in which they are to be written.
    content : str
        What they are: one of `CONTENTS`.
    similarity : ndarray, shape (n,), or None
        Cosine between the embeddings of query and galaxy; without it there is no rank.
    ranks : ndarray of int, shape (n,), or None
        Place in the order of similarity; 1, 2 and so on if not given.
    query : Query or None
        What was searched for.
    filters : str
        In words: what the rows had to pass.
    page : str
        Address of the page that shows the answer; empty where nobody knows it.
    pictures : Pictures or None
        If these come from a cutout service, the table has the address of each; 10,000 take about
        a second.
    made : datetime
        Aware; now, unless a test wants the same bytes again.

    Raises
    ------
    ExportError
        No galaxy at all.
    UnknownGalaxyError
        A row that the atlas does not have.
    """

    explorer: Explorer
    rows: np.ndarray
    content: str
    similarity: np.ndarray | None = None
    ranks: np.ndarray | None = None
    query: Query | None = None
    filters: str = ""
    page: str = ""
    pictures: Pictures | None = None
    made: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        rows = np.asarray(self.rows, dtype=np.int64)
        object.__setattr__(self, "rows", rows)
        if self.content not in CONTENTS:
            raise ValueError(f"content is one of {', '.join(CONTENTS)}, not {self.content!r}.")
        for name in ("similarity", "ranks"):
            values = getattr(self, name)
            if values is not None and np.shape(values) != rows.shape:
                raise ValueError(f"{name} of shape {np.shape(values)} for {rows.shape} rows.")
        if rows.size == 0:
            remedy = " Widen the filters." if self.filters else ""
            raise ExportError(f"There is no galaxy to take away.{remedy}")
        if rows.min() < 0 or rows.max() >= self.explorer.n_objects:
            raise UnknownGalaxyError(
                f"The page asked for rows that {self.explorer.title} does not have: its rows are 0 "
                f"to {self.explorer.n_objects - 1}. Reload the page."
            )

    @property
    def places(self) -> np.ndarray:
        """The ranks, or what stands for them: int of shape (n,)."""
        return np.arange(1, len(self.rows) + 1) if self.ranks is None else self.ranks

    @property
    def stem(self) -> str:
        """The name of a file of this export, without its suffix."""
        asked = ""
        if self.query is not None and len(self.query.likes) == 1:
            (one,) = self.query.likes
            identifiers = self.explorer.catalogue["object_id"]
            asked = one.object_id if isinstance(one, Guest) else str(identifiers.iloc[one])
        elif self.query is not None:
            asked = f"{self.query.n_examples}-examples" if self.query.likes else "own-picture"
        parts = [self.explorer.name, self.content, file_safe(asked), f"{self.made:%Y-%m-%d}"]
        return "_".join(part for part in parts if part)


@dataclass(frozen=True)
class Download:
    """A file for the browser, whose ``chunks`` are made as they are asked for, once."""

    name: str
    mime_type: str
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class ExportFormat:
    """A format: how people call it, its suffix and MIME type, and how it is written."""

    label: str
    suffix: str
    mime_type: str
    write: Callable[[ExportTable], Iterator[bytes]]


FORMATS = {
    "csv": ExportFormat("CSV", ".csv", "text/csv", csv_file),
    "ecsv": ExportFormat("ECSV", ".ecsv", "text/plain", ecsv_file),
    "fits": ExportFormat("FITS", ".fits", "application/fits", fits_file),
    "votable": ExportFormat("VOTable", ".vot", "application/x-votable+xml", votable_file),
    "parquet": ExportFormat("Parquet", ".parquet", "application/vnd.apache.parquet", parquet_file),
}


def download(export: Export, kind: str) -> Download:
    """Return an export in one of `FORMATS`.

    Raises
    ------
    ExportError
        There is no such format, or it cannot hold so much.
    """
    if kind not in FORMATS:
        known = ", ".join(format.label for format in FORMATS.values())
        raise ExportError(f"Galaxies are exported as {known}. Choose one of these.")
    chosen = FORMATS[kind]
    chunks = chosen.write(export_table(export))
    first = next(chunks)  # what cannot be done is said before the answer begins
    return Download(export.stem + chosen.suffix, chosen.mime_type, chain([first], chunks))
