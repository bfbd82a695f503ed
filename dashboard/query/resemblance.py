"""Whether anything in an atlas resembles a picture that somebody brought.

Even noise has nearest neighbours. They are taken to mean something unless the picture is farther
from its best ones than nearly all galaxies of the atlas are from theirs (decision 014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboard.explorer.memo import remembered
from dashboard.explorer.neighbours import NeighbourSearch, Question
from dashboard.query.query import MOST_EXACT, Query
from pipeline.atlas import Manifest, Vectors

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

FALSE_ALARMS = 0.01  # share of an atlas's own galaxies that nothing would be said to resemble
FEWEST = 100  # galaxies, for such a share to be known
_N_BEST = 5
_N_ASKED = 1000  # galaxies whose neighbours are looked at; the share is then known to 0.3 %
_N_ASKED_OF_INDEX = 300  # where comparing with all would take seconds
_BLOCK_ROWS = 64  # of similarities with all, in memory at once
_SEED = 1


def resembles_nothing(explorer: Explorer, query: Query) -> bool:
    """Return whether a query is a picture alone that no galaxy of the atlas resembles.

    Filters make no difference: they are not the reason.
    """
    if query.embedding is None or query.rows or query.negatives or explorer.n_objects < FEWEST:
        return False
    own = query.question(explorer).own
    found = explorer.search.nearest(Question((), own=own, min_separation_arcsec=0), _N_BEST)
    return float(found.similarity.mean()) < _least_usual(explorer)


def why_not(manifest: Manifest) -> tuple[str, str]:
    """Return what is said of such a picture: the verdict, and likely reasons with their remedy."""
    verdict = "Nothing here resembles your picture."
    seen = manifest.encoder_input
    field = ""
    if seen is not None and manifest.pixel_scale_arcsec is not None:
        field = f", {seen.field_px * manifest.pixel_scale_arcsec:.0f} arcsec wide"
    return verdict, (
        f"Of 100 galaxies of this atlas, {100 - 100 * FALSE_ALARMS:.0f} have nearer neighbours. "
        "Either its scale is another: zoom until the galaxy fills the frame as those below do"
        f"{field}. Or its colours are not those of {manifest.title}: bring a picture that has "
        "them. Or this atlas has no such object: try another atlas."
    )


@remembered(1)
def _least_usual(explorer: Explorer) -> float:
    """Return how similar their best neighbours are for all galaxies but a few, on average."""
    n_objects = explorer.n_objects
    order = np.random.default_rng(_SEED).permutation(n_objects)
    if n_objects <= MOST_EXACT:
        best = _best_of_all(explorer.search.vectors, order[:_N_ASKED])
    else:
        best = _best_of_index(explorer.search, order[:_N_ASKED_OF_INDEX])
    return float(np.quantile(best, FALSE_ALARMS))


def _best_of_all(vectors: Vectors, rows: np.ndarray) -> np.ndarray:
    """Return the mean similarity of the best neighbours of each of some galaxies."""
    best = []
    for start in range(0, len(rows), _BLOCK_ROWS):
        own = rows[start : start + _BLOCK_ROWS]
        similarity = vectors[own] @ vectors[:].T
        similarity[np.arange(len(own)), own] = -np.inf
        best.append(np.partition(similarity, -_N_BEST, axis=1)[:, -_N_BEST:].mean(axis=1))
    return np.concatenate(best)


def _best_of_index(search: NeighbourSearch, rows: np.ndarray) -> np.ndarray:
    """Return what `_best_of_all` does, of those that the index finds."""
    best = []
    for row in rows.tolist():
        direction = search.vectors[row]
        near = next(search.engine.proposals(direction, 2 * _N_BEST))
        similarity = np.sort(search.vectors.similarity(direction, near[near != row]))
        best.append(similarity[-_N_BEST:].mean())
    return np.array(best)
