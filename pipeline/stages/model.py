"""A model: one encoder trained on several surveys, as a file that atlases can use."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.atlas.whole_files import fingerprint, whole_file
from pipeline.config import ConfigError, ModelConfig, read_config
from pipeline.stages.build import Build, weights_state
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)

ORIENTATIONS = 8  # that the ONNX file averages over, as `embed` does by default


class ModelBuild:
    """Ingest of every survey, training on all of them, export.

    Parameters
    ----------
    config : ModelConfig
    folder : Path
        Where the configurations of the surveys are.
    atlases : Path
        What is read is kept where an atlas of the same survey looks for it.

    Attributes
    ----------
    weights, onnx : Path
        What it makes, in ``atlases / ".build" / config.name``.

    Raises
    ------
    ConfigError
        Surveys that cannot be told apart, from each other or from the model.
    """

    def __init__(self, config: ModelConfig, folder: Path, atlases: Path) -> None:
        self.config = config
        paths = [folder / survey for survey in config.surveys]
        self.surveys = [Build(read_config(path), atlases, path.stem) for path in paths]
        names = [build.config.name for build in self.surveys]
        if len(set(names)) < len(names) or config.name in {path.stem for path in paths}:
            raise ConfigError(
                f"Model {config.name} and its surveys ({', '.join(names)}) must all have names of "
                "their own. Rename one, or leave out the survey that is named twice."
            )
        self.workspace = Workspace(atlases / ".build" / config.name)
        self.weights = self.workspace.root / f"{config.name}.safetensors"
        self.onnx = self.workspace.root / f"{config.name}.onnx"

    def run(self) -> bool:
        """Make the model unless it is up to date; return whether it was made.

        Raises
        ------
        PipelineError
            As of the stages ingest and train.
        """
        for build in self.surveys:
            build.run("ingest")
        if self.is_done():
            log.info("model %s: up to date", self.config.name)
            return False
        own_fingerprint = self.fingerprint()
        self.workspace.begin("train", own_fingerprint)
        self._train()
        self._export()
        self.workspace.finish("train", own_fingerprint)
        return True

    def follow(self) -> None:
        """Take part in the training that another process leads; write nothing."""
        if not self.is_done():
            self._train()

    def is_done(self) -> bool:
        """Whether the model is there and belongs to this configuration."""
        made = self.weights.exists() and self.onnx.exists()
        return made and self.workspace.is_done("train", self.fingerprint())

    def fingerprint(self) -> str:
        """Return a hash of everything that decides what the model will be."""
        config = asdict(self.config)
        knobs = [config[knob] for knob in ("name", "seed", "encoder", "train")]
        surveys = [
            [build.fingerprint("ingest"), asdict(build.config.input), asdict(build.config.views)]
            for build in self.surveys
        ]
        return fingerprint([__version__, "model"], knobs, weights_state(self.config.train), surveys)

    def training(self) -> dict[str, Any]:
        """Return what the weights say of their training."""
        return {
            "name": self.config.name,
            "surveys": {build.config.name: asdict(build.config.input) for build in self.surveys},
            "views": {build.config.name: asdict(build.config.views) for build in self.surveys},
            "train": asdict(self.config.train),
            "seed": self.config.seed,
        }

    def _train(self) -> None:
        # torch is slow to import; a model that is up to date needs none of it.
        from pipeline.encoder.weights import save_encoder
        from pipeline.store.cutouts import CutoutStore
        from pipeline.training.trainer import Trainer
        from pipeline.training.training_set import TrainingSet

        config = self.config
        training_sets = [
            TrainingSet.of(build.config, CutoutStore(build.workspace.cutout_store))
            for build in self.surveys
        ]
        trainer = Trainer(
            training_sets,
            config.encoder,
            config.train,
            config.hardware,
            config.seed,
            self.workspace.folder("train"),
        )
        encoder = trainer.fit()
        if trainer.leads:
            with whole_file(self.weights) as partial:
                save_encoder(encoder, partial, self.training())

    def _export(self) -> None:
        from pipeline.encoder.onnx_export import export_onnx
        from pipeline.encoder.weights import load_encoder

        input_px = self.surveys[0].config.input.input_px
        encoder = load_encoder(self.weights)
        export_onnx(encoder, self.onnx, ORIENTATIONS, input_px, self.weights)
