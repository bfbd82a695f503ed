"""What a page shows first comes with its document, where that costs nobody time."""

import json
import re
from dataclasses import replace

import pytest

from dashboard.app import create_app
from dashboard.page import _parts
from dashboard.panels.page.first_answer import drawn_places, first_answer
from tests.dashboard.two_pages import explorer_called


@pytest.fixture(scope="module")
def explorer():
    return explorer_called("one")


@pytest.fixture(scope="module")
def client(explorer):
    return create_app({"one": explorer}).test_client()


def written(client, search=""):
    page = client.get(f"/atlas/one/{search}").text
    found = re.search(r'<script id="first-answer" type="application/json">(.*?)</script>', page)
    return None if found is None else json.loads(found[1])


def asked(client, search=""):
    """Return what the page draws of the answer that it asks for when Dash is there."""
    request = {"n": 1, "kind": "address", "values": {"search": search}}
    called = {
        "output": "..answer.data...notice.children..",
        "outputs": [
            {"id": "answer", "property": "data"},
            {"id": "notice", "property": "children"},
        ],
        "inputs": [
            {
                "id": "requests",
                "property": "data",
                "value": {"atlas": "one", "log": [request], "look": {}},
            }
        ],
        "changedPropIds": ["requests.data"],
        "state": [{"id": "query", "property": "data", "value": None}],
    }
    answer = client.post("/atlas/one/_dash-update-component", json=called).get_json()
    data = answer["response"]["answer"]["data"]
    ending = ".data-content"
    return {name.removesuffix(ending): data[name] for name in data if name.endswith(ending)}


@pytest.mark.parametrize("search", ["", "?galaxy=H3", "?galaxy=H3&not=H5&k=16"])
def test_it_is_what_the_page_would_ask_for(client, search):
    first = written(client, search)
    assert first == asked(client, search)
    assert len(json.loads(first["gallery"])["cards"]) > 10


def test_every_place_of_it_is_in_the_first_paint_or_hidden_there(client, explorer):
    page = client.get("/atlas/one/").text
    places = drawn_places(_parts(explorer, {"one": explorer}))
    there = re.findall(r'data-place="([^"]+)"', page)
    assert {"gallery", "selected"} <= set(there) <= set(places)
    assert len(there) == len(set(there))


@pytest.mark.parametrize("search", ["?galaxy=nobody", "?f.~similarity=0.5..", "?nonsense", "?k=x"])
def test_an_address_that_is_wrong_or_may_take_its_time_brings_a_page(client, search):
    answer = client.get(f"/atlas/one/{search}")
    assert answer.status_code == 200
    assert '<div class="first-paint" inert>' in answer.text


def test_with_filters_nobody_waits_for_it(client):
    assert written(client, "?f.~similarity=0.5..") is None


def test_while_files_are_compared_nobody_waits_for_it(explorer, monkeypatch):
    parts = _parts(explorer, {"one": explorer})
    assert first_answer(explorer, parts, "")
    checking = replace(explorer.condition(), status="checking")
    monkeypatch.setattr(explorer, "condition", lambda: checking)
    assert first_answer(explorer, parts, "") == ""


def test_a_part_that_fails_leaves_the_page_without_it(explorer):
    def fails(_turn):
        raise RuntimeError("no such thing")

    parts = [part._replace(show=fails) for part in _parts(explorer, {"one": explorer})]
    assert first_answer(explorer, parts, "") == ""


def test_no_name_ends_the_element_that_holds_it(explorer):
    def says(part):
        return part._replace(show=lambda _turn: ["</script><b>"] * len(part.outputs))

    parts = [says(part) for part in _parts(explorer, {"one": explorer})]
    text = first_answer(explorer, parts, "")
    assert "<" not in text
    assert json.loads(text)["gallery"] == "</script><b>"
