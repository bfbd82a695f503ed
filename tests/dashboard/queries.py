"""Queries of every kind, of an atlas of `N_OBJECTS` galaxies."""

from hypothesis import strategies as st

from dashboard.filters.filters import Choice, Filters, Part, Range
from dashboard.filters.region import Region
from dashboard.query.query import K_CHOICES, ORIGINS, Query

N_OBJECTS = 300
_ROWS = st.integers(0, N_OBJECTS - 1)

QUERIES = st.lists(_ROWS, min_size=1, max_size=100, unique=True).flatmap(
    lambda rows: st.builds(
        Query,
        rows=st.just(rows[: max(1, len(rows) // 2)]),
        negatives=st.just(rows[max(1, len(rows) // 2) :]),
        k=st.sampled_from(K_CHOICES),
        origin=st.sampled_from(ORIGINS),
        separation_arcsec=st.none() | st.floats(0, 648_000),
        min_separation_arcsec=st.integers(0, 240).map(lambda quarters: quarters / 4),
        least_similar=st.booleans(),
        filters=st.sampled_from(
            [
                Filters(),
                Filters((("dec_deg", Range(-30.5)), ("object_id", Part("G")))),
                Filters((("odd & kind|", Choice(("", "a|b", "50%"))),)),
                Filters(region=Region(((0.1, 0.2), (0.3, 0.2), (0.25, 1.4), (-0.0001, 0.5)))),
            ]
        ),
    )
)
