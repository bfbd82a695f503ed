"""Stage 2: train the encoder by SimCLR on one survey or several, or take weights that exist."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.atlas.whole_files import whole_file
from pipeline.config import Config, EmbedConfig, ModelConfig
from pipeline.encoder.hardware import leads
from pipeline.encoder.onnx_export import export_onnx
from pipeline.encoder.weights import WeightsError, load_encoder, read_training, save_encoder
from pipeline.stages.build import Build
from pipeline.store.cutouts import CutoutStore
from pipeline.store.workspace import ModelWorkspace, Workspace
from pipeline.training.trainer import Trainer
from pipeline.training.training_set import TrainingSet

log = logging.getLogger(__name__)


def run(config: Config, workspace: Workspace) -> None:
    """Write the encoder's weights, resuming from the last whole epoch.

    Of several processes the one that leads writes; the others only train.

    Raises
    ------
    TrainingError
        Too few galaxies, or a loss that is not finite.
    HardwareError
        Devices are asked for that are not there.
    WeightsError
        The weights that the configuration names cannot be used.
    """
    if config.train.weights is None:
        surveys = [TrainingSet.of(config, CutoutStore(workspace.cutout_store))]
        training: dict[str, Any] = {
            name: asdict(getattr(config, name)) for name in ("input", "views", "train")
        }
        training |= {"survey": config.name, "seed": config.seed}
        _train(config, workspace, surveys, training)
    elif leads():
        _take(Path(config.train.weights), config, workspace.encoder_weights)


def run_on_several(
    config: ModelConfig, workspace: ModelWorkspace, surveys: Sequence[Build]
) -> None:
    """Write the weights of a model, and the model as ONNX; errors as of `run`.

    Parameters
    ----------
    surveys : sequence of Build
        Each with its galaxies ingested.
    """
    training_sets = [
        TrainingSet.of(survey.config, CutoutStore(survey.workspace.cutout_store))
        for survey in surveys
    ]
    training = {
        "name": config.name,
        "surveys": {survey.config.name: asdict(survey.config.input) for survey in surveys},
        "views": {survey.config.name: asdict(survey.config.views) for survey in surveys},
        "train": asdict(config.train),
        "seed": config.seed,
    }
    if _train(config, workspace, training_sets, training):
        weights, input_px = workspace.encoder_weights, surveys[0].config.input.input_px
        orientations = EmbedConfig.orientations
        export_onnx(load_encoder(weights), workspace.encoder_onnx, orientations, input_px, weights)


def _train(
    config: Config | ModelConfig,
    workspace: Workspace,
    training_sets: Sequence[TrainingSet],
    training: dict[str, Any],
) -> bool:
    """Train, and write weights that know their training; return whether this process leads."""
    trainer = Trainer(
        training_sets,
        config.encoder,
        config.train,
        config.hardware,
        config.seed,
        workspace.folder("train"),
    )
    encoder = trainer.fit()
    if trainer.leads:
        with whole_file(workspace.encoder_weights) as partial:
            save_encoder(encoder, partial, training)
    return trainer.leads


def _take(weights: Path, config: Config, destination: Path) -> None:
    """Use weights as they are; a published checkpoint is written in our own form."""
    encoder = load_encoder(weights, config.encoder)
    _check_input(weights, config)
    with whole_file(destination) as partial:
        if read_training(weights):
            shutil.copyfile(weights, partial)
        else:
            save_encoder(encoder, partial, {"published": weights.name})
    log.info("encoder: ready-made weights from %s", weights)


def _check_input(weights: Path, config: Config) -> None:
    """Find weights that saw pictures of another scale than they are now to see."""
    training, own = read_training(weights), asdict(config.input)
    if "surveys" in training:  # a model of several: which field it now sees is the atlas's choice
        trained_on = next(iter(training["surveys"].values()))
        fits = trained_on["input_px"] == own["input_px"]
    else:
        trained_on = training.get("input")
        fits = trained_on in (None, own)
    if not fits:
        raise WeightsError(
            f"{weights} was trained with [input] {trained_on}, the configuration has {own}. Give "
            "both the same, or train."
        )
