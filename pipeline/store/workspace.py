"""Where stages keep their results, and how they know what is up to date and undamaged."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pipeline.atlas.whole_files import fingerprint, whole_file
from pipeline.store.sums import LEDGER, FileSum, Ledger, damage_of, remove, seen_of, sum_of

log = logging.getLogger(__name__)

OUT_OF_DATE = "is missing or out of date"
_STARTED = "started.json"
_DONE = "done.json"
_OWN = (_STARTED, _DONE, LEDGER)


@dataclass(frozen=True)
class Record:
    """What is known of a stage that was started, or is done.

    Attributes
    ----------
    fingerprint : str
        Of all that decides its results.
    made_of : dict of str to str
        For each stage that it has read, the digest of its results.
    results : dict of str to FileSum, optional
        By path from the root of the workspace; None in records of releases that took no sums.
    """

    fingerprint: str
    made_of: dict[str, str] = field(default_factory=dict)
    results: dict[str, FileSum] | None = None

    @property
    def digest(self) -> str:
        """What tells these results from others."""
        sums = {name: item.sha256 for name, item in (self.results or {}).items()}
        return fingerprint(sums)


class Workspace:
    """The intermediate results of one configuration, a folder for each stage.

    A stage that was started with another fingerprint is begun afresh; one that was started with
    the same is resumed; one that is done is skipped, as long as its results are what they were.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cutout_store = root / "ingest"  # a folder
        self.encoder_weights = root / "train" / "encoder.safetensors"
        self.embeddings = root / "embed" / "embeddings.npy"  # (n_objects, dim), unit length
        self.embedding_info = root / "embed" / "embedding.json"  # of its `EmbeddingInfo`
        self.index = root / "index"  # a folder: the engine's file, if it has one, and
        self.index_info = self.index / "index.json"  # of `pipeline.atlas.manifest.IndexInfo`
        self.map_xy = root / "umap2d" / "umap.npy"  # (n_objects, 2), float32
        self.evaluation = root / "evaluate" / "evaluation.json"  # figures of merit
        # What this process has hashed, as it was then.
        self._hashed: dict[Path, tuple[int, ...]] = {}

    def folder(self, stage: str) -> Path:
        """Return the folder of a stage, which may not exist yet."""
        return self.root / stage

    def fault(
        self,
        stage: str,
        stage_fingerprint: str,
        results: Iterable[Path],
        made_of: Mapping[str, str],
        *,
        by_times: bool = False,
    ) -> str | None:
        """Return why a stage is not done, as what may follow "which"; None if it is.

        Parameters
        ----------
        results : iterable of Path
            Files, or folders of nothing else, that are taken as they are if an earlier release has
            written them.
        made_of : mapping of str to str
            The digests of what it needs, as they are now.
        by_times : bool
            Whether a file is hashed only if its times say that somebody may have written to it,
            as is due where a survey lies; otherwise all are, once by each process.
        """
        record = self._recorded(stage, _DONE)
        if record is None or record.fingerprint != stage_fingerprint:
            return OUT_OF_DATE
        if record.results is None:
            return self._adopted(stage, record, list(results), made_of)
        if strangers := [name for name in made_of if record.made_of.get(name) != made_of[name]]:
            return f"was made of other results of {', '.join(strangers)}"
        if damaged := self._damage(stage, record, by_times=by_times):
            return f"is damaged: {next(iter(damaged.values()))}"
        return None

    def digest(self, stage: str) -> str:
        """Return what tells the results of a stage from others; empty if it is not done."""
        record = self._recorded(stage, _DONE)
        return "" if record is None else record.digest

    def has_remains(self, stage: str) -> bool:
        """Whether at least one result of a stage is there as it was left."""
        record = self._recorded(stage, _DONE)
        sums = {} if record is None else record.results or {}
        return any(damage_of(self._path(name), item, ()) is None for name, item in sums.items())

    def begin(self, stage: str, stage_fingerprint: str) -> None:
        """Prepare the folder of a stage, keeping what an interrupted run has left for it."""
        folder = self.folder(stage)
        done, started = self._recorded(stage, _DONE), self._recorded(stage, _STARTED)
        if done is not None and done.results is not None:
            for path in self._damage(stage, done, by_times=True):
                if path.is_relative_to(self.root):
                    remove(path)
        remove(folder / _DONE)
        if started is None or started.fingerprint != stage_fingerprint or not folder.is_dir():
            # Killed half-way, the rest must not be taken for what this stage has begun.
            remove(folder / _STARTED)
            remove(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for partial in folder.glob(".*.partial-*"):
            partial.unlink(missing_ok=True)  # of a run that was killed; an index is gigabytes
        for path in folder.glob("*.*"):
            if path.is_dir():  # by the name of a file, which cannot take its place
                remove(path)
        if not (folder / LEDGER).is_file():
            remove(folder / LEDGER)  # a pipe, which nobody reads
        self._write(stage, _STARTED, Record(stage_fingerprint))

    def finish(
        self,
        stage: str,
        stage_fingerprint: str,
        results: Iterable[Path] = (),
        made_of: Mapping[str, str] | None = None,
    ) -> None:
        """Record that the stage is complete, and the sums of its results.

        Parameters
        ----------
        results : iterable of Path
            Files, or folders of nothing else.
        made_of : mapping of str to str
            The digests of what it has read.
        """
        ledger, sums = Ledger(self.folder(stage)), {}
        for path in _files(results):
            known = ledger.sum_of(path) if path.is_relative_to(self.folder(stage)) else None
            sums[os.path.relpath(path, self.root)] = known or sum_of(path)
        self._write(stage, _DONE, Record(stage_fingerprint, dict(made_of or {}), sums))

    def _adopted(
        self, stage: str, record: Record, results: list[Path], made_of: Mapping[str, str]
    ) -> str | None:
        """Take the sums of what an earlier release has left without them, if it is there."""
        if not all(path.exists() for path in results):
            return OUT_OF_DATE
        log.info("%s: done by an earlier release; the sums of its results are taken now", stage)
        self.finish(stage, record.fingerprint, results, made_of)
        return None

    def _damage(self, stage: str, record: Record, *, by_times: bool) -> dict[Path, str]:
        """Return the results that are not what they were, and what has happened to each."""
        damaged, moved = {}, {}
        for name, expected in (record.results or {}).items():
            path = self._path(name)
            seen = expected.seen if by_times else self._hashed.get(path, ())
            if damage := damage_of(path, expected, seen):
                damaged[path] = damage
                continue
            with suppress(OSError):
                self._hashed[path] = seen_of(path.stat())
                if self._hashed[path] != expected.seen:
                    moved[name] = replace(expected, seen=self._hashed[path])
        if moved and by_times and not damaged:
            # Files that were copied or moved: the next process is spared hashing them.
            with suppress(OSError):
                self._write(stage, _DONE, replace(record, results=(record.results or {}) | moved))
        return damaged

    def _path(self, name: str) -> Path:
        return Path(os.path.normpath(self.root / name))

    def _recorded(self, stage: str, name: str) -> Record | None:
        path = self.folder(stage) / name
        if not path.is_file():  # a pipe would be waited for
            return None
        try:
            return TypeAdapter(Record).validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None

    def _write(self, stage: str, name: str, record: Record) -> None:
        with whole_file(self.folder(stage) / name) as partial:
            partial.write_text(json.dumps(asdict(record)))


class ModelWorkspace(Workspace):
    """That of a model, whose results lie beside the folders and bear its name."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.encoder_weights = root / f"{root.name}.safetensors"
        self.encoder_onnx = root / f"{root.name}.onnx"  # what embeds pictures without torch


def _files(results: Iterable[Path]) -> Iterable[Path]:
    """Yield files: those that are given, and those in folders but for what is noted about them."""
    for path in results:
        if path.is_dir():
            yield from sorted(
                each for each in path.iterdir() if each.name not in _OWN and each.name[0] != "."
            )
        else:
            yield path
