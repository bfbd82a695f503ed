"""The galaxies most similar to some others: Annoy proposes, the embeddings decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from annoy import AnnoyIndex

# Survey pipelines cut big galaxies to pieces, which look alike. Of galaxies nearer to each other
# than 96 px of 0.262 arcsec, only the most similar is kept. Source: G. Stein's galaxy_search.
SHREDDED_ARCSEC = 25.15
# Shorter than this, a mean of unit vectors is rounding error (float16 embeddings: 1e-3).
_SHORTEST_MEAN = 2e-3
_BLOCK_ROWS = 65_536  # of embeddings turned to float32 at once: 32 MB at 128 dimensions


class NoCommonDirectionError(ValueError):
    """The galaxies of a query are so different that their mean embedding vanishes."""


@dataclass(frozen=True)
class Neighbours:
    """Galaxies in order of similarity, the most similar first.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
    similarity : ndarray of float32, shape (n,)
        Cosine between the embeddings of query and galaxy, in [-1, 1].
    """

    rows: np.ndarray
    similarity: np.ndarray


class NeighbourSearch:
    """Nearest neighbours among the galaxies of one atlas.

    Parameters
    ----------
    embeddings : ndarray, shape (n_objects, dim)
        Unit length, float32 or float16; may be memory-mapped.
    index : AnnoyIndex
        Of these embeddings, angular.
    n_trees, search_k : int
        Trees of the index, and the number of its nodes to inspect for a trustworthy answer.
    directions : ndarray, shape (n_objects, 3)
        Unit vectors on the sky.
    """

    def __init__(
        self,
        embeddings: np.ndarray,
        index: AnnoyIndex,
        *,
        n_trees: int,
        search_k: int,
        directions: np.ndarray,
    ) -> None:
        self.embeddings = embeddings
        self._index = index
        self._n_trees = n_trees
        self._search_k = search_k
        self._directions = directions

    def nearest(
        self,
        rows: Sequence[int],
        k: int,
        allowed: np.ndarray | None = None,
        own: np.ndarray | None = None,
    ) -> Neighbours:
        """Return the ``k`` galaxies most similar to the mean of ``rows``, those excluded.

        Galaxies within `SHREDDED_ARCSEC` of a member of the query, or of a more similar galaxy
        that was kept, are left out. Fewer than ``k`` come back only if there are no more.

        Parameters
        ----------
        rows : sequence of int
            Members of the query; they need not be allowed themselves.
        k : int
            How many to return.
        allowed : ndarray of bool, shape (n_objects,), optional
            Galaxies that may be returned; all if not given.
        own : ndarray, shape (dim,), optional
            The embedding of a picture that a user brought, one more member of the query.

        Raises
        ------
        NoCommonDirectionError
            The query's embeddings cancel each other.

        Notes
        -----
        A share s of the galaxies is allowed: 1/s times as many are asked of the index, and it
        inspects 1/s times as many nodes to find them. Once these would be more nodes than there
        are galaxies allowed, comparing with each of those is quicker, and exact.
        """
        vector = self._mean_embedding(rows, own)
        n_objects = len(self.embeddings)
        n_allowed = n_objects if allowed is None else int(np.count_nonzero(allowed))
        widening = n_objects / max(n_allowed, 1)
        n_candidates = math.ceil(2 * (k + len(rows)) * widening)
        effort = math.ceil(self._search_k * widening)
        while n_candidates < n_objects and (allowed is None or effort < n_allowed):
            candidates = self._candidates(vector, n_candidates, effort)
            if allowed is not None:
                candidates = candidates[allowed[candidates]]
            similarity = self.embeddings[candidates].astype(np.float32) @ vector
            found = self._best(candidates, similarity, rows, k)
            if len(found.rows) == k:
                return found
            n_candidates, effort = 2 * n_candidates, 2 * effort
        return self.exact(rows, k, allowed, own)

    def exact(
        self,
        rows: Sequence[int],
        k: int,
        allowed: np.ndarray | None = None,
        own: np.ndarray | None = None,
    ) -> Neighbours:
        """Return what `nearest` approximates, by comparing with every galaxy: the oracle."""
        vector = self._mean_embedding(rows, own)
        everyone = np.arange(len(self.embeddings))
        candidates = everyone if allowed is None else everyone[allowed]
        similarity = np.empty(len(candidates), dtype=np.float32)
        for start in range(0, len(candidates), _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            members = block if allowed is None else candidates[block]  # a slice is not copied
            similarity[block] = self.embeddings[members].astype(np.float32) @ vector
        return self._best(candidates, similarity, rows, k)

    def _mean_embedding(self, rows: Sequence[int], own: np.ndarray | None) -> np.ndarray:
        members = self.embeddings[list(rows)].astype(np.float64)
        mean = np.vstack([members, *([] if own is None else [own])]).mean(axis=0)
        length = np.linalg.norm(mean)
        if not length > _SHORTEST_MEAN:
            raise NoCommonDirectionError(
                f"The {len(rows)} galaxies of this query are opposites of each other: no galaxy "
                "is similar to all of them. Remove some, or start from one."
            )
        return np.asarray(mean / length, dtype=np.float32)

    def _candidates(self, vector: np.ndarray, n: int, effort: int) -> np.ndarray:
        # Left to itself, Annoy inspects n nodes for every tree; fewer would return fewer than n.
        effort = max(effort, n * self._n_trees)
        return np.asarray(self._index.get_nns_by_vector(vector, n, effort), dtype=np.int64)

    def _best(
        self, candidates: np.ndarray, similarity: np.ndarray, rows: Sequence[int], k: int
    ) -> Neighbours:
        n_best = 4 * (k + len(rows))  # nearly always enough, and sorting all of them takes longer
        while n_best < len(candidates):
            best = similarity >= np.partition(similarity, -n_best)[-n_best]  # ties are all in
            found = self._in_order(candidates[best], similarity[best], rows, k)
            if len(found.rows) == k:
                return found
            n_best *= 4
        return self._in_order(candidates, similarity, rows, k)

    def _in_order(
        self, candidates: np.ndarray, similarity: np.ndarray, rows: Sequence[int], k: int
    ) -> Neighbours:
        order = np.lexsort((candidates, -similarity))  # ties by row: always the same answer
        candidates, similarity = candidates[order], similarity[order]
        kept = _without_pieces(self._directions[candidates], self._directions[list(rows)], k)
        return Neighbours(candidates[kept], similarity[kept].clip(-1, 1))


def _without_pieces(directions: np.ndarray, query: np.ndarray, k: int) -> np.ndarray:
    """Return the places of the first ``k`` directions that are far from the query and each other.

    Parameters
    ----------
    directions : ndarray, shape (n, 3)
        Unit vectors on the sky, the most similar galaxy first.
    query : ndarray, shape (n_query, 3)
        The members of the query; each is within no distance of itself, so it is never kept.
    k : int
        How many to keep at most.

    Returns
    -------
    ndarray of int64, shape (at most k,)
    """
    nearby = np.cos(np.radians(SHREDDED_ARCSEC / 3600))
    free = (directions @ query.T < nearby).all(axis=1)
    kept: list[int] = []
    place = 0
    while len(kept) < k and place < len(free):
        if free[place]:
            kept.append(place)
            free[place:] &= directions[place:] @ directions[place] < nearby
        place += 1
    return np.asarray(kept, dtype=np.int64)
