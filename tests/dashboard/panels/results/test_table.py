"""The panel of the table: its rows, and what is done with them."""

import re

import pytest

from dashboard.app import create_app
from dashboard.filters.filters import Filters, Range
from dashboard.panels.results.table import HINT, offer, show
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from dashboard.query.query import Query, QueryError
from dashboard.web.assets import asset_address
from tests.dashboard.panel_words import N


def shown(explorer, query):
    return show(explorer, Pictures(explorer), answer(explorer, query))


def test_all_neighbours_are_shown_and_none_is_selected(explorer):
    rows, selected, heading = shown(explorer, Query((0,)))
    assert [row["row"] for row in rows] == list(range(1, N))
    assert (selected, heading) == ([], "39 most similar galaxies")


def test_filters_and_order_of_the_query_hold_for_the_table(explorer):
    filters = Filters((("mag_z", Range(None, 14.2)),))  # rows 1 and 2: 14, 14.16
    query = Query((0,), filters=filters, least_similar=True)
    rows, _, heading = shown(explorer, query)
    assert [row["row"] for row in rows] == [2, 1]
    assert heading == "2 least similar galaxies within the filters"


def test_a_selection_that_cannot_be_is_answered_by_a_sentence():
    with pytest.raises(QueryError, match="ranks from 1 to 1,000"):
        offer([2000])


def test_how_many_are_selected_is_said_and_what_to_do_with_them_offered():
    assert offer(None) == offer([]) == (HINT, "table-foot")
    assert offer([1, 2, 7]) == ("3 selected", "table-foot is-selected")


def test_a_page_brings_the_table_only_once_it_is_seen(explorer):
    client = create_app({explorer.name: explorer}).test_client()
    page = client.get(f"/atlas/{explorer.name}/").text
    assert "/* grid.js */" in client.get(asset_address("page.js")).text
    assert not [script for script in re.findall('src="([^"]+)', page) if "dash_ag_grid" in script]
    folder = f"/atlas/{explorer.name}/_dash-component-suites/dash_ag_grid"
    for script in ("dash_ag_grid.min.js", "async-community.js"):
        with client.get(f"{folder}/{script}") as answer:
            assert answer.status_code == 200
