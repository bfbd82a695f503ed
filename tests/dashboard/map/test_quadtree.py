"""Which galaxies a tile of the map has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.map.quadtree import Quadtree, Tile
from pipeline.atlas import cells, in_map_order

XY = np.random.default_rng(2).normal(0.5, 0.2, (2000, 2)).astype(np.float32)
XY[:500] = 0.3 + XY[:500] / 1e4  # a crowd
TREE = Quadtree(XY)


@settings(deadline=None)
@given(st.integers(0, 1999), st.integers(0, 16))
def test_a_tile_has_the_galaxies_between_its_sides_and_no_others(row, z):
    columns, lines = cells(XY, z)
    tile = Tile(z, int(columns[row]), int(lines[row]))
    inside = np.flatnonzero((columns == tile.x) & (lines == tile.y))
    assert sorted(TREE.rows(tile).tolist()) == inside.tolist()


def test_a_published_order_is_as_good_as_one_that_is_worked_out():
    other = Quadtree(XY, in_map_order(XY))
    for tile in (Tile(0, 0, 0), Tile(3, 4, 4), Tile(9, 200, 200)):
        assert other.rows(tile).tolist() == TREE.rows(tile).tolist()


def test_the_fullest_tile_of_a_level_is_known():
    assert TREE.most(0) == 2000
    columns, lines = cells(XY, 4)
    assert TREE.most(4) == np.unique(columns * 16 + lines, return_counts=True)[1].max()


@pytest.mark.parametrize("tile", [(17, 0, 0), (1, 2, 0), (1, 0, 2), (-1, 0, 0), (2, -1, 0)])
def test_there_are_no_tiles_beyond_the_map(tile):
    assert not Tile(*tile).is_there
    assert Tile(1, 1, 0).is_there
