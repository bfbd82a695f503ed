"""The cutout store: every accepted galaxy of a source, larger than memory, in chunks.

A chunk is three files, its cutouts, what was left out and its catalogue rows, written whole and
noted with their sums. So an interrupted ingest knows what it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.atlas.catalogue import Column
from pipeline.atlas.errors import PipelineError
from pipeline.atlas.whole_files import whole_file, write_array
from pipeline.sources import Chunk, Rejected, Survey
from pipeline.store.sums import Ledger, kept_file

# Galaxies whose catalogue is in memory at once; also a row group of the catalogue of an atlas.
CATALOGUE_ROWS = 131_072


class CutoutStoreError(PipelineError):
    """The store is not there or not complete."""


def _stored(cutouts: np.ndarray) -> np.ndarray:
    # Half precision keeps three digits, a tenth of the noise at the sky level, in half the space.
    if cutouts.dtype == np.uint8:
        return cutouts
    largest = np.finfo(np.float16).max
    return np.clip(cutouts, -largest, largest).astype(np.float16)


class CutoutStore:
    """Cutouts and catalogue of a survey, in a folder.

    Written by `write_chunk` and `write_survey`, read by all else.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has_chunk(self, number: int) -> bool:
        """Whether a chunk is complete and undamaged, as it was when the store was opened."""
        return all(self._ledger.knows(path) for path in self._chunk_paths(number))

    def write_chunk(self, number: int, chunk: Chunk) -> None:
        """Write one chunk; interrupted at any moment, it is there whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        cutouts, reasons, catalogue = self._chunk_paths(number)
        with kept_file(cutouts) as partial:
            write_array(partial, _stored(chunk.cutouts))
        with kept_file(reasons) as partial:
            partial.write_text(
                json.dumps([[item.object_id, item.reason] for item in chunk.rejected])
            )
        with kept_file(catalogue) as partial:
            chunk.catalogue.to_parquet(partial, index=False)

    def write_survey(
        self, survey: Survey, columns: tuple[Column, ...], rejected: tuple[Rejected, ...]
    ) -> None:
        """Write what is true of the whole survey."""
        content = {
            "survey": asdict(survey),
            "columns": [asdict(column) for column in columns],
            "rejected": [[item.object_id, item.reason] for item in rejected],
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with whole_file(self.folder / "survey.json") as partial:
            partial.write_text(json.dumps(content, indent=1))

    @property
    def survey(self) -> Survey:
        """What is true of every galaxy."""
        content = self._content()["survey"]
        lists = {key: tuple(value) for key, value in content.items() if isinstance(value, list)}
        return Survey(**{**content, **lists})

    @property
    def columns(self) -> dict[str, Column]:
        """Unit and description of every column of the catalogue."""
        return {item["name"]: Column(**item) for item in self._content()["columns"]}

    def catalogue(
        self, columns: list[str] | None = None, rows: np.ndarray | None = None
    ) -> pd.DataFrame:
        """Return the catalogue, row i belonging to cutout i; or some columns or rows of it.

        Rows are in ascending order.
        """
        pieces, start = [], 0
        for piece in self._tables(columns):
            stop = start + len(piece)
            if rows is not None:
                first, last = np.searchsorted(rows, (start, stop))
                piece = piece.take(pa.array(rows[first:last] - start))
            pieces.append(piece)
            start = stop
        return pa.concat_tables(pieces).to_pandas()

    def catalogue_pieces(
        self, columns: list[str] | None = None, size: int = CATALOGUE_ROWS
    ) -> Iterator[pd.DataFrame]:
        """Yield the catalogue piece by piece, in order, every column of one type throughout.

        Parameters
        ----------
        size : int
            Galaxies in each piece but the last, which may have fewer.

        Raises
        ------
        CutoutStoreError
            The store holds no galaxy.
        """
        waiting, n_waiting = [], 0
        for read in self._tables(columns):
            waiting.append(read)
            n_waiting += len(read)
            if n_waiting >= size:
                table = pa.concat_tables(waiting)
                whole = n_waiting - n_waiting % size
                for start in range(0, whole, size):
                    yield table.slice(start, size).to_pandas()
                waiting, n_waiting = [table.slice(whole)], n_waiting - whole
        if n_waiting:
            yield pa.concat_tables(waiting).to_pandas()

    def _tables(self, columns: list[str] | None) -> Iterator[pa.Table]:
        """Yield the catalogue of each chunk that has galaxies."""
        paths = [path for path, n in zip(self._paths, self.chunk_rows, strict=True) if n]
        if not paths:
            raise CutoutStoreError(f"{self.folder} holds no galaxy. Run the ingest stage first.")
        # A column may hold integers in one chunk, and in another fractions.
        schema = pa.unify_schemas(map(pq.read_schema, paths), promote_options="permissive")
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns], schema.metadata)
        for path in paths:
            with pq.ParquetFile(path) as file:
                yield file.read(schema.names).select(schema.names).cast(schema)

    def rejected(self) -> list[Rejected]:
        """Return all rows that were left out."""
        items = list(self._content()["rejected"])
        for path in sorted(self.folder.glob("rejected-*.json")):
            items += json.loads(path.read_text())
        return [Rejected(*item) for item in items]

    @cached_property
    def chunk_rows(self) -> list[int]:
        """Number of galaxies in each chunk; 0 where all its rows were left out."""
        return [pq.read_metadata(path).num_rows for path in self._paths]

    @property
    def n_chunks(self) -> int:
        """Number of chunks."""
        return len(self.chunk_rows)

    def __len__(self) -> int:
        return sum(self.chunk_rows)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Return cutouts by row, in the order asked for.

        Parameters
        ----------
        rows : ndarray of int, shape (n,), n > 0

        Returns
        -------
        ndarray, shape (n, band, y, x)
            uint8 RGB or float16 nanomaggies.
        """
        starts = np.cumsum([0, *self.chunk_rows])
        which = np.searchsorted(starts, rows, side="right") - 1
        result: np.ndarray | None = None
        for number in np.unique(which):
            chunk = self._chunk(int(number))
            if result is None:
                result = np.empty((len(rows), *chunk.shape[1:]), dtype=chunk.dtype)
            here = which == number
            result[here] = chunk[rows[here] - starts[number]]
        assert result is not None  # nobody asks for no rows  # nosec B101
        return result

    def batches(self, size: int, chunks: Iterable[int] | None = None) -> Iterator[np.ndarray]:
        """Yield the cutouts of some chunks, or of all, in order, at most ``size`` at a time."""
        for number in range(self.n_chunks) if chunks is None else chunks:
            chunk = self._chunk(number)
            for start in range(0, len(chunk), size):
                yield np.array(chunk[start : start + size])

    def _chunk(self, number: int) -> np.ndarray:
        # Mapped for this use only: every open map holds a file, and a process may open few.
        return np.load(self._cutout_path(number), mmap_mode="r", allow_pickle=False)

    @property
    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("catalogue-*.parquet"))

    def _content(self) -> dict:
        try:
            return dict(json.loads((self.folder / "survey.json").read_text()))
        except (OSError, ValueError) as error:
            raise CutoutStoreError(
                f"{self.folder} is not a complete cutout store ({error}). Run the ingest stage."
            ) from error

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.folder)

    def _cutout_path(self, number: int) -> Path:
        return self.folder / f"cutouts-{number:06d}.npy"

    def _chunk_paths(self, number: int) -> tuple[Path, Path, Path]:
        """Return the paths of cutouts, of the reasons why some are left out, and of the rest."""
        return (
            self._cutout_path(number),
            self.folder / f"rejected-{number:06d}.json",
            self.folder / f"catalogue-{number:06d}.parquet",
        )
