"""The pictures of the method page."""

import base64
import io
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dashboard.explorer.explorer import Explorer
from dashboard.method.examples import examples, small_map, stripes
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas, unit_rows


def pixels_of(url):
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_a_number_below_zero_is_blue_above_zero_gold_and_zero_dark():
    ((blue, dark, gold),) = pixels_of(stripes(unit_rows([[-5, 0, 5]])[0] * 3))
    assert blue[2] > blue[0] + 100
    assert gold[0] > gold[2] + 100
    assert dark.max() < 40


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40))
def test_there_is_a_stripe_for_each_number(numbers):
    assert pixels_of(stripes(np.array(numbers))).shape == (1, len(numbers), 3)


def test_the_similar_are_in_order_and_the_random_are_others():
    explorer = fan(range(0, 120, 5))
    row = explorer.default_row()
    shown = examples(explorer, Pictures(explorer))
    assert shown.galaxy.name == f"G{row}"
    assert shown.galaxy.similarity == ""
    # The last of a row: the others are 5, 10 and more deg away.
    assert [one.similarity for one in shown.similar][:2] == ["1.00", "0.98"]
    names = [one.name for one in (shown.galaxy, *shown.similar, *shown.random)]
    assert len(names) == len(set(names)) == 11
    assert examples(explorer, Pictures(explorer)) == shown  # random, but the same for everyone


def test_a_galaxy_leads_to_the_page_that_searches_from_it():
    explorer = fan([0, 10, 20, 30])
    shown = examples(explorer, Pictures(explorer)).similar[0]
    (object_id,) = parse_qs(shown.address.removeprefix("?"))["galaxy"]
    assert object_id == shown.name
    assert Query(rows=(explorer.row_of(object_id),))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_an_atlas_of_hardly_any_galaxies_has_a_page_all_the_same(n):
    explorer = fan([10 * row for row in range(n)])
    shown = examples(explorer, Pictures(explorer))
    assert len(shown.similar) + len(shown.random) == n - 1
    assert small_map(explorer) is None  # all at one point


def map_of(xy, degrees):
    angles = np.radians(degrees)
    atlas = small_atlas(
        unit_rows(np.stack([np.cos(angles), np.sin(angles)], axis=1)),
        (np.linspace(0, 300, len(degrees)), np.zeros(len(degrees))),
    )
    return Explorer(replace(atlas, map_xy=np.asarray(xy, dtype=np.float32)))


def test_the_small_map_counts_neighbours_that_are_also_near_on_it():
    n = 100
    degrees = np.linspace(0, 90, n)
    in_order = map_of(np.stack([np.arange(n), np.zeros(n)], axis=1), degrees)
    drawn = small_map(in_order)
    assert (drawn.n_similar, drawn.n_near) == (24, 24)
    # The nearest on the sky to the first query is row 66, of 99 steps of 300/99 deg.
    assert drawn.galaxy[0] == pytest.approx(100 * (66 / 99 * 0.94 + 0.03), abs=1.5)
    shuffled = np.random.default_rng(1).permutation(n)
    apart = small_map(map_of(np.stack([shuffled, np.zeros(n)], axis=1), degrees))
    assert apart.n_near < 24


def test_every_mark_lies_on_the_small_map_and_outliers_do_not_shrink_it():
    xy = np.random.default_rng(1).normal(size=(1500, 2))
    xy[3] = 1e6
    atlas = small_atlas(random_unit_rows(1500, 8))
    drawn = small_map(Explorer(replace(atlas, map_xy=xy.astype(np.float32))))
    marks = np.array([drawn.galaxy, *drawn.similar])
    assert ((marks >= 0) & (marks <= 100)).all()
    opacity = pixels_of(drawn.mask)[..., 1]
    assert (opacity > 0).mean() > 0.02


def test_of_very_many_galaxies_a_part_is_drawn_and_all_are_looked_at_for_the_nearest(monkeypatch):
    xy = np.random.default_rng(2).normal(size=(1000, 2))
    explorer = map_of(xy, np.linspace(0, 90, 1000))
    whole = small_map(explorer)
    monkeypatch.setattr("dashboard.method.examples._MOST_DRAWN", 300)
    monkeypatch.setattr("dashboard.method.examples._BLOCK_ROWS", 64)
    part = small_map(explorer)
    assert (part.n_similar, part.n_near) == (whole.n_similar, whole.n_near)
    assert part.galaxy == pytest.approx(whole.galaxy, abs=3)
    n_drawn = [(pixels_of(drawn.mask)[..., 1] > 0).sum() for drawn in (part, whole)]
    assert 0.2 * n_drawn[1] < n_drawn[0] < 0.5 * n_drawn[1]
