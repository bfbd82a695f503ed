"""A region of the map: a polygon that someone drew around galaxies that look alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dashboard.filters import FilterError
from dashboard.filters.polygon_grid import PolygonGrid
from dashboard.untrusted import quoted

if TYPE_CHECKING:
    from pipeline.atlas import Catalogue

MOST_VERTICES = 60
_DECIMALS = 7  # of the map's coordinates, which are float32 in [0, 1] but for outliers
_FARTHEST = 1e3
_LONGEST_TEXT = MOST_VERTICES * 24  # characters
_FEW_POINTS = 300_000  # are quicker looked at one by one
_BLOCK_POINTS = 65_536  # whose mask is worked out at once: 31 MB at 60 edges


@dataclass(frozen=True)
class Region:
    """A polygon on the map; a point inside is one that a ray from it leaves the polygon once from.

    Where its edges cross, inside and outside alternate, as in plotly's lasso.

    Attributes
    ----------
    vertices : tuple of (float, float)
        3 to `MOST_VERTICES` places in the coordinates of the map, which have no unit; the last is
        joined to the first; else it is a FilterError.
    """

    vertices: tuple[tuple[float, float], ...]

    place = "map"

    def __post_init__(self) -> None:
        if not 3 <= len(self.vertices) <= MOST_VERTICES:
            raise FilterError(
                f"A region of the map has 3 to {MOST_VERTICES} corners, this one has "
                f"{len(self.vertices)}. Draw it again."
            )
        for place in self.vertices:
            if not all(math.isfinite(value) and abs(value) <= _FARTHEST for value in place):
                raise FilterError("A corner lies too far from the map. Zoom in, or draw it again.")

    def to_text(self) -> str:
        """Return what address and store keep, such as ``0.1,0.2 0.3,0.2 0.3,0.4``."""
        return " ".join(",".join(map(_plain, place)) for place in self.vertices)

    @classmethod
    def from_text(cls, text: object) -> Region:
        """Read what `to_text` wrote; raise a FilterError if it is something else."""
        if not isinstance(text, str) or len(text) > _LONGEST_TEXT or not text.isascii():
            raise FilterError("The page sent something that is not a region. Draw it again.")
        try:
            corners = [tuple(map(float, place.split(","))) for place in text.split()]
            vertices = tuple((x, y) for x, y in corners)
        except ValueError:
            raise FilterError(
                f"{quoted(text)} is not a region of the map: it is corners such as 0.1,0.2 with "
                "spaces between them. Draw it again."
            ) from None
        return cls(vertices)

    def within(self, _catalogue: Catalogue, map_xy: np.ndarray) -> np.ndarray:
        """Return which galaxies are inside, as bool of shape (n_objects,)."""
        return self.contains(map_xy)

    def contains(self, map_xy: np.ndarray) -> np.ndarray:
        """Return which points, of shape (n, 2), are inside: bool of shape (n,)."""
        inside = np.empty(len(map_xy), dtype=bool)
        contains = self._contains if len(map_xy) <= _FEW_POINTS else self._grid.contains
        for start in range(0, len(map_xy), _BLOCK_POINTS):
            block = slice(start, start + _BLOCK_POINTS)
            inside[block] = contains(np.asarray(map_xy[block], dtype=np.float64))
        return inside

    @cached_property
    def _grid(self) -> PolygonGrid:
        return PolygonGrid(np.array(self.vertices), self._contains)

    def _contains(self, xy: np.ndarray) -> np.ndarray:
        # Even and odd: how often does the ray from each point towards +x cross an edge?
        x, y = xy[:, :1], xy[:, 1:]
        begin = np.asarray(self.vertices)
        (x0, y0), (x1, y1) = begin.T, np.roll(begin, -1, axis=0).T
        is_beside = (y0 > y) != (y1 > y)
        height = np.where(y1 == y0, 1.0, y1 - y0)  # level edges are beside no point
        crosses = is_beside & (x < x0 + (y - y0) / height * (x1 - x0))
        return np.asarray(crosses.sum(axis=1) % 2 == 1)


def _plain(value: float) -> str:
    return repr(round(value, _DECIMALS) + 0.0).removesuffix(".0")  # no minus before zero
