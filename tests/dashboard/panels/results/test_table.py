"""The panel of the table: its rows, and what is done with them."""

import re

import pytest
from dash import no_update

from dashboard.app import create_app
from dashboard.filters.filters import Filters, Range
from dashboard.panels.results.table import HINT, add, offer, search_from, show
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query, QueryError
from tests.dashboard.panel_words import N, store_of

STORE = store_of(0)


def chosen(row):
    return {"data": {"row": row}}


def test_all_neighbours_are_shown_and_none_is_selected(explorer):
    rows, selected, heading = show(explorer, Pictures(explorer), STORE)
    assert [row["row"] for row in rows] == list(range(1, N))
    assert (selected, heading) == ([], "39 most similar galaxies")


def test_filters_and_order_of_the_query_hold_for_the_table(explorer):
    filters = Filters((("mag_z", Range(None, 14.2)),))  # rows 1 and 2: 14, 14.16
    query = Query((0,), filters=filters, least_similar=True)
    rows, _, heading = show(explorer, Pictures(explorer), query.to_store())
    assert [row["row"] for row in rows] == [2, 1]
    assert heading == "2 least similar galaxies within the filters"


def test_a_row_becomes_the_query(explorer):
    assert search_from(explorer, chosen(5), STORE)["rows"] == [5]


@pytest.mark.parametrize("event", [None, {}, "x", {"data": None}])
def test_what_was_not_chosen_changes_nothing(explorer, event):
    assert search_from(explorer, event, STORE) is no_update


@pytest.mark.parametrize("row", [-1, N, "1", None, 1.5, True])
def test_a_row_that_is_not_there_is_answered_by_a_sentence(explorer, row):
    with pytest.raises(QueryError, match="Reload the page"):
        search_from(explorer, chosen(row), STORE)


def test_selected_rows_are_those_of_the_query_that_the_table_shows(explorer):
    shown, now = store_of(10), store_of(0)
    # Nearest to row 10, in pairs: 9 and 11, 8 and 12, ...
    assert sorted(add(explorer, [1, 2, 3, 4], shown, now)["rows"]) == [0, 8, 9, 11, 12]


def test_a_selection_that_cannot_be_is_answered_by_a_sentence():
    with pytest.raises(QueryError, match="ranks from 1 to 1,000"):
        offer([2000])


def test_how_many_are_selected_is_said_and_what_to_do_with_them_offered():
    assert offer(None) == offer([]) == (HINT, "table-foot")
    assert offer([1, 2, 7]) == ("3 selected", "table-foot is-selected")


def test_a_page_brings_the_table_only_once_it_is_seen(explorer):
    client = create_app({explorer.name: explorer}).test_client()
    page = client.get(f"/atlas/{explorer.name}/").text
    assert "assets/grid.js" in page
    assert not [script for script in re.findall('src="([^"]+)', page) if "dash_ag_grid" in script]
    folder = f"/atlas/{explorer.name}/_dash-component-suites/dash_ag_grid"
    for script in ("dash_ag_grid.min.js", "async-community.js"):
        with client.get(f"{folder}/{script}") as answer:
            assert answer.status_code == 200
