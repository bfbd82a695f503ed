"""What every engine keeps: the promises of `pipeline.atlas.engines.engine.Engine`."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.atlas.engines import ENGINES, Vectors, open_engine
from pipeline.atlas.manifest import IndexInfo

OPTIONS = {"seed": 1, "n_trees": 5, "recall_target": 0.99, "milvus_index": "FLAT"}


def unit_rows(n, seed=0, dim=6):
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def built(name, vectors, file=None):
    """Return an engine that could measure itself while it was built, as in the index stage."""

    def recall(engine):
        shares = []
        for row in range(0, len(vectors), 1 + len(vectors) // 20):
            nearest = np.argsort(-vectors.similarity(vectors[row]))[:20]
            shares.append(np.isin(nearest, next(engine.proposals(vectors[row], 20))).mean())
        return float(np.mean(shares))

    return ENGINES[name].build(vectors, file, OPTIONS, recall=recall, advance=lambda: None)


@pytest.mark.parametrize("name", ENGINES)
@settings(max_examples=25)
@given(n=st.integers(1, 300), share=st.floats(0, 1), first=st.integers(1, 40), seed=st.integers(0))
def test_proposals_are_allowed_come_once_and_end_with_all(name, n, share, first, seed):
    engine = built(name, Vectors(unit_rows(n, seed % 99)))
    allowed = np.random.default_rng(seed).permutation(n) < round(share * n)
    for mask in (None, allowed):
        everything = np.arange(n) if mask is None else np.flatnonzero(mask)
        proposed = list(engine.proposals(unit_rows(1, 7)[0], first, mask))
        for rows in proposed:
            assert rows.dtype == np.int64
            assert len(np.unique(rows)) == len(rows)
            assert set(rows) <= set(everything)
        assert sorted(proposed[-1]) == everything.tolist()


@pytest.mark.parametrize("name", ENGINES)
def test_the_first_proposals_hold_nearly_all_of_the_nearest(name):
    array = unit_rows(3_000)
    engine = built(name, Vectors(array))
    found = []
    for row in range(0, 3_000, 100):
        nearest = np.argsort(-(array @ array[row]))[:20]
        found.append(np.isin(nearest, next(engine.proposals(array[row], 40))).mean())
    assert np.mean(found) > 0.98


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_is_opened_answers_as_the_one_that_was_built(name, tmp_path):
    vectors = Vectors(unit_rows(500))
    kind = ENGINES[name]
    engine = built(name, vectors, kind.file and tmp_path / kind.file)
    parameters = json.loads(json.dumps(engine.parameters))
    info = IndexInfo(engine=name, parameters=parameters, recall_at_100=1.0)
    opened = open_engine(tmp_path, info, vectors, kind.file and tmp_path / kind.file)
    assert opened.summary == engine.summary
    assert opened.description.endswith(".")
    answers = (next(each.proposals(vectors[3], 30)).tolist() for each in (engine, opened))
    assert next(answers) == next(answers)


def test_vectors_are_read_in_blocks_as_at_once(monkeypatch):
    array = unit_rows(100).astype(np.float16)
    vectors, exact = Vectors(array), array.astype(np.float32)
    monkeypatch.setattr("pipeline.atlas.engines.vectors._BLOCK_ROWS", 7)
    rows = np.arange(3, 90, 2)
    assert vectors.similarity(exact[5]) == pytest.approx(exact @ exact[5], abs=1e-6)
    assert vectors.similarity(exact[5], rows) == pytest.approx(exact[rows] @ exact[5], abs=1e-6)
    assert vectors.mean(rows) == pytest.approx(exact[rows].astype(float).mean(axis=0), abs=1e-9)
    assert vectors[4].dtype == next(iter(vectors)).dtype == np.float32
    assert vectors[()].shape == (0, 6)
