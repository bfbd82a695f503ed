"""The neighbours of every galaxy among the others, also among those only that have a label."""

from __future__ import annotations

import numpy as np

from pipeline.atlas.engines import exact_neighbours

DEPTH = 64  # neighbours kept of each galaxy; those without a label are skipped
_BATCH = 1024


class Neighbourhood:
    """Exact neighbours of each row in one representation.

    Parameters
    ----------
    vectors : ndarray, shape (n, dim)
        Unit length.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors
        self.rows = leave_one_out(vectors, min(DEPTH, len(vectors) - 1))

    def among(self, known: np.ndarray, k: int) -> np.ndarray:
        """Return the k nearest others that are known, of each galaxy that is.

        Parameters
        ----------
        known : ndarray of bool, shape (n,)
            More than k true.

        Returns
        -------
        ndarray of int, shape (n_known, k)
            Rows of the representation; nearest first.
        """
        asked = np.flatnonzero(known)
        near = self.rows[asked]
        if k <= near.shape[1]:
            order = np.argsort(~known[near], axis=1, kind="stable")[:, :k]
            result = np.take_along_axis(near, order, axis=1)
            short = np.flatnonzero(known[near].sum(axis=1) < k)
        else:
            result = np.empty((len(asked), k), dtype=np.int64)
            short = np.arange(len(asked))
        if len(short):
            result[short] = asked[leave_one_out(self.vectors[asked], k, short)]
        return result


def leave_one_out(vectors: np.ndarray, k: int, own: np.ndarray | None = None) -> np.ndarray:
    """Return the k nearest other rows, nearest first, of every row or of some.

    Parameters
    ----------
    vectors : ndarray, shape (n, dim)
        Unit length; k is less than n.
    own : ndarray of int, shape (m,), optional
        The rows to ask for; all by default.

    Returns
    -------
    ndarray of int, shape (m, k)
    """
    own = np.arange(len(vectors)) if own is None else own
    rows = np.concatenate(
        [
            exact_neighbours(vectors, vectors[own[start : start + _BATCH]], k + 1)[0]
            for start in range(0, len(own), _BATCH)
        ]
    )
    return without_own(rows, own)


def without_own(nearest: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return (m, k) of neighbours (m, k + 1): without the row itself, or without the last."""
    # A twin may come before the row itself; if k twins do, the row is not among them at all.
    is_own = nearest == own[:, None]
    is_own[~is_own.any(axis=1), -1] = True
    return nearest[~is_own].reshape(len(nearest), -1)
