"""Exact nearest neighbours by cosine, block by block: the oracle beside every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from pipeline.atlas.engines.vectors import Vectors

_BLOCK_ROWS = 16_384
_LET_GO_ROWS = 64 * _BLOCK_ROWS
_SAMPLED = 16  # of so many values one is looked at for a bound of the n-th largest


@dataclass(frozen=True)
class ExactEngine:
    """Compares with every galaxy: the quickest way up to some 50,000, and always right."""

    vectors: Vectors
    file: ClassVar[str | None] = None

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        file: Path | None,
        options: Mapping[str, Any],
        **functions: Any,
    ) -> Self:
        """Return an engine of these vectors; there is nothing to build."""
        return cls(vectors)

    @classmethod
    def open(
        cls, vectors: Vectors, file: Path, parameters: Mapping[str, Any], content: Path | None
    ) -> Self:
        """Return an engine of these vectors."""
        return cls(vectors)

    def load(self, file: Path, content: Path) -> None:
        """Do nothing: it has no file."""

    @property
    def parameters(self) -> dict[str, Any]:
        """None."""
        return {}

    @property
    def summary(self) -> str:
        """One word."""
        return "exact"

    @property
    def description(self) -> str:
        """What it does, for people who use the dashboard."""
        return (
            "The query is compared with the embedding of every galaxy, which is quick enough in an "
            "atlas of this size."
        )

    def proposals(
        self, direction: np.ndarray, n: int, allowed: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """Yield the ``n`` most similar galaxies with all that equal the last, then ever more."""
        rows = None if allowed is None else np.flatnonzero(allowed)
        similarity = self.vectors.similarity(direction, rows)
        while n < len(similarity):
            places = np.flatnonzero(similarity >= _nth_largest(similarity, n))
            yield places if rows is None else rows[places]
            n *= 4
        yield np.arange(len(similarity)) if rows is None else rows


def _nth_largest(values: np.ndarray, n: int) -> float:
    """Return the n-th largest of more than n values."""
    some = values[::_SAMPLED]
    if n < len(some):  # the n-th of some is at most the n-th of all, and few are larger
        values = values[values >= np.partition(some, -n)[-n]]
    return float(np.partition(values, -n)[-n])


def exact_neighbours(
    embeddings: np.ndarray | Vectors,
    vectors: np.ndarray,
    k: int,
    advance: Callable[[int], object] = lambda n_rows: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest rows of each vector.

    Parameters
    ----------
    embeddings : ndarray, shape (n_objects, dim), or Vectors
        Unit length; may be memory-mapped, and larger than memory.
    vectors : ndarray, shape (n_queries, dim)
        Unit length.
    k : int
        At most n_objects.
    advance : function, optional
        Called with the number of embeddings that have been compared since it was called before.

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
        places, closeness = _better(vectors @ block.T, similarity, k)
        similarity = np.hstack([similarity, closeness])
        rows = np.hstack([rows, start + places])
        if similarity.shape[1] > k:
            best = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
            rows = np.take_along_axis(rows, best, axis=1)
            similarity = np.take_along_axis(similarity, best, axis=1)
        advance(len(block))
        if isinstance(embeddings, Vectors) and start % _LET_GO_ROWS == 0:
            embeddings.let_go()
    order = np.lexsort((rows, -similarity), axis=1)
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(similarity, order, axis=1)


def _better(closeness: np.ndarray, similarity: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return places and closeness, each (n_queries, any), of all that may be among the k nearest.

    Parameters
    ----------
    closeness : ndarray, shape (n_queries, n_rows)
        Of the galaxies of a block.
    similarity : ndarray, shape (n_queries, at most k)
        Of the nearest before. Once there are k, only what is nearer than the last of them counts,
        which is little; where a query has less of it than another, -inf fills up.
    """
    n_queries, n_rows = closeness.shape
    if similarity.shape[1] < k:
        return np.broadcast_to(np.arange(n_rows), closeness.shape), closeness
    query, place = np.nonzero(closeness > similarity.min(axis=1, initial=np.inf)[:, None])
    n_better = np.bincount(query, minlength=n_queries)
    column = np.arange(len(query)) - np.repeat(np.cumsum(n_better) - n_better, n_better)
    places = np.zeros((n_queries, n_better.max(initial=0)), dtype=np.int64)
    better = np.full(places.shape, -np.inf, dtype=closeness.dtype)
    places[query, column], better[query, column] = place, closeness[query, place]
    return places, better
