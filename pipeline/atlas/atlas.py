"""The contract between pipeline and dashboard: one published folder, written once, read by many.

Row i is the same galaxy in every file. The manifest is written last and names every file with its
size and hash. An engine may map its file unchecked and crash the process on a damaged one, so it is
compared with its hash and with the embeddings before the engine sees it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.atlas.catalogue import Column
from pipeline.atlas.checked_files import CheckedFile, why_not_read
from pipeline.atlas.columns import Catalogue
from pipeline.atlas.condition import Keeper
from pipeline.atlas.engines import Engine, Vectors
from pipeline.atlas.errors import REBUILD, AtlasError, ChangedError
from pipeline.atlas.files import (
    ENCODER,
    EVALUATION,
    MANIFEST,
    MAP_XY,
    read_array,
    read_evaluation,
    read_footprint,
)
from pipeline.atlas.frame import Frame
from pipeline.atlas.manifest import FileInfo, Manifest, read_manifest, write_manifest
from pipeline.atlas.opening import Opening
from pipeline.atlas.sky_order import SkyOrder
from pipeline.atlas.thumbnails import Thumbnails
from pipeline.atlas.whole_files import file_sha256, sync_files, sync_folder, whole_file

if TYPE_CHECKING:
    from mocpy import MOC


@dataclass(frozen=True)
class Atlas:
    """An open atlas, which nothing that befalls its files can crash. Arrays are read-only."""

    path: Path
    manifest: Manifest
    catalogue: Catalogue
    columns: dict[str, Column]  # unit and description of every one
    vectors: Vectors  # the embeddings, in its `frame`
    engine: Engine  # proposes neighbours
    map_xy: np.ndarray  # (n_objects, 2)
    thumbnails: Thumbnails | None
    evaluation: dict[str, Any]  # figures of merit; empty if there are none
    map_order: np.ndarray | None = None  # rows as `in_map_order` has them, if that was published
    names: np.ndarray | None = None  # its `name_table`; None where that is worked out when needed
    sky: SkyOrder | None = None  # its galaxies in order; likewise
    footprint: MOC | None = None  # the area of the sky that it covers; never an empty one
    files: Mapping[str, CheckedFile] = field(default_factory=dict)  # all of them, open
    keeper: Keeper | None = None  # watches the files; None for an atlas that has none

    @property
    def frame(self) -> Frame:
        """Takes what the model gives into the frame of `vectors`, and back."""
        return self.manifest.embedding.frame

    @property
    def encoder(self) -> Path | None:
        """The encoder as ONNX, for pictures that users bring; None if the atlas has none."""
        return self.path / ENCODER if ENCODER in self.manifest.files else None

    def evaluation_now(self) -> dict[str, Any]:
        """Return the figures of merit, and those that came after the atlas was opened."""
        if self.evaluation or not self.files:
            return self.evaluation
        try:
            there = read_manifest(self.path / MANIFEST)
            info = there.files.get(EVALUATION)
            if info is None or there.without(EVALUATION) != self.manifest:
                return {}
            file = CheckedFile(self.path / EVALUATION, info.bytes, info.sha256)
            return read_evaluation({EVALUATION: file})
        except AtlasError:  # the keeper says what is wrong with the folder
            return {}

    def read_encoder(self) -> bytes:
        """Return the encoder as it was published, or raise a ChangedError."""
        if ENCODER not in self.files:
            raise ChangedError(f"{self.path / ENCODER} is not there. {REBUILD}")
        return self.files[ENCODER].content_now()


def list_atlases(folder: Path) -> list[Path]:
    """Return the published atlases below ``folder``, sorted by name.

    Also those that nobody may look into: `open_atlas` says what is wrong with them.
    """
    if not folder.is_dir():
        return []
    try:
        inside = sorted(folder.glob("[!.]*"))
    except OSError as error:
        raise AtlasError(f"{folder} {why_not_read(folder, error)}") from error
    return [path for path in inside if path.is_dir() and _has_manifest(path)]


def _has_manifest(path: Path) -> bool:
    try:
        (path / MANIFEST).lstat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def open_atlas(path: Path) -> Atlas:
    """Open an atlas after checking that it is whole.

    Raises
    ------
    AtlasError
        Something is missing, damaged or inconsistent; says what, and how to mend it.
    """
    return _open(path, thorough=False)


def check_destination(destination: Path) -> None:
    """Raise an AtlasError unless what an atlas takes the place of is another atlas, or nothing."""
    if destination.exists() and not (destination / MANIFEST).is_file():
        raise AtlasError(
            f"{destination} is there already and is not an atlas; it would be replaced. Choose "
            "another name in the configuration, or another folder for --atlases."
        )


def verify_atlas(path: Path) -> Manifest:
    """Check every byte and every embedding of an atlas; raise an AtlasError as `open_atlas`."""
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
    sync_files(staging)
    former = destination.with_name(f".{destination.name}.former-{os.getpid()}")
    if destination.exists():
        destination.rename(former)
    try:
        staging.rename(destination)
    except OSError:
        if former.exists():
            former.rename(destination)
        raise
    sync_folder(destination.parent)
    shutil.rmtree(former, ignore_errors=True)
    return manifest


def add_evaluation(destination: Path, evaluation: Path) -> None:
    """Give an atlas that was published without figures of merit its own; all else stays.

    The manifest names them once they are there: readers find an atlas without or with them.

    Raises
    ------
    AtlasError
        The atlas is damaged, and is left as it is.
    """
    manifest = verify_atlas(destination)
    with whole_file(destination / EVALUATION) as partial:
        shutil.copyfile(evaluation, partial)
        info = FileInfo(sha256=file_sha256(partial), bytes=partial.stat().st_size)
    with whole_file(destination / MANIFEST) as partial:
        write_manifest(replace(manifest, files=manifest.files | {EVALUATION: info}), partial)


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
    opening = Opening(path, manifest, thorough=thorough)
    files = opening.files
    catalogue, columns = opening.catalogue()
    map_xy = read_array(path / MAP_XY, files[MAP_XY].content(), (manifest.n_objects, 2), "float32")
    if not np.isfinite(map_xy).all():
        raise AtlasError(f"{path / MAP_XY} has values that are not finite. {REBUILD}")
    vectors = opening.vectors()
    return Atlas(
        path=path,
        manifest=manifest,
        catalogue=catalogue,
        columns=columns,
        vectors=vectors,
        engine=opening.engine(vectors),
        map_xy=map_xy,
        map_order=opening.map_order(),
        thumbnails=opening.thumbnails(),
        evaluation=read_evaluation(files),
        names=opening.names(),
        sky=opening.sky(),
        footprint=read_footprint(files),
        files=files,
        keeper=opening.keeper_of_all(),
    )
