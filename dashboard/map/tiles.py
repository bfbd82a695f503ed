"""Tiles of a map of very many: pictures of how many there are, and the galaxies themselves.

A picture has a byte for how full each of its cells is, and one for its place on the colour scale:
browsers paint it in the colours of their theme. `assets/tiles_fetched.js` reads both kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.explorer.memo import remembered
from dashboard.filters.filters import SIMILARITY
from dashboard.map.quadtree import Tile, quadtree
from dashboard.map.sample import drawn_rows
from pipeline.atlas import cells

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.map.shown import Shown

CELLS_LOG2 = 8  # a picture has 256 x 256 cells
SIDE = 1 << CELLS_LOG2
BLOCKS = 8  # along each side, of which a picture says how many galaxies they have
DEEPEST_PICTURE = 8
WHOLE = 2  # pictures up to this level are cut from one of the whole map
LEFT_OUT = 128  # on top of how full a cell is, where the filters let none of it pass
MOST_GALAXIES = 150_000  # of a tile; browsers ask for those of 50,000 in view
_MOST_COMPARED = 1_500_000  # galaxies that are compared with a query for one picture
_BLOCK = 1 << 20
_FULLEST, _LEAST_FULLEST = 0.995, 4  # of the cells that are not empty; more look the same


@dataclass(frozen=True)
class Counted:
    """A square of cells, the first one lowest and leftmost.

    Attributes
    ----------
    n, n_passing : ndarray of uint32, shape (side, side)
        Galaxies in each cell.
    place : ndarray of uint8, shape (side, side)
        Mean on the colour scale, or that of the most frequent category: 1 to 255, 0 not known.
    fullest : float
        How many a full cell has.
    """

    n: np.ndarray
    n_passing: np.ndarray
    place: np.ndarray
    fullest: float = 0.0


def picture(explorer: Explorer, shown: Shown, tile: Tile) -> bytes:
    """Return a picture of a tile, as it is sent.

    Returns
    -------
    bytes
        How many galaxies pass in each of 8 x 8 blocks, uint32; and, if there is anything to see,
        how full each of 256 x 256 cells is, 0 to 127, or `LEFT_OUT` more, and its place on the
        scale. From the left, from above.
    """
    if tile.z <= WHOLE:
        whole = _whole_map(explorer, shown, tile.z)
        part = (
            slice(tile.y * SIDE, (tile.y + 1) * SIDE),
            slice(tile.x * SIDE, (tile.x + 1) * SIDE),
        )
        counted = Counted(whole.n[part], whole.n_passing[part], whole.place[part])
    else:
        rows = quadtree(explorer).rows(tile)
        blocks = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
        counted = _count(explorer, shown, tile, iter(blocks), SIDE)
    per_block = counted.n_passing.reshape(BLOCKS, SIDE // BLOCKS, BLOCKS, -1).sum(axis=(1, 3))
    head = np.ascontiguousarray(per_block[::-1], dtype="<u4").tobytes()
    if not counted.n.any():
        return head
    full = _fullness(counted, fullest(explorer, shown, tile.z))
    return head + full[::-1].tobytes() + counted.place[::-1].tobytes()


def galaxies(explorer: Explorer, shown: Shown, tile: Tile) -> bytes | None:
    """Return the galaxies of a tile that pass, but for those that the map draws in any case.

    Returns
    -------
    bytes or None
        Their rows as uint32, x and y as float32, and places on the scale as bytes as in pictures,
        one after the other. None if they are too many to be sent.
    """
    rows = quadtree(explorer).rows(tile)
    passing = shown.passing(explorer)
    if passing is not None:
        rows = rows[passing[rows]]
    if len(rows) > MOST_GALAXIES:
        return None
    rows = rows[~np.isin(rows, drawn_rows(explorer), assume_unique=True)]
    x, y = np.asarray(explorer.map_xy[rows], dtype="<f4").T
    place = _as_bytes(_positions(explorer, shown, rows))
    columns = (rows.astype("<u4"), np.ascontiguousarray(x), np.ascontiguousarray(y), place)
    return b"".join(column.tobytes() for column in columns)


def fullest(explorer: Explorer, shown: Shown, z: int) -> float:
    """Return how many galaxies a full cell has on a level: the same for all of its tiles."""
    found = _whole_map(explorer, shown, min(z, WHOLE)).fullest / 4 ** max(z - WHOLE, 0)
    return max(found, _LEAST_FULLEST)


@remembered(6)
def _whole_map(explorer: Explorer, shown: Shown, z: int) -> Counted:
    """Return the cells of all pictures of a level."""
    n = explorer.n_objects
    blocks = (slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK))
    counted = _count(explorer, shown, Tile(0, 0, 0), blocks, SIDE << z)
    some = counted.n_passing[counted.n_passing > 0]
    full = float(np.quantile(some, _FULLEST)) if len(some) else 0.0
    return Counted(counted.n, counted.n_passing, counted.place, full)


def _count(
    explorer: Explorer, shown: Shown, tile: Tile, blocks: Iterator[Any], side: int
) -> Counted:
    """Count the galaxies of a tile, block of rows by block, in ``side`` x ``side`` cells."""
    passing, colours = shown.passing(explorer), shown.colours(explorer)
    n_cells, n_categories = side * side, len(colours.categories)
    level = tile.z + side.bit_length() - 1
    n, n_passing = np.zeros(n_cells, np.uint32), np.zeros(n_cells, np.uint32)
    sums = _Sums(n_cells, n_categories)
    is_coloured = shown.colour != SIMILARITY or _may_compare(explorer, tile.z)
    for rows in blocks:
        columns, lines = cells(explorer.map_xy[rows], level)
        cell = (lines % side).astype(np.intp) * side + columns % side
        n += np.bincount(cell, minlength=n_cells).astype(np.uint32)
        keep = slice(None) if passing is None else passing[rows]
        cell = cell[keep]
        if passing is not None:
            n_passing += np.bincount(cell, minlength=n_cells).astype(np.uint32)
        if is_coloured:
            sums.add(cell, _positions(explorer, shown, rows)[keep])
    shape = (side, side)
    n_passing = n if passing is None else n_passing
    return Counted(n.reshape(shape), n_passing.reshape(shape), sums.place().reshape(shape))


class _Sums:
    """Places on the scale, cell by cell: their mean, or the most frequent of categories."""

    def __init__(self, n_cells: int, n_categories: int) -> None:
        self._n_cells, self._n_categories = n_cells, n_categories
        self._n = np.zeros((max(n_categories, 1), n_cells), np.uint32)
        self._sum = np.zeros(0 if n_categories else n_cells)

    def add(self, cell: np.ndarray, position: np.ndarray) -> None:
        known = position >= 0
        cell, position = cell[known], position[known]
        if not self._n_categories:
            self._n[0] += np.bincount(cell, minlength=self._n_cells).astype(np.uint32)
            self._sum += np.bincount(cell, weights=position, minlength=self._n_cells)
            return
        code = (position * self._n_categories).astype(np.uint8)
        for category, n in enumerate(self._n):
            n += np.bincount(cell[code == category], minlength=self._n_cells).astype(np.uint32)

    def place(self) -> np.ndarray:
        some = self._n.any(axis=0)
        if self._n_categories:
            position = (self._n.argmax(axis=0) + 0.5) / self._n_categories
        else:
            position = self._sum / np.maximum(self._n[0], 1)
        return np.where(some, _as_bytes(position), 0).astype(np.uint8)


def _may_compare(explorer: Explorer, z: int) -> bool:
    """Return whether all pictures of a level may have the colour of similarity: or none has."""
    n = explorer.n_objects if z <= WHOLE else quadtree(explorer).most(z)
    return n <= _MOST_COMPARED


def _positions(explorer: Explorer, shown: Shown, rows: Any) -> np.ndarray:
    return np.asarray(shown.colours(explorer).position[rows])


def _as_bytes(position: np.ndarray) -> np.ndarray:
    """Return places on the scale as bytes: 1 to 255, 0 for what is not known."""
    return np.where(position < 0, 0, 1 + np.round(254 * position)).astype(np.uint8)


def _fullness(counted: Counted, full: float) -> np.ndarray:
    """Return how full cells are, on the scale of the logarithm: what eyes take for even steps."""
    has_passing = counted.n_passing > 0
    n = np.where(has_passing, counted.n_passing, counted.n)
    share = np.log1p(n) / np.log1p(full)
    steps = 1 + np.round((LEFT_OUT - 2) * np.minimum(share, 1))
    return np.where(n > 0, steps + np.where(has_passing, 0, LEFT_OUT), 0).astype(np.uint8)
