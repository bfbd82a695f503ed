"""SimCLR training on one process or many, resumable at every epoch.

Source: Chen et al. 2020 (arXiv 2002.05709); for galaxies Stein et al. 2022 (arXiv 2110.00023).
"""

from __future__ import annotations

import io
import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from pipeline.config import EncoderConfig, HardwareConfig, TrainConfig
from pipeline.encoder.encoder import Embedder, Encoder, ProjectionHead, fit_whitening, new_encoder
from pipeline.encoder.hardware import Precision, open_fabric
from pipeline.encoder.weights import load_start
from pipeline.store.progress import progress
from pipeline.store.sums import Ledger, kept_file
from pipeline.training.log import Row, TrainingLog
from pipeline.training.loss import LOSSES
from pipeline.training.online_probe import OnlineProbe
from pipeline.training.sync_batch_norm import gather, synchronise
from pipeline.training.training_set import Batches, Galaxies, TrainingError, TrainingSet

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
# Such an input is a single pixel before the last stage, and the bf16 gradient of a strided 3x3
# convolution of one is uninitialised memory on CPUs (oneDNN in torch 2.13).
ONE_PIXEL_PX = 16
WHITENING_GALAXIES = 20_000  # hundreds for each of the numbers that are fitted
WHITENING_ORIENTATIONS = 8  # as `embed` has by default
_WHITENING_BATCH = 32


def learning_rate(step: int, steps_per_epoch: int, config: TrainConfig) -> float:
    """Return the rate of one step: a linear rise, then a cosine to zero."""
    warmup, total = config.warmup_epochs * steps_per_epoch, config.epochs * steps_per_epoch
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def decayed(model: nn.Module, weight_decay: float) -> list[dict]:
    """Return parameter groups for the optimiser: filters and matrices decay, all else does not.

    A batch norm's scale and a bias are no more complex for being large (SimCLR, appendix B.9).
    """
    parameters = list(model.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


class SimCLR(nn.Module):
    """Encoder and projection head, from pictures to projections."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.encoder = new_encoder(config)
        last_dim = self.encoder.last_dim
        self.projection_head = ProjectionHead(last_dim, config.head_dim, config.head_layers)

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (n, 3, y, x) to (n, head_dim)."""
        return self.projection_head(self.encoder.last(pictures))


class Trainer:
    """SimCLR on the galaxies of one survey or several.

    Every process that takes part makes one with the same arguments. An interrupted run that is
    made again with them goes on after its last whole epoch and ends with the same weights.

    Parameters
    ----------
    folder : Path
        Of checkpoint and training log; on a file system that all processes see.
    precision : str, optional
        The best that the device has, if left out.

    Raises
    ------
    TrainingError
        Too few galaxies, or inputs of different sizes.
    HardwareError
        Devices are asked for that are not there.
    WeightsError
        The weights to start from do not fit.
    """

    def __init__(
        self,
        training_sets: Sequence[TrainingSet],
        encoder_config: EncoderConfig,
        train_config: TrainConfig,
        hardware: HardwareConfig,
        seed: int,
        folder: Path,
        *,
        precision: Precision | None = None,
    ) -> None:
        self.config, self.seed, self.folder = train_config, seed, folder
        self.galaxies = Galaxies(training_sets)
        if precision is None and self.galaxies.input_px <= ONE_PIXEL_PX:
            precision = "32-true"
        self.fabric = open_fabric(hardware, precision)
        self.leads = self.fabric.global_rank == 0
        self.batches = Batches(
            self.galaxies,
            train_config.batch_size,
            seed,
            self.fabric.global_rank,
            self.fabric.world_size,
        )
        torch.manual_seed(seed)
        model: nn.Module = SimCLR(encoder_config)
        if self.fabric.world_size > 1:
            model = synchronise(model, self.fabric.device)
        # The stubs of torch do not know memory_format on its own.
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = torch.optim.AdamW(decayed(model, train_config.weight_decay))
        self.model, self.optimizer = self.fabric.setup(model, optimizer)
        self.first_epoch, rows = self._resume()
        if self.first_epoch == 0 and train_config.start is not None:
            load_start(self.encoder, Path(train_config.start))
        self.training_log = TrainingLog(folder, rows) if self.leads else None

    @property
    def encoder(self) -> Encoder:
        """The encoder as it is now."""
        return self.model.module.encoder

    def fit(self) -> Encoder:
        """Train to the end and return the encoder, whitened in the process that leads.

        Raises
        ------
        TrainingError
            The loss or a weight is not finite; the checkpoint is of the last epoch in which all
            were.
        """
        n_epochs = self.config.epochs
        per_epoch = self.batches.steps * self.batches.batch_size
        probe = OnlineProbe(self.galaxies, self.seed, self.fabric.device) if self.leads else None
        with progress(
            "train",
            total=n_epochs * per_epoch,
            unit="galaxy",
            done=self.first_epoch * per_epoch,
            shown=self.leads,
        ) as bar:
            for epoch in range(self.first_epoch, n_epochs):
                row = self._epoch(epoch, bar)
                if probe is not None and (epoch + 1 == n_epochs or (epoch + 1) % probe.every == 0):
                    with self.fabric.autocast():
                        row |= probe.figures(self.encoder)
                self._check_weights(epoch + 1)
                if self.training_log is not None:
                    self.training_log.add(row)
                    self._checkpoint(epoch + 1, self.training_log.rows)
        if self.leads:
            self._whiten()
        return self.encoder.eval()

    def _epoch(self, epoch: int, bar: tqdm) -> Row:
        start, losses, steps = time.perf_counter(), 0.0, self.batches.steps
        first_step, size = epoch * steps, self.batches.batch_size
        known = self.training_log.rows if self.training_log is not None else []
        recall = next((row["probe_recall"] for row in known[::-1] if "probe_recall" in row), None)
        probed = "" if recall is None else f", probe {recall:.2f}"
        for number, views in enumerate(self.batches.epoch(epoch, self.fabric.device)):
            loss = self.step(first_step + number, views)
            losses += loss
            text = f"epoch {epoch + 1}/{self.config.epochs}, loss {loss:.3f}{probed}"
            bar.set_postfix_str(text, refresh=False)
            bar.update(size)
        return {
            "epoch": epoch + 1,
            "loss": round(losses / steps, 5),
            "learning_rate": learning_rate(first_step + steps - 1, steps, self.config),
            "galaxies_per_s": round(steps * size / (time.perf_counter() - start), 1),
        }

    def step(self, step: int, views: Tensor) -> float:
        """Take one step on this process's share of a batch; return the loss of all of it.

        Parameters
        ----------
        views : Tensor, shape (2 n, 3, y, x)
            Of `Batches.epoch`.

        Notes
        -----
        Every process computes the same loss L of all W shares. Gathering hands each the sum of the
        W gradients of its share, W dL/dz; DDP takes the mean over W processes of what follows from
        them for the weights: together the gradient of L, as of one process.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(step, self.batches.steps, self.config)
        first, second = self._gather(self.model(views)).unbind()
        loss = LOSSES[self.config.loss](first, second, self.config.temperature)
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(
                f"The loss is {value} at step {step}. The checkpoint of the last whole epoch is "
                "kept; lower train.learning_rate, or look for cutouts with extreme values."
            )
        self.optimizer.zero_grad()
        self.fabric.backward(loss)
        self.optimizer.step()
        return value

    def _gather(self, projections: Tensor) -> Tensor:
        """Map this process's (2 n, head_dim) to everyone's (2, n of all, head_dim)."""
        own = projections.unflatten(0, (2, -1))
        if self.fabric.world_size == 1:
            return own
        return gather(own).transpose(0, 1).flatten(1, 2)

    def _whiten(self) -> None:
        """Fit the whitening on training galaxies as they are, turned but not augmented."""
        if not self.config.whitened_dim:
            return
        rng = np.random.default_rng(self.seed)
        n = min(WHITENING_GALAXIES, len(self.galaxies))
        rows = np.sort(rng.choice(len(self.galaxies), n, replace=False))
        embedder = Embedder(self.encoder.eval(), WHITENING_ORIENTATIONS)
        parts = []
        with torch.inference_mode(), progress("whiten", total=n, unit="galaxy") as bar:
            for start in range(0, n, _WHITENING_BATCH):
                pictures = self.galaxies.pictures(
                    rows[start : start + _WHITENING_BATCH], self.fabric.device
                )
                parts.append(embedder.representations(pictures).cpu())
                bar.update(len(pictures))
        fit_whitening(self.encoder, torch.cat(parts), self.config.whitened_dim)

    def _check_weights(self, epochs_done: int) -> None:
        if not all(
            bool(value.isfinite().all()) for value in self.model.module.state_dict().values()
        ):
            raise TrainingError(
                f"A weight is no longer finite after epoch {epochs_done}. The checkpoint of the "
                "epoch before is kept; lower train.learning_rate."
            )

    def _checkpoint(self, epochs_done: int, rows: list[Row]) -> None:
        content = {
            "epochs_done": epochs_done,
            "model": self.model.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "metrics": rows,
        }
        whole = io.BytesIO()  # where the disk is full, torch itself would not say so
        torch.save(content, whole)
        with kept_file(self.folder / CHECKPOINT) as partial:
            partial.write_bytes(whole.getbuffer())

    def _resume(self) -> tuple[int, list[Row]]:
        """Take up the checkpoint, if there is one; return epochs done and their rows of the log."""
        path = self.folder / CHECKPOINT
        if not path.is_file():
            return 0, []
        ledger = Ledger(self.folder)
        # What an earlier release has left, without its sum, is taken as it is.
        if ledger.has(CHECKPOINT) and not ledger.knows(path):
            log.warning("%s is damaged: training begins again", path)
            return 0, []
        content = torch.load(path, map_location=self.fabric.device, weights_only=True)
        self.model.module.load_state_dict(content["model"])
        self.optimizer.load_state_dict(content["optimizer"])
        log.info("training goes on after epoch %d", content["epochs_done"])
        return content["epochs_done"], content["metrics"]
