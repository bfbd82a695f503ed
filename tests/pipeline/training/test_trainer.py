"""Training itself: resumed exactly, stopped by what is not finite, whitened at the end."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pipeline.config import EncoderConfig, HardwareConfig, TrainConfig
from pipeline.encoder.resnet import ResNet
from pipeline.encoder.weights import WeightsError, save_encoder
from pipeline.training.log import LOG_FILE
from pipeline.training.loss import LOSSES
from pipeline.training.trainer import (
    CHECKPOINT,
    SimCLR,
    Trainer,
    TrainingError,
    decayed,
    learning_rate,
)
from tests.pipeline.small_store import training_set, write_store

ENCODER = EncoderConfig(width=8, head_dim=8)
TRAIN = TrainConfig(epochs=3, batch_size=8, warmup_epochs=1, whitened_dim=6)
CPU = HardwareConfig(accelerator="cpu")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    # What ran before in this process may have changed it (UMAP does), and rounding depends on it.
    torch.set_num_threads(1)
    return write_store(tmp_path_factory.mktemp("store"), 24, size=range(24))


def trainer_of(store, folder, train=TRAIN, **more):
    folder.mkdir(exist_ok=True)
    return Trainer([training_set(store, label="size")], ENCODER, train, CPU, 7, folder, **more)


@pytest.fixture(scope="module")
def whole(store, tmp_path_factory):
    """The folder of a training that nothing has interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    trainer_of(store, folder).fit()
    return folder


def checkpoint(folder):
    return torch.load(folder / CHECKPOINT, weights_only=True)


def rows(folder):
    with (folder / LOG_FILE).open() as file:
        return list(csv.DictReader(file))


KILLED = """
import os, signal, sys
from pathlib import Path

import torch

from pipeline.store.cutouts import CutoutStore
from pipeline.training.trainer import Trainer
from tests.pipeline.training.test_trainer import trainer_of

torch.set_num_threads(1)
store, folder, moment = CutoutStore(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
step, write = Trainer.step, Path.write_bytes
n_written = 0

def killed_in_a_step(self, number, views):
    if number == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, number, views)

def killed_while_writing(self, content):
    global n_written
    n_written += "checkpoint" in self.name
    if n_written == 2:
        write(self, b"half a checkpoint")
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self, content)

if moment == "step":
    Trainer.step = killed_in_a_step
else:
    Path.write_bytes = killed_while_writing
trainer_of(store, folder).fit()
"""


@pytest.mark.parametrize("moment", ["step", "writing"])
def test_training_that_was_killed_ends_with_the_same_weights(store, whole, tmp_path, moment):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, store.folder, tmp_path, moment],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    resumed = trainer_of(store, tmp_path)
    assert resumed.first_epoch == 1
    resumed.fit()
    expected, found = checkpoint(whole)["model"], checkpoint(tmp_path)["model"]
    assert expected.keys() == found.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    for one, other in zip(rows(whole), rows(tmp_path), strict=True):
        assert {**one, "galaxies_per_s": ""} == {**other, "galaxies_per_s": ""}


def test_the_log_has_a_row_for_each_epoch_and_a_probe_in_the_last(whole):
    table = rows(whole)
    assert [row["epoch"] for row in table] == ["1", "2", "3"]
    assert all(float(row["loss"]) > 0 and float(row["galaxies_per_s"]) > 0 for row in table)
    assert [row["probe_recall"] != "" for row in table] == [False, False, True]
    assert float(table[-1]["size R2"]) <= 1


def test_a_loss_that_is_not_finite_stops_and_keeps_the_checkpoint(
    store, whole, tmp_path, monkeypatch
):
    before = (whole / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(before)
    monkeypatch.setitem(LOSSES, "nt_xent", lambda *_: torch.tensor(float("nan")))
    longer = trainer_of(store, tmp_path, replace(TRAIN, epochs=5))
    with pytest.raises(TrainingError, match=r"The loss is nan at step 9.*learning_rate"):
        longer.fit()
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_a_rate_that_is_far_too_high_stops_with_a_sentence(store, tmp_path):
    # A true overflow, whichever of loss and weights it shows in first.
    wild = replace(TRAIN, epochs=20, learning_rate=1e37)
    with pytest.raises(TrainingError, match=r"lower train\.learning_rate"):
        trainer_of(store, tmp_path, wild).fit()
    if (tmp_path / CHECKPOINT).exists():
        assert all(value.isfinite().all() for value in checkpoint(tmp_path)["model"].values())


def test_weights_that_are_ruined_by_the_last_step_do_not_reach_the_checkpoint(
    store, tmp_path, monkeypatch
):
    step = Trainer.step

    def ruins_the_second_epoch(self, number, views):
        loss = step(self, number, views)
        if number == 5:
            with torch.no_grad():
                self.encoder.conv1.weight[0] = float("inf")
        return loss

    monkeypatch.setattr(Trainer, "step", ruins_the_second_epoch)
    with pytest.raises(TrainingError, match="no longer finite after epoch 2"):
        trainer_of(store, tmp_path).fit()
    assert checkpoint(tmp_path)["epochs_done"] == 1


def test_the_encoder_is_whitened_to_the_length_that_is_asked_for(store, whole, tmp_path):
    assert trainer_of(store, whole).fit().whitening.dim == 6
    (tmp_path / CHECKPOINT).write_bytes((whole / CHECKPOINT).read_bytes())
    plain = trainer_of(store, tmp_path, replace(TRAIN, whitened_dim=0)).fit()
    assert plain.whitening is None
    assert not plain.training


@pytest.mark.parametrize("loss", ["nt_xent", "dcl"])
def test_training_lowers_the_loss(store, tmp_path, loss):
    config = TrainConfig(epochs=12, batch_size=24, warmup_epochs=2, loss=loss, whitened_dim=0)
    trainer_of(store, tmp_path, config).fit()
    losses = [float(row["loss"]) for row in rows(tmp_path)]
    assert sum(losses[-3:]) / 3 < losses[0] - 0.2


def test_training_starts_from_the_weights_that_are_named(store, tmp_path):
    torch.manual_seed(99)
    start = tmp_path / "start.safetensors"
    save_encoder(ResNet(ENCODER), start, {})
    begun = trainer_of(store, tmp_path / "a", replace(TRAIN, start=str(start)))
    torch.manual_seed(99)
    assert torch.allclose(begun.encoder.conv1.weight, ResNet(ENCODER).conv1.weight, atol=1e-3)
    wrong = tmp_path / "wrong.safetensors"
    save_encoder(ResNet(EncoderConfig(width=16)), wrong, {})
    with pytest.raises(WeightsError, match="does not fit"):
        trainer_of(store, tmp_path / "b", replace(TRAIN, start=str(wrong)))


def test_inputs_that_become_a_single_pixel_are_trained_in_32_bits(store, tmp_path):
    assert trainer_of(store, tmp_path).fabric._precision.precision == "32-true"


def test_batch_norms_and_biases_do_not_decay():
    model = SimCLR(ENCODER)
    with_decay, without = decayed(model, 0.1)
    assert (with_decay["weight_decay"], without["weight_decay"]) == (0.1, 0.0)
    spared = {id(parameter) for parameter in without["params"]}
    named = {name for name, parameter in model.named_parameters() if id(parameter) in spared}
    assert {"encoder.bn1.weight", "encoder.bn1.bias", "projection_head.3.bias"} <= named
    assert not any("conv" in name for name in named)
    assert len(with_decay["params"]) + len(named) == len(list(model.parameters()))


def test_the_learning_rate_rises_then_falls_to_zero():
    config = TrainConfig(epochs=10, warmup_epochs=2, learning_rate=1.0)
    rates = [learning_rate(step, 5, config) for step in range(50)]
    assert rates[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01
