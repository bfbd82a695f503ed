"""The tray: what it shows of the examples of a query, and what its buttons ask for."""

import json

import pytest

from dashboard.panels.query import tray
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from tests.dashboard.panel_words import all_of, page_of, turn_of


def shown(explorer, query):
    return tray.show(explorer, Pictures(explorer), query)


def buttons(component):
    """Return what each button asks for, and what it is called."""
    parts = [button.to_plotly_json()["props"] for button in all_of(component, "Button")]
    asked = [json.loads(part["data-request"]) for part in parts]
    assert {one["kind"] for one in asked} == {"example"}
    return [
        (one["values"]["act"], one["values"].get("row"), part["aria-label"])
        for one, part in zip(asked, parts, strict=True)
    ]


def test_a_query_of_one_example_has_no_tray(explorer):
    assert shown(explorer, Query((3,))) == (True, [], [], True)
    assert shown(explorer, Query((), embedding="text")).hidden


def test_every_example_can_be_selected_turned_and_taken_out(explorer):
    now = shown(explorer, Query((0, 2), negatives=(5,)))
    assert (now.hidden, now.own_hidden) == (False, True)
    assert buttons(now.like[1]) == [
        ("select", 2, "Select NGC 2"),
        ("remove", 2, "Take NGC 2 out of the query"),
        ("negative", 2, "Not like NGC 2"),
    ]
    assert buttons(now.unlike[0]) == [
        ("remove", 5, "Take NGC 5 out of the query"),
        ("positive", 5, "Like NGC 5 after all"),
    ]


def test_the_first_is_marked_as_the_selected_one_unless_a_picture_leads(explorer):
    def marks(query):
        first_buttons = [all_of(example, "Button")[0] for example in shown(explorer, query).like]
        return [button.to_plotly_json()["props"]["aria-current"] for button in first_buttons]

    assert marks(Query((3, 5))) == ["true", "false"]
    assert marks(Query((3, 5), embedding="text")) == ["false", "false"]
    assert not shown(explorer, Query((3,), embedding="text")).own_hidden


@pytest.mark.parametrize("kind", ["example", "point"])
def test_what_cannot_be_is_said_in_the_tray_and_forgotten(explorer, kind):
    point = {"curveNumber": 1, "pointNumber": 3}
    last = (kind, {"act": "remove", "row": 3, "point": point})
    show = tray.part(explorer).show
    assert show(turn_of(explorer, page_of(explorer, 3), last))[-1] == (
        "This is the last example of what to look for. Add another one before it goes."
    )
    assert show(turn_of(explorer, page_of(explorer, 3), ("k", {"k": 36})))[-1] == ""
