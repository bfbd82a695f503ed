"""Search by example: how good the first neighbours are, and how early something rare is found.

Source: nDCG of Jarvelin & Kekalainen 2002 (ACM TOIS 20, 422), with linear gain and a logarithmic
discount to base 2; for galaxies with the fraction of votes as relevance: AION-1 (arXiv 2510.17960).
"""

from __future__ import annotations

import numpy as np

from pipeline.atlas.engines import exact_neighbours
from pipeline.evaluation.estimate import (
    SEEDS,
    Estimate,
    bootstrapped,
    macro,
    over_galaxies,
    over_seeds,
)
from pipeline.evaluation.labels import Label
from pipeline.evaluation.neighbourhood import Neighbourhood

EXAMPLES = 15
DRAWS = 20  # sets of examples of each class and seed
FEWEST_EXAMPLES = 2 * EXAMPLES
_BATCH = 1024  # queries that are compared with all galaxies at once
HAS_IT = 0.5  # of a fraction: galaxies from here on serve as examples


def relevances(label: Label) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return what to search for: one task for each class, one for a fraction, none for numbers.

    Returns
    -------
    list of (relevance, examples)
        ndarray of float, shape (n,), in [0, 1]; and of bool: the galaxies that may be queries. Of a
        class: 1 for its members, who are the examples. Of a number that runs from 0 to 1, a
        fraction: the number itself; examples have at least `HAS_IT`. Tasks of fewer than
        `FEWEST_EXAMPLES` examples are left out.
    """
    if label.kind == "class":
        members = [label.values == name for name in np.unique(label.values[label.known])]
        tasks = [(member.astype(float), member) for member in members]
    else:
        known = label.values[label.known]
        # Redshifts of a shallow survey lie between 0 and 1, too, but do not come near 1.
        if known.min() < 0 or known.max() > 1 or known.max() < 0.95:
            return []
        relevance = np.where(label.known, label.values, 0.0)
        tasks = [(relevance, label.known & (relevance >= HAS_IT))]
    return [task for task in tasks if task[1].sum() >= FEWEST_EXAMPLES]


def ndcg_by_one(neighbourhood: Neighbourhood, label: Label, k: int) -> Estimate | None:
    """Return nDCG at k, each example in turn the query, averaged over tasks; None without tasks.

    Candidates are all other galaxies that have the label.
    """
    tasks = relevances(label)
    if not tasks:
        return None
    nearest = neighbourhood.among(label.known, k)
    estimates = []
    for relevance, examples in tasks:
        ranked = relevance[nearest[examples[label.known]]]
        ideal = _ideal_without(relevance[label.known], relevance[examples], k)
        estimates.append(over_galaxies(ranked @ _discount(k) / ideal))
    return macro(estimates)


def ndcg_by_mean(vectors: list[np.ndarray], label: Label, k: int, seed: int) -> Estimate | None:
    """Return nDCG at k, the query being the mean of `EXAMPLES` random examples; None without tasks.

    Candidates are all other galaxies that have the label. The spread is the standard deviation over
    `SEEDS` seeds of the mean of `DRAWS` draws of examples.

    Parameters
    ----------
    vectors : list of ndarray, shape (n, dim)
        Unit length; several if the representation is random: one is taken for each seed.
    """
    tasks = relevances(label)
    if not tasks:
        return None
    rows, means = np.flatnonzero(label.known), []
    for number in range(SEEDS):
        rng = np.random.default_rng([seed, number])
        candidates = vectors[number % len(vectors)][rows]
        by_task = [
            _by_mean(candidates, relevance[rows], examples[rows], k, rng)
            for relevance, examples in tasks
        ]
        means.append(float(np.mean(by_task)))
    return over_seeds(means)


def _by_mean(
    candidates: np.ndarray,
    relevance: np.ndarray,
    examples: np.ndarray,
    k: int,
    rng: np.random.Generator,
) -> float:
    members = np.flatnonzero(examples)
    drawn = np.stack([rng.choice(members, EXAMPLES, replace=False) for _ in range(DRAWS)])
    query = candidates[drawn].mean(axis=1)
    query /= np.linalg.norm(query, axis=1, keepdims=True)
    nearest, _ = exact_neighbours(candidates, query, min(k + EXAMPLES, len(candidates)))
    values = []
    for rows, queries in zip(nearest, drawn, strict=True):
        ranked = relevance[rows[~np.isin(rows, queries)][:k]]
        ideal = np.sort(np.delete(relevance, queries))[::-1][:k]
        values.append(ranked @ _discount(len(ranked)) / (ideal @ _discount(len(ideal))))
    return float(np.mean(values))


def _discount(k: int) -> np.ndarray:
    return 1 / np.log2(np.arange(2, k + 2))


def _ideal_without(relevance: np.ndarray, own: np.ndarray, k: int) -> np.ndarray:
    """Return the DCG of the best possible list for each query, which is itself not in it.

    Parameters
    ----------
    relevance : ndarray, shape (n,)
        Of all galaxies, n > k.
    own : ndarray, shape (m,)
        Of the queries.
    """
    best = np.sort(relevance)[::-1][: k + 1]
    by_place = np.array([np.delete(best, place) @ _discount(k) for place in range(k + 1)])
    return by_place[np.minimum(np.searchsorted(-best, -own), k)]


def precision(neighbourhood: Neighbourhood, label: Label, k: int) -> dict[str, Estimate]:
    """Return the share of the k nearest that are of the query's class, for each class."""
    of_known = label.values[label.known]
    same = (label.values[neighbourhood.among(label.known, k)] == of_known[:, None]).mean(axis=1)
    return {str(name): over_galaxies(same[of_known == name]) for name in np.unique(of_known)}


def first_other(
    neighbourhood: Neighbourhood, members: np.ndarray, rng: np.random.Generator
) -> Estimate:
    """Return the median rank of the first other member, each member in turn the query.

    Rank 1 is the nearest of all other galaxies. The spread is by resampling the queries.

    Parameters
    ----------
    members : ndarray of bool, shape (n,)
        At least two true.
    """
    rows, vectors, ranks = np.flatnonzero(members), neighbourhood.vectors, []
    for start in range(0, len(rows), _BATCH):
        own = rows[start : start + _BATCH]
        similarity = vectors[own] @ vectors.T
        similarity[np.arange(len(own)), own] = -np.inf
        best = similarity[:, rows].max(axis=1)
        # Of galaxies that are equally similar the others come first: no credit for a constant.
        ahead = similarity >= best[:, None]
        ahead[:, rows] = similarity[:, rows] > best[:, None]
        ranks.append(1 + ahead.sum(axis=1))
    in_order = np.sort(np.concatenate(ranks))
    return bootstrapped(lambda weights: _median(in_order, weights), len(rows), rng)


def first_other_at_random(n: int, n_members: int) -> int:
    """Return the median rank of the first other member if galaxies are ranked at random.

    Parameters
    ----------
    n : int
        All galaxies, the query among them.
    n_members : int
        Of the class, the query among them; at least two.
    """
    none_yet, others = 1.0, n_members - 1
    for rank in range(1, n):
        none_yet *= 1 - others / (n - rank)
        if none_yet <= 0.5:
            return rank
    raise AssertionError("The last rank is certain.")


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted median of sorted values."""
    return float(values[np.searchsorted(weights.cumsum(), weights.sum() / 2)])
