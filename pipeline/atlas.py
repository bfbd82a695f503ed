"""The contract between pipeline and dashboard: one published folder, written once, read by many.

Row i is the same galaxy in every file. The manifest is written last and names every file with its
size and hash. Annoy maps its file unchecked and crashes the process on a damaged one, so the index
is compared with its hash and with the embeddings before Annoy sees it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from annoy import AnnoyIndex

from pipeline.annoy_file import open_index
from pipeline.catalogue import CatalogueError, Column, read_atlas_catalogue
from pipeline.manifest import (
    REBUILD,
    AtlasError,
    FileInfo,
    Manifest,
    read_manifest,
    write_manifest,
)
from pipeline.thumbnails import MIME_TYPE, Thumbnails
from pipeline.workspace import file_sha256

__all__ = [
    "MIME_TYPE",
    "Atlas",
    "AtlasError",
    "Column",
    "Manifest",
    "check_destination",
    "list_atlases",
    "open_atlas",
    "publish",
    "staging_folder",
    "verify_atlas",
]

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.parquet"
EMBEDDINGS = "embeddings.npy"
INDEX = "index.ann"
UMAP_XY = "umap.npy"
THUMBNAILS = "thumbnails.bin"
THUMBNAIL_OFFSETS = "thumbnails.offsets.npy"
EVALUATION = "evaluation.json"
REQUIRED_FILES = (CATALOGUE, EMBEDDINGS, INDEX, UMAP_XY)

# Checking every embedding at each start stops paying beyond this; `verify_atlas` checks them all.
_ROWS_CHECKED_AT_OPEN = 200_000


@dataclass(frozen=True)
class Atlas:
    """An open atlas. Arrays are memory-mapped and read-only.

    Attributes
    ----------
    catalogue : DataFrame, n_objects rows
    columns : dict of str to Column
        Unit and description of every column.
    embeddings : ndarray, shape (n_objects, dim)
        Unit length.
    umap_xy : ndarray, shape (n_objects, 2)
    index : AnnoyIndex
    thumbnails : Thumbnails or None
    evaluation : dict
        Figures of merit; empty if there are none.
    """

    path: Path
    manifest: Manifest
    catalogue: pd.DataFrame
    columns: dict[str, Column]
    embeddings: np.ndarray
    umap_xy: np.ndarray
    index: AnnoyIndex
    thumbnails: Thumbnails | None
    evaluation: dict[str, Any]


def list_atlases(folder: Path) -> list[Path]:
    """Return the published atlases below ``folder``, sorted by name."""
    return sorted(path.parent for path in folder.glob(f"[!.]*/{MANIFEST}"))


def open_atlas(path: Path) -> Atlas:
    """Open an atlas after checking that it is whole.

    Raises
    ------
    AtlasError
        Something is missing, damaged or inconsistent; says what, and how to mend it.
    """
    return _open(path, thorough=False)


def check_destination(destination: Path) -> None:
    """Make sure that an atlas can take the place of what is there: another atlas, or nothing.

    Raises
    ------
    AtlasError
    """
    if destination.exists() and not (destination / MANIFEST).is_file():
        raise AtlasError(
            f"{destination} is there already and is not an atlas; it would be replaced. Choose "
            "another name in the configuration, or another folder for --atlases."
        )


def verify_atlas(path: Path) -> Manifest:
    """Check every byte and every embedding of an atlas.

    Raises
    ------
    AtlasError
        As `open_atlas`.
    """
    return _open(path, thorough=True).manifest


@contextmanager
def staging_folder(destination: Path) -> Iterator[Path]:
    """Yield a new hidden folder beside ``destination``; it is gone afterwards unless published."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    _clear_up(destination)
    staging = Path(tempfile.mkdtemp(prefix=f".{destination.name}.partial-", dir=destination.parent))
    staging.chmod(0o755)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def publish(staging: Path, destination: Path, manifest: Manifest) -> Manifest:
    """Verify the files in ``staging`` and put them in the place of ``destination``.

    Readers that have the former atlas open keep it; new readers get the former or the new one,
    never a mixture: `open_atlas` starts over if the manifest changes meanwhile.

    Raises
    ------
    AtlasError
        The files do not make an atlas; ``destination`` is then untouched.
    """
    check_destination(destination)
    files = {
        file.name: FileInfo(sha256=file_sha256(file), bytes=file.stat().st_size)
        for file in sorted(staging.iterdir())
        if file.name != MANIFEST
    }
    manifest = replace(manifest, files=files)
    write_manifest(manifest, staging / MANIFEST)
    verify_atlas(staging)
    former = destination.with_name(f".{destination.name}.former-{os.getpid()}")
    if destination.exists():
        destination.rename(former)
    try:
        staging.rename(destination)
    except OSError:
        if former.exists():
            former.rename(destination)
        raise
    shutil.rmtree(former, ignore_errors=True)
    return manifest


def _clear_up(destination: Path) -> None:
    """Put back or remove what a publisher that was killed has left."""
    for former in sorted(destination.parent.glob(f".{destination.name}.former-*")):
        if destination.exists():
            shutil.rmtree(former)
        else:
            former.rename(destination)
    for partial in destination.parent.glob(f".{destination.name}.partial-*"):
        shutil.rmtree(partial)


def _open(path: Path, *, thorough: bool) -> Atlas:
    while True:
        manifest = read_manifest(path / MANIFEST)
        try:
            atlas = _open_as(path, manifest, thorough=thorough)
        except AtlasError:
            if read_manifest(path / MANIFEST) == manifest:
                raise
        else:
            if read_manifest(path / MANIFEST) == manifest:
                return atlas


def _open_as(path: Path, manifest: Manifest, *, thorough: bool) -> Atlas:
    _check_files(path, manifest, thorough=thorough)
    catalogue, columns = _read_catalogue(path / CATALOGUE, manifest)
    embeddings = _read_array(
        path / EMBEDDINGS, (manifest.n_objects, manifest.embedding.dim), manifest.embedding.dtype
    )
    _check_embeddings(path / EMBEDDINGS, embeddings, thorough=thorough)
    umap_xy = _read_array(path / UMAP_XY, (manifest.n_objects, 2), "float32")
    if not np.isfinite(umap_xy).all():
        raise AtlasError(f"{path / UMAP_XY} has values that are not finite. {REBUILD}")
    index = open_index(path / INDEX, manifest.index, embeddings)
    return Atlas(
        path=path,
        manifest=manifest,
        catalogue=catalogue,
        columns=columns,
        embeddings=embeddings,
        umap_xy=umap_xy,
        index=index,
        thumbnails=_open_thumbnails(path, manifest),
        evaluation=_read_evaluation(path, manifest),
    )


def _check_files(path: Path, manifest: Manifest, *, thorough: bool) -> None:
    for name in REQUIRED_FILES:
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
        if (thorough or name == INDEX) and file_sha256(file) != expected.sha256:
            raise AtlasError(
                f"{file} has changed since it was published: its SHA-256 is not the manifest's. "
                f"{REBUILD}"
            )


def _read_catalogue(file: Path, manifest: Manifest) -> tuple[pd.DataFrame, dict[str, Column]]:
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
        if not values.between(low, high).all():
            raise AtlasError(f"{file} has positions that are not on the sky ({name}). {REBUILD}")
    return catalogue, columns


def _read_array(file: Path, shape: tuple[int, ...], dtype: str) -> np.ndarray:
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


def _check_embeddings(file: Path, embeddings: np.ndarray, *, thorough: bool) -> None:
    step = 1 if thorough else -(-len(embeddings) // _ROWS_CHECKED_AT_OPEN)
    for start in range(0, len(embeddings), 65_536 * step):
        block = np.asarray(embeddings[start : start + 65_536 * step : step], dtype=np.float32)
        length = np.linalg.norm(block, axis=1)
        # float16 keeps a unit vector to about 1e-3; NaN fails the comparison, too.
        bad = np.flatnonzero(~(np.abs(length - 1) < 5e-3))
        if bad.size:
            row = start + int(bad[0]) * step
            what = "is not finite" if not np.isfinite(length[bad[0]]) else "is not of unit length"
            raise AtlasError(f"{file}: the embedding of row {row} {what}. {REBUILD}")


def _open_thumbnails(path: Path, manifest: Manifest) -> Thumbnails | None:
    if THUMBNAILS not in manifest.files:
        return None
    try:
        return Thumbnails(path / THUMBNAILS, path / THUMBNAIL_OFFSETS, manifest.n_objects)
    except (OSError, ValueError) as error:
        raise AtlasError(f"The thumbnails of {path} are damaged ({error}). {REBUILD}") from error


def _read_evaluation(path: Path, manifest: Manifest) -> dict[str, Any]:
    if EVALUATION not in manifest.files:
        return {}
    try:
        return dict(json.loads((path / EVALUATION).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise AtlasError(f"{path / EVALUATION} cannot be read ({error}). {REBUILD}") from error
