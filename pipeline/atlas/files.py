"""The files of an atlas: their names, and how each is read and checked.

Every function raises `AtlasError` with a sentence that names the file and the remedy.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.atlas.catalogue import CatalogueError, Column, read_atlas_catalogue
from pipeline.atlas.checked_files import CheckedFile
from pipeline.atlas.errors import REBUILD, AtlasError
from pipeline.atlas.footprint import read_moc
from pipeline.atlas.manifest import Manifest
from pipeline.atlas.private_copies import held
from pipeline.atlas.thumbnails import Thumbnails
from pipeline.atlas.whole_texts import json_value

if TYPE_CHECKING:
    from mocpy import MOC

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.parquet"
EMBEDDINGS = "embeddings.npy"
INDEX = "index.ann"
FAISS_INDEX = "index.faiss"
MAP_XY = "umap.npy"
THUMBNAILS = "thumbnails.bin"
THUMBNAIL_OFFSETS = "thumbnails.offsets.npy"
EVALUATION = "evaluation.json"
ENCODER = "encoder.onnx"
FOOTPRINT = "footprint.fits"
REQUIRED_FILES = (CATALOGUE, EMBEDDINGS, MAP_XY)
# Those that are read at once, and compared with their hashes as they are.
READ_WHOLE = frozenset({CATALOGUE, MAP_XY, THUMBNAIL_OFFSETS, EVALUATION, FOOTPRINT})

# Checking every embedding at each start stops paying beyond this; `verify_atlas` checks them all.
_ROWS_CHECKED_AT_OPEN = 200_000
_LONGEST_HEADER = 20_000  # bytes of an array file before its numbers; numpy refuses longer ones
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def open_files(path: Path, manifest: Manifest, index: str | None) -> dict[str, CheckedFile]:
    """Open every file of an atlas, with its size checked, but not yet its content."""
    for name in REQUIRED_FILES if index is None else (*REQUIRED_FILES, index):
        if name not in manifest.files:
            raise AtlasError(f"{path / MANIFEST} does not list {name}. {REBUILD}")
    if THUMBNAILS in manifest.files and THUMBNAIL_OFFSETS not in manifest.files:
        raise AtlasError(f"{path / MANIFEST} does not list {THUMBNAIL_OFFSETS}. {REBUILD}")
    opened = {}
    for name, expected in manifest.files.items():
        if Path(name).name != name:
            raise AtlasError(f"{path / name} is missing. {REBUILD}")
        opened[name] = CheckedFile(path / name, expected.bytes, expected.sha256)
    return opened


def read_catalogue(
    opened: CheckedFile, manifest: Manifest
) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Read the catalogue and what its columns are."""
    file = opened.path
    try:
        catalogue, columns = read_atlas_catalogue(file, opened.content())
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


def read_array(
    file: Path, content: bytes | np.ndarray, shape: tuple[int, ...], dtype: str
) -> np.ndarray:
    """Return the array of a certain shape and type that is the content of a file, read-only."""
    start = io.BytesIO(bytes(content[:_LONGEST_HEADER]))
    try:
        read_header = _HEADERS[np.lib.format.read_magic(start)]
        found_shape, is_fortran, found_dtype = read_header(start)
        if found_dtype.hasobject or is_fortran:  # never a pickle
            raise ValueError("it holds no plain array")
        array = np.frombuffer(content, found_dtype, math.prod(found_shape), start.tell())
    except (KeyError, SyntaxError, TokenError, ValueError) as error:  # never an archive
        raise AtlasError(f"{file} cannot be read ({error}). {REBUILD}") from error
    if found_shape != shape or found_dtype != np.dtype(dtype):
        raise AtlasError(
            f"{file} holds {found_dtype} {found_shape}, the manifest says {dtype} {shape}. "
            f"{REBUILD}"
        )
    array = array.reshape(shape)
    array.flags.writeable = False
    return array


def check_embeddings(file: CheckedFile, embeddings: np.ndarray, *, thorough: bool) -> None:
    """Check that embeddings have unit length, all of them or a spread sample of many."""
    step = 1 if thorough else -(-len(embeddings) // _ROWS_CHECKED_AT_OPEN)
    for start, block in _blocks(file, embeddings, step):
        length = np.linalg.norm(block, axis=1)
        # float16 keeps a unit vector to about 1e-3; NaN fails the comparison, too.
        bad = np.flatnonzero(~(np.abs(length - 1) < 5e-3))
        if bad.size:
            row = start + int(bad[0]) * step
            what = "is not finite" if not np.isfinite(length[bad[0]]) else "is not of unit length"
            raise AtlasError(f"{file.path}: the embedding of row {row} {what}. {REBUILD}")


def _blocks(
    file: CheckedFile, embeddings: np.ndarray, step: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield every ``step``-th row as float32, in blocks, each with the number of its first row."""
    n_rows, n_bytes = 65_536 * step, embeddings[0].nbytes
    first = file.size - embeddings.nbytes
    for start in range(0, len(embeddings), n_rows):
        block = embeddings[start : start + n_rows : step]
        if step == 1:  # read, since all pages of a mapped file would stay in memory
            raw = file.part(first + start * n_bytes, first + (start + len(block)) * n_bytes)
            block = np.frombuffer(raw, embeddings.dtype).reshape(block.shape)
        yield start, np.asarray(block, dtype=np.float32)


def open_thumbnails(
    path: Path, manifest: Manifest, files: Mapping[str, CheckedFile]
) -> Thumbnails | None:
    """Open the thumbnails, if there are any; their content is not checked yet."""
    if THUMBNAILS not in files:
        return None
    shape = (manifest.n_objects + 1,)
    content = files[THUMBNAIL_OFFSETS].content()
    try:
        offsets = read_array(path / THUMBNAIL_OFFSETS, content, shape, "int64")
        return Thumbnails(files[THUMBNAILS], offsets, manifest.n_objects)
    except ValueError as error:
        raise AtlasError(f"The thumbnails of {path} are damaged ({error}). {REBUILD}") from error


def read_evaluation(files: Mapping[str, CheckedFile]) -> dict[str, Any]:
    """Read the figures of merit; empty if there are none."""
    if EVALUATION not in files:
        return {}
    content = files[EVALUATION].content()
    try:
        return dict(json_value(content.decode()))
    except (RecursionError, TypeError, ValueError) as error:
        file = files[EVALUATION].path
        raise AtlasError(f"{file} cannot be read ({error}). {REBUILD}") from error


def read_footprint(files: Mapping[str, CheckedFile]) -> MOC | None:
    """Read the footprint, if there is one."""
    if FOOTPRINT not in files:
        return None
    with held(files[FOOTPRINT], "memory") as copy:
        try:
            return read_moc(copy.path)
        except (OSError, ValueError) as error:
            file = files[FOOTPRINT].path
            raise AtlasError(f"{file} cannot be read ({error}). {REBUILD}") from error
