"""How sure the neighbours of a query are: what the index missed, and how similar is similar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.explorer.memo import remembered
from pipeline.atlas import Vectors

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.query.query import Query

MOST_EXACT = 50_000  # galaxies of an atlas that are all compared with each query, in some 10 ms
N_PAIRS = 20_000  # a share of 99 % is then known to 0.07 %
_SEED = 1


@dataclass(frozen=True)
class Certainty:
    """What is known of the neighbours that the index gave.

    Attributes
    ----------
    n_found, n_nearest : int or None
        How many of the nearest, found by comparing with every galaxy, are among the neighbours;
        None where there are too many galaxies for that.
    recall : float
        The share of the 100 nearest that the index found when it was built, on average.
    similarity : float
        Of the last neighbour.
    share_surpassed : float
        The share of pairs of galaxies, drawn at random, that are less similar than that; for the
        least similar, that are more similar.
    n_pairs : int
        How many pairs were drawn.
    least_similar : bool
        Whether the least similar galaxies were asked for.
    """

    n_found: int | None
    n_nearest: int | None
    recall: float
    similarity: float
    share_surpassed: float
    n_pairs: int
    least_similar: bool = False


@remembered(1)
def _of_random_pairs(explorer: Explorer) -> np.ndarray:
    return random_similarities(explorer.search.vectors, N_PAIRS)


def certainty_of(explorer: Explorer, query: Query) -> Certainty | None:
    """Return how sure the neighbours of ``query`` are; None if it has none.

    Raises
    ------
    QueryError, NoCommonDirectionError
        As `Query.neighbours` does.
    """
    found = query.neighbours(explorer)
    if not len(found.rows) or explorer.n_objects < 2:  # of one galaxy there are no pairs
        return None
    n_found = n_nearest = None
    if explorer.n_objects <= MOST_EXACT:
        nearest = query.exact_neighbours(explorer)
        n_found = len(np.intersect1d(found.rows, nearest.rows, assume_unique=True))
        n_nearest = len(nearest.rows)
    last, pairs = found.similarity[-1], _of_random_pairs(explorer)
    if query.least_similar:
        n_surpassed = len(pairs) - int(np.searchsorted(pairs, last, side="right"))
    else:
        n_surpassed = int(np.searchsorted(pairs, last, side="left"))
    return Certainty(
        n_found=n_found,
        n_nearest=n_nearest,
        recall=explorer.manifest.index.recall_at_100,
        similarity=float(last),
        share_surpassed=n_surpassed / len(pairs),
        n_pairs=len(pairs),
        least_similar=query.least_similar,
    )


def random_similarities(vectors: Vectors, n_pairs: int) -> np.ndarray:
    """Return how similar galaxies are that have nothing to do with each other.

    Parameters
    ----------
    vectors : Vectors
        Of at least two galaxies.

    Returns
    -------
    ndarray of float32, shape (n_pairs,)
        Cosines in ascending order, always of the same pairs.
    """
    rng = np.random.default_rng(_SEED)
    n_objects = len(vectors)
    one = rng.integers(n_objects, size=n_pairs)
    other = (one + rng.integers(1, n_objects, size=n_pairs)) % n_objects  # never itself
    return np.sort(np.einsum("ij,ij->i", vectors[one], vectors[other]))


def in_short(certainty: Certainty) -> str:
    """Return one line about the neighbours.

    >>> in_short(Certainty(24, 25, 0.999, 0.93, 0.9923, 20_000))
    '24 of the 25 nearest found · the last is more similar than 99.2 % of random pairs'
    >>> in_short(Certainty(None, None, 0.99956, 0.93, 1.0, 20_000))
    'The index finds 99.9 % of the nearest · the last is more similar than all random pairs'
    """
    ends, more = ("least similar", "less") if certainty.least_similar else ("nearest", "more")
    if certainty.n_found is None and certainty.least_similar:
        nearest = "How many of the least similar the index finds was not tested"
    elif certainty.n_found is None:
        nearest = f"The index finds {_per_cent(certainty.recall)} of the nearest"
    else:
        nearest = f"{certainty.n_found} of the {certainty.n_nearest} {ends} found"
    share = certainty.share_surpassed
    pairs = "all" if share == 1 else f"{_per_cent(share)} of"
    return f"{nearest} · the last is {more} similar than {pairs} random pairs"


def in_full(certainty: Certainty, query: Query, n_objects: int) -> str:
    """Return what `in_short` means, for the query that it is said of."""
    within = " that pass the filters" if query.filters else ""
    if certainty.n_found is None:
        recall = (
            f"This atlas has {n_objects:,} galaxies, too many to compare with all of them at "
            "every query. When its index was built, it was tested: on average it found "
            f"{_per_cent(certainty.recall)} of the 100 nearest."
        )
    else:
        recall = (
            "This answer was compared with a search through all galaxies"
            f"{within}, and holds {certainty.n_found} of the {certainty.n_nearest} "
            f"{'least similar' if certainty.least_similar else 'nearest'}."
        )
    less = "more" if certainty.least_similar else "less"
    share = _per_cent(certainty.share_surpassed)
    sentences = [
        f"Neighbours come from an index, which is quick but may miss some. {recall}",
        "Similarity is the cosine between two embeddings: 1 for the same, 0 for unrelated ones.",
        f"The last galaxy shown has {certainty.similarity:.3f}. Of {certainty.n_pairs:,} pairs of "
        f"galaxies drawn at random from the atlas, {share} are {less} similar to each other.",
    ]
    if query.n_examples > 1:
        sentences.append(
            "Your query is the mean of several, the pairs are of single galaxies: take that share "
            "as a rough scale."
        )
    return " ".join(sentences)


def _per_cent(share: float) -> str:
    """Return a share cut, not rounded, to 0.1 %: what is not all never reads as 100 %."""
    return f"{math.floor(round(share * 1000, 6)) / 10:g} %"
