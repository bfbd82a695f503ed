"""Options: which neighbours count, in step with the query."""

import pytest

from dashboard import ids
from dashboard.panels.query import options
from dashboard.panels.query.options import LEAST, MOST, Change, follow, same
from dashboard.query.query import Query
from tests.dashboard.panel_words import N, all_of, store_of

ASKED = Query((3,), 49, "map", negatives=(5,), apart_arcsec=10.5, least_similar=True)


def changed(explorer, what, store, slider=25.15, field=25.15, order=MOST):
    return follow(explorer, what, slider, field, order, store)


def test_the_controls_follow_the_query(explorer):
    assert changed(explorer, ids.QUERY, ASKED.to_store()) == Change(same, 10.5, 10.5, LEAST, "")
    assert changed(explorer, ids.QUERY, store_of(3)) == Change(same, 25.15, 25.15, MOST, "")


def test_before_the_first_query_there_is_nothing_to_follow(explorer):
    assert changed(explorer, ids.ORDER, None, order=LEAST) == Change()


def test_slider_and_field_follow_each_other_and_the_query_follows_both(explorer):
    asked = Query((3,), 49, "map", negatives=(5,), apart_arcsec=40, least_similar=True).to_store()
    now = Change(asked, 40, 40, LEAST, "")
    assert changed(explorer, ids.APART_SLIDER, ASKED.to_store(), slider="40") == now
    assert changed(explorer, ids.APART_FIELD, ASKED.to_store(), field=40) == now


def test_the_order_keeps_everything_else(explorer):
    now = changed(explorer, ids.ORDER, ASKED.to_store(), order=MOST)
    asked = Query((3,), 49, "map", negatives=(5,), apart_arcsec=10.5)
    assert now == Change(asked.to_store(), 10.5, 10.5, MOST, "")


def test_what_the_query_says_already_is_no_new_query(explorer):
    assert changed(explorer, ids.APART_FIELD, ASKED.to_store(), field=10.5).query is same
    assert changed(explorer, ids.ORDER, ASKED.to_store(), order=LEAST).query is same


def test_reset_keeps_the_galaxies_and_their_number(explorer):
    now = changed(explorer, ids.OPTIONS_RESET, ASKED.to_store())
    assert now.query == Query((3,), 49, "map", negatives=(5,)).to_store()
    assert now[1:] == (25.15, 25.15, MOST, "")


@pytest.mark.parametrize(
    "value", [None, "", "x", -0.1, 60.1, "61", True, [25], float("nan"), "nan", "9" * 40]
)
def test_a_separation_that_cannot_be_is_said_and_changes_nothing(explorer, value):
    for what in (ids.APART_SLIDER, ids.APART_FIELD):
        now = changed(explorer, what, store_of(3), slider=value, field=value)
        assert now == Change(message="Choose from 0 to 60 arcsec.")


@pytest.mark.parametrize("order", [None, 7, [], "x" * 10_000])
def test_an_order_that_is_not_offered_is_the_usual_one(explorer, order):
    assert changed(explorer, ids.ORDER, store_of(3), order=order).query is same


def test_a_hostile_query_is_refused(explorer):
    with pytest.raises(ValueError, match="Reload the page"):
        changed(explorer, ids.ORDER, {"rows": [N]}, order=LEAST)


def test_every_size_has_its_button():
    sizes = next(c for c in all_of(options.layout(), "RadioItems") if c.id == ids.PICTURE_SIZE)
    assert tuple(option["value"] for option in sizes.options) == options.SIZES
