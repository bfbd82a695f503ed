"""What the panels say and ask, without a browser."""

import json

import numpy as np
import pytest
from dash import no_update

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.page import address
from dashboard.panels.query import search
from dashboard.panels.results import selected
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from dashboard.query.query import Query
from tests.dashboard.panel_words import all_of, page_of, texts, turn_of
from tests.dashboard.small_atlas import fan, small_atlas, unit_rows

# Address


def address_after(explorer, before, *happened):
    """Return what is written into the address, and what is said of it."""
    return address.show(explorer, turn_of(explorer, before, *happened))


def test_an_empty_address_shows_the_default_galaxy_and_stays_empty(explorer):
    turn = turn_of(explorer, None, ("address", {"search": ""}))
    assert turn.page.query == Query(rows=(explorer.default_row(),), origin="start")
    assert address.show(explorer, turn) == (no_update, "")


def test_an_address_is_read_and_left_as_it_is(explorer):
    turn = turn_of(explorer, None, ("address", {"search": "?galaxy=G7&k=36"}))
    assert turn.page.query == Query((7,), k=36, origin="url")
    assert address.show(explorer, turn) == (no_update, "")


def test_a_wrong_address_is_explained_and_the_default_galaxy_is_shown(explorer):
    turn = turn_of(explorer, page_of(explorer, 3), ("address", {"search": "?galaxy=NOPE"}))
    assert turn.page.query.rows == (explorer.default_row(),)
    written, notice = address.show(explorer, turn)
    assert written is no_update
    assert "NOPE" in notice


def test_another_query_is_another_address_and_a_step_of_the_history(explorer):
    card = ("card", {"row": 7})
    assert address_after(explorer, page_of(explorer, 3), card) == ("?galaxy=G7&k=25", "")


def test_the_same_query_is_not_a_new_step_of_the_history(explorer):
    same = ("k", {"k": 25})
    assert address_after(explorer, page_of(explorer, 7), same) == (no_update, "")
    same = ("address", {"search": "?galaxy=G7&k=25"})
    turn = turn_of(explorer, page_of(explorer, 7, origin="search"), same)
    assert turn.page.query.origin == "search"
    assert address.show(explorer, turn) == (no_update, "")


def test_what_happens_after_a_step_back_is_a_new_step(explorer):
    back = ("address", {"search": "?galaxy=G1"})
    card = ("card", {"row": 7})
    shown = page_of(explorer, 3)
    assert address_after(explorer, shown, back, card)[0] == "?galaxy=G7&k=25"
    assert address_after(explorer, shown, card, back)[0] is no_update


def test_back_to_the_empty_address_is_the_default_galaxy_again(explorer):
    turn = turn_of(explorer, page_of(explorer, 7), ("address", {"search": ""}))
    assert turn.page.query.origin == "start"


@pytest.mark.parametrize("search_", [None, 7, ["?"], {"a": 1}])
def test_what_is_no_address_changes_nothing(explorer, search_):
    turn = turn_of(explorer, page_of(explorer, 7), ("address", {"search": search_}))
    assert turn.page.query == page_of(explorer, 7).query
    assert "not offered" in turn.said["address"]


# Search


def found(row, separation_arcsec=None):
    return {"kind": "found", "values": {"row": row, "separation_arcsec": separation_arcsec}}


def test_a_search_asks_for_what_it_found_and_says_what_it_understood(explorer):
    understood, answer, style, invalid, suggestions = search.find(explorer, "00:20:00 00:00:00")
    assert understood == found(5, 0.0)
    assert answer == "Found at 5.0000, +0.0000 (00:20:00.00 +00:00:00.0), 0.0 arcsec off."
    assert (style, invalid, suggestions) == ("message", False, [])


def test_a_search_that_finds_nothing_there_asks_for_nothing_and_offers_the_nearest(explorer):
    understood, answer, style, invalid, offers = search.find(explorer, "5.0 +0.1")
    assert understood is no_update
    assert answer.endswith("The nearest galaxy is NGC 5, 6.0 arcmin away.")
    assert ("is-far" in style, invalid) == (True, False)
    assert texts(offers) == [search.UNCHANGED, "Search from NGC 5, 6.0 arcmin away"]
    request = json.loads(getattr(offers[-1], "data-request"))
    assert request["kind"] == "found"
    assert request["values"] == {"row": 5, "separation_arcsec": pytest.approx(360)}


def test_what_another_open_atlas_has_there_is_one_click_away(explorer):
    other = fan([0, 90], (np.array([5.0, 9.0]), np.array([0.1, 50.0])))
    offers = search.find(explorer, "5.0 +0.1", others=[other])[-1]
    (link,) = all_of(offers, "A")
    assert link.children == "Small atlas (simulated) has G0, 0.0 arcsec off"
    assert link.href == "/atlas/small/?galaxy=G0"
    assert all_of(search.find(explorer, "5.0 0", others=[other])[-1], "A") == []
    assert all_of(search.find(explorer, "80 0", others=[other])[-1], "A") == []


def test_ten_pixels_are_near_and_a_little_more_is_not(explorer):
    near, far = (search.find(explorer, f"5.0 +{d / 3600:.9f}") for d in (2.61, 2.63))
    assert near[2] == "message"
    assert "is-far" in far[2]


@pytest.mark.parametrize(
    "text",
    [None, "", "nonsense", "400 0", "nan nan", "<script>", 7, ["M 1"], {"a": 1}, "x" * 10_000],
)
def test_what_is_not_understood_asks_for_nothing_and_says_so(explorer, text):
    understood, answer, style, invalid, _ = search.find(explorer, text)
    assert understood is no_update
    assert answer.endswith(".")
    assert (style, invalid) == ("message is-error", True)


def test_a_name_is_echoed(explorer):
    understood, answer, style, invalid, _ = search.find(explorer, "ngc 007")
    assert understood == found(7)
    assert answer.startswith("NGC 7 = G7, 00:28:00.00 +00:00:00.0 (this atlas).")
    assert (style, invalid) == ("message", False)


def test_an_unknown_name_has_buttons_with_what_may_have_been_meant(explorer):
    *_, buttons = search.find(explorer, "NCG 7")
    assert buttons[0].children == "NGC 7"
    assert buttons[0].id == ids.search_suggestion("NGC 7")
    assert len(buttons) <= 5


def test_a_click_on_a_suggestion_searches_for_it(explorer):
    text, understood, answer, *_ = search.choose(
        explorer, ids.search_suggestion("NGC 7"), [None, 1]
    )
    assert (text, understood, answer[:5]) == ("NGC 7", found(7), "NGC 7")


@pytest.mark.parametrize("clicks", [[], [None, None], [0]])
def test_suggestions_that_only_appear_are_no_clicks(explorer, clicks):
    chosen = ids.search_suggestion("NGC 7")
    assert search.choose(explorer, chosen, clicks) == (no_update,) * 6


@pytest.mark.parametrize("text", [None, 7, ["NGC 7"], "no such thing"])
def test_a_suggestion_that_was_never_made_is_answered_as_any_other_text(explorer, text):
    *_, understood, _, style, invalid, _ = search.choose(
        explorer, {"type": "search-suggestion", "text": text}, [1]
    )
    assert (understood, style, invalid) == (no_update, "message is-error", True)


# Selected galaxy


def test_the_selected_galaxy_is_shown_with_position_units_and_descriptions(explorer):
    shown = selected.show(explorer, Pictures(explorer), answer(explorer, Query((2,))))
    words = texts(shown)
    assert "NGC 2" in words
    assert "G2" in words
    assert "2.0000, +0.0000" in words
    assert "00:08:00.00 +00:00:00.0" in words
    assert words[words.index("z magnitude") + 1] == "14.16 mag"
    titles = [row.title for row in all_of(shown, "Div") if getattr(row, "title", None)]
    assert "Magnitude in z [mag] · column mag_z" in titles


def test_a_galaxy_without_a_name_is_called_by_its_identifier(explorer):
    heading = selected.show(explorer, Pictures(explorer), answer(explorer, Query((1,))))[1]
    assert texts(heading)[0] == "G1"


def test_the_other_names_of_a_galaxy_follow_its_name_once_each():
    columns = {"name": ["M 51", "UGC 9"], "other_names": ["M 51;NGC 5194; G0 ;NGC 5194", ""]}
    explorer = Explorer(small_atlas(unit_rows([[1, 0], [0, 1]]), columns=columns))
    shown = [
        selected.show(explorer, Pictures(explorer), answer(explorer, Query((row,))))
        for row in (0, 1)
    ]
    assert texts(shown[0][1])[:4] == ["M 51", "G0", "also", " "]
    assert texts(shown[1][1])[:2] == ["UGC 9", "G1"]
    assert "also" not in texts(shown[1])
    assert "other names" not in texts(shown)


def test_a_missing_value_is_a_dash_and_said_to_be_missing(explorer):
    words = texts(selected.show(explorer, Pictures(explorer), answer(explorer, Query((0,)))))
    assert words[words.index("z magnitude") + 1 :][:2] == ["–", "not known"]


def test_the_truth_of_a_simulation_stands_apart(explorer):
    words = texts(selected.show(explorer, Pictures(explorer), answer(explorer, Query((2,)))))
    truth = words.index("Truth of the simulation")
    assert words.index("z magnitude") < truth < words.index("redshift")


def test_without_a_picture_there_is_a_placeholder(explorer):
    shown = selected.show(explorer, Pictures(explorer), answer(explorer, Query((2,))))
    about = json.loads(getattr(shown[0], "data-picture"))
    assert about.pop("ruler")["across"] == "40 arcsec across"
    assert about.pop("enlarge") == {"row": 2, "name": "NGC 2"}
    assert about == {
        "url": None,
        "alt": "Picture of NGC 2",
        "host": None,
        "why": "this atlas has none of it",
    }


def test_a_query_of_several_galaxies_says_so(explorer):
    several = answer(explorer, Query(rows=(2, 5, 7)))
    assert "and 2 more" in texts(selected.show(explorer, Pictures(explorer), several))
    unlike = answer(explorer, Query(rows=(2,), negatives=(5,)))
    assert "unlike 1" in texts(selected.show(explorer, Pictures(explorer), unlike))
