"""Results between stages, damaged: noticed before they are used, said, and made again."""

from __future__ import annotations

import json
import logging
import os
import shutil

import pytest

from pipeline.atlas import AtlasError
from pipeline.stages.build import StageError
from pipeline.store import sums
from tests.faults.pipeline_builds import (
    DAMAGE,
    STAGES,
    atlas_bytes,
    build_in,
    copy_of,
    files_of,
)

# What is kept of a stage that was killed, for the next run to go on with.
HALF_WAY = (
    "ingest/cutouts-000001.npy",
    "ingest/rejected-000001.json",
    "ingest/catalogue-000001.parquet",
    "ingest/survey.json",
    "train/checkpoint.pt",
    "train/encoder.safetensors",
    "embed/embeddings-000001.npy",
    "embed/embeddings.npy",
    "index/index.ann",
    "publish/encoder.onnx",
)
BOOKS = ("done.json", "started.json", "sums.jsonl")


@pytest.fixture(scope="session")
def expected(whole):
    return atlas_bytes(whole.destination)


def relative(build, path):
    return path.relative_to(build.destination.parent)


def results_of(build):
    """Return a result of each kind, with its stage."""
    others = {"000000", "000002"}  # chunks like the one between
    return [
        (stage, relative(build, path))
        for stage in STAGES
        for path in files_of(build, stage)
        if path.stem.partition("-")[2] not in others
    ]


def test_every_damage_to_every_result_is_noticed_and_named(whole, tmp_path):
    build = copy_of(whole, tmp_path / "atlases")
    n_cases = 0
    for stage, name in results_of(build):
        path = build.destination.parent / name
        for what, damage in DAMAGE.items():
            shutil.copy(path, kept := tmp_path / "kept")
            damage(path)
            again = build_in(build.destination.parent)  # as the next command would see it
            assert not again.is_done(stage), (what, name)
            assert str(path) in str(again.fault(stage)), (what, name)
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
            shutil.copy(kept, path)
            n_cases += 1
    assert n_cases >= 200
    assert build_in(build.destination.parent).is_done("publish")


def heal(build, expected, caplog):
    """Run the same command again; return what it said."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, "pipeline"):
        build.run_all()
    found = atlas_bytes(build.destination)
    assert found == expected, [name for name in expected if found.get(name) != expected[name]]
    assert all(build.is_done(stage) for stage in STAGES)
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("what", ["one byte flipped", "a folder"])
def test_the_same_command_heals_a_result_of_every_stage(whole, expected, tmp_path, caplog, what):
    for number, (stage, name) in enumerate(results_of(whole)):
        if stage == "publish" and name.name not in ("index.ann", "manifest.json"):
            continue
        build = copy_of(whole, tmp_path / f"atlases-{number}")
        DAMAGE[what](path := build.destination.parent / name)
        said = heal(build, expected, caplog)
        assert said[0].startswith(f"{stage}: again, since it is damaged: {path}")


@pytest.mark.long_fault
@pytest.mark.timeout(900)
def test_the_same_command_heals_every_damage_to_every_file(whole, expected, tmp_path, caplog):
    books = [
        (stage, relative(whole, whole.workspace.folder(stage) / name))
        for stage in STAGES
        for name in BOOKS
        if (whole.workspace.folder(stage) / name).exists()
    ]
    for damage in DAMAGE.values():
        for _, name in [*results_of(whole), *books]:
            shutil.rmtree(tmp_path / "atlases", ignore_errors=True)
            build = copy_of(whole, tmp_path / "atlases")
            damage(build.destination.parent / name)
            heal(build, expected, caplog)
        for name in HALF_WAY:
            shutil.rmtree(tmp_path / "atlases", ignore_errors=True)
            build = copy_of(whole, tmp_path / "atlases")
            path = build.workspace.root / name
            (path.parent / "done.json").unlink()  # killed just before
            damage(path)
            heal(build, expected, caplog)


def test_one_byte_in_what_a_killed_run_has_left_is_not_used(whole, expected, tmp_path, caplog):
    build = copy_of(whole, tmp_path / "atlases")
    for name in HALF_WAY:
        path = build.workspace.root / name
        (path.parent / "done.json").unlink(missing_ok=True)
        DAMAGE["one byte flipped"](path)
    said = heal(build, expected, caplog)
    assert said == [
        f"{build.workspace.root / 'train' / 'checkpoint.pt'} is damaged: training begins again"
    ]


def test_a_stage_by_itself_names_the_damaged_file_and_what_to_run(whole, tmp_path):
    build = copy_of(whole, tmp_path / "atlases")
    DAMAGE["one byte flipped"](build.workspace.embeddings)
    with pytest.raises(StageError) as error:
        build.run("publish")
    assert str(error.value) == (
        f"Stage publish needs embed, which is damaged: {build.workspace.embeddings} has changed "
        "since it was written: its SHA-256 is another. Run 'embed' first with the same "
        "configuration, or 'build' for all of them."
    )


def test_results_that_come_out_otherwise_have_the_stages_after_them_run_again(
    whole, expected, tmp_path, caplog
):
    build = copy_of(whole, tmp_path / "atlases")
    record = build.workspace.folder("train") / "done.json"
    content = json.loads(record.read_text())
    # As if an earlier training had ended with other weights, and the others been made of them.
    content["results"]["train/encoder.safetensors"]["sha256"] = "0" * 64
    record.write_text(json.dumps(content))
    digest = build.workspace.digest("train")
    embed = build.workspace.folder("embed") / "done.json"
    content = json.loads(embed.read_text())
    content["made_of"]["train"] = digest
    embed.write_text(json.dumps(content))
    said = heal(build, expected, caplog)
    assert "embed: again, since it was made of other results of train" in said


def test_what_an_earlier_release_has_left_without_sums_is_taken_as_it_is(
    whole, expected, tmp_path, caplog
):
    build = copy_of(whole, tmp_path / "atlases")
    for stage in STAGES:
        folder = build.workspace.folder(stage)
        own = json.loads((folder / "done.json").read_text())["fingerprint"]
        (folder / "done.json").write_text(json.dumps({"fingerprint": own}))
        (folder / "sums.jsonl").unlink(missing_ok=True)
    caplog.set_level(logging.INFO, "pipeline")
    assert [build.run(stage) for stage in STAGES] == [False] * len(STAGES)
    assert "ingest: done by an earlier release; the sums of its results are taken now" in (
        caplog.messages
    )
    DAMAGE["one byte flipped"](build.workspace.map_xy)
    heal(build, expected, caplog)


def test_a_work_folder_that_was_copied_is_hashed_once_and_remembered(whole, tmp_path, monkeypatch):
    build = copy_of(whole, tmp_path / "atlases")
    hashed = []
    real = sums.file_sha256
    monkeypatch.setattr(sums, "file_sha256", lambda path: hashed.append(path.name) or real(path))
    assert build.is_done("ingest")
    assert "cutouts-000001.npy" in hashed
    hashed.clear()
    assert build_in(tmp_path / "atlases").is_done("ingest")
    assert hashed == []


def test_what_took_the_place_of_our_atlas_is_not_removed(whole, tmp_path):
    build = copy_of(whole, tmp_path / "atlases")
    shutil.rmtree(build.destination)
    build.destination.mkdir()
    (build.destination / "thesis.txt").write_text("mine")
    with pytest.raises(AtlasError, match="is there already and is not an atlas"):
        build.run_all()
    assert os.listdir(build.destination) == ["thesis.txt"]
