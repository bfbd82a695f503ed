"""The published files of DR9 cutouts: their layout, and reading parts of them.

Layout (github.com/georgestein/ssl-legacysurvey): HDF5, one dataset for each quantity, row i of all
of them the same galaxy; ``images`` is (n, 3, y, x), bands g, r, z, nanomaggies, the first line in
the South.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from pipeline.images.legacy_surveys import BANDS
from pipeline.sources.legacysurvey.columns import IDENTIFIERS, MEASURED
from pipeline.sources.source import Rejected, SourceError

log = logging.getLogger(__name__)

SUFFIXES = (".h5", ".hdf5")
IMAGES = "images"
REQUIRED = (IMAGES, "ra", "dec", *IDENTIFIERS)
# Where the files call a quantity otherwise than the sweep catalogues do.
SWEEP_NAMES = {"source_type": "type", "transmission": "mw_transmission"}
# What h5py raises for data that are damaged.
READING_ERRORS = (OSError, RuntimeError, ValueError, KeyError)


@dataclass(frozen=True)
class ChunkFile:
    """One published file: its galaxies, the side of their cutouts, and the usable datasets."""

    path: Path
    n_rows: int
    side_px: int
    datasets: frozenset[str]


def find_files(path: Path) -> list[Path]:
    """Return one file, or the files of a folder in the order of their names.

    Raises
    ------
    SourceError
        There is none.
    """
    if path.is_file():
        return [path]
    found = sorted(item for item in path.glob("*") if item.suffix.lower() in SUFFIXES)
    if not found:
        raise SourceError(
            f"There is no HDF5 file {path}, nor a folder with such files. Set path in the [source] "
            "table to where the published cutouts are."
        )
    return found


def describe_files(paths: list[Path]) -> tuple[list[ChunkFile], list[Rejected]]:
    """Look at the shapes of all files; none of their data is read.

    Returns
    -------
    files : list of ChunkFile
        Those that can be used: cutouts of one size.
    rejected : list of Rejected
        The others, by file name.

    Raises
    ------
    SourceError
        None can be used.
    """
    files: list[ChunkFile] = []
    rejected = []
    for path in paths:
        try:
            with open_h5(path) as file:
                found = _describe(path, file)
            if files and found.side_px != files[0].side_px:
                raise ValueError(
                    f"its cutouts are {found.side_px} px wide, those of {files[0].path.name} "
                    f"{files[0].side_px}"
                )
            files.append(found)
        except READING_ERRORS as error:
            rejected.append(Rejected(path.name, f"The file cannot be used ({_cause(error)})."))
    if not files:
        raise SourceError(
            f"None of the {len(paths)} files of {paths[0].parent} can be used; the first one, "
            f"{rejected[0].object_id}: {rejected[0].reason} Download it again."
        )
    return files, rejected


def open_h5(path: Path) -> h5py.File:
    """Open a file for reading, also on file systems without locks."""
    return h5py.File(path, "r", locking=False)


def read_catalogue_rows(
    file: h5py.File, datasets: frozenset[str], rows: np.ndarray
) -> pd.DataFrame:
    """Read some datasets at ascending rows; ``images`` is not part of the catalogue.

    Columns are called as in the sweep catalogues, vectors over bands as ``flux_g``...
    """
    columns: dict[str, np.ndarray] = {}
    for name in sorted(datasets - {IMAGES}):
        values = _read_rows(file[name], rows)
        if values.dtype.kind in "iuf":
            values = values.astype(values.dtype.newbyteorder("="), copy=False)
        called = SWEEP_NAMES.get(name, name)
        if values.ndim == 1:
            columns[called] = values
        else:
            columns |= {f"{called}_{band}": values[:, i] for i, band in enumerate(BANDS)}
    return pd.DataFrame(columns)


def read_cutouts(
    file: h5py.File, rows: np.ndarray, cutout_px: int
) -> tuple[np.ndarray, dict[int, str]]:
    """Read the central squares of some cutouts.

    Parameters
    ----------
    file : h5py.File
    rows : ndarray of int, shape (n,)
        Ascending.
    cutout_px : int

    Returns
    -------
    cutouts : ndarray, shape (n, 3, cutout_px, cutout_px)
        float32 nanomaggies; the first line is the northern one.
    unreadable : dict of int to str
        Places in `rows` whose cutout is damaged, and why; these are zero.
    """
    images = file[IMAGES]
    first = (images.shape[-1] - cutout_px) // 2
    window = slice(first, first + cutout_px)
    cutouts = np.zeros((len(rows), len(BANDS), cutout_px, cutout_px), np.float32)
    unreadable: dict[int, str] = {}
    for start, stop in _runs(rows):
        try:
            cutouts[start:stop] = images[rows[start] : rows[stop - 1] + 1, :, window, window]
        except READING_ERRORS:
            # Damage seldom reaches further than a block of the file.
            for place in range(start, stop):
                try:
                    cutouts[place] = images[rows[place], :, window, window]
                except READING_ERRORS as error:
                    unreadable[place] = _cause(error)
    return cutouts[:, :, ::-1], unreadable


def _describe(path: Path, file: h5py.File) -> ChunkFile:
    """Return what a file holds; ValueError if it is not in the published layout."""
    if missing := [name for name in REQUIRED if not isinstance(file.get(name), h5py.Dataset)]:
        raise ValueError(f"it lacks {', '.join(missing)}")
    shape = file[IMAGES].shape
    if len(shape) != 4 or shape[1] != len(BANDS) or shape[2] != shape[3] or not min(shape):
        raise ValueError(f"{IMAGES} has shape {shape}, not (n, {len(BANDS)}, side, side)")
    usable = {name for name in file if _is_usable(name, file[name], shape[0])}
    if wrong := [name for name in REQUIRED[1:] if name not in usable]:
        shapes = ", ".join(f"{name} {file[name].shape}" for name in wrong)
        raise ValueError(f"{IMAGES} has {shape[0]:,} rows, but the shapes of others are {shapes}")
    wanted = {name for name in usable if _measured_as(name, file[name]) & MEASURED}
    return ChunkFile(path, shape[0], shape[2], frozenset(wanted | set(REQUIRED[1:])))


def _is_usable(name: str, data: Any, n_rows: int) -> bool:
    """Tell whether a dataset is a column, or a column for each band."""
    if name == IMAGES or not isinstance(data, h5py.Dataset):
        return False
    if name in REQUIRED:
        return data.shape == (n_rows,) and data.dtype.kind in (
            "iu" if name in IDENTIFIERS else "iuf"
        )
    return data.shape in ((n_rows,), (n_rows, len(BANDS)))


def _measured_as(name: str, data: h5py.Dataset) -> set[str]:
    called = SWEEP_NAMES.get(name, name)
    return {called} if data.ndim == 1 else {f"{called}_{band}" for band in BANDS}


def _read_rows(data: h5py.Dataset, rows: np.ndarray) -> np.ndarray:
    if not len(rows):
        return data[:0]
    # A list of rows is slow in HDF5; what lies between few rows is cheap to read and drop.
    first, last = int(rows[0]), int(rows[-1])
    if last - first < 1000 * len(rows):
        return data[first : last + 1][rows - first]
    return np.concatenate([data[rows[a] : rows[b - 1] + 1] for a, b in _runs(rows)])


def _runs(rows: np.ndarray) -> list[tuple[int, int]]:
    """Return where each run of consecutive numbers begins and ends.

    Examples
    --------
    >>> _runs(np.array([3, 4, 9]))
    [(0, 2), (2, 3)]
    """
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    return list(pairwise([0, *breaks.tolist(), len(rows)]))


def _cause(error: BaseException) -> str:
    return str(error).rstrip(".")
