"""How well, and how soon, an engine finds what exact search finds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from pipeline.atlas.engines import Engine, ExactEngine, Vectors, exact_neighbours

RECALL_AT = 100
_QUERIES_TIMED = 50
# Comparing with each of ten million takes a second: so long at most, but a few queries at least.
_MOST_TIMED_S = 5.0
_LEAST_TIMED = 3


@dataclass(frozen=True)
class Trial:
    """Queries to try engines with, and what is to be found.

    Attributes
    ----------
    vectors : Vectors
    rows : ndarray of int, shape (n_queries,)
    least : ndarray, shape (n_queries,)
        How similar the k-th nearest other galaxy is to each.
    k : int
    """

    vectors: Vectors
    rows: np.ndarray
    least: np.ndarray
    k: int

    @classmethod
    def of(
        cls,
        vectors: Vectors,
        seed: int,
        n_queries: int,
        advance: Callable[[int], object] = lambda n_rows: None,
    ) -> Self:
        """Return a trial with some galaxies; ``advance`` is told of those compared with them."""
        rows = np.sort(np.random.default_rng(seed).permutation(len(vectors))[:n_queries])
        k = min(RECALL_AT, len(vectors) - 1)
        return cls(vectors, rows, kth_similarity(vectors, rows, k, advance), k)

    def recall(self, engine: Engine) -> float:
        """Return the share of the nearest that an engine finds, see `recall_at`."""
        return recall_at(engine, self.vectors, self.rows, self.least, self.k)

    def query_ms(self, engine: Engine) -> float:
        """Return the median time, ms, in which an engine proposes the k nearest others of some."""
        timed = self.rows[:: -(-len(self.rows) // _QUERIES_TIMED)]
        took: list[float] = []
        for row in timed.tolist():
            start = time.perf_counter()
            _first_proposals(engine, self.vectors, row, self.k + 1)
            took.append(1000 * (time.perf_counter() - start))
            if len(took) >= _LEAST_TIMED and sum(took) > 1000 * _MOST_TIMED_S:
                break
        return round(float(np.median(took)), 3)

    def exact_ms(self) -> float:
        """Return the median time, ms, in which every galaxy is compared."""
        return self.query_ms(ExactEngine(self.vectors))


def kth_similarity(
    embeddings: np.ndarray | Vectors,
    rows: np.ndarray,
    k: int,
    advance: Callable[[int], object] = lambda n_rows: None,
) -> np.ndarray:
    """Return how similar the k-th nearest other galaxy is to each of some rows (n_queries,)."""
    return exact_neighbours(embeddings, embeddings[rows], k + 1, advance)[1][:, -1]


def recall_at(
    engine: Engine, vectors: Vectors, rows: np.ndarray, least: np.ndarray, k: int
) -> float:
    """Return the mean share of the k nearest others that an engine finds at its first attempt.

    What it proposes counts as found if it is as similar as the k-th nearest: twins are equally
    good.

    Parameters
    ----------
    rows : ndarray of int, shape (n_queries,)
    least : ndarray, shape (n_queries,)
        Their `kth_similarity`.
    """
    if k == 0:  # a galaxy alone
        return 1.0
    shares = []
    for row, kth in zip(rows.tolist(), least, strict=True):
        found, similarity = _first_proposals(engine, vectors, row, k + 1)
        n_found = int(np.count_nonzero(similarity[found != row] >= kth - 1e-6))
        shares.append(min(n_found, k) / k)
    return float(np.mean(shares))


def _first_proposals(
    engine: Engine, vectors: Vectors, row: int, n: int
) -> tuple[np.ndarray, np.ndarray]:
    direction = vectors[row]
    found = next(engine.proposals(direction, n))
    return found, vectors.similarity(direction, found)
