"""Stage 2: train the encoder by SimCLR, or take weights that exist.

Source: Chen et al. 2020 (arXiv 2002.05709); for galaxies Stein et al. 2021 (arXiv 2110.00023).
"""

from __future__ import annotations

import csv
import logging
import math
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import torch
from lightning_fabric import Fabric
from torch import Generator, Tensor, nn

from pipeline.augmentations import Views
from pipeline.config import Config, TrainConfig
from pipeline.cutouts import CutoutStore
from pipeline.encoder import (
    Encoder,
    ProjectionHead,
    WeightsError,
    load_encoder,
    read_training,
    save_encoder,
)
from pipeline.errors import PipelineError
from pipeline.field import Field
from pipeline.loss import nt_xent
from pipeline.progress import progress
from pipeline.workspace import Workspace, whole_file

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
METRICS = "metrics.csv"


class TrainingError(PipelineError):
    """Training cannot begin or go on."""


def run(config: Config, workspace: Workspace) -> None:
    """Write the encoder's weights, resuming from the last whole epoch.

    Raises
    ------
    TrainingError
        Too few galaxies, or a loss that is not finite.
    WeightsError
        The weights that the configuration names cannot be used.
    """
    folder = workspace.folder("train")
    if config.train.weights is not None:
        weights = Path(config.train.weights)
        load_encoder(weights)
        _check_input(weights, config)
        with whole_file(workspace.encoder_weights) as partial:
            shutil.copyfile(weights, partial)
        log.info("encoder: ready-made weights from %s", config.train.weights)
        return
    store = CutoutStore(workspace.cutout_store)
    encoder = Trainer(config, store, folder).fit()
    with whole_file(workspace.encoder_weights) as partial:
        save_encoder(encoder, partial, training_of(config))


def training_of(config: Config) -> dict[str, Any]:
    """Return what weights say of their training: what the encoder saw, views, knobs, seed."""
    parts = {name: asdict(getattr(config, name)) for name in ("input", "views", "train")}
    return parts | {"survey": config.name, "seed": config.seed}


def _check_input(weights: Path, config: Config) -> None:
    trained_on = read_training(weights).get("input")
    if trained_on is not None and trained_on != asdict(config.input):
        raise WeightsError(
            f"{weights} was trained with [input] {trained_on}, the configuration has "
            f"{asdict(config.input)}. Give both the same, or train."
        )


def best_precision() -> Literal["bf16-mixed", "32-true"]:
    """Return "bf16-mixed" where the processor has instructions for it, else "32-true"."""
    if torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "32-true"
    has_bf16 = torch.backends.mkldnn.is_available() and (
        torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )
    return "bf16-mixed" if has_bf16 else "32-true"


def learning_rate(step: int, steps_per_epoch: int, config: TrainConfig) -> float:
    """Return the rate of one step: a linear rise, then a cosine to zero."""
    warmup, total = config.warmup_epochs * steps_per_epoch, config.epochs * steps_per_epoch
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


class SimCLR(nn.Module):
    """Encoder and projection head, from pictures to projections."""

    def __init__(self, encoder: Encoder, head_dim: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.projection_head = ProjectionHead(encoder.dim, head_dim)

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (n, 3, y, x) to (n, head_dim)."""
        return self.projection_head(self.encoder(pictures))


class Trainer:
    """SimCLR on the galaxies of a store.

    Whatever is random is drawn from (seed, epoch, step), so that an interrupted run that resumes
    ends with the weights of one that was not.
    """

    def __init__(self, config: Config, store: CutoutStore, folder: Path) -> None:
        self.config, self.store, self.folder = config, store, folder
        self.n_galaxies = len(store)
        self.batch_size = min(config.train.batch_size, self.n_galaxies)
        if self.n_galaxies < 2:
            raise TrainingError("One galaxy has nothing to differ from: training needs at least 2.")
        self.steps = self.n_galaxies // self.batch_size
        self.fabric = Fabric(accelerator="auto", devices=1, precision=best_precision())
        self.field = Field.of(config.input, store.survey)
        self.views = Views(config.views, self.field)
        torch.manual_seed(config.seed)
        model = SimCLR(Encoder(config.encoder), config.encoder.head_dim)
        # The stubs of torch do not know memory_format on its own.
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = torch.optim.AdamW(model.parameters(), weight_decay=config.train.weight_decay)
        self.model, self.optimizer = self.fabric.setup(model, optimizer)
        self.first_epoch, self.metrics = 0, [("epoch", "loss", "learning_rate")]
        self._resume()

    def fit(self) -> Encoder:
        """Train to the end and return the encoder."""
        epochs = self.config.train.epochs
        done = self.first_epoch * self.steps
        with progress("train", total=epochs * self.steps, unit="step", done=done) as bar:
            for epoch in range(self.first_epoch, epochs):
                total = 0.0
                batches = self._batches(epoch)
                for number, (first, second) in enumerate(batches):
                    loss, rate = self._step(epoch * self.steps + number, first, second)
                    total += loss
                    bar.set_postfix_str(
                        f"epoch {epoch + 1}/{epochs}, loss {loss:.3f}", refresh=False
                    )
                    bar.update()
                self.metrics.append((str(epoch + 1), f"{total / self.steps:.5f}", f"{rate:.3g}"))
                self._checkpoint(epoch + 1)
        return self.model.module.encoder.eval()

    def _step(self, step: int, first: Tensor, second: Tensor) -> tuple[float, float]:
        rate = learning_rate(step, self.steps, self.config.train)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        pictures = torch.cat([first, second]).contiguous(memory_format=torch.channels_last)
        z_first, z_second = self.model(pictures).chunk(2)
        loss = nt_xent(z_first, z_second, self.config.train.temperature)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"The loss is {loss.item()} at step {step}. The last whole epoch is kept; lower "
                "train.learning_rate, or look for cutouts with extreme values."
            )
        self.optimizer.zero_grad()
        self.fabric.backward(loss)
        self.optimizer.step()
        return loss.item(), rate

    def _batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the two views of each batch; a thread reads the next cutouts meanwhile."""
        order = torch.randperm(self.n_galaxies, generator=_generator(self.config.seed, epoch))
        rows = order[: self.steps * self.batch_size].view(self.steps, -1).numpy()
        with ThreadPoolExecutor(1) as reader:
            coming = reader.submit(self.store.read, rows[0])
            for step in range(self.steps):
                cutouts = torch.from_numpy(coming.result()).to(self.fabric.device)
                if step + 1 < self.steps:
                    coming = reader.submit(self.store.read, rows[step + 1])
                pictures = self.field.prepare(cutouts)
                generator = _generator(self.config.seed, epoch, step)
                yield self.views(pictures, generator), self.views(pictures, generator)

    def _checkpoint(self, epochs_done: int) -> None:
        state = {
            "epochs_done": epochs_done,
            "model": self.model.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "metrics": self.metrics,
        }
        with whole_file(self.folder / CHECKPOINT) as partial:
            torch.save(state, partial)
        with whole_file(self.folder / METRICS) as partial, partial.open("w", newline="") as file:
            csv.writer(file).writerows(self.metrics)

    def _resume(self) -> None:
        path = self.folder / CHECKPOINT
        if not path.exists():
            return
        state = torch.load(path, map_location=self.fabric.device, weights_only=True)
        self.model.module.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.first_epoch, self.metrics = state["epochs_done"], state["metrics"]
        log.info("training goes on after epoch %d", self.first_epoch)


def _generator(*seeds: int) -> Generator:
    """Return a generator whose stream belongs to these numbers, whatever was drawn before."""
    mixed = 0
    for seed in seeds:
        mixed = (mixed * 1_000_003 + seed + 1) % 2**62
    return Generator().manual_seed(mixed)
