"""Regions of the map, against how often a polygon winds around a point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.explorer import Explorer
from dashboard.filters import FilterError
from dashboard.filters.filters import Filters, Range
from dashboard.filters.region import MOST_VERTICES, Region
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

SQUARE = Region(((0, 0), (1, 0), (1, 1), (0, 1)))
PLACES = st.tuples(*[st.integers(-20_000, 20_000).map(lambda steps: steps / 10_000)] * 2)
REGIONS = st.builds(Region, st.lists(PLACES, min_size=3, max_size=MOST_VERTICES).map(tuple))


@given(region=REGIONS)
def test_the_text_of_a_region_brings_it_back(region):
    assert Region.from_text(region.to_text()) == region
    assert len(region.to_text()) < 60 * 16


def test_the_text_of_a_region_is_its_corners():
    region = Region(((0.123456784, 0), (1, -0.00000001), (0.5, -2.25)))
    assert region.to_text() == "0.1234568,0 1,0 0.5,-2.25"
    tiny = Region(((0.50001, 0.5), (0.50004, 0.5), (0.50004, 0.50003)))  # far zoomed in
    assert tiny.contains(np.array([[0.50003, 0.50001]])).tolist() == [True]
    assert Region.from_text(tiny.to_text()) == tiny


def test_galaxies_inside_a_square_are_inside():
    xy = np.array([[0.5, 0.5], [1.5, 0.5], [-0.5, 0.5], [0.5, 1.5], [0.99, 0.01]])
    assert SQUARE.contains(xy).tolist() == [True, False, False, False, True]


def test_where_edges_cross_the_middle_of_a_star_is_outside():
    corners = np.exp(2j * np.pi * np.arange(5) * 2 / 5)
    star = Region(tuple((float(c.real), float(c.imag)) for c in corners))
    assert star.contains(np.array([[0, 0], [0.7, 0], [-0.9, 0]])).tolist() == [False, True, False]


@given(
    centre=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    sides=st.integers(3, MOST_VERTICES),
    seed=st.integers(0, 99),
)
def test_inside_is_what_the_polygon_winds_around(centre, sides, seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, sides))
    radii = rng.uniform(0.1, 1, sides)
    corners = np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None] + centre
    xy = rng.uniform(-2, 2, (500, 2))
    directions = (corners - xy[:, None]) @ [1, 1j]
    turns = np.angle(np.roll(directions, -1, axis=1) / directions).sum(axis=1) / (2 * np.pi)
    found = Region(tuple(map(tuple, corners.tolist()))).contains(xy)
    assert found.tolist() == (np.round(turns) % 2 == 1).tolist()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "not a region"),
        (7, "not a region"),
        ("0,0 1,1", "3 to 60 corners, this one has 2"),
        ("0,0 " * 61, "this one has 61"),
        ("0,0 1,1 2", "is not a region of the map"),
        ("0,0 1,1 2,x", "is not a region of the map"),
        ("0,0 1,1 2,nan", "too far from the map"),
        ("0,0 1,1 2,inf", "too far from the map"),
        ("0,0 1,1 2,1e9", "too far from the map"),
        ("0,0 1,1 2,٢", "not a region"),
        ("0," * 10_000, "not a region"),
    ],
)
def test_what_is_no_region_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(FilterError) as error:
        Region.from_text(text)
    assert sentence in str(error.value)
    assert len(str(error.value)) < 200


def test_a_region_is_a_filter_like_the_others():
    atlas = small_atlas(random_unit_rows(100, 4), columns={"mag": np.arange(100.0)})
    atlas.map_xy[:] = np.stack([np.arange(100) / 100, np.full(100, 0.5)], axis=1)
    explorer = Explorer(atlas)
    region = Region.from_text("0.1,0 0.205,0 0.205,1 0.1,1")
    inside = np.flatnonzero(explorer.passing(Filters(region=region)))
    assert set(range(11, 21)) <= set(inside.tolist()) <= set(range(10, 21))
    both = Filters((("mag", Range(15)),), region)
    assert np.flatnonzero(explorer.passing(both)).tolist() == list(range(15, 21))
    assert len(both) == 2
    assert both.without("mag") == Filters(region=region)
    assert Filters.from_store(both.to_store()) == both
    assert set(explorer.neighbours([50], 16, both).rows) == set(range(15, 21))
    words = "mag: 15 or more; within the region 0.1,0 0.205,0 0.205,1 0.1,1 of the map"
    assert both.to_words(explorer.columns) == words
