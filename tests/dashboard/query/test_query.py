"""What is searched for: what the store brings back, and what it refuses."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters.filters import Filters, Range
from dashboard.query.query import DEFAULT_K, K_CHOICES, Query, QueryError
from tests.dashboard.queries import N_OBJECTS, QUERIES


def test_a_query_has_its_galaxies_once_each_as_plain_integers():
    query = Query(rows=[np.int64(7), 3, 7])
    assert query.rows == (7, 3)
    assert {type(row) for row in query.rows} == {int}
    assert query.k == DEFAULT_K == 25


@given(query=QUERIES)
def test_the_store_brings_a_query_back_through_json(query):
    assert Query.from_store(json.loads(json.dumps(query.to_store())), N_OBJECTS) == query


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "not a query"),
        ([], "not a query"),
        ({"rows": [1], "pickle": "gASV"}, "not a query"),
        ({}, "without a list of galaxies"),
        ({"rows": 1}, "without a list of galaxies"),
        ({"rows": "12"}, "without a list of galaxies"),
        ({"rows": list(range(101))}, "without a list of galaxies"),
        ({"rows": []}, "1 to 100 galaxies, this one has 0"),
        ({"rows": [300]}, "row 300; this atlas has rows 0 to 299"),
        ({"rows": [-1]}, "row -1"),
        ({"rows": [True]}, "row True"),
        ({"rows": [1.0]}, "row 1.0"),
        ({"rows": ["1"]}, "row '1'"),
        ({"rows": [10**6000]}, "row something else"),
        ({"rows": [[[[[]]]]]}, "row something else"),
        ({"rows": [float("nan")]}, "row nan"),
        ({"rows": [1], "k": 17}, "16, 25, 36, 49, 64, 81 or 100, not 17"),
        ({"rows": [1], "k": True}, "not True"),
        ({"rows": [1], "k": "25"}, "not '25'"),
        ({"rows": [1], "k": None}, "not something else"),
        ({"rows": [1], "origin": "mars"}, "does not come from 'mars'"),
        ({"rows": [1], "origin": ["map"]}, "does not come from something else"),
        ({"rows": [1], "separation_arcsec": -1}, "-1 arcsec is not a separation"),
        ({"rows": [1], "separation_arcsec": 648_001}, "not a separation"),
        ({"rows": [1], "separation_arcsec": float("nan")}, "not a separation"),
        ({"rows": [1], "separation_arcsec": "near"}, "not a separation"),
        ({"rows": [1], "negatives": [300]}, "row 300"),
        ({"rows": [1], "negatives": 2}, "without a list of galaxies"),
        ({"rows": [1], "negatives": [1]}, "cannot be like and unlike"),
        ({"rows": [1], "negatives": list(range(2, 102))}, "this one has 101"),
        ({"rows": [1], "min_separation_arcsec": 61}, "0 to 60 arcsec apart, not 61"),
        ({"rows": [1], "min_separation_arcsec": float("nan")}, "not nan"),
        ({"rows": [1], "min_separation_arcsec": "far"}, "not 'far'"),
        ({"rows": [1], "filters": 3}, "not a filter"),
        ({"rows": [1], "filters": {"": "1,2"}}, "3 to 60 corners, this one has 1"),
        ({"rows": [1], "filters": {"mag_z": [2, 1]}}, "No number is 2 or more and 1 or less"),
    ],
)
def test_a_hostile_store_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(QueryError) as error:
        Query.from_store(data, N_OBJECTS)
    assert sentence in str(error.value)
    assert len(str(error.value)) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(
    data=JSON
    | st.fixed_dictionaries(
        {"rows": JSON | st.lists(st.integers(-1, N_OBJECTS), max_size=3)},
        optional=dict.fromkeys(set(Query.__dataclass_fields__) - {"rows"}, JSON),
    )
)
def test_whatever_the_browser_sends_is_a_query_of_this_atlas_or_a_query_error(data):
    try:
        query = Query.from_store(data, N_OBJECTS)
    except QueryError:
        return
    assert all(0 <= row < N_OBJECTS for row in query.rows)
    assert query.k in K_CHOICES


def test_what_follows_on_a_query_keeps_k_filters_and_options_and_nothing_else():
    filters = Filters((("mag_z", Range(14)),))
    kept = {"filters": filters, "min_separation_arcsec": 5, "least_similar": True}
    shown = Query((3,), 36, "search", 1.0, negatives=(2,), **kept)
    assert shown.after(rows=(4,), origin="map") == Query((4,), 36, "map", None, **kept)
