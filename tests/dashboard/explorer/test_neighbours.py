from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer, UnknownGalaxyError
from dashboard.explorer.neighbours import NoCommonDirectionError, Question
from dashboard.filters.filters import Choice, Filters, Range
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas, unit_rows

ARCSEC = 1 / 3600


@pytest.fixture(scope="module")
def large():
    return Explorer(small_atlas(random_unit_rows(3_000, 16), search_k=20_000))


def test_neighbours_come_in_order_of_their_cosine_without_the_query():
    found = fan([0, 60, 10, 180, 90]).neighbours([0], 16)
    assert found.rows.tolist() == [2, 1, 4, 3]
    assert found.similarity == pytest.approx([0.98480775, 0.5, 0, -1], abs=1e-6)


def test_several_positives_are_answered_by_their_mean():
    found = fan([0, 40, 20, 50, -40]).neighbours([0, 1], 2)  # the mean is at 20 degrees
    assert found.rows.tolist() == [2, 3]
    assert found.similarity == pytest.approx([1, np.cos(np.radians(30))], abs=1e-6)


def test_opposite_positives_have_no_common_direction():
    with pytest.raises(NoCommonDirectionError, match="2 galaxies of this query are opposites"):
        fan([0, 180, 90]).neighbours([0, 1], 16)


def test_neighbours_of_an_unknown_row_are_refused():
    with pytest.raises(UnknownGalaxyError, match="no row 3: its rows are 0 to 2"):
        fan([0, 90, 180]).neighbours([0, 3], 16)
    with pytest.raises(UnknownGalaxyError):
        fan([0, 90, 180]).neighbours([-1], 16)


def test_pieces_of_the_query_are_left_out():
    ra_deg = np.array([100, 100 + 25 * ARCSEC, 100 + 26 * ARCSEC, 200])
    found = fan([0, 1, 2, 3], (ra_deg, np.zeros(4))).neighbours([0], 16)
    assert found.rows.tolist() == [2, 3]


def test_pieces_of_any_member_of_the_query_are_left_out():
    ra_deg = np.array([100, 200, 200 + 20 * ARCSEC, 300])
    found = fan([0, 4, 2, 3], (ra_deg, np.zeros(4))).neighbours([0, 1], 16)
    assert found.rows.tolist() == [3]


def test_of_two_close_galaxies_the_more_similar_is_kept():
    ra_deg = np.array([100, 200, 200 + 20 * ARCSEC, 300])
    found = fan([0, 20, 10, 30], (ra_deg, np.zeros(4))).neighbours([0], 16)
    assert found.rows.tolist() == [2, 3]


def test_a_galaxy_that_was_left_out_leaves_out_no_other():
    ra_deg = np.array([100, 200, 200 + 20 * ARCSEC, 200 + 40 * ARCSEC])
    found = fan([0, 1, 2, 3], (ra_deg, np.zeros(4))).neighbours([0], 16)
    assert found.rows.tolist() == [1, 3]


def test_close_galaxies_are_recognised_across_right_ascension_0_and_at_the_pole():
    ra_deg = np.array([100, 359.999, 0.001, 0, 180])
    dec_deg = np.array([0, 0, 0, 89.999, 89.999])  # 7.2 arcsec apart, both pairs
    found = fan([0, 1, 2, 3, 4], (ra_deg, dec_deg)).neighbours([0], 16)
    assert found.rows.tolist() == [1, 3]


def test_more_candidates_are_asked_for_until_k_galaxies_remain():
    # Of 2,000 galaxies the 1,500 most similar are pieces of one.
    angles = np.linspace(0, 90, 2_000)
    ra_deg = np.where(np.arange(2_000) < 1_500, 10.0, np.linspace(20, 340, 2_000))
    explorer = fan(angles, (ra_deg, np.zeros(2_000)))
    found = explorer.neighbours([0], 25)
    assert found.rows.tolist() == list(range(1_500, 1_525))


def test_an_atlas_in_one_place_has_no_neighbours_to_show():
    found = fan(np.linspace(0, 90, 500), (np.full(500, 10.0), np.zeros(500))).neighbours([0], 16)
    assert len(found.rows) == len(found.similarity) == 0


def test_more_neighbours_than_galaxies_are_all_of_them():
    assert sorted(fan([0, 1, 2]).neighbours([1], 100).rows) == [0, 2]
    assert len(fan([0]).neighbours([0], 16).rows) == 0


def test_galaxies_with_the_same_embedding_are_all_found_in_order_of_row():
    found = fan([5] * 300).neighbours([7], 100)
    assert found.rows.tolist() == [*range(7), *range(8, 101)]
    assert (found.similarity <= 1).all()
    assert found.similarity == pytest.approx(1)


def test_the_index_finds_what_the_exact_search_finds(large):
    overlap = [
        len(
            set(large.neighbours([row], 100).rows)
            & set(large.search.exact(Question((row,)), 100).rows)
        )
        for row in range(0, 3_000, 100)
    ]
    assert np.mean(overlap) >= 99.9


def test_what_an_index_misses_is_put_right_where_it_is_checked():
    atlas = small_atlas(random_unit_rows(2_000, 16))
    other = small_atlas(random_unit_rows(2_000, 16, seed=9))  # whose index knows other galaxies
    search = Explorer(replace(atlas, engine=other.engine)).search
    for asked in (Question((5,)), Question((5,), negatives=(7,), least_similar=True)):
        found, oracle = search.checked(asked, 200), search.exact(asked, 200)
        assert found.rows.tolist() == oracle.rows.tolist()
        assert found.similarity.tolist() == oracle.similarity.tolist()
        assert 0 < np.count_nonzero(found.by_index) < 100
    assert search.nearest(Question((5,)), 200).by_index is None


def test_checked_within_a_filter_there_are_as_many_as_pass(large):
    allowed = np.zeros(3_000, dtype=bool)
    allowed[:40] = True
    found = large.search.checked(Question((0,)), 100, allowed)
    assert sorted(found.rows) == list(range(1, 40))
    assert found.by_index.all()
    assert len(large.search.checked(Question((0,)), 100, np.zeros(3_000, dtype=bool)).rows) == 0


def test_an_index_of_one_tree_is_searched_widely_enough():
    explorer = Explorer(small_atlas(random_unit_rows(2_000, 8), n_trees=1, search_k=1))
    assert len(explorer.neighbours([5], 100).rows) == 100


# Within filters


def test_a_filter_that_leaves_only_what_is_least_similar_is_answered_all_the_same():
    angles = np.linspace(0, 180, 2_000)
    far = {"kind": np.where(angles > 170, "far", "near")}
    explorer = fan(angles, columns=far, search_k=100)
    found = explorer.neighbours([0], 25, Filters((("kind", Choice(("far",))),)))
    first = int(np.argmax(angles > 170))
    assert found.rows.tolist() == list(range(first, first + 25))


def test_fewer_than_k_come_back_only_if_the_filter_leaves_no_more():
    explorer = fan(np.linspace(0, 90, 500), columns={"mag": np.arange(500.0)})
    found = explorer.neighbours([3], 25, Filters((("mag", Range(2, 8)),)))
    assert sorted(found.rows.tolist()) == [2, 4, 5, 6, 7, 8]
    assert len(explorer.neighbours([3], 25, Filters((("mag", Range(1e6)),))).rows) == 0


def test_the_query_itself_need_not_pass_the_filter():
    explorer = fan(np.arange(100), columns={"mag": np.arange(100.0)})
    found = explorer.neighbours([0], 16, Filters((("mag", Range(50)),)))
    assert found.rows.tolist() == list(range(50, 66))


def test_a_galaxy_that_the_filter_leaves_out_leaves_out_no_piece_of_it():
    ra_deg = np.array([100, 200, 200 + 20 * ARCSEC, 300])
    explorer = fan([0, 10, 20, 30], (ra_deg, np.zeros(4)), columns={"mag": [1.0, 1, 2, 2]})
    assert explorer.neighbours([0], 16).rows.tolist() == [1, 3]
    assert explorer.neighbours([0], 16, Filters((("mag", Range(2)),))).rows.tolist() == [2, 3]


def test_of_many_equally_similar_galaxies_those_of_the_first_rows_come_back():
    embeddings = unit_rows(np.tile([1.0, 0.0], (5_000, 1)))
    explorer = Explorer(small_atlas(embeddings, n_trees=1))
    assert explorer.search.exact(Question((0,)), 16).rows.tolist() == list(range(1, 17))
