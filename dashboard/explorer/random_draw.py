"""Galaxies at random: any one, or one from a list from bright to faint, rather near its start."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, ndtri

# The natural logarithm of the rank is normal (mean, deviation) in a catalogue of this length; its
# brightest galaxies are skipped, as often badly observed. Source: G. Stein's galaxy_search, DR9.
LOG_RANK_MEAN = 12.0
LOG_RANK_DEVIATION = 3.0
CATALOGUE_LENGTH = 42_272_646
BRIGHTEST_SKIPPED = 2_500


def random_rank(rng: np.random.Generator, n_objects: int) -> int:
    """Draw a rank from 0, the brightest, to ``n_objects - 1``.

    Notes
    -----
    For a catalogue of the source's length this is the source's log-normal draw. For a shorter one
    logarithms of ranks shrink with the logarithm of the length, and the same fraction is skipped:
    half of the draws come from the brightest 8 % of 3,000 galaxies. Ranks that shrink with the
    length itself would come from the brightest dozen.
    """
    shrinkage = math.log(n_objects + 1) / math.log(CATALOGUE_LENGTH + 1)
    mean, deviation = LOG_RANK_MEAN * shrinkage, LOG_RANK_DEVIATION * shrinkage
    skipped = n_objects * (BRIGHTEST_SKIPPED / CATALOGUE_LENGTH)
    # A normal draw between two bounds, by the inverse of its cumulative distribution.
    low, high = ndtr((np.log([skipped + 1, n_objects + 1]) - mean) / deviation)
    rank = math.exp(mean + deviation * ndtri(rng.uniform(low, high)))
    return min(max(int(rank) - 1, 0), n_objects - 1)


def random_row(
    rng: np.random.Generator,
    n_objects: int,
    from_bright_to_faint: np.ndarray | None = None,
    passing: np.ndarray | None = None,
) -> int:
    """Draw a galaxy.

    Parameters
    ----------
    rng : Generator
    n_objects : int
        Rows of the atlas.
    from_bright_to_faint : ndarray of int, shape (n_objects,), optional
        All rows, the brightest first: draw as `random_rank` does. Without it all are as likely.
    passing : ndarray of bool, shape (n_objects,), optional
        Which of them may be drawn, at least one; ranks count among these.
    """
    if from_bright_to_faint is None:
        return int(rng.integers(n_objects) if passing is None else rng.choice(passing.nonzero()[0]))
    if passing is not None:
        from_bright_to_faint = from_bright_to_faint[passing[from_bright_to_faint]]
    return int(from_bright_to_faint[random_rank(rng, len(from_bright_to_faint))])
