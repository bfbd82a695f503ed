"""Stage 2: train the encoder by SimCLR, or take weights that exist."""

from __future__ import annotations

import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.atlas.whole_files import whole_file
from pipeline.config import Config
from pipeline.encoder.weights import WeightsError, load_encoder, read_training, save_encoder
from pipeline.store.cutouts import CutoutStore
from pipeline.store.workspace import Workspace
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
    if config.train.weights is not None:
        _take(Path(config.train.weights), config, workspace.encoder_weights)
        return
    training_set = TrainingSet.of(config, CutoutStore(workspace.cutout_store))
    trainer = Trainer(
        [training_set],
        config.encoder,
        config.train,
        config.hardware,
        config.seed,
        workspace.folder("train"),
    )
    encoder = trainer.fit()
    if trainer.leads:
        with whole_file(workspace.encoder_weights) as partial:
            save_encoder(encoder, partial, training_of(config))


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


def training_of(config: Config) -> dict[str, Any]:
    """Return what weights say of their training: what the encoder saw, views, knobs, seed."""
    parts = {name: asdict(getattr(config, name)) for name in ("input", "views", "train")}
    return parts | {"survey": config.name, "seed": config.seed}


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
