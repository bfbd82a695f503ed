"""Similarity to the query as filters offer it: like a column, spread as random pairs are."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.explorer.memo import remembered
from dashboard.filters.columns import FilterColumn, NumberColumn, in_range
from dashboard.filters.filters import SIMILARITY, Range
from dashboard.filters.histogram import ROBUST_QUANTILES, Histogram
from dashboard.query.certainty import random_pairs
from pipeline.atlas import Column

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.query.query import Query

ABOUT = Column(
    SIMILARITY, "", "similarity to the query: cosine between embeddings, 1 for the same galaxy"
)
_STEP = 0.01
_BAR = 0.05


class SimilarityColumn(NumberColumn):
    """The cosines of random pairs of galaxies, to choose from which one on a galaxy is similar."""

    def __init__(self, pairs: np.ndarray) -> None:
        super().__init__(ABOUT, pd.Series(pairs))
        self._pairs = pairs

    @cached_property
    def histogram(self) -> Histogram:
        """How random pairs are spread, up to 1: the most similar are what one looks for."""
        low = float(np.quantile(self._pairs, ROBUST_QUANTILES[0]))
        n_bars = min(max(1, round((1 - low) / _BAR)), round(2 / _BAR))
        low = round(1 - n_bars * _BAR, 2)
        counts, _ = np.histogram(self._pairs.clip(low, 1), bins=n_bars, range=(low, 1))
        return Histogram(low, 1.0, _STEP, tuple(counts.tolist()))

    def thresholds(self) -> list[float]:
        """Return the cosines that 0.1 %, 0.2 % ... 100 % of the pairs do not surpass."""
        shares = np.arange(1, 1001) / 1000
        places = np.ceil(shares * len(self._pairs) - 1e-9).astype(int) - 1
        return np.round(self._pairs[places].astype(float), 4).tolist()


@remembered(1)
def similarity_column(explorer: Explorer) -> SimilarityColumn | None:
    """Return similarity as a column of an atlas; None if it has but one galaxy."""
    return SimilarityColumn(random_pairs(explorer)) if explorer.n_objects > 1 else None


@remembered(2)  # a byte a galaxy
def is_within(explorer: Explorer, query: Query, wanted: Range) -> np.ndarray:
    """Return which galaxies are as similar to a query as is wanted: bool (n_objects,)."""
    passes = in_range(query.similarity(explorer), wanted)
    passes.flags.writeable = False
    return passes


def column_to_filter(explorer: Explorer, name: str) -> FilterColumn:
    """Return what a filter is of; a FilterError if this atlas has none such."""
    similarity = similarity_column(explorer) if name == SIMILARITY else None
    return similarity or explorer.filter_columns[name]


def columns_to_filter(explorer: Explorer) -> list[Column]:
    """Return what can be filtered by: similarity, then the columns in which galaxies differ."""
    columns = explorer.filter_columns.offered()
    return columns if similarity_column(explorer) is None else [ABOUT, *columns]
