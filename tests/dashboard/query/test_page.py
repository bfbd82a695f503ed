"""What a page shows, as the browser keeps it: the gate for all that comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import FilterError
from dashboard.filters.filters import Filters, Range
from dashboard.query.page import Page
from dashboard.query.query import QueryError
from tests.dashboard.panel_words import page_of


def stored(explorer, **others):
    return page_of(explorer, 3).to_store() | others


def test_the_store_names_its_atlas_and_the_last_request(explorer):
    store = page_of(explorer, 3, n=7).to_store()
    assert (store["atlas"], store["n"]) == ("small", 7)
    assert (store["address"], store["colour"]) == ("?galaxy=G3&k=25", "kind")
    assert Page.from_store(store, explorer) == page_of(explorer, 3, n=7)


def test_what_is_said_is_not_kept(explorer):
    assert "said" not in page_of(explorer, 3).to_store()


@pytest.mark.parametrize("atlas", ["other", "", None, 7, ["small"], {"a": 1}])
def test_a_query_of_another_atlas_is_refused_with_a_sentence(explorer, atlas):
    with pytest.raises(QueryError, match=r"asked about the atlas .*, but this is small\. Reload"):
        Page.from_store(stored(explorer, atlas=atlas), explorer)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "x",
        7,
        {"rows": [3]},
        {"pickle": "gASV"},
    ],
)
def test_what_is_no_page_is_refused(explorer, data):
    with pytest.raises(QueryError, match="Reload the page"):
        Page.from_store(data, explorer)


@pytest.mark.parametrize(
    "others",
    [
        {"n": -1},
        {"n": "7"},
        {"n": True},
        {"n": 2**53},
        {"n": 1.5},
        {"address": 7},
        {"colour": None},
        {"query": None},
        {"query": {"rows": [40]}},
        {"query": {"rows": [3], "pickle": "gASV"}},
        {"query": {"rows": [3], "embedding": "nonsense"}},
        {"more": 1},
    ],
)
def test_a_page_with_something_else_in_it_is_refused(explorer, others):
    with pytest.raises(QueryError):
        Page.from_store(stored(explorer, **others), explorer)


def test_filters_of_another_atlas_are_refused(explorer):
    query = {"rows": [3], "filters": Filters((("nope", Range(1)),)).to_store()}
    with pytest.raises(FilterError, match="no column 'nope'"):
        Page.from_store(stored(explorer, query=query), explorer)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(others=st.dictionaries(st.sampled_from(["n", "query", "address", "colour", "x"]), _JSON))
def test_whatever_the_browser_sends_is_a_page_of_this_atlas_or_is_refused(explorer, others):
    try:
        page = Page.from_store(stored(explorer, **others), explorer)
    except (QueryError, FilterError):
        return
    assert page.atlas == "small"
    assert all(0 <= row < explorer.n_objects for row in page.query.rows)
