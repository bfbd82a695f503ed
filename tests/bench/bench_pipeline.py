"""How much of a training step is not the encoder, what memory a survey takes, a mock galaxy's cost.

Run with ``python -m tests.bench.bench_pipeline``; with ``--build CONFIG`` it builds an atlas from
nothing instead, and says how long each stage takes.
"""

from __future__ import annotations

import argparse
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from pipeline.config import EncoderConfig, HardwareConfig, InputConfig, TrainConfig, ViewsConfig
from pipeline.sources import Chunk, Survey
from pipeline.sources.mock.config import MockConfig
from pipeline.store.cutouts import CutoutStore
from pipeline.training.loss import nt_xent
from pipeline.training.trainer import Trainer
from pipeline.training.training_set import TrainingSet
from pipeline.views.augmentations import Views
from pipeline.views.field import Field

BATCH = 128
REPEATS = 5
WANTED_PER_CENT = 85

READ_AN_EPOCH = """
import resource, sys
from pathlib import Path
from pipeline.store.cutouts import CutoutStore
from pipeline.training.training_set import Batches, Galaxies
from tests.bench.bench_pipeline import training_set
import torch
batches = Batches(Galaxies([training_set(CutoutStore(Path(sys.argv[1])), 32)]), 256, 1)
for number, views in enumerate(batches.epoch(0, torch.device("cpu"))):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def seconds(work: Callable[[], object]) -> float:
    """Return the median time of ``work`` after a warm-up."""
    work()
    return statistics.median(timed(work) for _ in range(REPEATS))


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def write_noise(folder: Path, n: int, side: int, *, is_flux: bool, rows: int = 256) -> CutoutStore:
    """Write n cutouts of noise, chunk by chunk."""
    rng = np.random.default_rng(1)
    store = CutoutStore(folder)
    for number, start in enumerate(range(0, n, rows)):
        shape = (min(rows, n - start), 3, side, side)
        cutouts = rng.integers(0, 256, shape, np.uint8)
        names = pd.DataFrame({"object_id": [str(start + i) for i in range(len(cutouts))]})
        flux = (cutouts * np.float32(1e-4)) if is_flux else cutouts
        store.write_chunk(number, Chunk(names, flux))
    bands = ("g", "r", "z") if is_flux else ("R", "G", "B")
    store.write_survey(Survey("noise", "Noise", True, bands, 0.262, side), (), ())
    return store


def training_set(store: CutoutStore, input_px: int) -> TrainingSet:
    field = Field.of(InputConfig(input_px=input_px), store.survey)
    return TrainingSet(store, field, Views(ViewsConfig(), field))


def training(folder: Path) -> None:
    """Compare the steps of training, from the store on, with the encoder alone on one batch."""
    for name, side, is_flux in (("g, r, z flux", 152, True), ("pictures", 88, False)):
        store = write_noise(folder / name, 8 * BATCH, side, is_flux=is_flux)
        trainer = Trainer(
            [training_set(store, 64)],
            EncoderConfig(),
            TrainConfig(batch_size=BATCH),
            HardwareConfig(devices=1),
            seed=1,
            folder=folder,
        )
        device = trainer.fabric.device
        ready = next(trainer.batches.epoch(0, device))
        batches = chain.from_iterable(trainer.batches.epoch(epoch, device) for epoch in count())

        def bare(trainer: Trainer = trainer, ready: torch.Tensor = ready) -> None:
            first, second = trainer.model(ready).chunk(2)
            trainer.fabric.backward(nt_xent(first, second, 0.2))

        def whole(trainer: Trainer = trainer, batches=batches) -> None:
            trainer.step(0, next(batches))

        pairs = [(timed(bare), timed(whole)) for _ in range(REPEATS + 1)][1:]
        alone, full = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(
            f"training on {name:12}: {BATCH / full:5.0f} galaxies/s, the encoder alone "
            f"{BATCH / alone:5.0f}: {100 * alone / full:.0f} % of it (wanted: {WANTED_PER_CENT} %)"
        )


def memory(folder: Path) -> None:
    """Compare the peak memory of reading an epoch of a small survey and of one ten times larger."""
    peaks = []
    for n in (2_000, 20_000):
        write_noise(folder / str(n), n, 32, is_flux=False)
        command = [sys.executable, "-c", READ_AN_EPOCH, str(folder / str(n))]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peaks.append(float(done.stdout))
    print(
        f"peak memory of an epoch's views: {peaks[0]:.0f} MB of 2,000 galaxies, {peaks[1]:.0f} MB "
        f"of 20,000 ({(peaks[1] - peaks[0]) * 2**20 / 18_000:.0f} bytes for each more, of "
        f"{3 * 32 * 32})"
    )


def mock() -> None:
    """Time the mock survey, one process."""
    source, n = MockConfig(n_objects=200, seed=1).open(), 50
    time_s = seconds(lambda: source.read(0, n))
    print(f"mock survey: {1000 * time_s / n:.1f} ms a galaxy and core")


def build(config: Path, folder: Path) -> None:
    """Time a build from nothing, stage by stage; its page can be opened before it is evaluated."""
    command = [sys.executable, "-m", "pipeline", "build", str(config), "--atlases", str(folder)]
    start, times, seen_s = time.perf_counter(), {}, 0.0
    for option in (["--evaluate-later"], []):
        done = subprocess.run([*command, *option], check=True, capture_output=True, text=True)
        found = re.findall(r"^(\w+): done in ([\d.]+) s", done.stderr, re.MULTILINE)
        times |= {f"{name}{' again' if name in times else ''}": float(s) for name, s in found}
        seen_s = seen_s or time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    for name, stage_s in times.items():
        print(f"{name:14} {stage_s:6.1f} s")
    print(
        f"{config.name}: to be seen after {seen_s:.0f} s, done after "
        f"{time.perf_counter() - start:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processors"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_pipeline")
    parser.add_argument("--build", type=Path, metavar="CONFIG", help="time this build, all of it")
    if (config := parser.parse_args().build) is not None:
        with tempfile.TemporaryDirectory() as temporary:
            build(config, Path(temporary))
        sys.exit()
    with tempfile.TemporaryDirectory() as temporary:
        training(Path(temporary))
        memory(Path(temporary))
    mock()
