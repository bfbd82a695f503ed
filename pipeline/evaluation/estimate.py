"""A figure of merit with its spread, and how spreads are estimated."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

SEEDS = 5  # repetitions of whatever is drawn at random: folds, examples, random representations
RESAMPLES = 200

Statistic = Callable[[np.ndarray], float]


class Merit(NamedTuple):
    """A figure of merit and its spread, one standard deviation or standard error."""

    value: float
    spread: float


def over_seeds(values: Sequence[float]) -> Merit:
    """Return mean and standard deviation of a figure that was measured several times."""
    return Merit(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0)


def over_galaxies(values: np.ndarray) -> Merit:
    """Return the mean over galaxies and its standard error."""
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Merit(float(np.mean(values)), error)


def bootstrapped(statistic: Statistic, n: int, rng: np.random.Generator) -> Merit:
    """Return a statistic of n galaxies and its standard error by resampling the galaxies.

    Parameters
    ----------
    statistic : callable
        Of how often each galaxy counts, shape (n,); NaN where that leaves nothing to measure.
    """
    resampled = [
        statistic(np.bincount(rng.integers(n, size=n), minlength=n).astype(float))
        for _ in range(RESAMPLES)
    ]
    return Merit(statistic(np.ones(n)), float(np.nanstd(resampled, ddof=1)))


def combined(merits: Sequence[Merit]) -> Merit:
    """Return the mean of repetitions of which each has a spread of its own.

    Variances add: that within the repetitions, on average, and that between them.
    """
    values = np.array([merit.value for merit in merits])
    within = np.mean([merit.spread**2 for merit in merits])
    between = np.var(values, ddof=1) if len(values) > 1 else 0.0
    return Merit(float(values.mean()), float(np.sqrt(within + between)))


def macro(merits: Sequence[Merit]) -> Merit:
    """Return the mean over classes, whose errors are independent of one another."""
    error = math.sqrt(sum(merit.spread**2 for merit in merits)) / len(merits)
    return Merit(float(np.mean([merit.value for merit in merits])), error)
