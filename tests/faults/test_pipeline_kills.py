"""kill -9 at random moments: the same command goes on, and the atlas is that of a quiet build.

Byte for byte, but for what `tests.faults.pipeline_builds.TIMES` names in its manifest.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.pipeline_builds import STAGES, atlas_bytes

ROOT = Path(__file__).parents[2]
SEED = 15

# Forks a child for each attempt, so that imports, which lose nothing, take no time.
ATTEMPTS = """
import os, random, shutil, signal, sys, time
from pathlib import Path
import pipeline.stages.evaluate, pipeline.stages.train, pipeline.stages.publish
import pipeline.stages.index, pipeline.stages.layout, pipeline.stages.embed, pipeline.stages.ingest
from tests.faults.pipeline_builds import build_in

whole, folder, stage, n_trials, rng = (
    Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), random.Random(sys.argv[5])
)

def start(atlases):
    child = os.fork()
    if child == 0:
        build_in(atlases).run_all()
        os._exit(0)
    return child

def fresh(number):
    atlases = folder / f"atlases-{number}"
    shutil.copytree(whole, atlases)
    shutil.rmtree(build_in(atlases).workspace.folder(stage))
    shutil.rmtree(build_in(atlases).destination)
    return atlases

begun = time.monotonic()
assert os.waitpid(start(fresh("undisturbed")), 0)[1] == 0
took = time.monotonic() - begun
n_killed = 0
for trial in range(n_trials):
    atlases = fresh(trial)
    for _ in range(3):
        child = start(atlases)
        time.sleep(rng.uniform(0, took))
        os.kill(child, signal.SIGKILL)
        n_killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert os.waitpid(start(atlases), 0)[1] == 0, "it does not go on"
print(n_killed)
"""


def kill_and_go_on(whole, folder, stage, n_trials):
    """Kill a stage thrice in each trial; return how often it was not too late."""
    expected = atlas_bytes(whole.destination)
    trials = (stage, str(n_trials), f"{SEED} {stage}")
    done = subprocess.run(
        [sys.executable, "-c", ATTEMPTS, str(whole.destination.parent), str(folder), *trials],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for trial in ["undisturbed", *range(n_trials)]:
        atlases = folder / f"atlases-{trial}"
        found = atlas_bytes(atlases / whole.destination.name)
        assert found == expected, [name for name in expected if found.get(name) != expected[name]]
        assert not list(atlases.glob(".broken.*"))
        assert not list((atlases / ".build").rglob("*.partial-*"))
    return int(done.stdout)


@pytest.mark.long_fault
@pytest.mark.timeout(600)
@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_that_is_killed_at_random_ends_as_one_that_was_not(whole, tmp_path, stage):
    n_trials = 3 if stage == "publish" else 8  # it exports an encoder, which takes seconds
    assert kill_and_go_on(whole, tmp_path, stage, n_trials) > n_trials


CONFIG = """
name = "killed"
[source]
kind = "mock"
n_objects = 40
[ingest]
processes = 2
chunk_rows = 5
[input]
field_px = 128
input_px = 16
[encoder]
width = 8
[train]
epochs = 2
batch_size = 16
[embed]
orientations = 1
[evaluate]
k = 2
numbers = ["mag_z"]
"""


def command(folder: Path) -> subprocess.Popen:
    options = ["build", str(folder / "killed.toml"), "--atlases", str(folder / "atlases")]
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", *options],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.long_fault
@pytest.mark.timeout(900)
def test_the_command_itself_killed_with_processes_that_read_ends_as_one_that_was_not(tmp_path):
    for name in ("quiet", "killed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "killed.toml").write_text(CONFIG)
    begun = time.monotonic()
    quiet = command(tmp_path / "quiet")
    said = quiet.communicate()[1]
    assert quiet.returncode == 0, said
    took = time.monotonic() - begun
    rng = random.Random(SEED)
    for _ in range(6):
        process = command(tmp_path / "killed")
        try:
            process.communicate(timeout=rng.uniform(0.1, 0.5) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    process = command(tmp_path / "killed")
    said = process.communicate()[1]
    assert process.returncode == 0, said
    expected, found = (
        atlas_bytes(tmp_path / name / "atlases/killed") for name in ("quiet", "killed")
    )
    assert found == expected, [name for name in expected if found.get(name) != expected[name]]
    shutil.rmtree(tmp_path / "killed")
