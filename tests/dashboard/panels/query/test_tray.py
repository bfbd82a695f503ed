"""The tray: what it shows of the examples of a query, and what its buttons do."""

import pytest
from dash import no_update

from dashboard.panels.query import tray
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import MOST_ROWS, Query, QueryError
from tests.dashboard.panel_words import N, all_of, store_of


def shown(explorer, query):
    return tray.show(explorer, Pictures(explorer), query.to_store())


def buttons(component):
    """Return what each button does, and what it is called."""
    parts = [button.to_plotly_json()["props"] for button in all_of(component, "Button")]
    return [(part["data-act"], part.get("data-row"), part["aria-label"]) for part in parts]


def test_a_query_of_one_example_has_no_tray(explorer):
    assert shown(explorer, Query((3,))) == (True, [], [], True)
    assert shown(explorer, Query((), picture="text")).hidden


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
    assert marks(Query((3, 5), picture="text")) == ["false", "false"]
    assert not shown(explorer, Query((3,), picture="text")).own_hidden


@pytest.mark.parametrize(
    ("act", "row", "rows", "negatives"),
    [
        ("positive", 7, (3, 5, 7), (8,)),
        ("positive", 8, (3, 5, 8), ()),
        ("negative", 7, (3, 5), (8, 7)),
        ("negative", 5, (3,), (8, 5)),
        ("remove", 3, (5,), (8,)),
        ("select", 5, (5, 3), (8,)),
        ("clear", None, (3,), ()),
    ],
)
def test_a_button_changes_the_examples_and_nothing_else(explorer, act, row, rows, negatives):
    former = Query((3, 5), 49, negatives=(8,), apart_arcsec=10, least_similar=True)
    store, message = tray.change(explorer, {"act": act, "row": row}, former.to_store())
    asked = Query(rows, 49, "tray", negatives=negatives, apart_arcsec=10, least_similar=True)
    assert (store, message) == (asked.to_store(), "")


def test_the_picture_can_be_taken_out(explorer):
    former = Query((3,), picture="text").to_store()
    store, _ = tray.change(explorer, {"act": "remove-picture", "row": None}, former)
    assert store == Query((3,), origin="tray").to_store()


def test_what_cannot_be_is_said_and_changes_nothing(explorer):
    store, message = tray.change(explorer, {"act": "remove", "row": 3}, store_of(3))
    assert store is no_update
    assert (
        message == "This is the last example of what to look for. Add another one before it goes."
    )
    full = Query(tuple(range(MOST_ROWS // 4)), negatives=(30,)).to_store()
    assert tray.change(explorer, {"act": "negative", "row": 30}, full) == (no_update, "")


@pytest.mark.parametrize("asked", [None, 7, "remove", []])
def test_no_button_is_no_change(explorer, asked):
    assert tray.change(explorer, asked, store_of(3)) == (no_update, "")


@pytest.mark.parametrize("act", [None, 7, "__class__", ["remove"], {"a": 1}, "x" * 10_000])
def test_an_act_that_is_not_offered_is_refused(explorer, act):
    store, message = tray.change(explorer, {"act": act, "row": 3}, store_of(5))
    assert (store, message) == (
        no_update,
        "The page asked for what is not offered. Reload the page.",
    )


@pytest.mark.parametrize("row", [N, -1, "0", None, 1.5, [0], {"a": 1}])
def test_a_galaxy_that_is_not_there_joins_no_query(explorer, row):
    store, message = tray.change(explorer, {"act": "positive", "row": row}, store_of(5))
    assert store is no_update
    assert message.endswith("Reload the page.")


def test_a_point_of_the_map_is_its_galaxy(explorer):
    asked = {"act": "negative", "point": {"curveNumber": 1, "pointNumber": 9}}
    store, message = tray.change(explorer, asked, store_of(5))
    assert (store["rows"], store["negatives"], message) == ([5], [9], "")


@pytest.mark.parametrize("point", [None, 9, {}, {"curveNumber": 1, "pointNumber": N}])
def test_a_point_that_is_no_galaxy_joins_no_query(explorer, point):
    store, message = tray.change(explorer, {"act": "positive", "point": point}, store_of(5))
    assert store is no_update
    assert message.endswith("Reload the page.")


def test_a_hostile_query_is_refused(explorer):
    with pytest.raises(QueryError):
        tray.change(explorer, {"act": "positive", "row": 1}, {"rows": [N]})
