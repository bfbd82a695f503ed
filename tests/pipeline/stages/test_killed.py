"""A stage that is killed goes on, and its result is that of one that was not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import copytree, rmtree

import numpy as np
import pytest

from pipeline.stages import evaluate, publish
from pipeline.stages.build import Build

ROOT = Path(__file__).parents[3]

# Each stage is killed on the point of giving a file its name: the work on it is done, and lost.
KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from pipeline.stages import evaluate, umap_layout
from pipeline.stages.build import Build
from tests.conftest import TINY

# What is lost in any case may be less.
umap_layout.lay_out = lambda embeddings, *_: embeddings[:, :2]
evaluate.MOST_GALAXIES = 60
name = Path.replace

def run(folder, stage, file):
    def name_or_die(self, target):
        if Path(target).name == file:
            os.kill(os.getpid(), signal.SIGKILL)
        return name(self, target)

    Path.replace = name_or_die
    Build(replace(TINY, ingest=replace(TINY.ingest, processes=1)), Path(folder)).run(stage)

for job in zip(*[iter(sys.argv[1:])] * 3):
    child = os.fork()
    if child == 0:
        run(*job)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, job
"""

# The file that is not named any more, by stage; and one that is there by then.
LOST = {
    "ingest": ("catalogue-000002.parquet", "catalogue-000001.parquet"),
    "embed": ("embeddings-000002.npy", "embeddings-000001.npy"),
    "index": ("index.ann", None),
    "umap2d": ("umap.npy", None),
    "evaluate": ("evaluation.json", None),
    "publish": ("thumbnails-000002.npy", None),
}


@pytest.fixture(scope="module")
def killed(tiny_build, tmp_path_factory):
    """Copies of a build, each of which was killed in another stage."""
    builds, jobs = {}, []
    for stage, (file, _) in LOST.items():
        atlases = tmp_path_factory.mktemp(stage)
        builds[stage] = Build(tiny_build.config, atlases)
        copytree(tiny_build.workspace.root, builds[stage].workspace.root)
        rmtree(builds[stage].workspace.folder(stage))
        jobs += [str(atlases), stage, file]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *jobs], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return builds


@pytest.mark.parametrize("stage", ["ingest", "embed", "index", "umap2d", "evaluate"])
def test_a_killed_stage_goes_on_to_the_same_result(tiny_build, killed, monkeypatch, stage):
    monkeypatch.setattr(evaluate, "MOST_GALAXIES", 60)  # for speed; figures are not compared
    build, kept = killed[stage], LOST[stage][1]
    folder, expected = build.workspace.folder(stage), tiny_build.workspace.folder(stage)
    assert not build.is_done(stage)
    assert list(folder.glob(".*.partial-*"))
    written = (folder / kept).stat().st_mtime_ns if kept else None
    build.run(stage)
    assert kept is None or (folder / kept).stat().st_mtime_ns == written
    assert {path.name for path in folder.iterdir()} == {path.name for path in expected.iterdir()}
    for path in folder.glob("*.npy"):  # rounding depends on the number of threads
        assert np.allclose(np.load(path), np.load(expected / path.name), atol=1e-5)
    for path in [*folder.glob("*.ann"), *folder.glob("*.csv")]:
        assert path.read_bytes() == (expected / path.name).read_bytes()


def test_a_killed_publish_goes_on_with_the_thumbnails_that_it_lacks(
    tiny_build, killed, monkeypatch
):
    build = killed["publish"]
    assert not build.destination.exists()
    folder, made = build.workspace.folder("publish"), []
    real = publish._thumbnails
    monkeypatch.setattr(publish, "_thumbnails", lambda *them: made.append(them[1]) or real(*them))
    build.run("publish")
    assert made == [2, 3]
    assert not list(folder.glob("*thumbnails*"))
    for path in tiny_build.destination.iterdir():
        expected, found = path.read_bytes(), (build.destination / path.name).read_bytes()
        if path.suffix not in {".json", ".onnx"}:
            assert found == expected
    assert not list(build.destination.parent.glob(".tiny.*"))
