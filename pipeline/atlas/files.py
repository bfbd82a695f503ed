"""The files of an atlas: their names, and how each is read and checked.

Every function raises `AtlasError` with a sentence that names the file and the remedy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.atlas.catalogue import CatalogueError, Column, read_atlas_catalogue
from pipeline.atlas.footprint import read_moc
from pipeline.atlas.manifest import REBUILD, AtlasError, Manifest
from pipeline.atlas.thumbnails import Thumbnails
from pipeline.atlas.whole_files import file_sha256
from pipeline.atlas.whole_texts import json_value

if TYPE_CHECKING:
    from mocpy import MOC

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.parquet"
EMBEDDINGS = "embeddings.npy"
INDEX = "index.ann"
MAP_XY = "umap.npy"
THUMBNAILS = "thumbnails.bin"
THUMBNAIL_OFFSETS = "thumbnails.offsets.npy"
EVALUATION = "evaluation.json"
ENCODER = "encoder.onnx"
FOOTPRINT = "footprint.fits"
REQUIRED_FILES = (CATALOGUE, EMBEDDINGS, MAP_XY)

# Checking every embedding at each start stops paying beyond this; `verify_atlas` checks them all.
_ROWS_CHECKED_AT_OPEN = 200_000


def check_files(path: Path, manifest: Manifest, index: str | None, *, thorough: bool) -> None:
    """Check the size of every file, and the hash of the engine's, or of all if thorough."""
    for name in REQUIRED_FILES if index is None else (*REQUIRED_FILES, index):
        if name not in manifest.files:
            raise AtlasError(f"{path / MANIFEST} does not list {name}. {REBUILD}")
    for name, expected in manifest.files.items():
        file = path / name
        if Path(name).name != name or not file.is_file():
            raise AtlasError(f"{file} is missing. {REBUILD}")
        if (size := file.stat().st_size) != expected.bytes:
            raise AtlasError(
                f"{file} has {size} bytes, the manifest says {expected.bytes}: it is damaged or "
                f"was cut off. {REBUILD}"
            )
        if (thorough or name == index) and file_sha256(file) != expected.sha256:
            raise AtlasError(
                f"{file} has changed since it was published: its SHA-256 is not the manifest's. "
                f"{REBUILD}"
            )


def read_catalogue(file: Path, manifest: Manifest) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Read the catalogue and what its columns are."""
    try:
        catalogue, columns = read_atlas_catalogue(file)
    except CatalogueError as error:
        raise AtlasError(f"{error} {REBUILD}") from error
    if len(catalogue) != manifest.n_objects:
        raise AtlasError(
            f"{file} has {len(catalogue)} rows, the manifest says {manifest.n_objects}. {REBUILD}"
        )
    if not catalogue["object_id"].is_unique:
        raise AtlasError(f"{file} has the same object_id twice. {REBUILD}")
    for name, low, high in (("ra_deg", 0, 360), ("dec_deg", -90, 90)):
        values = pd.to_numeric(catalogue[name], errors="coerce")
        if not values.between(low, high).all() or (name == "ra_deg" and (values == high).any()):
            raise AtlasError(f"{file} has positions that are not on the sky ({name}). {REBUILD}")
    return catalogue, columns


def read_array(file: Path, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Map an array of a certain shape and type."""
    try:
        array = np.lib.format.open_memmap(file, mode="r")  # never an archive, never a pickle
    except (OSError, ValueError) as error:
        raise AtlasError(f"{file} cannot be read ({error}). {REBUILD}") from error
    if array.shape != shape or array.dtype != np.dtype(dtype):
        raise AtlasError(
            f"{file} holds {array.dtype} {array.shape}, the manifest says {dtype} {shape}. "
            f"{REBUILD}"
        )
    return array


def check_embeddings(file: Path, embeddings: np.ndarray, *, thorough: bool) -> None:
    """Check that embeddings have unit length, all of them or a spread sample of many."""
    step = 1 if thorough else -(-len(embeddings) // _ROWS_CHECKED_AT_OPEN)
    for start, block in _blocks(file, embeddings, step):
        length = np.linalg.norm(block, axis=1)
        # float16 keeps a unit vector to about 1e-3; NaN fails the comparison, too.
        bad = np.flatnonzero(~(np.abs(length - 1) < 5e-3))
        if bad.size:
            row = start + int(bad[0]) * step
            what = "is not finite" if not np.isfinite(length[bad[0]]) else "is not of unit length"
            raise AtlasError(f"{file}: the embedding of row {row} {what}. {REBUILD}")


def _blocks(file: Path, embeddings: np.ndarray, step: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield every ``step``-th row as float32, in blocks, each with the number of its first row."""
    n_rows = 65_536 * step
    with file.open("rb") as stream:
        stream.seek(file.stat().st_size - embeddings.nbytes)
        for start in range(0, len(embeddings), n_rows):
            if step == 1:  # read, since all pages of a mapped file would stay in memory
                shape = embeddings[start : start + n_rows].shape
                block = np.fromfile(stream, embeddings.dtype, math.prod(shape)).reshape(shape)
            else:
                block = embeddings[start : start + n_rows : step]
            yield start, np.asarray(block, dtype=np.float32)


def open_thumbnails(path: Path, manifest: Manifest) -> Thumbnails | None:
    """Map the thumbnails, if there are any."""
    if THUMBNAILS not in manifest.files:
        return None
    try:
        return Thumbnails(path / THUMBNAILS, path / THUMBNAIL_OFFSETS, manifest.n_objects)
    except (OSError, ValueError) as error:
        raise AtlasError(f"The thumbnails of {path} are damaged ({error}). {REBUILD}") from error


def read_evaluation(path: Path, manifest: Manifest) -> dict[str, Any]:
    """Read the figures of merit; empty if there are none."""
    if EVALUATION not in manifest.files:
        return {}
    try:
        return dict(json_value((path / EVALUATION).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise AtlasError(f"{path / EVALUATION} cannot be read ({error}). {REBUILD}") from error


def read_footprint(path: Path, manifest: Manifest) -> MOC | None:
    """Read the footprint, if there is one."""
    if FOOTPRINT not in manifest.files:
        return None
    try:
        return read_moc(path / FOOTPRINT)
    except (OSError, ValueError) as error:
        raise AtlasError(f"{path / FOOTPRINT} cannot be read ({error}). {REBUILD}") from error
