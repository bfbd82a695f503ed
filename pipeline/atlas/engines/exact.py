"""Exact nearest neighbours by cosine, block by block: the oracle beside every engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from pipeline.atlas.engines.vectors import Vectors

_BLOCK_ROWS = 16_384


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
        rows = np.arange(len(self.vectors)) if allowed is None else np.flatnonzero(allowed)
        similarity = self.vectors.similarity(direction, None if allowed is None else rows)
        while n < len(rows):
            yield rows[similarity >= np.partition(similarity, -n)[-n]]
            n *= 4
        yield rows


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
