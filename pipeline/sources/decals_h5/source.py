"""The published cutouts of DR9 (Stein et al. 2021): HDF5 files of a million galaxies each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.images.legacy_surveys import BANDS, PIXEL_SCALE_ARCSEC
from pipeline.images.pictures import LEAST_PX, BlankPictureError, check_picture
from pipeline.sources.decals_h5.config import DecalsH5Config
from pipeline.sources.decals_h5.files import (
    READING_ERRORS,
    ChunkFile,
    describe_files,
    open_h5,
    read_catalogue_rows,
    read_cutouts,
)
from pipeline.sources.decals_h5.rows import usable_rows
from pipeline.sources.legacysurvey.columns import measurements
from pipeline.sources.rows import sampled
from pipeline.sources.source import Chunk, Rejected, SourceError, Survey

log = logging.getLogger(__name__)


class DecalsH5Source:
    """DR9 cutouts as published on Globus; larger than memory, read by ranges.

    Rows come in the order of the files. Files that cannot be used, rows without a position or with
    the identifier of another (`rejected`), and cutouts that are damaged, not finite or blank
    (`Chunk.rejected`) are reported and left out.

    Parameters
    ----------
    config : DecalsH5Config

    Raises
    ------
    SourceError
        There is no usable file, no row is left, or a knob does not fit the files.
    """

    def __init__(self, config: DecalsH5Config) -> None:
        self._files, rejected = describe_files(config.files())
        self._datasets = frozenset.intersection(*(file.datasets for file in self._files))
        if dropped := frozenset.union(*(file.datasets for file in self._files)) - self._datasets:
            log.warning("Left out %s, which not all files have.", ", ".join(sorted(dropped)))
        self._starts = np.cumsum([0, *(file.n_rows for file in self._files)])
        side_px = self._files[0].side_px
        cutout_px = side_px if config.cutout_px is None else config.cutout_px
        if not LEAST_PX <= cutout_px <= side_px:
            raise SourceError(
                f"cutout_px = {cutout_px} is not between {LEAST_PX} and the {side_px} of the files."
            )
        limits, within = (config.brightest_mag_z, config.faintest_mag_z), self._within(config.rows)
        usable, faulty = usable_rows(self._files, self._datasets, within, limits)
        self._rows = sampled(usable, config.sample, config.seed)
        if not len(self._rows):
            raise SourceError(
                f"No galaxy of {config.path} is left: {len(rejected)} of the files and "
                f"{len(faulty)} rows cannot be used, and the others are not within rows, "
                "brightest_mag_z and faintest_mag_z of the [source] table."
            )
        self.rejected = (*rejected, *faulty)
        self.survey = Survey(
            name=config.name,
            title=config.title,
            simulated=False,
            bands=BANDS,
            pixel_scale_arcsec=PIXEL_SCALE_ARCSEC,
            cutout_px=cutout_px,
            north_up=True,
            brightness_column="mag_z" if "flux" in self._datasets else None,
            citations=tuple(config.citations),
        )
        with open_h5(self._files[0].path) as file:
            empty = read_catalogue_rows(file, self._datasets, np.arange(0))
        self.columns = measurements(empty)[1]

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, start: int, stop: int) -> Chunk:
        """Return the galaxies of candidate rows `start` to `stop`.

        Cutouts are in nanomaggies, float32, row 0 of each in the North and column 0 in the East.

        Raises
        ------
        SourceError
            A file has gone since the source was opened.
        """
        rows = self._rows[start:stop].astype(np.int64)
        parts = []
        for number in np.unique(np.searchsorted(self._starts, rows, side="right") - 1):
            first, last = self._starts[number : number + 2]
            within = rows[(rows >= first) & (rows < last)] - first
            parts.append(self._read_part(self._files[number], within))
        # An empty table has no types of its own, and would spoil those of the others.
        full = [part for part in parts if len(part.catalogue)] or [self._nothing()]
        return Chunk(
            pd.concat([part.catalogue for part in full], ignore_index=True),
            np.concatenate([part.cutouts for part in full]),
            tuple(item for part in parts for item in part.rejected),
        )

    def _nothing(self, *rejected: Rejected) -> Chunk:
        """Return a chunk without galaxies."""
        empty = pd.DataFrame(columns=[column.name for column in self.columns])
        return replace(Chunk.of(self.survey, empty, ()), rejected=rejected)

    def _read_part(self, chunk: ChunkFile, rows: np.ndarray) -> Chunk:
        """Return galaxies of one file."""
        try:
            file = open_h5(chunk.path)
        except OSError as error:
            raise SourceError(
                f"{chunk.path} cannot be opened any more ({error}). See that it is there, then run "
                "the same command again."
            ) from error
        with file:
            cutouts, faults = read_cutouts(file, rows, self.survey.cutout_px)
            try:
                survey = read_catalogue_rows(file, self._datasets, rows)
            except READING_ERRORS as error:
                reason = f"Its row of the catalogue is damaged ({error})."
                names = (f"{chunk.path.name} row {row}" for row in rows)
                return self._nothing(*(Rejected(name, reason) for name in names))
        damaged = {place: f"Its cutout is damaged ({why})." for place, why in faults.items()}
        outcomes = [
            damaged.get(place) or _fault(cutout) or cutout for place, cutout in enumerate(cutouts)
        ]
        return Chunk.of(self.survey, measurements(survey)[0], outcomes)

    def _within(self, rows: Sequence[int] | None) -> tuple[int, int]:
        n_rows = int(self._starts[-1])
        if rows is None:
            return 0, n_rows
        if len(rows) != 2 or not 0 <= rows[0] < min(rows[1], n_rows):
            raise SourceError(
                f"rows = {list(rows)} is not a range of the {n_rows:,} rows of the usable files. "
                f"Give the first row and the one after the last, such as [0, {n_rows}]."
            )
        return rows[0], min(rows[1], n_rows)


def _fault(cutout: np.ndarray) -> str:
    """Return why a cutout shows no galaxy, '' if it does."""
    if bad := int(np.count_nonzero(~np.isfinite(cutout))):
        return f"Its cutout has pixels that are not finite ({bad:,} of them)."
    try:
        check_picture(cutout, "Its cutout", BANDS)
    except BlankPictureError as error:
        return str(error)
    return ""
