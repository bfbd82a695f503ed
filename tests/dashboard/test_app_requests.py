"""What a page asks of the server over HTTP, and what comes back; nothing is trusted."""

import json

import pytest

from dashboard import ids
from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import CONTENT
from pipeline.atlas import open_atlas
from tests.dashboard.two_pages import ask, callback_of, explorer_called


def happened(client, app, store, *log, atlas="one", about=None):
    """Tell the server what happened on a page; return status, what is shown, and the notice."""
    sent = {"atlas": about or atlas, "log": list(log), "look": {"size": "fit", "theme": "dark"}}
    requests = {"id": ids.REQUESTS, "property": "data", "value": sent}
    query = {"id": ids.QUERY, "property": "data", "value": store}
    output = callback_of(app, "answer_requests")
    status, told = ask(client, output, [requests], [query], ["requests.data"], atlas)
    response = told.get("response", {})
    notice = (response | told.get("sideUpdate", {})).get(ids.NOTICE, {}).get("children")
    return status, response.get(ids.ANSWER, {}).get("data", {}), notice


def value(shown, component, name="data"):
    return shown[f"{component}.{name}"]


def cards_of(shown):
    return json.loads(value(shown, ids.GALLERY, CONTENT))["cards"]


def card(row, n=1):
    return {"n": n, "kind": "card", "values": {"row": row}}


def page_of(rows, atlas="one", **others):
    return {"atlas": atlas, "colour": "mag_z", "query": {"rows": rows, "k": 25} | others}


def test_what_happens_is_answered_by_query_address_and_all_that_shows_them(app, client):
    status, shown, notice = happened(client, app, page_of([5]), card(3))
    assert status == 200
    assert '"G3"' in value(shown, ids.SELECTED, CONTENT)
    assert value(shown, ids.QUERY)["n"] == 1
    assert value(shown, ids.QUERY)["query"]["rows"] == [3]
    assert value(shown, ids.QUERY)["address"] == "?galaxy=G3&k=25"
    assert value(shown, ids.ADDRESS, "search") == "?galaxy=G3&k=25"
    assert len(cards_of(shown)) == 25
    assert notice == ""


def test_the_first_answer_needs_nothing_but_the_address(app, client):
    opened = {"n": 1, "kind": "address", "values": {"search": "?galaxy=G3&k=16"}}
    _, shown, _ = happened(client, app, None, opened)
    assert '"G3"' in value(shown, ids.SELECTED, CONTENT)
    assert len(cards_of(shown)) == 16
    assert f"{ids.ADDRESS}.search" not in shown


def test_what_the_page_contains_already_is_not_done_again(app, client):
    _, shown, _ = happened(client, app, page_of([5]) | {"n": 4}, card(3, n=3), card(7, n=4))
    assert value(shown, ids.QUERY)["query"]["rows"] == [5]


def test_a_query_meets_the_rows_of_the_atlas_whose_page_sends_it_only(app):
    explorers = {"one": explorer_called("one"), "two": explorer_called("two", object_ids="OTHER-")}
    client = create_app(explorers).test_client()
    for atlas, found in (("one", "G3"), ("two", "OTHER-3"), ("one", "G3")):
        _, shown, _ = happened(client, app, page_of([5], atlas), card(3), atlas=atlas)
        assert f'"{found}"' in value(shown, ids.SELECTED, CONTENT)


@pytest.mark.parametrize(("of_page", "of_request"), [("two", "one"), ("one", "two")])
def test_rows_of_another_atlas_are_refused_with_a_sentence(app, client, of_page, of_request):
    _, shown, notice = happened(client, app, page_of([5], of_page), card(3), about=of_request)
    assert shown == {}
    assert "asked about the atlas 'two', but this is one" in notice


@pytest.mark.parametrize(
    "store",
    [
        page_of([30]),
        page_of("x"),
        [],
        "x",
        page_of([1], k=10**9),
        page_of([]),
        page_of([1], filters={"nope": [1, 2]}),
    ],
)
def test_a_hostile_query_is_answered_by_a_sentence(app, client, store):
    status, shown, notice = happened(client, app, store, card(3))
    assert status == 200
    assert f"{ids.SELECTED}.{CONTENT}" not in shown
    assert notice.endswith(".")


def test_what_is_asked_for_in_vain_is_answered_by_a_sentence_and_not_asked_again(app, client):
    _, shown, notice = happened(client, app, page_of([5]), card(30))
    assert notice.endswith("Reload the page.")
    assert value(shown, ids.QUERY)["query"]["rows"] == [5]
    assert value(shown, ids.QUERY)["n"] == 1


def fail(*_arguments):
    raise RuntimeError("a secret of the server")


def test_a_panel_that_fails_is_logged_and_said_and_the_others_answer(
    app, client, monkeypatch, caplog
):
    monkeypatch.setattr("dashboard.panels.results.gallery.cards", fail)
    status, shown, notice = happened(client, app, page_of([5]), card(3))
    assert status == 200
    assert '"G3"' in value(shown, ids.SELECTED, CONTENT)
    assert f"{ids.GALLERY}.{CONTENT}" not in shown
    assert "Something went wrong on the server" in notice
    assert "secret" not in notice
    assert "a secret of the server" in caplog.text


def test_a_request_that_fails_is_left_out_so_that_others_can_follow(app, monkeypatch, caplog):
    client = create_app({"one": explorer_called("one")}).test_client()
    monkeypatch.setattr(Explorer, "galaxy", fail)
    _, shown, notice = happened(client, app, page_of([5]), card(3))
    assert "Something went wrong" in notice
    store = value(shown, ids.QUERY)
    assert (store["n"], store["query"]["rows"]) == (1, [5])
    assert list(shown) == [f"{ids.QUERY}.data"]
    assert "a secret of the server" in caplog.text


@pytest.mark.parametrize("address", ["/cutouts/tiny/-1.jpg", "/cutouts/tiny/x.jpg"])
def test_a_picture_that_cannot_be_is_not_answered_by_the_page(tiny_atlas, address):
    explorer = Explorer(open_atlas(tiny_atlas))
    assert create_app({explorer.name: explorer}).test_client().get(address).status_code == 404
