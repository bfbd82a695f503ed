"""Galaxies at random: any one, or rather a bright one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from dashboard.explorer.memo import remembered

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


@remembered(1)
def brightest_first(explorer: Explorer) -> np.ndarray | None:
    """Return all rows, the brightest first, int of shape (n_objects,); None if it is not known."""
    name = explorer.manifest.brightness_column
    if name is None or name not in explorer.catalogue or explorer.is_category(name):
        return None
    return np.argsort(explorer.values(name), kind="stable")  # NaN goes last


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
    ordered = brightest_first(explorer) if bright else None
    rows = np.arange(explorer.n_objects) if ordered is None else ordered
    if passing is not None:
        rows = rows[passing[rows]]
    rank = rng.integers(len(rows)) if ordered is None else random_rank(rng, len(rows))
    return int(rows[rank])
