"""From what a hand draws on the map to a region, and to a query of the galaxies in it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.explorer import Explorer
from dashboard.filters import FilterError
from dashboard.filters.filters import Choice, Filters
from dashboard.filters.region import MOST_VERTICES, Region
from dashboard.map.requests import first_page
from dashboard.map.selection import most_typical, query_of_selection, region_of, simplified
from dashboard.panels.map import selection as map_selection
from dashboard.query.answer import answer
from dashboard.query.query import MOST_ROWS, Query
from pipeline.atlas import Vectors
from tests.dashboard.panel_words import after, all_of, texts, turn_of
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]


def circle(n, radius=1.0):
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.fixture(scope="module")
def mapped():
    """Three hundred galaxies at their places on a line from (0, 0) to (1, 1), of two kinds."""
    atlas = small_atlas(
        random_unit_rows(300, 4),
        columns={"kind": [["disk", "ring"][row % 2] for row in range(300)]},
    )
    atlas.map_xy[:] = np.linspace(0, 1, 300)[:, None]
    return Explorer(atlas)


def within(side):
    """Return the query of all galaxies within a square from (-1, -1) to (side, side)."""
    region = Region(((-1.0, -1.0), (side, -1.0), (side, side), (-1.0, side)))
    return Query(rows=(0,), negatives=(1,), k=36, filters=Filters(region=region))


def test_a_box_is_a_region_of_four_corners():
    assert region_of(SQUARE).vertices == ((0, 0), (1, 0), (1, 1), (0, 1))


def test_a_lasso_loses_the_corners_that_matter_least():
    # On a square with points along its sides, only the corners span triangles with their like.
    sides = [[x / 8, 0] for x in range(8)] + [[1, y / 8] for y in range(8)]
    sides += [[1 - x / 8, 1] for x in range(8)] + [[0, 1 - y / 8] for y in range(8)]
    kept = simplified(np.array(sides, dtype=float), 4)
    assert sorted(map(tuple, kept.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_lasso_of_thousands_of_places_selects_what_it_surrounds():
    region = region_of(circle(5000).tolist())
    assert len(region.vertices) == MOST_VERTICES
    xy = np.random.default_rng(0).uniform(-1.5, 1.5, (4000, 2))
    radius = np.linalg.norm(xy, axis=1)
    clear = np.abs(radius - 1) > 0.01
    assert (region.contains(xy) == (radius < 1))[clear].all()


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=3, max_size=200))
def test_whatever_is_drawn_around_something_is_a_region(places):
    places = [list(place) for place in places]
    if np.ptp(places, axis=0).all():
        region = region_of(places)
        assert len(region.vertices) == min(len(places), MOST_VERTICES)
        assert Region.from_text(region.to_text()) is not None


@pytest.mark.parametrize(
    "places",
    [None, "x", {}, [1], [[1, 2, 3]] * 4, [["1", 2]] * 4, [[True, 1]] * 4, [[1e999, 0]] * 4],
)
def test_what_is_no_drawing_is_refused(places):
    with pytest.raises(FilterError, match="not a region"):
        region_of(places)


@pytest.mark.parametrize(
    "places", [[], [[0, 0], [1, 1]], [[0.5, 0.5]] * 9, [[0, 1], [1, 1], [2, 1]]]
)
def test_a_line_that_surrounds_nothing_says_so(places):
    with pytest.raises(FilterError, match="surrounds nothing"):
        region_of(places)


def test_all_of_a_small_selection_are_examples_and_the_region_is_left(mapped):
    query = query_of_selection(mapped, within(0.1))  # rows 0 to 29
    assert query.rows == tuple(range(30))
    assert (query.negatives, query.filters, query.origin, query.k) == ((), Filters(), "map", 36)


def test_the_other_filters_stay(mapped):
    only_disks = (("kind", Choice(("disk",))),)
    selected = within(0.1)
    filters = Filters(only_disks, selected.filters.region)
    query = query_of_selection(mapped, Query(rows=(0,), filters=filters))
    assert query.rows == tuple(range(0, 30, 2))
    assert query.filters == Filters(only_disks)


def test_of_a_large_selection_the_examples_are_those_nearest_to_the_mean(mapped):
    query = query_of_selection(mapped, within(2.0))  # all of them
    mean = mapped.search.vectors[:].astype(np.float64).mean(axis=0)
    nearest = np.argsort(-(mapped.search.vectors[:] @ mean))[:MOST_ROWS]
    assert len(query.rows) == MOST_ROWS
    assert set(query.rows) == set(nearest.tolist())


def test_typical_galaxies_are_found_block_by_block(monkeypatch):
    monkeypatch.setattr("pipeline.atlas.engines.vectors._BLOCK_ROWS", 7)
    embeddings = random_unit_rows(50, 3)
    rows = np.arange(1, 50, 2)
    mean = embeddings[rows].mean(axis=0)
    assert set(most_typical(Vectors(embeddings), rows, 5)) == set(
        rows[np.argsort(-(embeddings[rows] @ mean))[:5]]
    )


# The panel


def test_the_page_says_how_many_are_selected_and_what_more_like_these_means(mapped):
    said, are_hidden, is_useless = map_selection.show(answer(mapped, within(0.1)))
    assert said == "30 galaxies selected on the map."
    assert (are_hidden, is_useless) == (False, False)
    said, *_ = map_selection.show(answer(mapped, within(2.0)))
    assert said == (
        "300 galaxies selected on the map. More like these: like the 100 most typical of them."
    )
    said, are_hidden, is_useless = map_selection.show(answer(mapped, within(-0.5)))
    assert said == "0 galaxies selected on the map."
    assert (are_hidden, is_useless) == (False, True)
    assert map_selection.show(answer(mapped, Query(rows=(0,))))[1:] == (True, True)


def test_clear_removes_the_region_and_nothing_else(mapped):
    page = replace(first_page(mapped), query=within(0.1))
    cleared = after(mapped, page, ("region", {"places": None})).page.query
    assert cleared.filters == Filters()
    assert (cleared.rows, cleared.negatives, cleared.k) == ((0,), (1,), 36)


def test_what_is_wrong_with_a_drawing_is_said_below_the_map(mapped):
    page = replace(first_page(mapped), query=within(0.1))
    show = map_selection.part().show
    line = ("region", {"places": [[0, 0]]})
    assert "surrounds nothing" in show(turn_of(mapped, page, line))[-1]
    assert show(turn_of(mapped, page, ("k", {"k": 25})))[-1] == ""


def test_the_page_says_what_share_is_drawn_if_it_is_not_all():
    said = map_selection.share_drawn(100_000, 300_000)
    assert said.startswith(
        " 100,000 of 300,000 galaxies are drawn (33.3 %): all where they lie apart"
    )
    assert "(99.7 %)" in map_selection.share_drawn(100_000, 100_300)
    assert map_selection.share_drawn(300, 300) == ""


def test_what_can_be_done_with_a_selection_is_hidden_at_first(mapped):
    page = map_selection.layout(mapped)
    assert [button.children for button in all_of(page, "Button")] == [
        "Select all in view",
        "More like these",
        "Clear",
    ]
    assert "Galaxies that look alike lie together." in texts(page)[0]
