import json
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.explorer import Explorer
from dashboard.filters import Choice, Filters, Part, Range
from dashboard.query import (
    DEFAULT_K,
    K_CHOICES,
    LONGEST_ADDRESS,
    MOST_ROWS,
    Query,
    QueryError,
    unread_filters,
)
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

N_OBJECTS = 300
ODD_IDENTIFIERS = ["a b", "a+b", "a&k=16", "100%", "ä/ö?#", "=", "ngc;1", "galaxy"]


@pytest.fixture(scope="module")
def explorer():
    atlas = small_atlas(random_unit_rows(N_OBJECTS, 4))
    identifiers = [f"G{row}" for row in range(N_OBJECTS)]
    identifiers[: len(ODD_IDENTIFIERS)] = ODD_IDENTIFIERS
    atlas.catalogue["object_id"] = identifiers
    atlas.catalogue["odd & kind|"] = ["", "a|b", "50%"] * (N_OBJECTS // 3)
    return Explorer(atlas)


QUERIES = st.builds(
    Query,
    rows=st.lists(st.integers(0, N_OBJECTS - 1), min_size=1, max_size=MOST_ROWS),
    k=st.sampled_from(K_CHOICES),
    origin=st.sampled_from(["start", "search", "random", "card", "map", "url"]),
    separation_arcsec=st.none() | st.floats(0, 648_000),
    filters=st.sampled_from(
        [
            Filters(),
            Filters((("dec_deg", Range(-30.5)), ("object_id", Part("G")))),
            Filters((("odd & kind|", Choice(("", "a|b", "50%"))),)),
        ]
    ),
)


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
        ({"rows": [1], "filters": 3}, "not a filter"),
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
        optional={"k": JSON, "origin": JSON, "separation_arcsec": JSON, "filters": JSON},
    )
)
def test_whatever_the_browser_sends_is_a_query_of_this_atlas_or_a_query_error(data):
    try:
        query = Query.from_store(data, N_OBJECTS)
    except QueryError:
        return
    assert all(0 <= row < N_OBJECTS for row in query.rows)
    assert query.k in K_CHOICES


def test_the_address_names_the_galaxy_and_k(explorer):
    assert Query(rows=(42,)).to_address(explorer) == "?galaxy=G42&k=25"
    assert Query(rows=(42, 8), k=16).to_address(explorer) == "?galaxy=G42&galaxy=G8&k=16"


@given(query=QUERIES)
def test_the_address_brings_a_query_back(explorer, query):
    found = Query.from_address(query.to_address(explorer), explorer)
    assert found == Query(query.rows, query.k, "url", filters=query.filters)


def test_an_address_of_filters_alone_starts_from_the_default_galaxy(explorer):
    found = Query.from_address("?f.dec_deg=..12.5", explorer)
    assert found.rows == (explorer.default_row(),)
    assert found.filters == Filters((("dec_deg", Range(None, 12.5)),))


def test_filters_of_an_address_that_cannot_be_are_named_and_the_rest_works(explorer):
    search = "?galaxy=G42&f.mag_z=14..&f.dec_deg=x&f.ra_deg=10.."
    found = Query.from_address(search, explorer)
    assert (found.rows, found.filters) == ((42,), Filters((("ra_deg", Range(10)),)))
    sentence = unread_filters(search, explorer)
    assert "no column 'mag_z'" in sentence
    assert "'x' is not a range" in sentence
    assert unread_filters("?galaxy=G42&f.ra_deg=10..", explorer) == ""
    assert unread_filters("?f.mag_z=%ff", explorer) == ""
    assert unread_filters(None, explorer) == ""


def test_what_follows_on_a_page_keeps_k_and_filters_and_nothing_else():
    filters = Filters((("mag_z", Range(14)),))
    shown = Query((3,), 36, "search", 1.0, filters).to_store()
    assert Query.after(shown, 5, rows=(4,), origin="map") == Query((4,), 36, "map", None, filters)
    assert Query.after(None, 5, rows=(4,), origin="map") == Query((4,), DEFAULT_K, "map")
    with pytest.raises(QueryError):
        Query.after({"rows": [9]}, 5, rows=(4,), origin="map")


@pytest.mark.parametrize("row", range(len(ODD_IDENTIFIERS)))
def test_identifiers_with_odd_characters_survive_the_address(explorer, row):
    address = Query(rows=(row,)).to_address(explorer)
    assert address == f"?galaxy={quote(ODD_IDENTIFIERS[row], safe='').replace('%20', '+')}&k=25"
    assert Query.from_address(address, explorer).rows == (row,)


def test_k_may_be_left_out_and_strange_fields_are_passed_over(explorer):
    address = "?utm_source=mail&galaxy=G42&fbclid=x"
    assert Query.from_address(address, explorer) == Query((42,), 25, "url")


def test_k_alone_is_that_of_the_galaxy_that_the_page_starts_with(explorer):
    assert Query.from_address("?k=49", explorer) == Query((explorer.default_row(),), 49, "url")


@pytest.mark.parametrize("search", [None, "", "?", "?utm_source=mail", 7])
def test_an_address_that_names_no_galaxy_holds_no_query(explorer, search):
    assert Query.from_address(search, explorer) is None


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("?galaxy=", "no galaxy called ''"),
        ("?galaxy=G300", "no galaxy called 'G300'"),
        ("?galaxy=G42&galaxy=nobody", "no galaxy called 'nobody'"),
        ("?galaxy=G42&k=17", "16, 25, 36, 49, 64, 81 or 100, not '17'"),
        ("?k=3", "not '3'"),
        ("?galaxy=G42&k=", "not ''"),
        ("?galaxy=G42&k=25.0", "not '25.0'"),
        ("?galaxy=G42&k=٢٥", "not '٢٥'"),
        ("?galaxy=G42&k=25&k=36", "k 2 times"),
        ("?galaxy=%ff%fe", "mangled"),
        ("?" + "galaxy=G42&" * 300, "mangled"),
        ("?galaxy=" + "x" * LONGEST_ADDRESS, "more than the 8000"),
        ("?galaxy=\ud800", "no galaxy called"),
    ],
)
def test_a_mangled_address_is_refused_with_a_sentence(explorer, search, sentence):
    with pytest.raises(QueryError) as error:
        Query.from_address(search, explorer)
    assert sentence in str(error.value)
    assert len(str(error.value)) < 250


@given(
    search=st.text(max_size=40) | st.text("?&=%gk25alxy+;", max_size=30).map("?galaxy=G4&".__add__)
)
@example(search="?galaxy=G1&galaxy=G1")
def test_any_address_is_a_query_or_none_or_a_query_error(explorer, search):
    try:
        query = Query.from_address(search, explorer)
    except QueryError:
        return
    assert query is None or all(0 <= row < N_OBJECTS for row in query.rows)


def test_an_address_with_too_many_galaxies_is_refused(explorer):
    search = "?" + "&".join(f"galaxy=G{row}" for row in range(100, 100 + MOST_ROWS + 1))
    with pytest.raises(QueryError, match="this one has 101"):
        Query.from_address(search, explorer)
