"""The whole way, by the stages' own rules: skipped, resumed, the same again."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from annoy import AnnoyIndex

from pipeline import ingest, train
from pipeline.atlas import AtlasError, open_atlas
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
from pipeline.cutouts import CutoutStore
from pipeline.encoder import WeightsError, load_encoder, save_encoder
from pipeline.index import recall_at
from pipeline.sources import Chunk, SourceError
from pipeline.stages import STAGES, Build, StageError
from pipeline.train import Trainer, TrainingError, learning_rate

SMALL = Config(
    name="small",
    source={"kind": "mock", "n_objects": 24, "seed": 1},
    ingest=IngestConfig(chunk_rows=8, processes=1),
    input=InputConfig(field_px=128, input_px=32),
    encoder=EncoderConfig(width=4, head_dim=8),
    train=TrainConfig(epochs=3, batch_size=8, warmup_epochs=1),
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
    build = Build(SMALL, tmp_path_factory.mktemp("built"))
    build.run_all()
    return build


def test_the_same_seed_gives_the_same_atlas_whatever_the_number_of_processes(built, tmp_path):
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


def test_training_that_was_interrupted_ends_with_the_same_weights(built, tmp_path, monkeypatch):
    store = CutoutStore(built.workspace.cutout_store)
    whole = torch.load(built.workspace.folder("train") / train.CHECKPOINT, weights_only=True)[
        "model"
    ]
    real, calls = Trainer._step, []

    def stops_in_the_second_epoch(self, step, first, second):
        calls.append(step)
        if step == 4:
            raise KeyboardInterrupt
        return real(self, step, first, second)

    monkeypatch.setattr(Trainer, "_step", stops_in_the_second_epoch)
    with pytest.raises(KeyboardInterrupt):
        Trainer(SMALL, store, tmp_path).fit()
    monkeypatch.setattr(Trainer, "_step", real)
    resumed = Trainer(SMALL, store, tmp_path)
    assert resumed.first_epoch == 1
    weights = resumed.fit().state_dict()
    assert all(torch.equal(weights[name], whole[f"encoder.{name}"]) for name in weights)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_checkpoint(built, tmp_path, monkeypatch):
    store = CutoutStore(built.workspace.cutout_store)
    monkeypatch.setattr(train, "nt_xent", lambda *_: torch.tensor(float("nan")))
    with pytest.raises(TrainingError, match=r"The loss is nan at step 0.*learning_rate"):
        Trainer(SMALL, store, tmp_path).fit()
    assert not (tmp_path / train.CHECKPOINT).exists()


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


def test_the_learning_rate_rises_then_falls_to_zero():
    config = TrainConfig(epochs=10, warmup_epochs=2, learning_rate=1.0)
    rates = [learning_rate(step, 5, config) for step in range(50)]
    assert rates[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01


def test_embeddings_have_unit_length_and_the_index_reaches_its_recall(built):
    embeddings = np.load(built.workspace.embeddings)
    assert embeddings.shape == (24, 32)
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
    assert model.name == "simclr-resnet18-4"
    assert model.config["training"]["train"]["epochs"] == 3
    assert model.config["training"]["seed"] == 1


def test_recall_counts_twins_as_found():
    rng = np.random.default_rng(0)
    embeddings = np.repeat(rng.standard_normal((4, 8)).astype(np.float32), 100, axis=0)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    index = AnnoyIndex(8, "angular")
    for row, embedding in enumerate(embeddings):
        index.add_item(row, embedding)
    index.build(5, n_jobs=1)
    assert recall_at(index, embeddings, np.arange(0, 400, 20), 20, 400) == 1


def test_recall_is_the_share_of_the_others_that_is_found():
    class HalfBlind:
        def get_nns_by_item(self, row, n, search_k):
            return [row, *range(20, 20 + n)][:n] if row else [0, 1, 2, 30, 31]

    angle = np.linspace(0, 3, 40)
    embeddings = np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    # Of the four nearest to row 0 (rows 1 to 4) it finds two.
    assert recall_at(HalfBlind(), embeddings, np.array([0]), 4, 1) == 0.5
