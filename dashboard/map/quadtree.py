"""Which galaxies lie where on the map: those of a tile, without looking at the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboard.explorer.memo import remembered
from pipeline.atlas import DEEPEST, blocks_of_codes, cell_codes, cells, in_map_order

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

_COUNTED = 10  # the level on which it is known where each cell begins: 4 MB


class Tile(NamedTuple):
    """A cell of the map: of 2^z x 2^z, ``x`` from the left and ``y`` from below."""

    z: int
    x: int
    y: int

    @property
    def is_there(self) -> bool:
        """Whether there is such a tile."""
        side = 1 << max(self.z, 0)
        return 0 <= self.z <= DEEPEST and 0 <= self.x < side and 0 <= self.y < side


class Quadtree:
    """The rows of an atlas by tile. Safe to share between threads.

    Parameters
    ----------
    map_xy : ndarray, shape (n_objects, 2)
    order : ndarray of uint32, shape (n_objects,), or None
        As `in_map_order` gives it; worked out if nobody has kept it.
    guard : callable
        Called before the order is read, which may be mapped.
    """

    def __init__(
        self,
        map_xy: np.ndarray,
        order: np.ndarray | None = None,
        guard: Callable[[], object] = lambda: None,
    ) -> None:
        self._map_xy, self._guard = map_xy, guard
        self._order = in_map_order(map_xy) if order is None else order
        counts = np.zeros(4**_COUNTED + 1, dtype=np.uint32)
        for _, codes in blocks_of_codes(map_xy, _COUNTED):
            counts[1:] += np.bincount(codes, minlength=4**_COUNTED).astype(np.uint32)
        self._starts = np.cumsum(counts, dtype=np.uint32)

    def rows(self, tile: Tile) -> np.ndarray:
        """Return the galaxies of a tile: uint32, in the order of the map."""
        self._guard()
        if tile.z <= _COUNTED:
            return np.array(self._order[slice(*self._run(tile))])
        up = tile.z - _COUNTED
        rows = self._order[slice(*self._run(Tile(_COUNTED, tile.x >> up, tile.y >> up)))]
        columns, lines = cells(self._map_xy[rows], tile.z)
        return rows[(columns == tile.x) & (lines == tile.y)]

    def most(self, z: int) -> int:
        """Return how many galaxies the fullest tile of a level has; at most of level 10."""
        starts = self._starts[:: 4 ** (_COUNTED - min(z, _COUNTED))]
        return int(np.diff(starts.astype(np.int64)).max())

    def _run(self, tile: Tile) -> tuple[int, int]:
        code = int(cell_codes(np.array([tile.x]), np.array([tile.y]))[0])
        step = 4 ** (_COUNTED - tile.z)
        return int(self._starts[code * step]), int(self._starts[(code + 1) * step])


@remembered(1)
def quadtree(explorer: Explorer) -> Quadtree:
    """Return the rows of an atlas by tile."""
    return Quadtree(explorer.map_xy, explorer.map_order, explorer.guard)
