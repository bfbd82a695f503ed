"""Which galaxies a map of very many draws: all where they lie apart, fewer where they crowd.

And which of them an event of the map is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.explorer.memo import remembered
from dashboard.map.figure import FARTHEST, GALAXIES, IN_VIEW, NEARBY
from dashboard.untrusted import is_integer

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.query.answer import Answer

MOST_DRAWN = 100_000  # points that a browser zooms, colours and searches through smoothly
_MOST_ABOVE = 5_000  # of more galaxies, points above the picture of how many there are
_SEED = 0  # the same galaxies on every visit and on every worker
_STEPS = 60  # of a bisection: as fine as a float
_BLOCK = 1 << 20


def is_crowded(explorer: Explorer) -> bool:
    """Return whether there are too many galaxies to draw each of them at all times."""
    return explorer.n_objects > MOST_DRAWN


@remembered(1)
def drawn_rows(explorer: Explorer) -> np.ndarray:
    """Return the rows of the galaxies that the map of an atlas draws: point i is row [i].

    Ascending int64 (n_drawn,), not to be written to.
    """
    most = min(MOST_DRAWN, _MOST_ABOVE) if is_crowded(explorer) else MOST_DRAWN
    rows = sample(explorer.map_xy, most)
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
    cell = _cells(map_xy, side)
    counts = np.bincount(cell)
    kept = np.zeros_like(counts)
    kept[counts > 0] = _kept(counts[counts > 0], most)
    shuffled = np.random.default_rng(_SEED).permutation(n_objects)  # catalogues are in some order
    by_cell = shuffled[np.argsort(cell[shuffled], kind="stable")]
    first, first_kept = (np.cumsum(n) - n for n in (counts, kept))
    return np.sort(by_cell[np.arange(kept.sum()) + np.repeat(first - first_kept, kept)])


def _cells(map_xy: np.ndarray, side: int) -> np.ndarray:
    """Return the number of each galaxy's cell, of 1 / side: uint16 where that will do.

    Which numpy sorts ten times as fast.
    """
    low, high = (int(np.floor(end * side)) for end in (-FARTHEST, 1 + FARTHEST))
    n_lines = high - low + 1
    cell = np.empty(len(map_xy), np.uint16 if n_lines**2 <= 1 << 16 else np.int64)
    for start in range(0, len(map_xy), _BLOCK):
        block = map_xy[start : start + _BLOCK]
        places = np.floor(np.clip(block, -FARTHEST, 1 + FARTHEST) * side).astype(np.int64) - low
        cell[start : start + _BLOCK] = places[:, 0] * n_lines + places[:, 1]
    return cell


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
    if point.get("curveNumber") in (NEARBY, IN_VIEW):
        row = point.get("customdata")
        return row if is_integer(row) and 0 <= row < explorer.n_objects else None
    number, drawn = point.get("pointNumber"), drawn_rows(explorer)
    if point.get("curveNumber") != GALAXIES or not is_integer(number):
        return None
    return int(drawn[number]) if 0 <= number < len(drawn) else None
