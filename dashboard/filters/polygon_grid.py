"""Which of millions of points a polygon contains: most are told by the cell that they lie in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_CELLS = 1024  # on a side
_AROUND = 2  # cells outside the polygon, on every side
_OUTSIDE, _INSIDE, _EDGE = 0, 1, 2


class PolygonGrid:
    """Cells over a polygon, each inside, outside, or so near to an edge that it does not tell.

    Parameters
    ----------
    vertices : ndarray, shape (n_vertices, 2)
    contains : callable
        Tells of places, float64 (n, 2), which lie inside: asked for those near to an edge.
    """

    def __init__(self, vertices: np.ndarray, contains: Callable[[np.ndarray], np.ndarray]) -> None:
        self._contains = contains
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        size = np.maximum(high - low, 1e-6)
        self._cell = size / (_CELLS - 2 * _AROUND)
        self._low = low - _AROUND * self._cell
        self._kinds = self._inside(vertices).astype(np.uint8)
        self._mark_edges(vertices)
        # Beyond the cells all is outside, and there is a cell for that at each end.
        self._kinds = np.pad(self._kinds, 1).ravel()

    def contains(self, xy: np.ndarray) -> np.ndarray:
        """Return which places, float64 (n, 2), lie inside: bool (n,); none that is not finite."""
        places = (xy - (self._low - self._cell)) * (1 / self._cell)
        np.fmax(places, 0, out=places)  # which takes 0 for what is no number
        np.fmin(places, _CELLS + 1, out=places)
        columns, rows = places.astype(np.int32).T
        kinds = self._kinds[rows * (_CELLS + 2) + columns]
        inside = kinds == _INSIDE
        near = np.flatnonzero(kinds == _EDGE)
        inside[near] = self._contains(xy[near])
        return inside

    def _inside(self, vertices: np.ndarray) -> np.ndarray:
        """Return of the middle of each cell whether it is inside: bool (rows, columns)."""
        (x0, y0), (x1, y1) = vertices.T, np.roll(vertices, -1, axis=0).T
        x, y = (self._low[:, None] + (np.arange(_CELLS) + 0.5) * self._cell[:, None])[:2]
        inside = np.zeros((_CELLS, _CELLS), dtype=bool)
        for row, height in enumerate(y):
            crossed = (y0 > height) != (y1 > height)
            run = (x1 - x0)[crossed] / (y1 - y0)[crossed]
            crossings = np.sort(x0[crossed] + (height - y0[crossed]) * run)
            n_beyond = len(crossings) - np.searchsorted(crossings, x, side="right")
            inside[row] = n_beyond % 2 == 1
        return inside

    def _mark_edges(self, vertices: np.ndarray) -> None:
        """Mark the cells within one of an edge, along which no step is longer than half a cell."""
        corners = (vertices - self._low) / self._cell
        for begin, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            n_steps = 2 + int(2 * np.abs(end - begin).max())
            columns, rows = np.linspace(begin, end, n_steps).astype(np.intp).T
            for down in (-1, 0, 1):
                for across in (-1, 0, 1):
                    self._kinds[rows + down, columns + across] = _EDGE
