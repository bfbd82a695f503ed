import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.explorer import Explorer
from dashboard.map import sample as map_sample
from dashboard.map.sample import drawn_rows, nearby_rows, sample
from dashboard.query.answer import answer
from dashboard.query.query import Query
from tests.dashboard.small_atlas import random_unit_rows, small_atlas


def crowd_and_loners(n_crowd, n_loners):
    """Galaxies in one place, then others far from each other along the diagonal."""
    alone = np.linspace(0.3, 1.0, n_loners)
    return np.concatenate([np.full((n_crowd, 2), 0.05), np.stack([alone, alone], axis=1)])


def test_all_are_drawn_where_there_are_not_too_many():
    assert sample(np.random.default_rng(0).random((100, 2)), 100).tolist() == list(range(100))


def test_the_lonely_all_stay_and_the_crowd_is_thinned():
    # 64 points, 5 of them alone: 59 are left for a crowd of 1000, and not one more is left out.
    rows = sample(crowd_and_loners(1000, 5), 64)
    assert set(range(1000, 1005)) <= set(rows.tolist())
    assert len(rows) == 64


def test_what_is_denser_still_looks_denser():
    # Two crowds of 100 and 900 share 40 points: sqrt(100 c) + sqrt(900 c) = 10 + 30 for c = 1.
    xy = np.concatenate([np.full((100, 2), 0.1), np.full((900, 2), 0.9)])
    rows = sample(xy, 40)
    assert [(rows < 100).sum(), (rows >= 100).sum()] == [10, 30]


@given(
    n=st.integers(1, 400),
    most=st.integers(16, 300),
    spread=st.floats(1e-6, 50),
    seed=st.integers(0, 2**32 - 1),
)
def test_never_more_than_asked_for_always_the_same_and_each_once(n, most, spread, seed):
    xy = np.random.default_rng(seed).normal(0.5, spread, (n, 2)).astype(np.float32)
    rows = sample(xy, most)
    assert 1 <= len(rows) <= most
    assert (np.diff(rows) > 0).all()
    assert 0 <= rows[0] <= rows[-1] < n
    assert rows.tolist() == sample(xy, most).tolist()


def test_no_place_of_the_map_is_left_empty():
    xy = np.random.default_rng(3).random((5000, 2))
    rows = sample(xy, 400)  # cells of a tenth
    full = set(map(tuple, np.floor(xy * 10).astype(int).tolist()))
    assert set(map(tuple, np.floor(xy[rows] * 10).astype(int).tolist())) == full


@pytest.fixture
def explorer():
    atlas = small_atlas(random_unit_rows(60, 4))
    atlas.map_xy[:] = np.random.default_rng(1).random((60, 2))
    return Explorer(atlas)


def test_the_neighbourhood_of_a_query_is_complete_on_a_map_of_very_many(explorer, monkeypatch):
    monkeypatch.setattr(map_sample, "MOST_DRAWN", 20)
    query = Query(rows=(5, 6), negatives=(7,), k=16)
    missing = nearby_rows(explorer, answer(explorer, query))
    wanted = {5, 6, 7, *query.neighbours(explorer).rows.tolist()}
    assert set(missing) == wanted - set(drawn_rows(explorer).tolist())
    assert missing  # or this test says nothing


def test_a_whole_map_needs_no_more(explorer):
    assert nearby_rows(explorer, answer(explorer, Query(rows=(5,)))) == []
