"""What the filters of the page say and ask, without a browser."""

import base64
import re

import numpy as np
import pytest
from dash import Patch

from dashboard import ids
from dashboard.filters.filters import Choice, FilterError, Filters, Part, Range
from dashboard.panels.page import address
from dashboard.panels.query import filter_row, filters
from dashboard.panels.query.filters import same
from dashboard.panels.results import gallery
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from tests.dashboard.panel_words import N, all_of, texts
from tests.dashboard.small_atlas import fan

BRIGHT = Filters((("mag_z", Range(None, 15)),))
DISKS = Filters((("kind", Choice(("disk",))),))


def store_with(asked=Filters(), row=0):  # noqa: B008  # frozen
    return Query((row,), origin="card", filters=asked).to_store()


def of_rows(least=(), most=(), choice=(), part=()):
    """Return what the controls say, with a button to remove each row."""
    kinds = ("filter-least", "filter-most", "filter-choice", "filter-part")
    values = dict(zip(kinds, map(dict, (least, most, choice, part)), strict=True))
    columns = {column: None for control in values.values() for column in control}
    return values | {"filter-remove": columns}


def follow(explorer, changed, values=None, column=None, shown=None, store=None):
    store = store_with() if store is None else store
    values = of_rows() if values is None else values
    return filters.follow(explorer, filter_row.row, changed, values, column, shown or {}, store)


# The section


def test_the_columns_to_filter_by_are_named_as_elsewhere(explorer):
    options, first = filters.columns_left(explorer, [])
    assert [option["label"] for option in options][:4] == [
        "name",
        "mag z",
        "kind",
        "truth: redshift",
    ]
    assert first == "name"
    assert options[1]["title"] == "Magnitude in z [mag] · column mag_z"
    assert "mag_z" not in [o["value"] for o in filters.columns_left(explorer, ["mag_z"])[0]]


def test_what_is_left_is_said_and_told_to_the_map_bit_by_bit(explorer):
    sentence, bits = filters.tell_left(explorer, BRIGHT.to_store())
    assert sentence == "1 active, 7 of 40 galaxies left"  # 14 + 6 / 38 steps of 0.158 mag
    unpacked = np.unpackbits(np.frombuffer(base64.b64decode(bits), np.uint8), bitorder="little")
    assert np.flatnonzero(unpacked[:N]).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert filters.tell_left(explorer, {}) == ("", None)


# Query and controls


def test_a_new_number_is_a_new_query_of_the_same_galaxy(explorer):
    values = of_rows(least={"mag_z": None}, most={"mag_z": 15})
    change = follow(explorer, ids.filter_most("mag_z"), values)
    assert change.query == store_with(BRIGHT)
    assert change.shown == BRIGHT.to_store()
    assert change.rows is same


def test_labels_are_a_filter_once_one_is_chosen(explorer):
    values = of_rows(choice={"kind": ["disk"], "name": []})
    change = follow(explorer, ids.filter_choice("kind"), values)
    assert change.query == store_with(DISKS)


def test_a_part_of_a_text_is_a_filter_where_labels_are_many():
    values = of_rows(choice={"kind": []}, part={"object_id": "G5"})
    change = follow(fan(np.arange(60)), ids.filter_part("object_id"), values)
    assert change.query == store_with(Filters((("object_id", Part("G5")),)))


def test_controls_that_only_appear_are_no_new_filters(explorer):
    values = of_rows(most={"mag_z": 15})
    # Meanwhile the query has already gone on: it must not be brought back.
    change = follow(
        explorer, ids.filter_most("mag_z"), values, shown=BRIGHT.to_store(), store=store_with(DISKS)
    )
    assert change == (same, same, same, same, same, "")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (of_rows(least={"mag_z": 3}, most={"mag_z": 2}), "No number is 3 or more"),
        (of_rows(least={"mag_z": "x"}), "1 to 50 labels"),
        (of_rows(least={"nope": 3}), "no column 'nope'"),
        (of_rows(choice={"kind": ["x"]}), "No galaxy has 'x' as its kind"),
        (of_rows(choice={"kind": 5}), "5 is not a filter"),
        (of_rows(part={"mag_z": "x"}), "holds numbers"),
    ],
)
def test_a_filter_that_cannot_be_is_answered_beside_it_and_changes_nothing(
    explorer, values, sentence
):
    change = follow(explorer, ids.filter_least("mag_z"), values)
    assert sentence in change.message
    assert change[:5] == (same,) * 5


def test_a_query_with_other_filters_brings_their_rows(explorer):
    change = follow(explorer, ids.QUERY, store=store_with(BRIGHT))
    assert change.query is same
    assert change.shown == BRIGHT.to_store()
    (row,) = change.rows
    least, most = all_of(row, "Input")
    assert (least.value, most.value) == (None, 15)
    assert "mag_z" not in [option["value"] for option in change.columns]


def test_a_query_with_the_same_filters_leaves_the_rows_alone(explorer):
    change = follow(explorer, ids.QUERY, shown=BRIGHT.to_store(), store=store_with(BRIGHT, 7))
    assert change == (*(same,) * 5, "")  # and takes away what was wrong before
    nothing = filters.follow(explorer, filter_row.row, ids.QUERY, of_rows(), "", {}, None)
    assert nothing == (same,) * 6


def test_filters_of_another_atlas_are_refused(explorer):
    with pytest.raises(FilterError, match="no column 'nope'"):
        follow(explorer, ids.QUERY, store=store_with(Filters((("nope", Range(1)),))))


# Buttons


def test_a_row_is_added_below_and_asks_for_nothing_yet(explorer):
    change = follow(explorer, ids.FILTER_ADD, of_rows(choice={"name": []}), "mag_z")
    assert isinstance(change.rows, Patch)
    assert (change.query, change.shown) == (same, same)
    assert [option["value"] for option in change.columns][:2] == ["kind", "truth_redshift"]


@pytest.mark.parametrize("column", ["name", None, 3, ["mag_z"]])
def test_a_row_that_is_there_or_cannot_be_is_not_added(explorer, column):
    assert follow(explorer, ids.FILTER_ADD, of_rows(choice={"name": []}), column) == (same,) * 6


def test_a_removed_row_takes_its_filter_with_it(explorer):
    both = Filters((*BRIGHT.by_column, *DISKS.by_column))
    values = of_rows(most={"mag_z": 15}, choice={"kind": ["disk"]})
    change = follow(explorer, ids.filter_remove("mag_z"), values, store=store_with(both))
    assert change.query == store_with(DISKS)
    assert [o["params"] for o in change.rows.to_plotly_json()["operations"]] == [{}]
    assert follow(explorer, ids.filter_remove("nope"), values) == (same,) * 6


@pytest.mark.parametrize("button", [ids.FILTERS_CLEAR, ids.filters_clear("gallery")])
def test_all_filters_go_at_once(explorer, button):
    values = of_rows(most={"mag_z": 15})
    change = follow(explorer, button, values, store=store_with(BRIGHT))
    assert (change.query, change.shown, change.rows) == (store_with(), {}, [])


def test_buttons_count_only_when_they_were_clicked():
    appeared = [(ids.filter_remove("mag_z"), None), (ids.filter_most("mag_z"), 15)]
    assert filters.what_changed(appeared) == ids.filter_most("mag_z")
    assert filters.what_changed([(ids.filter_remove("mag_z"), 1)]) == ids.filter_remove("mag_z")
    assert filters.what_changed([*appeared, (ids.QUERY, {})]) == ids.QUERY
    assert filters.what_changed([(ids.filters_clear("gallery"), None)]) is None


def test_what_dash_says_of_the_inputs_is_read_by_column():
    inputs = [
        {"id": "query", "property": "data", "value": {}},
        [{"id": ids.filter_least("a"), "property": "value", "value": 1}],
        [{"id": ids.filter_most("a"), "property": "value"}],
        [{"id": ids.filter_remove("a"), "property": "n_clicks", "value": None}],
        [{"id": "x"}, {"id": {"type": "filter-part", "column": ["a"]}, "value": "x"}],
    ]
    values = filters.values_of(inputs)
    assert filters.chosen(values) == Filters((("a", Range(1)),))
    assert list(values["filter-remove"]) == ["a"]


# Rows


def test_a_row_of_numbers_has_a_histogram_a_slider_and_two_fields(explorer):
    row = filter_row.row(explorer, "mag_z", Range(15))
    (slider,) = all_of(row, "RangeSlider")
    assert slider.value == [15, slider.max]
    assert [field.value for field in all_of(row, "Input")] == [15, None]
    assert "mag" in texts(row)
    assert "1 galaxy without a value: a range leaves them out." in texts(row)
    spread = next(d for d in all_of(row, "Div") if getattr(d, "className", "") == "filter-spread")
    assert re.fullmatch(r"\d+(\.\d+)?%", spread.style["--from"])
    assert spread.style["--to"] == "100%"


def test_numbers_beyond_the_slider_stay_in_their_field(explorer):
    row = filter_row.row(explorer, "mag_z", Range(-100, 15))
    (slider,) = all_of(row, "RangeSlider")
    assert slider.value == [slider.min, 15]
    assert all_of(row, "Input")[0].value == -100


def test_a_row_of_labels_has_their_counts(explorer):
    row = filter_row.row(explorer, "kind", Choice(("disk",)))
    (labels,) = all_of(row, "Checklist")
    assert labels.value == ["disk"]
    assert [texts(option["label"]) for option in labels.options] == [
        ["disk", "13"],
        ["ring", "13"],
        ["spiral", "13"],
        ["no value", "1"],
    ]


def test_a_row_of_names_has_a_field():
    row = filter_row.row(fan(np.arange(60)), "object_id", Part("G1"))
    (field,) = all_of(row, "Input")
    assert field.value == "G1"


def test_a_row_says_to_everyone_what_it_is(explorer):
    shown = filter_row.row(explorer, "mag_z").to_plotly_json()["props"]
    assert shown["role"] == "group"
    assert shown["aria-label"] == "Filter: Magnitude in z [mag] · column mag_z"


# Gallery, address


def test_the_gallery_keeps_within_the_filters_and_says_so(explorer):
    shown = gallery.show(explorer, Pictures(explorer), store_with(DISKS))
    assert {explorer.values("kind")[card["row"]] for card in shown.drawn["cards"]} == {"disk"}
    assert shown.heading == "Only 13 most similar to M 1 within the filters"


def test_an_empty_gallery_says_why_and_offers_the_way_out(explorer):
    none = Filters((("mag_z", Range(99)),))
    _, heading, _, (empty,) = gallery.show(explorer, Pictures(explorer), store_with(none))
    assert "These filters leave no galaxy to compare M 1 with." in texts(empty)[0]
    assert all_of(empty, "Button")[0].id == ids.filters_clear("gallery")
    assert heading == "Most similar"


def test_a_card_goes_on_within_the_filters(explorer):
    store = gallery.choose(explorer, {"row": 9}, store_with(DISKS))
    assert store == store_with(DISKS, 9)


def test_other_filters_are_another_address_and_the_same_are_not(explorer):
    search = "?galaxy=G0&k=25&f.kind=disk"
    assert address.write_address(explorer, "", store_with(DISKS))[1] == search
    assert address.read_address(explorer, search, store_with(DISKS))[0] is same
    assert address.read_address(explorer, search, store_with())[0]["filters"] == {"kind": ["disk"]}


def test_a_filter_of_the_address_that_cannot_be_is_told(explorer):
    store, _, notice = address.read_address(explorer, "?galaxy=G7&f.nope=1..", None)
    assert store["rows"] == [7]
    assert "no column 'nope'" in notice
