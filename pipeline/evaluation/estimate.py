"""A figure of merit with its spread, and how spreads are estimated."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

SEEDS = 5  # repetitions of whatever is drawn at random: folds, examples, random representations
RESAMPLES = 200

Statistic = Callable[[np.ndarray], float]


class Estimate(NamedTuple):
    """A figure of merit and its spread, one standard deviation or standard error."""

    value: float
    spread: float


def over_seeds(values: Sequence[float]) -> Estimate:
    """Return mean and standard deviation of a figure that was measured several times."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return Estimate(float(np.mean(values)), spread)


def over_galaxies(values: np.ndarray) -> Estimate:
    """Return the mean over galaxies and its standard error."""
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Estimate(float(np.mean(values)), error)


def bootstrapped(statistic: Statistic, n: int, rng: np.random.Generator) -> Estimate:
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
    return Estimate(statistic(np.ones(n)), float(np.nanstd(resampled, ddof=1)))


def combined(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of repetitions of which each has a spread of its own.

    Variances add: that within the repetitions, on average, and that between them.
    """
    values = np.array([estimate.value for estimate in estimates])
    within = np.mean([estimate.spread**2 for estimate in estimates])
    between = np.var(values, ddof=1) if len(values) > 1 else 0.0
    return Estimate(float(values.mean()), float(np.sqrt(within + between)))


def macro(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean over classes, whose errors are independent of one another."""
    error = math.sqrt(sum(estimate.spread**2 for estimate in estimates)) / len(estimates)
    return Estimate(float(np.mean([estimate.value for estimate in estimates])), error)
