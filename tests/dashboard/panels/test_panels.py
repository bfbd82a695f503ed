"""What the panels say and ask, without a browser."""

import numpy as np
import pytest
from dash import no_update

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.page import address
from dashboard.panels.query import search
from dashboard.panels.results import selected
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from tests.dashboard.panel_words import all_of, store_of, texts
from tests.dashboard.small_atlas import small_atlas, unit_rows

# Address


def test_an_empty_address_shows_the_default_galaxy_and_stays_empty(explorer):
    store, search_, notice = address.read_address(explorer, "", None)
    assert store == Query(rows=(explorer.default_row(),), origin="start").to_store()
    assert (search_, notice) == (no_update, "")


def test_nothing_happens_before_the_address_is_known(explorer):
    assert address.read_address(explorer, None, None) == (no_update, no_update, no_update)


def test_an_address_is_read(explorer):
    store, _, notice = address.read_address(explorer, "?galaxy=G7&k=36", None)
    assert (store["rows"], store["k"], store["origin"], notice) == ([7], 36, "url", "")


def test_a_wrong_address_is_explained_and_the_default_galaxy_is_shown(explorer):
    store, search_, notice = address.read_address(explorer, "?galaxy=NOPE", store_of(3))
    assert store["rows"] == [explorer.default_row()]
    assert search_ is no_update
    assert "NOPE" in notice


def test_the_address_that_was_just_written_asks_for_nothing_new(explorer):
    written = address.write_address(explorer, "", store_of(7))
    assert written == (no_update, "?galaxy=G7&k=25", "")
    read = address.read_address(explorer, "?galaxy=G7&k=25", store_of(7))
    assert read == (no_update, no_update, "")


def test_the_same_query_is_not_a_new_step_of_the_history(explorer):
    assert address.write_address(explorer, "?galaxy=G7&k=25", store_of(7))[1] is no_update


def test_a_new_query_wins_over_an_address_that_comes_with_it(explorer):
    changed = {"query.data": "query", "address.search": "address"}
    assert address.follow(explorer, changed, "?galaxy=G1", store_of(7))[1] == "?galaxy=G7&k=25"


def test_back_to_the_empty_address_is_the_default_galaxy_again(explorer):
    changed = {"address.search": "address"}
    assert address.follow(explorer, changed, "", store_of(7))[0]["origin"] == "start"


# Search


def test_a_search_keeps_the_number_of_neighbours_and_says_what_it_understood(explorer):
    store, answer, style, invalid, suggestions = search.find(
        explorer, "00:20:00 00:00:00", store_of(0, k=49)
    )
    assert store == Query((5,), k=49, origin="search", separation_arcsec=0.0).to_store()
    assert answer == "Found at 5.0000, +0.0000 (00:20:00.0 +00:00:00.0), 0.0 arcsec off."
    assert (style, invalid, suggestions) == ("message", False, [])


def test_a_search_far_from_every_galaxy_says_how_far(explorer):
    store, answer, style, *_ = search.find(explorer, "5.0 +0.1", None)
    assert store["rows"] == [5]
    assert store["separation_arcsec"] == pytest.approx(360)
    assert "6.0 arcmin away" in answer
    assert "is-far" in style


def test_ten_pixels_are_near_and_a_little_more_is_not(explorer):
    near, far = (search.find(explorer, f"5.0 +{d / 3600:.9f}", None) for d in (2.61, 2.63))
    assert near[2] == "message"
    assert "is-far" in far[2]


@pytest.mark.parametrize(
    "text",
    [None, "", "nonsense", "400 0", "nan nan", "<script>", 7, ["M 1"], {"a": 1}, "x" * 10_000],
)
def test_what_is_not_understood_changes_nothing_but_the_answer(explorer, text):
    store, answer, style, invalid, _ = search.find(explorer, text, store_of(0))
    assert store is no_update
    assert answer.endswith(".")
    assert (style, invalid) == ("message is-error", True)


def test_a_name_is_echoed_and_its_galaxy_keeps_the_number_of_neighbours(explorer):
    store, answer, style, invalid, _ = search.find(explorer, "ngc 007", store_of(0, k=49))
    assert store == Query((7,), k=49, origin="search").to_store()
    assert answer.startswith("NGC 7 = G7, 00:28:00.0 +00:00:00.0 (this atlas).")
    assert (style, invalid) == ("message", False)


def test_an_unknown_name_has_buttons_with_what_may_have_been_meant(explorer):
    *_, buttons = search.find(explorer, "NCG 7", store_of(0))
    assert buttons[0].children == "NGC 7"
    assert buttons[0].id == ids.search_suggestion("NGC 7")
    assert len(buttons) <= 5


def test_a_click_on_a_suggestion_searches_for_it(explorer):
    text, store, answer, *_ = search.choose(
        explorer, ids.search_suggestion("NGC 7"), [None, 1], store_of(0)
    )
    assert (text, store["rows"], answer[:5]) == ("NGC 7", [7], "NGC 7")


@pytest.mark.parametrize("clicks", [[], [None, None], [0]])
def test_suggestions_that_only_appear_are_no_clicks(explorer, clicks):
    chosen = ids.search_suggestion("NGC 7")
    assert search.choose(explorer, chosen, clicks, store_of(0)) == (no_update,) * 6


@pytest.mark.parametrize("text", [None, 7, ["NGC 7"], "no such thing"])
def test_a_suggestion_that_was_never_made_is_answered_as_any_other_text(explorer, text):
    *_, store, _, style, invalid, _ = search.choose(
        explorer, {"type": "search-suggestion", "text": text}, [1], store_of(0)
    )
    assert (store, style, invalid) == (no_update, "message is-error", True)


def test_a_random_galaxy_keeps_the_number_of_neighbours(explorer):
    rows = set()
    for seed in range(20):
        store = search.draw(explorer, "bright", store_of(0, k=16), np.random.default_rng(seed))
        assert (store["k"], store["origin"]) == (16, "random")
        rows.update(store["rows"])
    assert len(rows) > 5


def test_the_answer_goes_when_the_query_comes_from_elsewhere(explorer):
    assert search.forget_answer(explorer, store_of(0, origin="map")) == ("", "message", False, [])
    assert search.forget_answer(explorer, store_of(0, origin="search")) == (no_update,) * 4


# Selected galaxy


def test_the_selected_galaxy_is_shown_with_position_units_and_descriptions(explorer):
    shown = selected.show(explorer, Pictures(explorer), store_of(2))
    words = texts(shown)
    assert "NGC 2" in words
    assert "G2" in words
    assert "2.0000, +0.0000" in words
    assert "00:08:00.0 +00:00:00.0" in words
    assert words[words.index("mag z") + 1] == "14.16 mag"
    titles = [row.title for row in all_of(shown, "Div") if getattr(row, "title", None)]
    assert "Magnitude in z [mag] · column mag_z" in titles


def test_a_galaxy_without_a_name_is_called_by_its_identifier(explorer):
    heading = selected.show(explorer, Pictures(explorer), store_of(1))[1]
    assert texts(heading)[0] == "G1"


def test_the_other_names_of_a_galaxy_follow_its_name_once_each():
    columns = {"name": ["M 51", "UGC 9"], "other_names": ["M 51;NGC 5194; G0 ;NGC 5194", ""]}
    explorer = Explorer(small_atlas(unit_rows([[1, 0], [0, 1]]), columns=columns))
    shown = [selected.show(explorer, Pictures(explorer), store_of(row)) for row in (0, 1)]
    assert texts(shown[0][1])[:4] == ["M 51", "G0", "also ", "NGC 5194"]
    assert texts(shown[1][1])[:2] == ["UGC 9", "G1"]
    assert "also " not in texts(shown[1])
    assert "other names" not in texts(shown)


def test_a_missing_value_is_a_dash_and_said_to_be_missing(explorer):
    words = texts(selected.show(explorer, Pictures(explorer), store_of(0)))
    assert words[words.index("mag z") + 1 :][:2] == ["–", "not known"]


def test_the_truth_of_a_simulation_stands_apart(explorer):
    words = texts(selected.show(explorer, Pictures(explorer), store_of(2)))
    truth = words.index("Truth of the simulation")
    assert words.index("mag z") < truth < words.index("redshift")


def test_without_a_picture_there_is_a_placeholder(explorer):
    shown = selected.show(explorer, Pictures(explorer), store_of(2))
    assert shown[0].className == "picture is-missing"
    assert "".join(texts(shown[0])) == "No picture: this atlas has none of it"


def test_a_query_of_several_galaxies_says_so(explorer):
    store = Query(rows=(2, 5, 7)).to_store()
    assert "and 2 more" in texts(selected.show(explorer, Pictures(explorer), store))
    store = Query(rows=(2,), negatives=(5,)).to_store()
    assert "unlike 1" in texts(selected.show(explorer, Pictures(explorer), store))
