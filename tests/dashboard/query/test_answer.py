"""The answer to a query: what is in it, and that the index is searched once for it."""

import json

import numpy as np
import pytest

from dashboard import ids
from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import NeighbourSearch
from dashboard.filters.filters import Filters, Range
from dashboard.panels.parts import CONTENT
from dashboard.panels.results import table
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from dashboard.query.query import K_CHOICES, MOST_NEIGHBOURS, Query
from tests.dashboard.panel_words import N, page_of
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas


@pytest.fixture
def searches(monkeypatch):
    """The questions that the index was asked."""
    asked = []

    def counting(function):
        def search(self, *question):
            asked.append(question)
            return function(self, *question)

        return search

    for name in ("nearest", "checked"):
        monkeypatch.setattr(NeighbourSearch, name, counting(getattr(NeighbourSearch, name)))
    return asked


def test_an_answer_has_what_panels_show(explorer):
    query = Query((3,), k=16)
    found = answer(explorer, query)
    assert (found.atlas, found.query, found.problem) == ("small", query, "")
    assert found.neighbours.rows.tolist() == found.further.rows[:16].tolist()
    assert len(found.further.rows) == N - 1
    assert found.selected == explorer.galaxy(3)
    assert found.n_passing == N
    assert (found.certainty.n_found, found.certainty.n_nearest) == (16, 16)


def test_within_filters_an_answer_says_how_many_pass(explorer):
    bright = Query((3,), filters=Filters((("mag_z", Range(None, 15)),)))
    assert answer(explorer, bright).n_passing == 7


def test_opposites_have_a_problem_and_no_neighbours():
    found = answer(fan([0, 180, 90]), Query((0, 1)))
    assert "opposites of each other" in found.problem
    assert (len(found.neighbours.rows), found.certainty) == (0, None)
    assert found.selected.row == 0


def test_an_answer_is_worked_out_once(explorer):
    assert answer(explorer, Query((5,))) is answer(explorer, Query((5,)))


def test_what_is_remembered_cannot_be_written_to(explorer):
    with pytest.raises(ValueError, match="read-only"):
        answer(explorer, Query((5,))).neighbours.rows[0] = 7


def test_the_index_is_searched_once_for_a_query_whatever_is_asked_of_it(searches):
    explorer = Explorer(small_atlas(random_unit_rows(3_000, 8)))
    query = Query((7,))
    for k in K_CHOICES:
        assert len(query.neighbours(explorer, k).rows) == k
    assert len(query.neighbours(explorer, MOST_NEIGHBOURS).rows) == MOST_NEIGHBOURS
    answer(explorer, Query((7,), k=100, origin="card"))
    assert len(searches) == 1
    answer(explorer, Query((7,), min_separation_arcsec=0))
    assert len(searches) == 2


def test_the_index_is_searched_once_for_a_whole_page_its_table_and_its_files(searches):
    atlas = small_atlas(random_unit_rows(300, 8), columns={"mag_z": np.linspace(14, 20, 300)})
    explorer = Explorer(atlas)
    client = create_app({"small": explorer}).test_client()
    (callback,) = (
        item
        for item in client.get("/atlas/small/_dash-dependencies").get_json()
        if [one["id"] for one in item["inputs"]] == [ids.REQUESTS]
    )
    log = [{"n": 1, "kind": "card", "values": {"row": 7}}]
    store = page_of(explorer, 3).to_store()
    outputs = [part.rsplit(".", 1) for part in callback["output"].strip(".").split("...")]
    shown = client.post(
        "/atlas/small/_dash-update-component",
        json={
            "output": callback["output"],
            "outputs": [{"id": name, "property": prop} for name, prop in outputs],
            "inputs": [
                {
                    "id": ids.REQUESTS,
                    "property": "data",
                    "value": {"atlas": "small", "log": log, "look": {}},
                }
            ],
            "state": [{"id": ids.QUERY, "property": "data", "value": store}],
            "changedPropIds": [f"{ids.REQUESTS}.data"],
        },
    ).get_json()["response"][ids.ANSWER]["data"]
    assert len(json.loads(shown[f"{ids.GALLERY}.{CONTENT}"])["cards"]) == 25
    assert len(searches) == 1
    query = Query((7,), origin="card")
    assert len(table.show(explorer, Pictures(explorer), answer(explorer, query))[0]) == 299
    for address in set(shown[f"{ids.DOWNLOADS}.{CONTENT}"].split('"')):
        if address.startswith("/export/") and ".csv" in address:
            assert client.get(address).status_code == 200
    assert len(searches) == 1
