"""Where stages keep their results, and how they know what is up to date."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipeline.atlas.whole_files import whole_file

_STARTED = "started.json"
_DONE = "done.json"


@dataclass(frozen=True)
class Workspace:
    """The intermediate results of one configuration, a folder for each stage.

    A stage that was started with another fingerprint is begun afresh; one that was started with
    the same is resumed; one that is done is skipped.
    """

    root: Path

    def folder(self, stage: str) -> Path:
        """Return the folder of a stage, which may not exist yet."""
        return self.root / stage

    @property
    def cutout_store(self) -> Path:
        """Folder of the cutout store, written by ingest."""
        return self.folder("ingest")

    @property
    def encoder_weights(self) -> Path:
        """The encoder, written by train."""
        return self.folder("train") / "encoder.safetensors"

    @property
    def embeddings(self) -> Path:
        """Array (n_objects, dim), unit length, in the atlas's frame, written by embed."""
        return self.folder("embed") / "embeddings.npy"

    @property
    def embedding_info(self) -> Path:
        """The fields of `pipeline.atlas.manifest.EmbeddingInfo` as JSON, written by embed."""
        return self.folder("embed") / "embedding.json"

    @property
    def index_info(self) -> Path:
        """The fields of `pipeline.atlas.manifest.IndexInfo` as JSON, written by index."""
        return self.folder("index") / "index.json"

    @property
    def map_xy(self) -> Path:
        """Array (n_objects, 2), float32, written by umap2d."""
        return self.folder("umap2d") / "umap.npy"

    @property
    def evaluation(self) -> Path:
        """Figures of merit as JSON, written by evaluate."""
        return self.folder("evaluate") / "evaluation.json"

    def is_done(self, stage: str, stage_fingerprint: str) -> bool:
        """Whether the stage was finished with this fingerprint."""
        return self._recorded(stage, _DONE) == stage_fingerprint

    def begin(self, stage: str, stage_fingerprint: str) -> None:
        """Prepare the folder of a stage, keeping what an interrupted run has left for it."""
        folder = self.folder(stage)
        (folder / _DONE).unlink(missing_ok=True)
        if self._recorded(stage, _STARTED) != stage_fingerprint and folder.exists():
            # Killed half-way, the rest must not be taken for what this stage has begun.
            (folder / _STARTED).unlink(missing_ok=True)
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for partial in folder.glob(".*.partial-*"):
            partial.unlink(missing_ok=True)  # of a run that was killed; an index is gigabytes
        self._record(stage, _STARTED, stage_fingerprint)

    def finish(self, stage: str, stage_fingerprint: str) -> None:
        """Record that the stage is complete."""
        self._record(stage, _DONE, stage_fingerprint)

    def _recorded(self, stage: str, name: str) -> str | None:
        try:
            return str(json.loads((self.folder(stage) / name).read_text())["fingerprint"])
        except (OSError, ValueError, KeyError):
            return None

    def _record(self, stage: str, name: str, stage_fingerprint: str) -> None:
        with whole_file(self.folder(stage) / name) as partial:
            partial.write_text(json.dumps({"fingerprint": stage_fingerprint}))


@dataclass(frozen=True)
class ModelWorkspace(Workspace):
    """That of a model, whose results lie beside the folders and bear its name."""

    @property
    def encoder_weights(self) -> Path:
        """The encoder, written by train."""
        return self.root / f"{self.root.name}.safetensors"

    @property
    def encoder_onnx(self) -> Path:
        """What embeds pictures without torch, written by train."""
        return self.root / f"{self.root.name}.onnx"
