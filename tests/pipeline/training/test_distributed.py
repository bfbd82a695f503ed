"""Two processes on the CPU do what one does with the joined batch; each command starts them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pipeline.__main__ import main
from pipeline.encoder.weights import load_encoder
from tests.pipeline.small_store import write_store
from tests.pipeline.test_command_line import CONFIG
from tests.pipeline.two_processes import train

ROOT = Path(__file__).parents[3]
ENVIRONMENT = os.environ | {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
TORCHRUN = [
    *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
    *("--nproc-per-node", "2", "-m"),
]  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The results of one process, and of two that share its batches."""
    folder = tmp_path_factory.mktemp("both")
    write_store(folder / "store", 70)
    one = train(folder)
    command = [*TORCHRUN, "tests.pipeline.two_processes", str(folder)]
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True)
    return one, torch.load(folder / "result.pt", weights_only=True)


def test_two_processes_have_the_losses_of_one_with_the_joined_batch(both):
    one, two = both
    assert len(one["losses"]) == 4
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-9)


def test_each_process_draws_only_its_share(both):
    one, two = both
    assert one["n_views"] == 2 * two["n_views"] == 32


def test_two_processes_have_the_gradient_of_one_with_the_joined_batch(both):
    """A factor of the number of processes, lost or gained, would hide in Adam's steps."""
    for one, two in zip(*(result["gradient"] for result in both), strict=True):
        assert (one - two).norm() <= 1e-9 * one.norm()


def test_two_processes_end_with_the_weights_of_one(both):
    one, two = (result["weights"] for result in both)
    assert one.keys() == two.keys()  # synchronised batch norms have the names of others
    for name, weight in one.items():
        assert torch.allclose(weight, two[name], rtol=1e-7, atol=1e-7), name


def test_synchronised_batch_norm_is_batch_norm_of_the_joined_batch(both):
    """Outputs, gradients of inputs, scale and shift, running mean and variance."""
    _, two = both
    for ordinary, synchronised in zip(two["ordinary"], two["synchronised"], strict=True):
        assert torch.allclose(ordinary, synchronised, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("launcher", ["fabric", "torchrun"])
def test_one_command_trains_on_two_processes(tmp_path, launcher):
    config = tmp_path / "cli.toml"
    text = CONFIG.replace("epochs = 1", "epochs = 1\nwhitened_dim = 4")
    hardware = '[hardware]\naccelerator = "cpu"\ndevices = 2\n' if launcher == "fabric" else ""
    config.write_text(text + hardware)
    alone = [sys.executable, "-m"]
    arguments = [str(config), "--atlases", str(tmp_path)]
    assert main(["ingest", *arguments]) == 0
    done = subprocess.run(
        [*(alone if hardware else TORCHRUN), "pipeline", "train", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "training: 2 processes on cpu" in done.stderr
    assert done.stderr.count("train: done in") == 1  # one process leads
    folder = tmp_path / ".build" / "cli" / "train"
    with (folder / "metrics.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 1
    assert load_encoder(folder / "encoder.safetensors").whitening.dim == 4
    assert (folder / "done.json").exists()
