"""Which rows of the published files are wanted and can be used."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pandas as pd

from pipeline.atlas.angles import position_faults
from pipeline.sources.decals_h5.files import READING_ERRORS, ChunkFile, open_h5, read_catalogue_rows
from pipeline.sources.legacysurvey.columns import (
    IDENTIFIERS,
    ab_magnitude,
    identifier_keys,
    key_object_id,
    object_ids,
)
from pipeline.sources.rows import within
from pipeline.sources.source import Rejected, SourceError

# Rows whose identifiers, positions and fluxes are looked at together: 10 MB.
SCAN_ROWS = 2**18


def usable_rows(
    files: list[ChunkFile],
    datasets: frozenset[str],
    row_range: tuple[int, int],
    mag_z_limits: tuple[float | None, float | None],
) -> tuple[np.ndarray, list[Rejected]]:
    """Find the rows within limits that have a position and an identifier of their own.

    Parameters
    ----------
    datasets : frozenset of str
        What all files have.
    row_range : (int, int)
        First row and the one after the last, counted through all files.
    mag_z_limits : (float or None, float or None)
        Brightest and faintest AB magnitude in z; a galaxy without a magnitude is within no limits.

    Returns
    -------
    rows : ndarray of uint32, shape (n_rows,)
        Ascending.
    rejected : list of Rejected
        Rows within the limits that cannot be used.

    Raises
    ------
    SourceError
        Limits without a flux.
    """
    needed = frozenset(("ra", "dec", *IDENTIFIERS))
    if mag_z_limits != (None, None):
        if "flux" not in datasets:
            raise SourceError(
                "The files have no flux, so brightest_mag_z and faintest_mag_z mean nothing. "
                "Leave them out of the [source] table."
            )
        needed |= {"flux"}
    # 12 bytes a galaxy: half a gigabyte for all of DR9 south.
    rows, keys = [np.empty(0, np.uint32)], [np.empty(0, np.uint64)]
    rejected: list[Rejected] = []
    starts = accumulate((file.n_rows for file in files), initial=0)
    for start, file in zip(starts, files, strict=False):
        first, last = max(row_range[0] - start, 0), min(row_range[1] - start, file.n_rows)
        with open_h5(file.path) as opened:
            for low in range(first, last, SCAN_ROWS):
                block = np.arange(low, min(low + SCAN_ROWS, last))
                try:
                    frame = read_catalogue_rows(opened, needed, block)
                except READING_ERRORS as error:
                    name = f"{file.path.name} rows {block[0]} to {block[-1]}"
                    rejected.append(Rejected(name, f"They cannot be read ({error})."))
                    continue
                if "flux_z" in frame:
                    mags = pd.Series(ab_magnitude(frame["flux_z"].to_numpy(np.float64)))
                    inside = within(mags, *mag_z_limits)
                    frame, block = frame[inside].reset_index(drop=True), block[inside]
                block_keys, faults = _faults(frame)
                wrong = np.flatnonzero(faults != "")
                names = object_ids(frame.iloc[wrong])
                rejected += map(Rejected, names, faults[wrong])
                rows.append((block[faults == ""] + start).astype(np.uint32))
                keys.append(block_keys[faults == ""])
    kept, repeated = _without_repeats(np.concatenate(rows), np.concatenate(keys))
    return kept, rejected + repeated


def _faults(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return a key for each galaxy, and a sentence where one cannot be used, else ''."""
    keys, usable = identifier_keys(frame)
    faults = position_faults(frame["ra"].to_numpy(np.float64), frame["dec"].to_numpy(np.float64))
    faults[~usable] = "It has no identifier."
    return keys, faults


def _without_repeats(rows: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, list[Rejected]]:
    """Keep the first of rows that share an identifier."""
    ordered = np.sort(keys)
    if not (ordered[1:] == ordered[:-1]).any():
        return rows, []
    firsts = np.sort(np.unique(keys, return_index=True)[1])
    repeats = np.setdiff1d(np.arange(len(rows)), firsts)
    rejected = [
        Rejected(
            key_object_id(int(keys[place])),
            f"Row {rows[place]}: Its identifier is that of an earlier row, which is kept.",
        )
        for place in repeats
    ]
    return rows[firsts], rejected
