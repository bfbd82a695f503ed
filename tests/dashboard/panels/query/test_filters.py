"""What the filters of the page say and ask, without a browser."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest
from dash import Patch, html, no_update

from dashboard.filters import FilterError
from dashboard.filters.filters import MISSING, Choice, Filters, Part, Range
from dashboard.panels.page import address
from dashboard.panels.query import filters, region
from dashboard.panels.results import gallery
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from tests.dashboard.panel_words import N, all_of, page_of, texts, turn_of
from tests.dashboard.small_atlas import fan

BRIGHT = Filters((("mag_z", Range(None, 15)),))
DISKS = Filters((("kind", Choice(("disk",))),))


def within(explorer, asked=Filters(), row=0):  # noqa: B008  # frozen
    return page_of(explorer, row, filters=asked)


def follow(explorer, before, *happened):
    """Return rows, sentence, what is left and the mask of the map after something happened."""
    return filters.show(explorer, turn_of(explorer, before, *happened))


# The section


def test_the_columns_to_filter_by_are_named_as_elsewhere(explorer):
    options = filters.columns_offered(explorer)
    assert [option["label"] for option in options][:5] == [
        "similarity to the query",
        "name",
        "z magnitude",
        "kind",
        "truth: redshift",
    ]
    assert options[2]["title"] == "Magnitude in z [mag] · column mag_z"


def test_what_is_left_is_said_and_told_to_the_map_bit_by_bit(explorer):
    sentence, bits = filters.left(explorer, answer(explorer, within(explorer, BRIGHT).query))
    assert sentence == "1 active, 7 of 40 galaxies left"  # 14 + 6 / 38 steps of 0.158 mag
    unpacked = np.unpackbits(np.frombuffer(base64.b64decode(bits), np.uint8), bitorder="little")
    assert np.flatnonzero(unpacked[:N]).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert filters.left(explorer, answer(explorer, within(explorer).query)) == ("", None)


# Query and controls


def test_what_a_control_asked_for_brings_no_rows_but_what_is_left(explorer):
    asked = ("filter", {"column": "mag_z", "value": [None, 15]})
    rows, sentence, left, bits = follow(explorer, within(explorer), asked)
    assert (rows, sentence) == (no_update, "")
    assert left.startswith("1 active, 7 of 40")
    assert bits


def test_a_filter_that_cannot_be_is_answered_beside_it_and_changes_nothing(explorer):
    asked = ("filter", {"column": "mag_z", "value": [3, 2]})
    rows, sentence, *left = follow(explorer, within(explorer, BRIGHT), asked)
    assert "No number is 3 or more" in sentence
    assert (rows, *left) == (no_update,) * 3
    # Whatever works then takes it away, and the rows stay as they are.
    assert follow(explorer, within(explorer, BRIGHT), ("k", {"k": 36})) == (
        no_update,
        "",
        no_update,
        no_update,
    )


def test_a_query_with_other_filters_brings_their_rows(explorer):
    back = ("address", {"search": "?galaxy=G0&f.mag_z=..15"})
    for before in (None, within(explorer), within(explorer, DISKS)):
        (row,), *_ = follow(explorer, before, back)
        least, most = all_of(row, "Input")
        assert (least.value, most.value) == (None, 15)
        assert getattr(row, "data-column") == "mag_z"


def test_a_query_with_the_same_filters_leaves_the_rows_alone(explorer):
    back = ("address", {"search": "?galaxy=G7&f.mag_z=..15"})
    assert follow(explorer, within(explorer, BRIGHT), back)[0] is no_update
    assert follow(explorer, within(explorer, BRIGHT), ("card", {"row": 7}))[0] is no_update
    assert follow(explorer, None, ("address", {"search": ""})) == (no_update, "", *[no_update] * 2)


def test_the_legend_brings_a_row_and_a_control_that_was_overtaken_does_too(explorer):
    disk = ("legend", {"column": "kind", "label": "disk"})
    assert len(follow(explorer, within(explorer), disk)[0]) == 1
    asked = ("filter", {"column": "mag_z", "value": [None, 14.5]})
    back = ("address", {"search": "?galaxy=G0&f.mag_z=..15"})
    ((row,), *_) = follow(explorer, within(explorer, BRIGHT), asked, back)
    assert all_of(row, "Input")[1].value == 15


# Buttons


def test_a_row_is_added_below_and_asks_for_nothing_yet(explorer):
    patch = filters.add(explorer, ["name"], "mag_z")
    assert isinstance(patch, Patch)
    assert [operation["operation"] for operation in patch.to_plotly_json()["operations"]] == [
        "Append"
    ]


@pytest.mark.parametrize("column", ["name", None, 3, ["mag_z"]])
def test_a_row_that_is_there_or_cannot_be_is_not_added(explorer, column):
    assert filters.add(explorer, ["name"], column) is no_update


def test_a_row_for_a_column_that_is_not_there_is_refused(explorer):
    with pytest.raises(FilterError, match="no column 'nope'"):
        filters.add(explorer, [], "nope")


def test_all_filters_go_at_once_and_their_rows_with_them(explorer):
    buttons = all_of(filters.layout(explorer, html.Div()), "Button") + all_of(
        gallery.nothing("M 1", is_filtered=True), "Button"
    )
    asked = [getattr(one, "data-request") for one in buttons if hasattr(one, "data-request")]
    assert asked == ['{"kind": "clear-filters", "values": {}}'] * 2
    rows, _, left, bits = follow(explorer, within(explorer, BRIGHT), ("clear-filters", {}))
    assert (rows, left, bits) == ([], "", None)
    assert follow(explorer, within(explorer), ("clear-filters", {}))[0] == []  # empty rows


# Rows


def test_a_row_of_numbers_has_a_histogram_a_slider_and_two_fields(explorer):
    row = filters.row(explorer, "mag_z", Range(15))
    (slider,) = all_of(row, "RangeSlider")
    assert slider.value == [15, slider.max]
    assert [field.value for field in all_of(row, "Input")] == [15, None]
    assert "mag" in texts(row)
    assert "only the 1 without a value" in str(row)
    spread = next(d for d in all_of(row, "Div") if getattr(d, "className", "") == "filter-spread")
    assert re.fullmatch(r"\d+(\.\d+)?%", spread.style["--from"])
    assert spread.style["--to"] == "100%"


def test_numbers_beyond_the_slider_stay_in_their_field(explorer):
    row = filters.row(explorer, "mag_z", Range(-100, 15))
    (slider,) = all_of(row, "RangeSlider")
    assert slider.value == [slider.min, 15]
    assert all_of(row, "Input")[0].value == -100


def test_a_row_of_labels_has_their_counts(explorer):
    row = filters.row(explorer, "kind", Choice(("disk",)))
    (labels,) = all_of(row, "Checklist")
    assert labels.value == ["disk"]
    assert [texts(option["label"]) for option in labels.options] == [
        ["disk", "13"],
        ["ring", "13"],
        ["spiral", "13"],
        ["no value", "1"],
    ]


def test_a_row_of_names_has_a_field():
    row = filters.row(fan(np.arange(60)), "object_id", Part("G1"))
    (field,) = all_of(row, "Input")
    assert field.value == "G1"


def test_a_row_says_to_everyone_what_it_is(explorer):
    shown = filters.row(explorer, "mag_z").to_plotly_json()["props"]
    assert shown["role"] == "group"
    assert shown["aria-label"] == "Filter: Magnitude in z [mag] · column mag_z"


# Gallery, address


def test_the_gallery_keeps_within_the_filters_and_says_so(explorer):
    found = answer(explorer, within(explorer, DISKS).query)
    shown = gallery.show(explorer, Pictures(explorer), found)
    assert {explorer.values("kind")[card["row"]] for card in shown.drawn["cards"]} == {"disk"}
    assert shown.drawn["heading"] == "Only 13 most similar to M 1 within the filters"


def test_an_empty_gallery_says_why_and_offers_the_way_out(explorer):
    none = answer(explorer, within(explorer, Filters((("mag_z", Range(99)),))).query)
    drawn, (empty,) = gallery.show(explorer, Pictures(explorer), none)
    assert "These filters leave no galaxy to compare M 1 with." in texts(empty)[0]
    assert texts(all_of(empty, "Button")) == ["Clear the filters"]
    assert drawn["heading"] == "Most similar"


def test_other_filters_are_another_address_and_the_same_are_not(explorer):
    search = "?galaxy=G0&k=25&f.kind=disk"
    disks = ("filter", {"column": "kind", "value": ["disk"]})
    assert address.show(explorer, turn_of(explorer, within(explorer), disks))[0] == search
    assert address.show(explorer, turn_of(explorer, within(explorer, DISKS), disks))[0] is no_update
    read = turn_of(explorer, within(explorer), ("address", {"search": search}))
    assert read.page.query.filters == DISKS


def test_a_filter_of_the_address_that_cannot_be_is_told(explorer):
    turn = turn_of(explorer, None, ("address", {"search": "?galaxy=G7&f.nope=1.."}))
    assert turn.page.query.rows == (7,)
    assert "no column 'nope'" in address.show(explorer, turn)[1]


def test_a_row_that_says_nothing_yet_stays_at_its_place_when_others_come(explorer):
    look = {"rows": ["mag_z", "nope", 7, "kind"]}
    disk = ("legend", {"column": "kind", "label": "disk"})
    turn = replace(turn_of(explorer, within(explorer), disk), look=look)
    rows = filters.show(explorer, turn)[0]
    assert [row.to_plotly_json()["props"]["data-column"] for row in rows] == ["mag_z", "kind"]
    # One that is no filter of the query any more goes.
    turn = turn_of(explorer, within(explorer, BRIGHT), ("address", {"search": "?galaxy=G1"}))
    assert filters.show(explorer, replace(turn, look={"rows": ["mag_z"]}))[0] == []


def test_a_selection_on_the_map_has_its_row_while_it_is_there(explorer):
    places = [[0, 0], [1, 0], [1, 1]]
    show = region.part().show
    assert show(turn_of(explorer, within(explorer), ("region", {"places": places}))) == (False,)
    assert show(turn_of(explorer, within(explorer), ("k", {"k": 36}))) == (True,)


def test_a_row_asks_for_galaxies_without_a_value(explorer):
    row = str(filters.row(explorer, "mag_z", Choice((MISSING,))))
    assert "without a value" in row
    assert "value=['']" in row
