"""What a page asks of the server over HTTP, and what comes back; nothing is trusted."""

import pytest

from dashboard import ids
from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import CONTENT
from pipeline.atlas import open_atlas
from tests.dashboard.two_pages import ask, callback_of, explorer_called


def happened(client, app, store, *log, atlas="one", about=None):
    """Tell the server what happened on a page; return its answer."""
    sent = {"atlas": about or atlas, "log": list(log), "look": {"size": "fit", "theme": "dark"}}
    requests = {"id": ids.REQUESTS, "property": "data", "value": sent}
    query = {"id": ids.QUERY, "property": "data", "value": store}
    output = callback_of(app, "answer_requests")
    return ask(client, output, [requests], [query], changed=["requests.data"], atlas=atlas)


def card(row, n=1):
    return {"n": n, "kind": "card", "values": {"row": row}}


def page_of(rows, atlas="one", **others):
    return {"atlas": atlas, "colour": "mag_z", "query": {"rows": rows, "k": 25} | others}


def test_what_happens_is_answered_by_query_address_and_all_that_shows_them(app, client):
    status, answer = happened(client, app, page_of([5]), card(3))
    assert status == 200
    shown = answer["response"]
    assert '"G3"' in shown[ids.SELECTED][CONTENT]
    assert shown[ids.QUERY]["data"]["n"] == 1
    assert shown[ids.QUERY]["data"]["query"]["rows"] == [3]
    assert shown[ids.ADDRESS]["search"] == shown[ids.QUERY]["data"]["address"] == "?galaxy=G3&k=25"
    assert len(shown[ids.GALLERY_CARDS]["data"]["cards"]) == 25
    assert shown[ids.NOTICE]["children"] == ""


def test_the_first_answer_needs_nothing_but_the_address(app, client):
    opened = {"n": 1, "kind": "address", "values": {"search": "?galaxy=G3&k=16"}}
    _, answer = happened(client, app, None, opened)
    assert '"G3"' in answer["response"][ids.SELECTED][CONTENT]
    assert len(answer["response"][ids.GALLERY_CARDS]["data"]["cards"]) == 16
    assert ids.ADDRESS not in answer["response"]


def test_what_the_page_contains_already_is_not_done_again(app, client):
    _, answer = happened(client, app, page_of([5]) | {"n": 4}, card(3, n=3), card(7, n=4))
    assert answer["response"][ids.QUERY]["data"]["query"]["rows"] == [5]


def test_a_query_meets_the_rows_of_the_atlas_whose_page_sends_it_only(app):
    explorers = {"one": explorer_called("one"), "two": explorer_called("two", object_ids="OTHER-")}
    client = create_app(explorers).test_client()
    for atlas, found in (("one", "G3"), ("two", "OTHER-3"), ("one", "G3")):
        _, answer = happened(client, app, page_of([5], atlas), card(3), atlas=atlas)
        assert f'"{found}"' in answer["response"][ids.SELECTED][CONTENT]


@pytest.mark.parametrize(("of_page", "of_request"), [("two", "one"), ("one", "two")])
def test_rows_of_another_atlas_are_refused_with_a_sentence(app, client, of_page, of_request):
    _, answer = happened(client, app, page_of([5], of_page), card(3), about=of_request)
    assert answer.get("response", {}) == {}
    assert (
        "asked about the atlas 'two', but this is one"
        in (answer["sideUpdate"][ids.NOTICE]["children"])
    )


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
    status, answer = happened(client, app, store, card(3))
    assert status == 200
    assert ids.SELECTED not in answer.get("response", {})
    assert answer["sideUpdate"][ids.NOTICE]["children"].endswith(".")


def test_what_is_asked_for_in_vain_is_answered_by_a_sentence_and_not_asked_again(app, client):
    _, answer = happened(client, app, page_of([5]), card(30))
    assert answer["response"][ids.NOTICE]["children"].endswith("Reload the page.")
    assert answer["response"][ids.QUERY]["data"]["query"]["rows"] == [5]
    assert answer["response"][ids.QUERY]["data"]["n"] == 1


def fail(*_arguments):
    raise RuntimeError("a secret of the server")


def test_a_panel_that_fails_is_logged_and_said_and_the_others_answer(
    app, client, monkeypatch, caplog
):
    monkeypatch.setattr("dashboard.panels.results.gallery.cards", fail)
    status, answer = happened(client, app, page_of([5]), card(3))
    assert status == 200
    assert '"G3"' in answer["response"][ids.SELECTED][CONTENT]
    assert ids.GALLERY_CARDS not in answer["response"]
    sentence = answer["sideUpdate"][ids.NOTICE]["children"]
    assert "Something went wrong on the server" in sentence
    assert "secret" not in sentence
    assert "a secret of the server" in caplog.text


def test_a_request_that_fails_is_left_out_so_that_others_can_follow(app, monkeypatch, caplog):
    client = create_app({"one": explorer_called("one")}).test_client()
    monkeypatch.setattr(Explorer, "galaxy", fail)
    _, answer = happened(client, app, page_of([5]), card(3))
    assert "Something went wrong" in answer["sideUpdate"][ids.NOTICE]["children"]
    store = answer["response"][ids.QUERY]["data"]
    assert (store["n"], store["query"]["rows"]) == (1, [5])
    assert list(answer["response"]) == [ids.QUERY]
    assert "a secret of the server" in caplog.text


@pytest.mark.parametrize("address", ["/cutouts/tiny/-1.jpg", "/cutouts/tiny/x.jpg"])
def test_a_picture_that_cannot_be_is_not_answered_by_the_page(tiny_atlas, address):
    explorer = Explorer(open_atlas(tiny_atlas))
    assert create_app({explorer.name: explorer}).test_client().get(address).status_code == 404
