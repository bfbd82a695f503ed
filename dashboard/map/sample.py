"""Which galaxies a map of very many draws: all where they lie apart, fewer where they crowd.

And which of them an event of the map is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.explorer.memo import remembered
from dashboard.map.figure import FARTHEST, GALAXIES, NEARBY
from dashboard.untrusted import is_integer

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.query.answer import Answer

MOST_DRAWN = 100_000  # points that a browser zooms, colours and searches through smoothly
_SEED = 0  # the same galaxies on every visit and on every worker
_STEPS = 60  # of a bisection: as fine as a float


@remembered(1)
def drawn_rows(explorer: Explorer) -> np.ndarray:
    """Return the rows of the galaxies that the map of an atlas draws: point i is row [i].

    Ascending int64 (n_drawn,), not to be written to.
    """
    rows = sample(explorer.map_xy, MOST_DRAWN)
    rows.flags.writeable = False
    return rows


def sample(map_xy: np.ndarray, most: int) -> np.ndarray:
    """Return at most ``most`` rows that keep the shape of the map, and its loneliest galaxies.

    Parameters
    ----------
    map_xy : ndarray, shape (n_objects, 2)
        Coordinates in [0, 1] but for a few outliers.

    Returns
    -------
    ndarray of int64, shape (n_drawn,)
        Ascending; all rows if there are no more than ``most``.

    Notes
    -----
    Of the n galaxies in a cell of the map all are kept up to n = c, and sqrt(n c) beyond: what is
    denser still looks denser. c is the largest that ``most`` allows. There are fewer cells than
    ``most``, so each keeps one galaxy at least.
    """
    n_objects = len(map_xy)
    if n_objects <= most:
        return np.arange(n_objects)
    side = max(int(np.sqrt(most) / 2), 1)
    places = np.floor(np.clip(map_xy, -FARTHEST, 1 + FARTHEST) * side).astype(np.int64)
    _, cell, counts = np.unique(
        places[:, 0] * (4 * side) + places[:, 1], return_inverse=True, return_counts=True
    )
    kept = _kept(counts, most)
    shuffled = np.random.default_rng(_SEED).permutation(n_objects)  # catalogues are in some order
    by_cell = shuffled[np.argsort(cell[shuffled], kind="stable")]
    first = np.cumsum(counts) - counts
    place_in_cell = np.arange(n_objects) - np.repeat(first, counts)
    return np.sort(by_cell[place_in_cell < np.repeat(kept, counts)])


def _kept(counts: np.ndarray, most: int) -> np.ndarray:
    """Return how many of the galaxies of each cell are kept."""

    def keep(c: float) -> np.ndarray:
        return np.clip(np.sqrt(counts * c), 1, counts).astype(np.int64)

    low, high = 0.0, float(counts.max())
    for _ in range(_STEPS):
        c = (low + high) / 2
        low, high = (c, high) if keep(c).sum() <= most else (low, c)
    return keep(low)


def nearby_rows(explorer: Explorer, answer: Answer) -> list[int]:
    """Return the galaxies of a query and its neighbours that the sample leaves out."""
    drawn = drawn_rows(explorer)
    if len(drawn) == explorer.n_objects:
        return []
    query = answer.query
    rows = [*query.rows, *query.negatives, *answer.neighbours.rows.tolist()]
    return np.setdiff1d(rows, drawn).tolist()


def pointed_row(explorer: Explorer, event: Any) -> int | None:
    """Return the galaxy that a click or the pointer is on; None where it is on none."""
    points = event.get("points") if isinstance(event, dict) else None
    point = points[0] if isinstance(points, list) and points else None
    if not isinstance(point, dict):
        return None
    if point.get("curveNumber") == NEARBY:
        row = point.get("customdata")
        return row if is_integer(row) and 0 <= row < explorer.n_objects else None
    number, drawn = point.get("pointNumber"), drawn_rows(explorer)
    if point.get("curveNumber") != GALAXIES or not is_integer(number):
        return None
    return int(drawn[number]) if 0 <= number < len(drawn) else None
