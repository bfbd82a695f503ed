"""How sure the neighbours of a query are."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.embedder import embedding_to_text
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import NeighbourSearch, Question
from dashboard.filters.filters import Filters, Range
from dashboard.panels.results import certainty as panel
from dashboard.query import certainty
from dashboard.query import query as queries
from dashboard.query.answer import answer
from dashboard.query.certainty import (
    Certainty,
    certainty_of,
    in_full,
    in_short,
    random_similarities,
    shares_of_pairs,
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


def test_what_the_index_missed_is_counted_and_put_right_for_this_very_query():
    explorer, query = worse_explorer(), Query(rows=(5,))
    proposed = set(explorer.search.nearest(Question((5,)), 1000).rows.tolist())
    embeddings = random_unit_rows(N, 16)
    similarity = embeddings @ embeddings[5]
    similarity[5] = -2
    nearest = np.argsort(-similarity)[:25].tolist()
    said = certainty_of(explorer, query)
    assert query.neighbours(explorer).rows.tolist() == nearest
    assert (said.n_found, said.n_nearest) == (len(proposed & set(nearest)), 25)
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


def test_a_large_atlas_is_not_compared_with_as_a_whole(monkeypatch):
    monkeypatch.setattr(queries, "MOST_EXACT", N - 1)
    monkeypatch.setattr(NeighbourSearch, "checked", None)
    said = certainty_of(an_explorer(), Query(rows=(5,)))
    assert (said.n_found, said.n_nearest, said.recall) == (None, None, 1.0)


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


def test_each_similarity_has_its_share_of_random_pairs(explorer):
    shares = shares_of_pairs(explorer, np.array([-1.1, 0.0, 1.1]))
    assert shares.tolist() == [0, pytest.approx(0.5, abs=0.02), 1]
    assert shares_of_pairs(Explorer(small_atlas(unit_rows([[1, 0]]))), np.array([1.0])) is None


def test_it_is_counted_how_many_neighbours_are_far_above_random_pairs():
    # A close group of ten in a fan of two hundred: of 19,900 pairs 5 % are within 3 degrees or so.
    angles = np.concatenate([np.linspace(0, 0.1, 10), np.linspace(20, 179, 190)])
    said = certainty_of(fan(angles), Query(rows=(0,), k=16))
    assert said.n_far == 9
    least = certainty_of(fan(angles), Query(rows=(0,), k=16, least_similar=True))
    assert least.n_far == 16


# Words


def said_of(share=0.9923, n_far=25, n_found=24, recall=0.999, **others):
    n_nearest = None if n_found is None else 25
    return Certainty(n_found, n_nearest, recall, 0.934, share, 20_000, n_far, **others)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "than all random pairs"),
        (0.99999, "than 99.9 % of random pairs"),  # cut: what is not all is not 100 %
        (0.957, "than 95.7 % of random pairs"),  # 0.957 * 1000 is 957 to within rounding
    ],
)
def test_where_all_neighbours_resemble_the_line_is_short(share, words):
    assert in_short(said_of(share), 25) == f"All are more similar {words}"


@pytest.mark.parametrize(
    ("n_far", "words"), [(0, "None is"), (1, "Only the first is"), (7, "Only the first 7 are")]
)
def test_the_line_says_where_resemblance_ends(n_far, words):
    said = in_short(said_of(0.6, n_far), 25)
    assert said == f"{words} more similar than 95 % of random pairs"
    least = in_short(said_of(0.6, n_far, least_similar=True), 25)
    assert least == f"{words} less similar than 95 % of random pairs"


def test_of_an_index_the_line_speaks_only_where_it_misses_much():
    assert "index" not in in_short(said_of(n_found=None), 25)
    poor = in_short(said_of(n_found=None, recall=0.97), 25)
    assert poor.endswith("random pairs · the index finds 97 % of the nearest")
    assert "index" not in in_short(said_of(n_found=20, recall=0.97), 25)  # it was put right


def test_the_explanation_says_what_was_compared_and_put_right():
    query = Query(rows=(1,))
    words = in_full(said_of(), query, N)
    assert "compared with all galaxies: the index had missed 1 of the 25 nearest, which" in words
    assert "put in their place" in words
    assert "has 0.934. Of 20,000 pairs" in words
    assert "99.2 % are less similar" in words
    assert "mean of several" not in words
    assert "mean of several" in in_full(said_of(), Query(rows=(1, 2)), N)
    assert "the index had found all nearest." in in_full(said_of(n_found=25), query, N)
    filtered = Query(rows=(1,), filters=Filters((("mag_z", Range(None, 15.0)),)))
    assert "with all galaxies that pass the filters: the index" in in_full(said_of(), filtered, N)


def test_a_large_atlas_tells_the_recall_of_its_index():
    words = in_full(said_of(n_found=None, recall=0.99956), Query(rows=(1,)), 1_000_000)
    assert "1,000,000 galaxies, too many" in words
    assert "it found 99.9 % of the 100 nearest" in words


def test_the_panel_shows_the_line_and_what_it_means(explorer):
    line, meaning = panel.show(explorer, answer(explorer, Query(rows=(5,))))
    assert line.startswith("All are more similar than 9")
    assert "Neighbours come from an index" in meaning


def test_of_very_many_galaxies_few_are_read_and_tell_the_same(monkeypatch):
    rows = random_unit_rows(2_000, 8)
    of_all = random_similarities(Vectors(rows), 20_000)
    monkeypatch.setattr(certainty, "_MANY", 1_000)
    monkeypatch.setattr(certainty, "_N_READ", 400)
    read = []

    class Counted(Vectors):
        def __getitem__(self, chosen):
            read.append(len(np.unique(chosen)))
            return super().__getitem__(chosen)

    of_few = random_similarities(Counted(rows), 20_000)
    assert read == [400]
    assert np.array_equal(of_few, np.sort(of_few))
    assert of_few.max() < 1 - 1e-6  # no galaxy with itself
    for share in (0.5, 0.9, 0.99):
        assert np.mean(of_few < np.quantile(of_all, share)) == pytest.approx(share, abs=0.02)
