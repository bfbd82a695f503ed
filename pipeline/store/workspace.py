"""Where stages keep their results, and how they know what is up to date."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pipeline.atlas.whole_files import whole_file

_STARTED = "started.json"
_DONE = "done.json"


class Workspace:
    """The intermediate results of one configuration, a folder for each stage.

    A stage that was started with another fingerprint is begun afresh; one that was started with
    the same is resumed; one that is done is skipped.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cutout_store = root / "ingest"  # a folder
        self.encoder_weights = root / "train" / "encoder.safetensors"
        self.embeddings = root / "embed" / "embeddings.npy"  # (n_objects, dim), unit length
        self.embedding_info = root / "embed" / "embedding.json"  # of its `EmbeddingInfo`
        self.index_info = root / "index" / "index.json"  # of `pipeline.atlas.manifest.IndexInfo`
        self.map_xy = root / "umap2d" / "umap.npy"  # (n_objects, 2), float32
        self.evaluation = root / "evaluate" / "evaluation.json"  # figures of merit

    def folder(self, stage: str) -> Path:
        """Return the folder of a stage, which may not exist yet."""
        return self.root / stage

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


class ModelWorkspace(Workspace):
    """That of a model, whose results lie beside the folders and bear its name."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.encoder_weights = root / f"{root.name}.safetensors"
        self.encoder_onnx = root / f"{root.name}.onnx"  # what embeds pictures without torch
