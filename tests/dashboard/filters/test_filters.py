"""Filters as such: what they may be, and the two ways in which they come back from a browser."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import FilterError
from dashboard.filters.filters import (
    MISSING,
    MOST_CHOICES,
    Choice,
    Filters,
    Part,
    Range,
)
from pipeline.atlas import Column

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
RANGES = st.builds(
    lambda ends, form: Range(*(None if i == form else end for i, end in enumerate(sorted(ends)))),
    st.tuples(NUMBERS, NUMBERS),
    st.integers(0, 2),
)
LABELS = st.text(max_size=8) | st.sampled_from([MISSING, "a|b", "50%", "%7C", "..", "S0/a"])
CHOICES = st.builds(
    lambda labels: Choice(tuple(labels)), st.lists(LABELS, min_size=1, max_size=MOST_CHOICES)
)
PARTS = st.builds(Part, st.text(min_size=1, max_size=20))
FILTERS = st.builds(
    lambda chosen: Filters(tuple(chosen.items())),
    st.dictionaries(st.text(min_size=1, max_size=10), RANGES | CHOICES | PARTS, max_size=5),
)


def test_a_range_reads_as_people_write_it():
    assert Range(0.01, 0.05).to_text() == "0.01..0.05"
    assert Range(None, 17).to_text() == "..17"
    assert Range(-3.5).to_text() == "-3.5.."
    assert Range.from_text("1e-3..") == Range(0.001)
    assert Range.from_text("-5..-1") == Range(-5, -1)


def test_a_choice_reads_as_people_write_it():
    assert Choice(("spiral", "disk", "disk")).to_text() == "disk|spiral"
    assert Choice.from_text("disk|") == Choice((MISSING, "disk"))
    assert Choice.from_text("a%7Cb") == Choice(("a|b",))


def test_filters_are_told_in_words_with_units():
    filters = Filters(
        (
            ("name", Part("NGC")),
            ("mag_z", Range(14, 17.5)),
            ("mag_g", Range(None, 17)),
            ("z", Range(0.01)),
            ("kind", Choice(("ring", MISSING))),
        )
    )
    columns = {name: Column(name, "mag") for name in ("mag_z", "mag_g")}
    assert filters.to_words(columns) == (
        'kind: no value or ring; mag_g: 17 mag or less; mag_z: 14 to 17.5 mag; name: with "NGC" '
        "in it; z: 0.01 or more"
    )
    assert Filters().to_words(columns) == ""


@given(wanted=RANGES)
def test_the_text_of_a_range_brings_it_back_to_the_last_digit(wanted):
    assert Range.from_text(wanted.to_text()) == wanted


@given(wanted=CHOICES)
def test_the_text_of_a_choice_brings_it_back_whatever_its_labels(wanted):
    assert Choice.from_text(wanted.to_text()) == wanted


@given(filters=FILTERS)
def test_the_store_brings_filters_back_through_json(filters):
    assert Filters.from_store(json.loads(json.dumps(filters.to_store()))) == filters


def test_the_order_in_which_filters_were_set_is_no_part_of_them():
    one, other = ("z", Range(1)), ("a", Part("x"))
    assert Filters((one, other)) == Filters((other, one))
    assert hash(Filters((one, other))) == hash(Filters((other, one)))
    assert Filters((one, other)).without("z") == Filters((other,))
    assert Filters((one, other)).to_address() == [("f.a", "x"), ("f.z", "1..")]


def test_without_a_filter_there_are_none():
    assert not Filters()
    assert len(Filters((("z", Range(1)),))) == 1


@pytest.mark.parametrize(
    ("least", "most", "sentence"),
    [
        (None, None, "needs a number"),
        (2, 1, "No number is 2 or more and 1 or less"),
        (math.nan, None, "not a number"),
        (None, math.inf, "not a number"),
        (10**400, None, "something else is not a number"),
        (True, None, "True is not a number"),
    ],
)
def test_a_range_that_cannot_be_is_refused_with_a_sentence(least, most, sentence):
    with pytest.raises(FilterError, match=sentence):
        Range(least, most)


@pytest.mark.parametrize(
    "text", ["", "5", "1..2..3", "a..b", "1_0..", "٢..", "nan..", "..inf", ".."]
)
def test_what_is_no_range_is_refused(text):
    with pytest.raises(FilterError):
        Range.from_text(text)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "mag_z",
        {"z": None},
        {"z": 5},
        {"z": {}},
        {"z": []},
        {"z": [None, None]},
        {"z": [2, 1]},
        {"z": [1]},
        {"z": [1, 2, 3]},
        {"z": [1, "a"]},
        {"z": [[1], [2]]},
        {"z": ""},
        {"z": "x" * 201},
        {"z": ["x" * 201]},
        {"z": [str(i) for i in range(MOST_CHOICES + 2)]},
        {"x" * 201: [1, 2]},
        {f"c{i}": [1, 2] for i in range(201)},
    ],
)
def test_a_hostile_store_is_refused_with_a_short_sentence(data):
    with pytest.raises(FilterError) as error:
        Filters.from_store(data)
    assert str(error.value).endswith(".")
    assert len(str(error.value)) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(data=JSON | st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_whatever_the_browser_sends_is_filters_or_a_filter_error(data):
    try:
        filters = Filters.from_store(data)
    except FilterError:
        return
    assert len(filters) == len(data)
