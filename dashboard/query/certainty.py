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

N_PAIRS = 20_000  # a share of 99 % is then known to 0.07 %
FAR = 0.95  # of random pairs: who is more similar than these does not resemble by chance
# Of more galaxies than this, the pairs are of so many: on a disk that is cold every galaxy costs
# 0.1 ms to read, and all pairs would need 40,000 of them at the first answer.
_MANY, _N_READ = 200_000, 4_000
_GOOD_RECALL = 0.99  # of an index: nothing to speak of
_SEED = 1


@dataclass(frozen=True)
class Certainty:
    """What is known of the neighbours of a query.

    Attributes
    ----------
    n_found, n_nearest : int or None
        How many of the neighbours the index had proposed, before what it missed was put right, and
        how many there are; None where there are too many galaxies to compare with them all.
    recall : float
        The share of the 100 nearest that the index found when it was built, on average.
    similarity : float
        Of the last neighbour.
    share_surpassed : float
        The share of pairs of galaxies, drawn at random, that are less similar than that; for the
        least similar, that are more similar.
    n_pairs : int
        How many pairs were drawn.
    n_far : int
        How many neighbours, from the first on, surpass the share `FAR` of these pairs.
    least_similar : bool
        Whether the least similar galaxies were asked for.
    """

    n_found: int | None
    n_nearest: int | None
    recall: float
    similarity: float
    share_surpassed: float
    n_pairs: int
    n_far: int
    least_similar: bool = False


@remembered(1)
def random_pairs(explorer: Explorer) -> np.ndarray:
    """Return the cosines of random pairs of galaxies of an atlas of two or more, ascending."""
    return random_similarities(explorer.search.vectors, N_PAIRS)


def shares_of_pairs(explorer: Explorer, similarity: np.ndarray) -> np.ndarray | None:
    """Return the share of random pairs of galaxies of an atlas that are less similar than that.

    Parameters
    ----------
    similarity : ndarray, shape (n,)
        Cosines.

    Returns
    -------
    ndarray of float64, shape (n,), or None
        0 to 1; None of an atlas of one galaxy, which has no pairs.
    """
    if explorer.n_objects < 2:
        return None
    pairs = random_pairs(explorer)
    return np.searchsorted(pairs, similarity, side="left") / len(pairs)


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
    pairs = random_pairs(explorer)
    if query.least_similar:
        surpassed = len(pairs) - np.searchsorted(pairs, found.similarity, side="right")
    else:
        surpassed = np.searchsorted(pairs, found.similarity, side="left")
    shares = surpassed / len(pairs)
    by_index = found.by_index
    return Certainty(
        n_found=None if by_index is None else int(np.count_nonzero(by_index)),
        n_nearest=None if by_index is None else len(by_index),
        recall=explorer.manifest.index.recall_at_100,
        similarity=float(found.similarity[-1]),
        share_surpassed=float(shares[-1]),
        n_pairs=len(pairs),
        n_far=int(np.count_nonzero(shares >= FAR)),
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
    drawn, n_drawn = None, len(vectors)
    if n_drawn > _MANY:
        drawn, n_drawn = vectors[np.sort(rng.choice(n_drawn, _N_READ, replace=False))], _N_READ
    one = rng.integers(n_drawn, size=n_pairs)
    other = (one + rng.integers(1, n_drawn, size=n_pairs)) % n_drawn  # never itself
    pairs = (vectors[side] if drawn is None else drawn[side] for side in (one, other))
    return np.sort(np.einsum("ij,ij->i", *pairs))


def in_short(certainty: Certainty, n_shown: int) -> str:
    """Return one line about ``n_shown`` neighbours: where resemblance ends, if it does.

    >>> in_short(Certainty(25, 25, 0.999, 0.93, 0.9992, 20_000, 25), 25)
    'All are more similar than 99.9 % of random pairs'
    >>> in_short(Certainty(25, 25, 0.999, 0.21, 0.9, 20_000, 7), 25)
    'Only the first 7 are more similar than 95 % of random pairs'
    """
    more = "less" if certainty.least_similar else "more"
    if certainty.n_far == n_shown:
        said = f"All are {more} similar than {share_in_words(certainty.share_surpassed)}"
    else:
        first = {0: "None is", 1: "Only the first is"}.get(
            certainty.n_far, f"Only the first {certainty.n_far} are"
        )
        said = f"{first} {more} similar than {share_in_words(FAR)}"
    missed = ""
    if certainty.n_found is None and certainty.recall < _GOOD_RECALL:
        missed = f" · the index finds {per_cent(certainty.recall)} of the nearest"
    return f"{said}{missed}"


def in_full(certainty: Certainty, query: Query, n_objects: int) -> str:
    """Return what `in_short` means, for the query that it is said of."""
    ends = "least similar" if certainty.least_similar else "nearest"
    if certainty.n_found is None:
        recall = (
            f"This atlas has {n_objects:,} galaxies, too many to compare with all of them at "
            "every query. When its index was built, it was tested: on average it found "
            f"{per_cent(certainty.recall)} of the 100 nearest."
        )
    else:
        within = " that pass the filters" if query.filters else ""
        recall = f"This answer was compared with all galaxies{within}: the index had "
        n_missed = (certainty.n_nearest or 0) - certainty.n_found
        recall += (
            f"missed {n_missed} of the {certainty.n_nearest} {ends}, which were put in their place."
            if n_missed
            else f"found all {ends}."
        )
    less = "more" if certainty.least_similar else "less"
    share = per_cent(certainty.share_surpassed)
    sentences = [
        "Similarity is the cosine between two embeddings: 1 for the same, 0 for unrelated ones.",
        f"The last galaxy shown has {certainty.similarity:.3f}. Of {certainty.n_pairs:,} pairs of "
        f"galaxies drawn at random from the atlas, {share} are {less} similar to each other.",
        f"Neighbours come from an index, which is quick but may miss some. {recall}",
    ]
    if query.n_examples > 1:
        sentences.append(
            "Your query is the mean of several, the pairs are of single galaxies: take that share "
            "as a rough scale."
        )
    return " ".join(sentences)


def share_in_words(share: float) -> str:
    """Return a share of random pairs as it stands in a sentence.

    >>> share_in_words(0.99267), share_in_words(1.0)
    ('99.2 % of random pairs', 'all random pairs')
    """
    return "all random pairs" if share == 1 else f"{per_cent(share)} of random pairs"


def per_cent(share: float) -> str:
    """Return a share cut, not rounded, to 0.1 %: what is not all never reads as 100 %."""
    return f"{math.floor(round(share * 1000, 6)) / 10:g} %"
