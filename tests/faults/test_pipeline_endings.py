"""A build that is stopped, has no room, meets impossible numbers, or is not the only one."""

from __future__ import annotations

import csv
import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import command_line
from pipeline.__main__ import main
from pipeline.atlas import whole_files
from pipeline.config import EvaluateConfig
from pipeline.sources import Rejected, SourceError
from pipeline.stages import ingest, umap_layout
from pipeline.store.cutouts import CutoutStore
from pipeline.store.lock import FolderLock
from tests.faults.pipeline_builds import CONFIG as CONFIG_OF_A_BUILD
from tests.faults.pipeline_builds import STAGES, atlas_bytes, build_in, copy_of, quick_layout
from tests.faults.test_pipeline_kills import CONFIG, ROOT

STOPPED = "Stopped. The same command goes on where it was."


def start(folder: Path, *, n_galaxies: int = 40) -> subprocess.Popen:
    """Start a build in a session of its own, as a terminal would."""
    path = folder / "killed.toml"
    path.write_text(CONFIG.replace("n_objects = 40", f"n_objects = {n_galaxies}"))
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", "build", str(path), "--atlases", str(folder / "a")],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)


def listens(process) -> bool:
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))


def is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def check_end(process, number):
    printed, said = process.communicate(timeout=60)
    if process.returncode == 0:  # it was too late
        assert "The atlas is in" in printed
        return
    assert process.returncode == 128 + number, said
    assert "Traceback" not in said, said
    assert said.count(STOPPED) == 1, said
    assert said.endswith(f"{STOPPED}\n"), said
    wait_until(lambda: is_gone(process.pid))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_is_quiet_when_it_is_stopped_while_it_is_loaded(tmp_path, number):
    process = start(tmp_path)
    wait_until(lambda: listens(process))
    os.killpg(process.pid, number)
    check_end(process, number)


@pytest.mark.long_fault
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_stopped_ends_the_processes_that_read(tmp_path, number):
    process = start(tmp_path, n_galaxies=4000)
    wait_until(lambda: list(tmp_path.glob("a/.build/killed/ingest/cutouts-*")))
    os.killpg(process.pid, number)
    check_end(process, number)


@pytest.mark.long_fault
@pytest.mark.timeout(900)
def test_a_build_is_quiet_whenever_it_is_stopped(tmp_path):
    rng = random.Random(8)
    for trial in range(24):
        number = (signal.SIGINT, signal.SIGTERM)[trial % 2]
        process = start(tmp_path)
        wait_until(lambda p=process: p.poll() is not None or listens(p))
        time.sleep(rng.uniform(0, 6))
        if process.poll() is None:
            os.killpg(process.pid, number)
        check_end(process, number)


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_is_one_sentence_and_the_stage_goes_on(whole, tmp_path, monkeypatch, stage):
    """Fail where the first file that is complete should be on the disk."""
    build = copy_of(whole, tmp_path / "atlases")
    folder = build.workspace.folder(stage)
    for path in folder.iterdir():
        if path.name != "encoder.onnx":  # exporting it takes seconds
            path.unlink()
    real = whole_files.sync

    def sync(path):
        if path.parent == folder and not path.name.startswith((".started", ".done")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path)

    monkeypatch.setattr(whole_files, "sync", sync)
    with pytest.raises(OSError, match="No space") as error:
        build.run(stage)
    sentence = command_line._sentence(error.value)
    assert sentence.startswith(f"There is no room for {folder}"), sentence
    assert "the same command then goes on where it was." in sentence
    assert not list(folder.glob(".*.partial-*"))
    monkeypatch.undo()
    build.run_all()
    assert atlas_bytes(build.destination) == atlas_bytes(whole.destination)


@pytest.mark.long_fault
@pytest.mark.timeout(900)
def test_a_disk_that_is_full_again_and_again_delays_a_build_and_nothing_else(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(umap_layout, "lay_out", quick_layout)
    path = tmp_path / "killed.toml"
    path.write_text(CONFIG.replace("processes = 2", "processes = 1"))
    quiet, small = tmp_path / "quiet", tmp_path / "small"
    assert main(["build", str(path), "--atlases", str(quiet)]) == 0
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("small disks can be mounted by root only")
    try:
        capsys.readouterr()
        n_full = 0
        for size_kb in range(256, 40_000, 256):
            resize = ["mount", "-o", f"remount,size={size_kb}k", str(small)]
            subprocess.run(resize, check=True)
            status = main(["build", str(path), "--atlases", str(small)])
            said = capsys.readouterr().err
            assert "Traceback" not in said
            if status == 0:
                break
            n_full += 1
            (sentence,) = [line for line in said.splitlines() if "galaxy-finder:" in line]
            assert "There is no room for" in sentence or "The index needs" in sentence, sentence
        assert n_full > 10
        assert atlas_bytes(small / "killed") == atlas_bytes(quiet / "killed")
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)  # files are mapped yet


class Changed:
    """A source whose chunks are changed."""

    def __init__(self, source, change):
        self.source, self.change = source, change

    def __getattr__(self, name):
        return getattr(self.source, name)

    def __len__(self):
        return len(self.source)

    def read(self, start, stop):
        return self.change(self.source.read(start, stop))


def test_numbers_that_arithmetic_cannot_take_are_missing_and_said(tmp_path, monkeypatch, caplog):
    def extreme(chunk):
        mags = chunk.catalogue["mag_z"].to_numpy(copy=True)
        mags[:3] = 1e308, -1.7e308, 1e44  # as some luminosities are in erg/s
        return replace(chunk, catalogue=chunk.catalogue.assign(mag_z=mags))

    real = ingest.open_source
    monkeypatch.setattr(ingest, "open_source", lambda options: Changed(real(options), extreme))
    build = build_in(tmp_path)
    build.run("ingest")
    mags = CutoutStore(build.workspace.cutout_store).catalogue()["mag_z"].to_numpy()
    assert np.isnan(mags[:2]).all()
    assert mags[2] == 1e44
    assert "mag_z: 6 of its values are beyond 1e+100, and taken for missing" in caplog.messages


@pytest.mark.long_fault
def test_a_catalogue_of_impossible_numbers_becomes_an_atlas(tmp_path, monkeypatch):
    def extreme(chunk):
        numbers = chunk.catalogue.select_dtypes("number").columns.difference(["ra_deg", "dec_deg"])
        return replace(
            chunk, catalogue=chunk.catalogue.assign(**dict.fromkeys(numbers[1::2], 1e308))
        )

    real = ingest.open_source
    monkeypatch.setattr(ingest, "open_source", lambda options: Changed(real(options), extreme))
    build = build_in(tmp_path, replace(CONFIG_OF_A_BUILD, evaluate=EvaluateConfig(k=3)))
    build.run_all()
    assert build.is_done("publish")


def test_no_cell_of_what_was_left_out_is_a_formula(tmp_path, monkeypatch):
    texts = ["=1+1", "+1", "-1", "@sum", "\tx", "\r=1", "'=1", "plain", "a=b"]

    def refuse(chunk):
        return replace(
            chunk,
            catalogue=chunk.catalogue.iloc[:0],
            cutouts=chunk.cutouts[:0],
            rejected=tuple(Rejected(text, text) for text in texts),
        )

    real = ingest.open_source
    monkeypatch.setattr(ingest, "open_source", lambda options: Changed(real(options), refuse))
    build = build_in(tmp_path)
    with pytest.raises(SourceError, match="No galaxy"):
        build.run("ingest")
    path = build.workspace.folder("ingest") / ingest.REPORT
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1 : len(texts) + 1]
    assert rows == [[cell, cell] for cell in [f"'{text}" for text in texts[:7]] + texts[7:]]


HOLDS = """
import sys, time
from pathlib import Path
from pipeline.store.lock import FolderLock
with FolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_build_says_for_whom_it_waits_and_goes_on_when_that_is_killed(tmp_path, caplog):
    build = build_in(tmp_path)
    lock = build.workspace.root / ".lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(lock)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        waits = threading.Thread(target=build.run, args=("ingest",))
        waits.start()
        wait_until(lambda: any("works in" in message for message in caplog.messages))
        assert f"Another build (process {holder.pid} on " in caplog.messages[-1]
        assert str(build.workspace.root) in caplog.messages[-1]
        assert waits.is_alive()
    finally:
        holder.kill()
        holder.communicate()
    waits.join(60)
    assert build.is_done("ingest")
    with FolderLock(lock), FolderLock(tmp_path / "other"):
        pass
