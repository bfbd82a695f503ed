"""The whole way, by the stages' own rules: skipped, resumed, the same again."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from pipeline.atlas import AtlasError, open_atlas
from pipeline.atlas.engines import Vectors
from pipeline.config import (
    Config,
    ConfigError,
    EmbedConfig,
    EncoderConfig,
    EvaluateConfig,
    IngestConfig,
    InputConfig,
    TrainConfig,
)
from pipeline.encoder.weights import WeightsError, load_encoder, save_encoder
from pipeline.sources import Chunk, SourceError
from pipeline.stages import ingest
from pipeline.stages.build import STAGES, Build, StageError
from pipeline.stages.trial import kth_similarity, recall_at
from pipeline.store.cutouts import CutoutStore
from tests.pipeline.atlas.engines.annoy_in_memory import annoy_in_memory

SMALL = Config(
    name="small",
    source={"kind": "mock", "n_objects": 24, "seed": 1},
    ingest=IngestConfig(chunk_rows=8, processes=1),
    input=InputConfig(field_px=128, input_px=32),
    encoder=EncoderConfig(width=8, head_dim=8),
    train=TrainConfig(epochs=3, batch_size=8, warmup_epochs=1, whitened_dim=16),
    embed=EmbedConfig(orientations=1),
    evaluate=EvaluateConfig(k=3, numbers=("mag_z",)),
)


def contents(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name not in {"manifest.json", "evaluation.json"}
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    torch.set_num_threads(1)
    build = Build(SMALL, tmp_path_factory.mktemp("built"))
    build.run_all()
    return build


def test_the_same_seed_gives_the_same_atlas_whatever_the_number_of_processes(built, tmp_path):
    torch.set_num_threads(1)  # UMAP has set it to the number of cores, and rounding depends on it
    again = Build(replace(SMALL, ingest=IngestConfig(chunk_rows=8, processes=2)), tmp_path)
    again.run_all()
    assert contents(again.destination) == contents(built.destination)


def test_stages_that_are_up_to_date_are_skipped(built):
    assert [built.run(stage.name) for stage in STAGES] == [False] * len(STAGES)


def test_a_changed_knob_outdates_its_stage_and_those_after_it(built):
    changed = Build(replace(SMALL, embed=EmbedConfig(orientations=4)), built.destination.parent)
    done = {stage.name: changed.is_done(stage.name) for stage in STAGES}
    assert done == {
        "ingest": True, "train": True, "embed": False, "index": False,
        "umap2d": False, "evaluate": False, "publish": False,
    }  # fmt: skip


def test_galaxies_without_a_position_are_taken_as_far_as_their_figures(tmp_path, monkeypatch):
    source = {"kind": "folder", "folder": "pictures", "needs_position": False}
    build, ran = Build(replace(SMALL, source=source), tmp_path), []
    monkeypatch.setattr(build, "run", ran.append)
    build.run_all()
    assert ran == ["ingest", "train", "embed", "index", "umap2d", "evaluate"]


def test_a_stage_before_its_turn_names_what_it_needs(tmp_path):
    with pytest.raises(StageError, match="Stage embed needs ingest"):
        Build(SMALL, tmp_path).run("embed")


def test_an_interrupted_ingest_reads_only_what_is_missing(tmp_path, monkeypatch):
    read = []
    real = ingest.open_source

    class Interrupted:
        def __init__(self, source, stop_at):
            self.source, self.stop_at = source, stop_at

        def __getattr__(self, name):
            return getattr(self.source, name)

        def __len__(self):
            return len(self.source)

        def read(self, start, stop):
            if start >= self.stop_at:
                raise KeyboardInterrupt
            read.append(start)
            return self.source.read(start, stop)

    build = Build(SMALL, tmp_path)
    monkeypatch.setattr(ingest, "open_source", lambda options: Interrupted(real(options), 16))
    with pytest.raises(KeyboardInterrupt):
        build.run("ingest")
    monkeypatch.setattr(ingest, "open_source", lambda options: Interrupted(real(options), 99))
    build.run("ingest")
    assert read == [0, 8, 16]
    assert len(CutoutStore(build.workspace.cutout_store)) == 24


def test_a_source_without_a_usable_galaxy_says_where_the_reasons_are(tmp_path, monkeypatch):
    class Empty:
        def __init__(self, source):
            self.source = source

        def __getattr__(self, name):
            return getattr(self.source, name)

        def __len__(self):
            return 8

        def read(self, start, stop):
            chunk = self.source.read(start, stop)
            return Chunk(chunk.catalogue.iloc[:0], chunk.cutouts[:0])

    real = ingest.open_source
    monkeypatch.setattr(ingest, "open_source", lambda options: Empty(real(options)))
    with pytest.raises(SourceError, match=r"No galaxy .* is usable; .*rejected.csv says why"):
        Build(SMALL, tmp_path).run("ingest")


def test_ready_made_weights_are_used_as_they_are(built, tmp_path):
    weights = built.workspace.encoder_weights
    ready = replace(SMALL, train=TrainConfig(weights=str(weights)))
    build = Build(ready, tmp_path)
    build.run("ingest")
    build.run("train")
    assert build.workspace.encoder_weights.read_bytes() == weights.read_bytes()


def test_weights_that_are_missing_stop_the_build_with_a_sentence(tmp_path):
    missing = replace(SMALL, train=TrainConfig(weights="nowhere.safetensors"))
    build = Build(missing, tmp_path)
    build.run("ingest")
    with pytest.raises(StageError, match=r"train\.weights is nowhere.*cannot be read"):
        build.run("train")


def test_embeddings_have_unit_length_and_the_index_reaches_its_recall(built):
    embeddings = np.load(built.workspace.embeddings)
    assert embeddings.shape == (24, 16)  # whitened from 32
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(24), abs=1e-5)
    assert '"recall_at_100": 1.0' in built.workspace.index_info.read_text()


def test_other_weights_in_the_same_file_outdate_training(built, tmp_path):
    weights = tmp_path / "ready.safetensors"
    weights.write_bytes(built.workspace.encoder_weights.read_bytes())
    ready = replace(SMALL, train=TrainConfig(weights=str(weights)))
    before = Build(ready, tmp_path).fingerprint("train")
    encoder = load_encoder(weights)
    with torch.no_grad():
        encoder.conv1.weight += 1
    save_encoder(encoder, weights, {})
    assert Build(ready, tmp_path).fingerprint("train") != before


def test_weights_to_start_from_are_part_of_what_training_depends_on(built, tmp_path):
    start = tmp_path / "start.safetensors"
    start.write_bytes(built.workspace.encoder_weights.read_bytes())
    one = Build(replace(SMALL, train=replace(SMALL.train, start=str(start))), tmp_path)
    before = one.fingerprint("train")
    assert before != built.fingerprint("train")
    start.write_bytes(b"others")
    assert Build(one.config, tmp_path).fingerprint("train") != before


def test_a_published_checkpoint_is_taken_in_our_own_form(built, tmp_path):
    weights = tmp_path / "published.pth"
    torch.save(load_encoder(built.workspace.encoder_weights).state_dict(), weights)
    ready = replace(SMALL, train=TrainConfig(weights=str(weights)))
    build = Build(ready, tmp_path)
    build.run("ingest")
    build.run("train")
    encoder = load_encoder(build.workspace.encoder_weights)
    assert encoder.config == SMALL.encoder


def test_a_model_of_several_surveys_leaves_the_field_to_the_atlas(built, tmp_path):
    weights = tmp_path / "model.safetensors"
    surveys = {"a": {"field_px": None, "input_px": 32}, "b": {"field_px": 88, "input_px": 32}}
    encoder = load_encoder(built.workspace.encoder_weights)
    save_encoder(encoder, weights, {"name": "model", "surveys": surveys})
    build = Build(replace(SMALL, train=TrainConfig(weights=str(weights))), tmp_path)
    build.run("ingest")
    assert build.run("train")
    other = replace(build.config, input=InputConfig(field_px=128, input_px=48))
    with pytest.raises(WeightsError, match=r"was trained with \[input\].*'input_px': 32"):
        Build(other, tmp_path).run("train")


def test_weights_that_were_trained_on_another_input_are_refused(built, tmp_path):
    other = replace(
        SMALL,
        input=InputConfig(field_px=128, input_px=48),
        train=TrainConfig(weights=str(built.workspace.encoder_weights)),
    )
    build = Build(other, tmp_path)
    build.run("ingest")
    with pytest.raises(WeightsError, match=r"was trained with \[input\]"):
        build.run("train")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(SMALL, evaluate=EvaluateConfig(numbers=("mag_x",))), "names mag_x"),
        (replace(SMALL, input=InputConfig(field_px=999)), "field_px is 999"),
    ],
)
def test_a_knob_that_does_not_fit_the_survey_is_found_before_training(tmp_path, wrong, words):
    with pytest.raises(ConfigError, match=words):
        Build(wrong, tmp_path).run("ingest")


def test_a_damaged_atlas_is_published_again(built):
    index = built.destination / "index.ann"
    whole = index.read_bytes()
    index.write_bytes(whole[:-1])
    assert not built.is_done("publish")
    built.run_all()
    assert index.read_bytes() == whole


def test_a_folder_in_the_way_is_noticed_before_any_work(tmp_path):
    (tmp_path / "small").mkdir()
    with pytest.raises(AtlasError, match="is not an atlas"):
        Build(SMALL, tmp_path).run_all()
    assert not (tmp_path / ".build").exists()


def test_the_published_atlas_says_which_encoder_made_it(built):
    model = open_atlas(built.destination).manifest.model
    assert model.name == "simclr-resnet18-8"
    assert model.config["training"]["train"]["epochs"] == 3
    assert model.config["training"]["seed"] == 1


def test_recall_counts_twins_as_found():
    rng = np.random.default_rng(0)
    embeddings = np.repeat(rng.standard_normal((4, 8)).astype(np.float32), 100, axis=0)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    vectors = Vectors(embeddings)
    engine = annoy_in_memory(vectors, n_trees=5, search_k=400)
    rows = np.arange(0, 400, 20)
    least = kth_similarity(embeddings, rows, 20)
    assert recall_at(engine, vectors, rows, least, 20) == 1


def test_recall_is_the_share_of_the_others_that_is_found():
    class HalfBlind:
        def proposals(self, direction, n):
            yield np.array([0, 1, 2, 30, 31])

    angle = np.linspace(0, 3, 40)
    embeddings = np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    # Of the four nearest to row 0 (rows 1 to 4) it finds two.
    rows = np.array([0])
    least = kth_similarity(embeddings, rows, 4)
    assert recall_at(HalfBlind(), Vectors(embeddings), rows, least, 4) == 0.5


def test_an_atlas_is_there_to_be_seen_before_it_is_evaluated(built, tmp_path):
    build = Build(SMALL, tmp_path)
    build.workspace.root.parent.mkdir()
    shutil.copytree(built.workspace.root, build.workspace.root)
    for stage in ("evaluate", "publish"):
        (build.workspace.folder(stage) / "done.json").unlink()
    build.run_until_seen()
    seen = open_atlas(build.destination)
    assert (seen.evaluation, build.is_done("publish")) == ({}, False)
    build.run_until_seen()  # again, as after an interruption
    assert open_atlas(build.destination).manifest == seen.manifest
    build.run_all()
    assert open_atlas(build.destination).evaluation == open_atlas(built.destination).evaluation
    assert contents(build.destination) == contents(built.destination)
    assert build.is_done("publish")
