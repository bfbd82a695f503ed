"""`index.engine = "auto"`, and what is said of an engine that does not pay."""

import json
import logging

import numpy as np
import pytest

from pipeline.atlas.engines import Vectors
from pipeline.config import Config, IndexConfig
from pipeline.stages import engine_choice, index
from pipeline.stages.engine_choice import Tried, best_of, choose
from pipeline.stages.trial import Trial
from pipeline.store.workspace import Workspace
from tests.pipeline.atlas.engines.built_engines import OPTIONS, many

N = 3_000


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path)
    for stage in ("embed", "index"):
        workspace.folder(stage).mkdir()
    np.save(workspace.embeddings, many()[:N])
    return workspace


def config(engine):
    return Config(
        name="any", source={}, index=IndexConfig(engine=engine, n_trees=3, recall_queries=9)
    )


@pytest.mark.parametrize(
    ("tried", "best"),
    [
        ({"exact": (1, 30), "faiss": (0.9995, 0.5), "annoy": (0.9991, 12)}, "faiss"),
        ({"exact": (1, 30), "faiss": (0.99, 0.5), "annoy": (0.9991, 12)}, "annoy"),
        ({"exact": (1, 30), "faiss": (0.99, 0.5), "annoy": (0.998, 12)}, "exact"),
        ({"exact": (1, 0.11), "faiss": (1, 0.1), "annoy": (1, 0.1)}, "exact"),
        ({"exact": (1, 9), "faiss": (1, 0.11), "annoy": (1, 0.1)}, "faiss"),
    ],
)
def test_the_quickest_that_reaches_the_target_is_best_the_plainer_if_hardly_slower(tried, best):
    assert best_of([Tried(name, *did) for name, did in tried.items()], 0.999).engine == best


def test_what_was_measured_is_said(caplog):
    with caplog.at_level(logging.INFO):
        name, why = choose(Vectors(many()[:N]), 1, OPTIONS)
    assert f"{name} reaches a recall of 0.99 in" in why
    assert "sample" not in why
    for candidate in engine_choice.CANDIDATES:
        assert candidate in why
        assert f"tried {candidate}: recall@100" in caplog.text


def test_of_very_many_galaxies_a_sample_is_tried(monkeypatch):
    monkeypatch.setattr(engine_choice, "_MOST_TRIED_WHOLE", 1_000)
    monkeypatch.setattr(engine_choice, "_SAMPLED", 500)
    sizes = []
    of = Trial.of
    monkeypatch.setattr(
        Trial, "of", lambda vectors, *rest: sizes.append(len(vectors)) or of(vectors, *rest)
    )
    _, why = choose(Vectors(many()[:N]), 1, OPTIONS)
    assert sizes == [500]
    assert why.endswith("measured on 500 of the galaxies, for exact search reckoned.")


def test_what_was_chosen_is_built_and_the_reason_kept(workspace, monkeypatch):
    monkeypatch.setattr(index, "choose", lambda *_: ("faiss", "It was chosen by measurement."))
    monkeypatch.setattr(index, "_pays", lambda *_: True)
    index.run(config("auto"), workspace)
    said = json.loads(workspace.index_info.read_text())
    assert (said["engine"], said["why"]) == ("faiss", "It was chosen by measurement.")
    assert (workspace.folder("index") / "index.faiss").exists()


def test_what_does_not_pay_among_all_galaxies_gives_way_to_exact_search(workspace, monkeypatch):
    monkeypatch.setattr(index, "choose", lambda *_: ("faiss", "It was chosen by measurement."))
    monkeypatch.setattr(Trial, "exact_ms", lambda _: 0.0)
    index.run(config("auto"), workspace)
    said = json.loads(workspace.index_info.read_text())
    assert said["engine"] == "exact"
    assert said["why"].endswith("ms, so exact search does it.")
    assert [file.name for file in workspace.folder("index").iterdir()] == ["index.json"]


def test_an_engine_that_does_not_pay_is_named_with_what_to_choose(workspace, monkeypatch, caplog):
    monkeypatch.setattr(Trial, "exact_ms", lambda _: 0.0)
    monkeypatch.setattr(index, "_MANY", N - 1)
    index.run(config("annoy"), workspace)
    (record,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "annoy does not reach the target of 0.999 in less time than exact" in record.message
    assert 'index.engine = "auto"' in record.message
    assert "why" not in json.loads(workspace.index_info.read_text())


def test_a_galaxy_alone_has_all_its_neighbours():
    trial = Trial.of(Vectors(many()[:1]), 1, 10)
    assert trial.recall(None) == 1
    assert trial.exact_ms() >= 0
