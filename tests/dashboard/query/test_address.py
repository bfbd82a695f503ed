"""The address of a page: what it brings back, and the sentences about what it cannot."""

from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Filters, Range
from dashboard.filters.region import Region
from dashboard.query.address import from_address, to_address, unread
from dashboard.query.page import LONGEST_ADDRESS
from dashboard.query.query import MOST_ROWS, Query, QueryError
from tests.dashboard.queries import N_OBJECTS, QUERIES
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

ODD_IDENTIFIERS = ["a b", "a+b", "a&k=16", "100%", "ä/ö?#", "=", "ngc;1", "galaxy"]


@pytest.fixture(scope="module")
def explorer():
    identifiers = [f"G{row}" for row in range(N_OBJECTS)]
    identifiers[: len(ODD_IDENTIFIERS)] = ODD_IDENTIFIERS
    kinds = ["", "a|b", "50%"] * (N_OBJECTS // 3)
    columns = {"object_id": identifiers, "odd & kind|": kinds}
    return Explorer(small_atlas(random_unit_rows(N_OBJECTS, 4), columns=columns))


def test_the_address_names_the_galaxy_and_k(explorer):
    assert to_address(Query(rows=(42,)), explorer) == "?galaxy=G42&k=25"
    assert to_address(Query(rows=(42, 8), k=16), explorer) == "?galaxy=G42&galaxy=G8&k=16"


@given(query=QUERIES)
def test_the_address_brings_a_query_back(explorer, query):
    found = from_address(to_address(query, explorer), explorer)
    assert found == replace(query, origin="url", separation_arcsec=None)


def test_the_address_says_what_is_not_wanted_how_far_apart_and_in_which_order(explorer):
    query = Query((42,), negatives=(8, 9), min_separation_arcsec=0, least_similar=True)
    address = to_address(query, explorer)
    assert address == "?galaxy=G42&not=G8&not=G9&k=25&apart=0&order=least"
    assert from_address(address, explorer) == replace(query, origin="url")


def test_a_selection_on_the_map_is_in_the_address(explorer):
    filters = Filters(region=Region(((0.1, 0.2), (0.3, 0.2), (0.25, -1.0))))
    address = to_address(Query((42,), filters=filters), explorer)
    assert address == "?galaxy=G42&k=25&region=0.1,0.2+0.3,0.2+0.25,-1"
    assert from_address("?region=0.1,0.2+0.3,0.2+0.25,-1", explorer).filters == filters
    assert "1 corners" not in unread("?region=0.1,0.2+0.3,0.2+0.25,-1", explorer)
    assert "this one has 1" in unread("?region=0.1,0.2", explorer)


def test_what_is_not_wanted_is_asked_of_the_galaxy_that_the_page_starts_with(explorer):
    first = explorer.default_row()
    other = (first + 1) % N_OBJECTS
    name = explorer.galaxy(other).object_id
    assert from_address("?" + urlencode({"not": name}), explorer).rows == (first,)
    name = explorer.galaxy(first).object_id
    with pytest.raises(QueryError, match="needs a galaxy to be similar to"):
        from_address("?" + urlencode({"not": name}), explorer)


def test_an_address_of_filters_alone_starts_from_the_default_galaxy(explorer):
    found = from_address("?f.dec_deg=..12.5", explorer)
    assert found.rows == (explorer.default_row(),)
    assert found.filters == Filters((("dec_deg", Range(None, 12.5)),))


def test_filters_of_an_address_that_cannot_be_are_named_and_the_rest_works(explorer):
    search = "?galaxy=G42&f.mag_z=14..&f.dec_deg=x&f.ra_deg=10.."
    found = from_address(search, explorer)
    assert (found.rows, found.filters) == ((42,), Filters((("ra_deg", Range(10)),)))
    sentence = unread(search, explorer)
    assert "no column 'mag_z'" in sentence
    assert "'x' is not a range" in sentence
    assert unread("?galaxy=G42&f.ra_deg=10..", explorer) == ""
    assert unread("?f.mag_z=%ff", explorer) == ""
    assert unread(None, explorer) == ""


@pytest.mark.parametrize("row", range(len(ODD_IDENTIFIERS)))
def test_identifiers_with_odd_characters_survive_the_address(explorer, row):
    address = to_address(Query(rows=(row,)), explorer)
    assert address == f"?galaxy={quote(ODD_IDENTIFIERS[row], safe='').replace('%20', '+')}&k=25"
    assert from_address(address, explorer).rows == (row,)


def test_k_may_be_left_out_and_strange_fields_are_passed_over(explorer):
    address = "?utm_source=mail&galaxy=G42&fbclid=x"
    assert from_address(address, explorer) == Query((42,), 25, "url")


def test_k_alone_is_that_of_the_galaxy_that_the_page_starts_with(explorer):
    assert from_address("?k=49", explorer) == Query((explorer.default_row(),), 49, "url")


@pytest.mark.parametrize("search", [None, "", "?", "?utm_source=mail", 7])
def test_an_address_that_names_no_galaxy_holds_no_query(explorer, search):
    assert from_address(search, explorer) is None


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("?galaxy=", "no galaxy called ''"),
        ("?galaxy=G300", "no galaxy called 'G300'"),
        ("?galaxy=G42&galaxy=nobody", "no galaxy called 'nobody'"),
        ("?galaxy=G42&not=G42", "like and unlike"),
        ("?galaxy=G42&not=nobody", "no galaxy called 'nobody'"),
        ("?galaxy=%ff%fe", "mangled"),
        ("?" + "galaxy=G42&" * 300, "mangled"),
        ("?galaxy=" + "x" * LONGEST_ADDRESS, "more than the 8000"),
        ("?galaxy=\ud800", "no galaxy called"),
    ],
)
def test_a_mangled_address_is_refused_with_a_sentence(explorer, search, sentence):
    with pytest.raises(QueryError) as error:
        from_address(search, explorer)
    assert sentence in str(error.value)
    assert len(str(error.value)) < 250


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("?galaxy=G42&k=17", "16, 25, 36, 49, 64, 81 or 100, not '17'"),
        ("?galaxy=G42&k=3", "not '3'"),
        ("?galaxy=G42&k=", "not ''"),
        ("?galaxy=G42&k=25.0", "not '25.0'"),
        ("?galaxy=G42&k=٢٥", "not '٢٥'"),
        ("?galaxy=G42&k=25&k=36", "k 2 times"),
        ("?galaxy=G42&apart=60.5", "0 to 60 arcsec apart, not 60.5"),
        ("?galaxy=G42&apart=nan", "not nan"),
        ("?galaxy=G42&apart=far", "'far', which is no number"),
        ("?galaxy=G42&apart=1&apart=1", "apart 2 times"),
        ("?galaxy=G42&order=most", "the order 'most'"),
    ],
)
def test_an_option_that_cannot_be_costs_the_option_and_not_the_query(explorer, search, sentence):
    assert from_address(search, explorer) == Query((42,), origin="url")
    assert sentence in unread(search, explorer)


@given(
    search=st.text(max_size=40) | st.text("?&=%gk25alxy+;", max_size=30).map("?galaxy=G4&".__add__)
)
@example(search="?galaxy=G1&galaxy=G1")
def test_any_address_is_a_query_or_none_or_a_query_error(explorer, search):
    try:
        query = from_address(search, explorer)
    except QueryError:
        return
    assert query is None or all(0 <= row < N_OBJECTS for row in query.rows)


def test_an_address_with_too_many_galaxies_is_refused(explorer):
    search = "?" + "&".join(f"galaxy=G{row}" for row in range(100, 100 + MOST_ROWS + 1))
    with pytest.raises(QueryError, match="this one has 101"):
        from_address(search, explorer)


def test_a_plus_that_somebody_wrote_in_a_name_stays_one(explorer):
    assert from_address("?galaxy=a+b", explorer).rows == (0,)  # "a b" is there, too
    columns = {"object_id": ["J0004+0209", "J0016-0027", "J0005"]}
    lacking = Explorer(small_atlas(random_unit_rows(3, 4), columns=columns))
    assert from_address("?galaxy=J0004+0209&not=J0016-0027", lacking).rows == (0,)
    with pytest.raises(QueryError):
        from_address("?galaxy=J0004+0210", lacking)
