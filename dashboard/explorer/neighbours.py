"""The galaxies most similar to some others: an engine proposes, the embeddings decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.sky.tree import Directions
from pipeline.atlas import Criterion, Engine, ExactEngine, Vectors, among

# Survey pipelines cut big galaxies to pieces, which look alike. Of galaxies nearer to each other
# than 96 px of 0.262 arcsec, only the most similar is kept. Source: G. Stein's galaxy_search.
SHREDDED_ARCSEC = 25.15
# How much of the mean of the negatives is taken away from the mean of the positives; measured
# (docs/decisions/011). At 1 little more than the small differences between both would be left.
NEGATIVE_SHARE = 0.3
# Shorter than this, a mean of unit vectors is rounding error (float16 embeddings: 1e-3).
_SHORTEST_MEAN = 2e-3


class NoCommonDirectionError(ValueError):
    """The galaxies of a query are so different that their mean embedding vanishes."""


@dataclass(frozen=True)
class Question:
    """What galaxies are to look like, or not to look like.

    Attributes
    ----------
    rows : tuple of int
        Positives: examples of what is wanted.
    negatives : tuple of int
        Examples of what is not.
    own : ndarray, shape (dim,), or None
        The embedding of a picture that a user brought, in the atlas's frame; one more positive.
    min_separation_arcsec : float
        Galaxies within this of an example, or of a better neighbour, are left out.
    least_similar : bool
        Whether the least similar galaxies are asked for.
    guests, unlike_guests : ndarray, shape (n, dim), or None
        The embeddings of galaxies of other atlases: further positives and negatives.
    sky_of_guests : ndarray, shape (n, 3), or None
        Where these are, as unit vectors on the sky.
    """

    rows: tuple[int, ...]
    negatives: tuple[int, ...] = ()
    own: np.ndarray | None = None
    min_separation_arcsec: float = SHREDDED_ARCSEC
    least_similar: bool = False
    guests: np.ndarray | None = None
    unlike_guests: np.ndarray | None = None
    sky_of_guests: np.ndarray | None = None

    @property
    def examples(self) -> list[int]:
        """The rows of all examples, which are no neighbours."""
        return [*self.rows, *self.negatives]


@dataclass(frozen=True)
class Neighbours:
    """Galaxies in order of similarity, the most similar first, or the least if they are asked for.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
    similarity : ndarray of float32, shape (n,)
        Cosine between the embeddings of query and galaxy, in [-1, 1].
    by_index : ndarray of bool, shape (n,), or None
        Whether the index had proposed a galaxy; None if that was not checked.
    """

    rows: np.ndarray
    similarity: np.ndarray
    by_index: np.ndarray | None = None

    def first(self, n: int) -> Neighbours:
        """Return the first ``n`` of them."""
        by_index = None if self.by_index is None else self.by_index[:n]
        return Neighbours(self.rows[:n], self.similarity[:n], by_index)


_NONE = Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))


class NeighbourSearch:
    """Nearest neighbours among the galaxies of one atlas.

    Its ``directions`` are unit vectors on the sky, of shape (n_objects, 3), or give those of rows.
    """

    def __init__(
        self, vectors: Vectors, engine: Engine, directions: np.ndarray | Directions
    ) -> None:
        self.vectors, self.engine = vectors, engine
        self.directions = directions

    def nearest(
        self,
        asked: Question,
        k: int,
        allowed: np.ndarray | None = None,
        criteria: Sequence[Criterion] = (),
    ) -> Neighbours:
        """Return the ``k`` galaxies most similar to what is asked for, the examples excluded.

        Of galaxies too near to each other on the sky, only the best is kept. Fewer than ``k`` come
        back only if there are no more.

        Parameters
        ----------
        asked : Question
            Its examples need not be allowed themselves.
        k : int
        allowed : ndarray of bool, shape (n_objects,), optional
            Galaxies that may be returned; all if not given.
        criteria : sequence of Criterion
            What all these meet, for an engine that knows how to use it.

        Raises
        ------
        NoCommonDirectionError
            The query's embeddings cancel each other.
        UnreachableError
            The engine asks a service, which gives no answer.
        """
        return self._answer(among(self.engine, criteria), asked, k, allowed)

    def checked(
        self,
        asked: Question,
        k: int,
        allowed: np.ndarray | None = None,
        criteria: Sequence[Criterion] = (),
    ) -> Neighbours:
        """Return what `exact` does: what the index proposes, and what it has missed put right.

        `Neighbours.by_index` says which those are.
        """
        direction, n = self._direction(asked), 2 * (k + len(asked.examples))
        found, proposed = _NONE, _NONE.rows
        # The engine widens its proposals more slowly than the exact search, which ends with all.
        for proposed, nearest in zip(
            among(self.engine, criteria).proposals(direction, n, allowed),
            ExactEngine(self.vectors).proposals(direction, n, allowed),
            strict=False,
        ):
            rows = np.union1d(proposed, nearest)
            found = self._in_order(rows, self.vectors.similarity(direction, rows), asked, k)
            if len(found.rows) == k:
                break
        return replace(found, by_index=np.isin(found.rows, proposed))

    def exact(self, asked: Question, k: int, allowed: np.ndarray | None = None) -> Neighbours:
        """Return what `nearest` approximates, by comparing with every galaxy: the oracle."""
        return self._answer(ExactEngine(self.vectors), asked, k, allowed)

    def _answer(
        self, engine: Engine, asked: Question, k: int, allowed: np.ndarray | None
    ) -> Neighbours:
        direction = self._direction(asked)
        found = _NONE
        for rows in engine.proposals(direction, 2 * (k + len(asked.examples)), allowed):
            found = self._in_order(rows, self.vectors.similarity(direction, rows), asked, k)
            if len(found.rows) == k:
                break
        return found

    def similarity(self, asked: Question, rows: np.ndarray | None = None) -> np.ndarray:
        """Return how similar some galaxies are to what is asked for, or all: cosines, float32 (n,).

        Raises
        ------
        NoCommonDirectionError
        """
        alike = self._direction(replace(asked, least_similar=False))
        return self.vectors.similarity(alike, rows).clip(-1, 1)

    def _direction(self, asked: Question) -> np.ndarray:
        """Return the unit vector that neighbours lie along: away from the query for the least."""
        positives = self._all(asked.rows, asked.own, asked.guests)
        negatives = self._all(asked.negatives, asked.unlike_guests)
        vector = positives.mean(axis=0)
        if len(negatives):
            vector -= NEGATIVE_SHARE * negatives.mean(axis=0)
        length = np.linalg.norm(vector)
        if not length > _SHORTEST_MEAN:
            raise NoCommonDirectionError(
                f"The {len(positives) + len(negatives)} galaxies of this query are opposites of "
                "each other: no galaxy is similar to all of them. Remove some, or start from one."
            )
        sign = -1 if asked.least_similar else 1
        return np.asarray(sign * vector / length, dtype=np.float32)

    def _all(self, rows: Sequence[int], *others: np.ndarray | None) -> np.ndarray:
        """Return the embeddings of some rows, and others that come from elsewhere."""
        given = [embeddings for embeddings in others if embeddings is not None]
        return np.vstack([self.vectors[tuple(rows)].astype(np.float64), *given])

    def _sky(self, asked: Question) -> np.ndarray:
        """Return where the examples are: unit vectors, shape (n, 3)."""
        guests = [] if asked.sky_of_guests is None else [asked.sky_of_guests]
        return np.vstack([self.directions[asked.examples], *guests])

    def _in_order(
        self, candidates: np.ndarray, closeness: np.ndarray, asked: Question, k: int
    ) -> Neighbours:
        order = np.lexsort((candidates, -closeness))  # ties by row: always the same answer
        order = order[~np.isin(candidates[order], asked.examples)]
        candidates, closeness = candidates[order], closeness[order]
        kept = far_apart(
            self.directions[candidates],
            self._sky(asked),
            asked.min_separation_arcsec,
            k,
        )
        similarity = -closeness if asked.least_similar else closeness
        return Neighbours(candidates[kept], similarity[kept].clip(-1, 1))


def far_apart(
    directions: np.ndarray, examples: np.ndarray, min_separation_arcsec: float, k: int
) -> np.ndarray:
    """Return the places of the first ``k`` directions far from the examples and each other.

    Directions and examples are unit vectors on the sky, shape (n, 3), the best galaxy first. If the
    least separation is 0, nothing is left out.
    """
    if min_separation_arcsec == 0:
        return np.arange(min(k, len(directions)))
    nearby = np.cos(np.radians(min_separation_arcsec / 3600))
    free = (directions @ examples.T < nearby).all(axis=1)
    kept: list[int] = []
    place = 0
    while len(kept) < k and place < len(free):
        if free[place]:
            kept.append(place)
            free[place:] &= directions[place:] @ directions[place] < nearby
        place += 1
    return np.asarray(kept, dtype=np.int64)
