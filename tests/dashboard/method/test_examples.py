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
from dashboard.method.examples import examples, small_map, stripes, view_filters, view_tiles
from dashboard.method.training import Strengths, SurveyViews
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas, unit_rows

STRENGTHS = Strengths(
    size=(0.8, 1.25), shift_px=4, gain=0.2, band_gain=0.1, blur_px=1, picture_noise=0.03
)
VIEWS = SurveyViews(survey="test", strengths=STRENGTHS, input_px=64, field_px=96)


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


def test_views_are_as_strong_as_the_configuration_says():
    tiles = {tile.title: tile for tile in view_tiles(VIEWS, field_share=0.5)}
    assert len(tiles) == 10
    assert all(tile.style.startswith("--zoom:2.0000;") for tile in tiles.values())
    assert "--size:1.250;" in tiles["Magnified"].style
    assert "--x:6.25%;" in tiles["Shifted"].style  # 4 of 64 px
    assert tiles["Shifted"].caption == "by up to 6 % of the field"
    assert "--blur:1.56cqw;" in tiles["Blurred"].style  # 1 of 64 px
    assert view_filters(STRENGTHS) == {"noise": 0.25, "red": 1.3499, "blue": 0.7408}  # e^±0.3


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
