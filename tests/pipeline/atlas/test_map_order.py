"""The order of an atlas's galaxies on the map."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.atlas import AtlasError, files, open_atlas
from pipeline.atlas.map_order import (
    DEEPEST,
    LEAST,
    SIDE,
    cell_codes,
    cells,
    in_map_order,
    is_order,
)
from tests.pipeline.damage import change_manifest, make_manifest_true


def test_cells_are_counted_from_the_low_end_and_what_is_outside_belongs_to_the_edge():
    xy = np.array([[LEAST, LEAST], [0.5, 0.25], [9, -9]], dtype=np.float32)
    columns, lines = cells(xy, 1)
    assert columns.tolist() == [0, 1, 1]
    assert lines.tolist() == [0, 0, 0]


@given(st.integers(0, DEEPEST), st.integers(-300, 1300).map(lambda thousandths: thousandths / 1000))
def test_a_cell_holds_the_places_between_its_sides(level, x):
    (column,), _ = cells(np.array([[x, 0]]), level)
    width = SIDE / 2**level
    if LEAST <= x < LEAST + SIDE:
        assert LEAST + column * width <= x + 1e-12
        assert x - 1e-12 < LEAST + (column + 1) * width


def test_the_galaxies_of_a_tile_are_a_run_on_every_level():
    xy = np.random.default_rng(0).normal(0.5, 0.3, (3000, 2)).astype(np.float32)
    order = in_map_order(xy)
    assert is_order(order, 3000)
    for level in range(7):
        codes = cell_codes(*cells(xy[order], level))
        assert (np.diff(codes.astype(np.int64)) >= 0).all()


def test_in_one_place_galaxies_are_in_the_order_of_their_rows():
    assert in_map_order(np.full((9, 2), 0.5, np.float32)).tolist() == list(range(9))


def test_blocks_make_no_difference(monkeypatch):
    xy = np.random.default_rng(1).random((500, 2)).astype(np.float32)
    whole = in_map_order(xy)
    monkeypatch.setattr("pipeline.atlas.map_order._BLOCK", 64)
    assert in_map_order(xy).tolist() == whole.tolist()


@pytest.fixture
def copy(tiny_atlas, tmp_path):
    return shutil.copytree(tiny_atlas, tmp_path / "copy")


def publish_order(folder, order):
    """Write an order, and the manifest that lists it."""
    np.save(folder / files.MAP_ORDER, order)
    listed = json.loads((folder / files.MANIFEST).read_text())["files"]
    change_manifest(folder, files=listed | {files.MAP_ORDER: {"sha256": "", "bytes": 0}})
    make_manifest_true(folder)


def test_a_published_order_is_opened_and_a_small_atlas_needs_none(copy):
    former = open_atlas(copy)
    assert former.map_order is None
    publish_order(copy, in_map_order(former.map_xy))
    assert open_atlas(copy).map_order.tolist() == in_map_order(former.map_xy).tolist()


@pytest.mark.parametrize(
    "order",
    [np.zeros(300, np.uint32), np.arange(1, 301, dtype=np.uint32), np.arange(300, dtype=np.int64)],
)
def test_an_order_that_is_none_is_refused(copy, order):
    publish_order(copy, order)
    with pytest.raises(AtlasError, match=r"map_order\.npy"):
        open_atlas(copy)
