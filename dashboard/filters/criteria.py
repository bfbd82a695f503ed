"""Filters as criteria, for an engine that keeps values of the catalogue beside the vectors.

What passes is decided by `FilterColumns.passing`. Parts of texts, regions and similarity are left
out: no engine has to understand them.
"""

from __future__ import annotations

from dashboard.filters.filters import MISSING, SIMILARITY, Choice, Filters, Range
from pipeline.atlas import AnyOf, Between, Criterion


def criteria_of(filters: Filters) -> tuple[Criterion, ...]:
    """Return what an engine can be told of some filters.

    Examples
    --------
    >>> criteria_of(Filters((("kind", Choice(("", "disk"))),)))
    (AnyOf(column='kind', labels=('disk',), or_missing=True),)
    """
    found: list[Criterion] = []
    for name, wanted in filters.by_column:
        if isinstance(wanted, Range) and name != SIMILARITY:
            found.append(Between(name, wanted.least, wanted.most))
        elif isinstance(wanted, Choice):
            labels = tuple(label for label in wanted.labels if label != MISSING)
            found.append(AnyOf(name, labels, MISSING in wanted.labels))
    return tuple(found)
