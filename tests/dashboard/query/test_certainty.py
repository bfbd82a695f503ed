"""How sure the neighbours of a query are."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.embedder import embedding_to_text
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Filters, Range
from dashboard.panels.results import certainty as panel
from dashboard.query import certainty
from dashboard.query.answer import answer
from dashboard.query.certainty import (
    Certainty,
    certainty_of,
    in_full,
    in_short,
    random_similarities,
)
from dashboard.query.query import Query, QueryError
from pipeline.atlas import Vectors
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas, unit_rows

N = 3_000


def an_explorer(n=N, **keywords):
    return Explorer(small_atlas(random_unit_rows(n, 16), **keywords))


@pytest.fixture(scope="module")
def explorer():
    return an_explorer(columns={"mag_z": np.linspace(14, 20, N)})


def worse_explorer():
    """One whose index knows another survey, so that it misses nearly all neighbours."""
    atlas = small_atlas(random_unit_rows(N, 16))
    other = small_atlas(random_unit_rows(N, 16, seed=9))
    return Explorer(replace(atlas, engine=other.engine))


# What the index missed


def test_a_good_index_finds_all_of_the_nearest(explorer):
    said = certainty_of(explorer, Query(rows=(5,)))
    assert (said.n_found, said.n_nearest) == (25, 25)


def test_what_the_index_missed_is_counted_for_this_very_query():
    explorer, query = worse_explorer(), Query(rows=(5,))
    found = set(query.neighbours(explorer).rows.tolist())
    embeddings = random_unit_rows(N, 16)
    similarity = embeddings @ embeddings[5]
    similarity[5] = -2
    nearest = set(np.argsort(-similarity)[:25].tolist())
    said = certainty_of(explorer, query)
    assert (said.n_found, said.n_nearest) == (len(found & nearest), 25)
    assert said.n_found < 20


def test_within_filters_the_nearest_within_them_count(explorer):
    passing = np.flatnonzero(np.linspace(14, 20, N) <= 14.02)
    filters = Filters((("mag_z", Range(None, 14.02)),))
    said = certainty_of(explorer, Query(rows=(0,), filters=filters))
    assert said.n_nearest == said.n_found == len(passing) - 1  # without the query itself


def test_a_picture_of_ones_own_is_judged_as_any_query(explorer):
    text = embedding_to_text(random_unit_rows(1, 16, seed=3)[0], explorer.manifest)
    said = certainty_of(explorer, Query(rows=(), embedding=text))
    assert (said.n_found, said.n_nearest) == (25, 25)
    with pytest.raises(QueryError):
        certainty_of(explorer, Query(rows=(), embedding="nonsense"))


def test_a_large_atlas_is_not_compared_with_as_a_whole(explorer, monkeypatch):
    monkeypatch.setattr(certainty, "MOST_EXACT", N - 1)
    monkeypatch.setattr(Query, "exact_neighbours", None)
    said = certainty_of(explorer, Query(rows=(5,)))
    assert (said.n_found, said.n_nearest, said.recall) == (None, None, 1.0)


def test_of_the_least_similar_in_a_large_atlas_no_recall_is_claimed():
    said = Certainty(None, None, 0.999, -0.5, 0.99, 20_000, least_similar=True)
    assert in_short(said).startswith("How many of the least similar the index finds was not tested")


def test_of_no_neighbours_nothing_is_said():
    lonely = Explorer(small_atlas(unit_rows([[1, 0]])))
    assert certainty_of(lonely, Query(rows=(0,))) is None
    assert panel.show(lonely, answer(lonely, Query(rows=(0,)))) == ("", "")
    own = embedding_to_text(np.array([0.0, 1.0], dtype=np.float32), lonely.manifest)
    assert certainty_of(lonely, Query(rows=(), embedding=own)) is None


# How similar is similar


def test_random_pairs_are_of_two_galaxies_and_always_the_same_ones():
    # The angles between the three are 90, 90 and 180 degrees: no pair has similarity 1.
    vectors = Vectors(unit_rows([[1, 0], [0, 1], [-1, 0]]))
    drawn = random_similarities(vectors, 3_000)
    values, counts = np.unique(drawn.round(6), return_counts=True)
    assert values.tolist() == [-1, 0]
    assert counts[0] == pytest.approx(1_000, abs=130)  # 5 standard deviations of 26
    assert np.array_equal(drawn, random_similarities(vectors, 3_000))


def test_random_similarities_are_in_order_and_those_of_the_embeddings():
    drawn = random_similarities(Vectors(random_unit_rows(500, 8).astype(np.float16)), 20_000)
    assert drawn.dtype == np.float32
    assert (np.diff(drawn) >= 0).all()
    # Between random directions in 8 dimensions cosines have mean 0 and variance 1/8.
    assert drawn.mean() == pytest.approx(0, abs=0.02)
    assert drawn.var() == pytest.approx(1 / 8, abs=0.01)


def test_the_share_is_of_pairs_less_similar_than_the_last_neighbour():
    # Twenty galaxies, a degree apart, of which 16 are shown: the last is 16 degrees from the first.
    # Of the 190 pairs, 1 is 19 degrees apart, 2 are 18 and 3 are 17: 6 are less similar.
    explorer = fan(np.arange(20.0))
    said = certainty_of(explorer, Query(rows=(0,), k=16))
    assert said.similarity == pytest.approx(np.cos(np.radians(16)), abs=1e-6)
    # Equal angles differ by rounding, so that some of the 4 pairs 16 degrees apart may count.
    assert 6 / 190 - 0.007 < said.share_surpassed < 10 / 190 + 0.007
    assert said.n_pairs == certainty.N_PAIRS


# Words


def test_the_line_says_how_many_were_found_and_how_rare_such_similarity_is():
    said = Certainty(24, 25, 0.999, 0.934, 0.99267, 20_000)
    assert in_short(said) == (
        "24 of the 25 nearest found · the last is more similar than 99.2 % of random pairs"
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "than all random pairs"),
        (0.99999, "than 99.9 % of random pairs"),  # cut: what is not all is not 100 %
        (0.29, "than 29 % of random pairs"),  # 0.29 * 1000 is 290 to within an error of rounding
        (0.0, "than 0 % of random pairs"),
    ],
)
def test_shares_are_cut_to_a_tenth_of_a_per_cent(share, words):
    assert in_short(Certainty(25, 25, 1.0, 0.9, share, 20_000)).endswith(words)


def test_the_explanation_says_what_was_compared():
    query, said = Query(rows=(1,)), Certainty(24, 25, 0.999, 0.934, 0.9923, 20_000)
    words = in_full(said, query, N)
    assert "a search through all galaxies, and holds 24 of the 25 nearest" in words
    assert "has 0.934. Of 20,000 pairs" in words
    assert "99.2 % are less similar" in words
    assert "mean of several" not in words
    assert "mean of several" in in_full(said, Query(rows=(1, 2)), N)
    filtered = Query(rows=(1,), filters=Filters((("mag_z", Range(None, 15.0)),)))
    assert "through all galaxies that pass the filters, and" in in_full(said, filtered, N)


def test_a_large_atlas_tells_the_recall_of_its_index():
    said = Certainty(None, None, 0.99956, 0.934, 0.9923, 20_000)
    assert in_short(said).startswith("The index finds 99.9 % of the nearest · ")
    words = in_full(said, Query(rows=(1,)), 1_000_000)
    assert "1,000,000 galaxies, too many" in words
    assert "it found 99.9 % of the 100 nearest" in words


def test_the_panel_shows_the_line_and_what_it_means(explorer):
    line, meaning = panel.show(explorer, answer(explorer, Query(rows=(5,))))
    assert line.startswith("25 of the 25 nearest found")
    assert "Neighbours come from an index" in meaning
