"""Exact nearest neighbours by cosine, block by block: the oracle beside every index."""

from __future__ import annotations

import numpy as np

_BLOCK_ROWS = 16_384


def exact_neighbours(
    embeddings: np.ndarray, vectors: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest rows of each vector.

    Parameters
    ----------
    embeddings : ndarray, shape (n_objects, dim)
        Unit length; may be memory-mapped, and larger than memory.
    vectors : ndarray, shape (n_queries, dim)
        Unit length.
    k : int
        At most n_objects.

    Returns
    -------
    rows : ndarray of int, shape (n_queries, k)
        Most similar first. Of rows that are equally similar to the k-th, any may be left out.
    similarity : ndarray of float32, shape (n_queries, k)
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    rows = np.empty((len(vectors), 0), dtype=np.int64)
    similarity = np.empty((len(vectors), 0), dtype=np.float32)
    for start in range(0, len(embeddings), _BLOCK_ROWS):
        block = np.asarray(embeddings[start : start + _BLOCK_ROWS], dtype=np.float32)
        here = np.arange(start, start + len(block))
        similarity = np.hstack([similarity, vectors @ block.T])
        rows = np.hstack([rows, np.broadcast_to(here, (len(vectors), len(block)))])
        if similarity.shape[1] > k:
            best = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
            rows = np.take_along_axis(rows, best, axis=1)
            similarity = np.take_along_axis(similarity, best, axis=1)
    order = np.lexsort((rows, -similarity), axis=1)
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(similarity, order, axis=1)
