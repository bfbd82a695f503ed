"""Galaxies at random: any one, or rather a bright one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

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


def knows_brightness(explorer: Explorer) -> bool:
    """Return whether the catalogue says how bright galaxies are."""
    name = explorer.manifest.brightness_column
    return name is not None and name in explorer.catalogue and not explorer.is_category(name)


def random_row(
    explorer: Explorer,
    rng: np.random.Generator,
    *,
    bright: bool = True,
    passing: np.ndarray | None = None,
) -> int:
    """Draw a galaxy: rather a bright one, as `random_rank` does, or any one.

    Where brightness is not known, any one is as likely. Of ``passing``, bool of shape (n_objects,),
    at least one is true, and only these are drawn; ranks count among them.
    """
    rows = None if passing is None else np.flatnonzero(passing)
    n_objects = explorer.n_objects if rows is None else len(rows)
    if bright and knows_brightness(explorer):
        magnitudes = explorer.values(str(explorer.manifest.brightness_column))
        drawn = place_of_rank(
            magnitudes if rows is None else magnitudes[rows], random_rank(rng, n_objects)
        )
    else:
        drawn = int(rng.integers(n_objects))
    return drawn if rows is None else int(rows[drawn])


def place_of_rank(values: np.ndarray, rank: int) -> int:
    """Return where the number is that has so many smaller ones; the last are NaN.

    Of equal ones the first counts as smaller. Nothing is sorted, and nothing kept.

    >>> [place_of_rank(np.array([2.0, np.nan, 1.0, 2.0]), rank) for rank in range(4)]
    [2, 0, 3, 1]
    """
    wanted = np.partition(values, rank)[rank]
    is_equal = np.isnan(values) if np.isnan(wanted) else values == wanted
    n_smaller = np.count_nonzero(~is_equal if np.isnan(wanted) else values < wanted)
    return int(np.flatnonzero(is_equal)[rank - n_smaller])
