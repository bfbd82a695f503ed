"""Hubble types and other codes: few, in their order, and with what they stand for."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.filters import FilterError
from dashboard.filters.codes import is_coded, names_of_codes
from dashboard.filters.columns import ChoiceColumn, NumberColumn
from dashboard.filters.filters import Choice
from dashboard.formatting import value_of
from dashboard.map.colour_choices import colour_by, default_colour
from dashboard.panels.map.colour import legend_of
from dashboard.panels.query import filters
from pipeline.atlas import Column
from tests.dashboard.panel_words import texts
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

TYPES = np.array([3, -5, 10, 3, 0, -5, 3, 11] * 5)
EXPERTS = Column("t_type", "", "Type from -6 (compact) to 11 (dwarf elliptical)")


@pytest.fixture(scope="module")
def explorer():
    columns = {
        "t_type": TYPES,
        "hubble_type": [str(one) if one else "" for one in TYPES],
        "mix": [["3", "SBb", "-5", "10"][i % 4] for i in range(len(TYPES))],
        "half": np.resize([0.0, 0.5, 1.0], len(TYPES)),
        "with_gaps": np.where(TYPES == 0, np.nan, TYPES % 3),
    }
    atlas = small_atlas(random_unit_rows(len(TYPES), 4), columns=columns)
    about = {
        "t_type": EXPERTS,
        "half": Column("half", "", "From 0 (open) to 1 (tight)"),
        "with_gaps": Column("with_gaps", "", "Class: 0 = none, 1 = bar; 2 = ring"),
    }
    return Explorer(replace(atlas, columns=atlas.columns | about))


def test_names_come_from_descriptions_and_else_from_custom():
    assert names_of_codes(EXPERTS)["-6"] == "compact"
    assert names_of_codes(EXPERTS)["3"] == "Sb"
    assert names_of_codes(Column("x", "", "Length of the bar; 0: no bar")) == {}
    assert names_of_codes(Column("x", "", "Flux in SDSS DR7: model, DR8: fit")) == {}


def test_a_few_whole_numbers_with_names_are_categories(explorer):
    made = {name: type(explorer.filter_columns[name]) for name in ("t_type", "half", "with_gaps")}
    assert made == {"t_type": ChoiceColumn, "half": NumberColumn, "with_gaps": ChoiceColumn}
    assert explorer.is_category("t_type")
    assert set(explorer.values("with_gaps")) == {"0", "1", "2", None}
    assert not is_coded(Column("n_arms", "", "Arms"), explorer.catalogue["t_type"])


def test_they_are_sorted_by_number_in_filter_and_legend(explorer):
    labels = ["-5", "0", "3", "10", "11"]
    assert list(explorer.filter_columns["t_type"].counts) == labels
    assert list(explorer.filter_columns["hubble_type"].counts) == ["-5", "3", "10", "11", ""]
    colours = colour_by(explorer, "t_type")
    assert [label for label, _ in colours.categories] == labels
    entries = legend_of(colours, "t_type", ())
    assert ["".join(texts(one)) for one in entries] == [
        "−5 (E)", "0 (S0/a)", "3 (Sb)", "10 (Im)", "11 (dwarf elliptical)"
    ]  # fmt: skip
    assert len(set(colours.hues("dark"))) == 5
    assert [label for label, _ in colour_by(explorer, "mix").categories] == ["-5", "3", "10", "SBb"]
    assert default_colour(explorer) == "t_type"


def test_the_rows_of_filter_say_what_codes_stand_for(explorer):
    words = "".join(texts(filters.row(explorer, "t_type")))
    assert "−5 (E)" in words or "−5 (E)" in str(filters.row(explorer, "t_type").to_plotly_json())


def test_an_address_with_a_range_of_them_still_works(explorer):
    read = explorer.filter_columns["t_type"].read
    assert read("0..10") == Choice(("0", "3", "10"))
    assert read("3|-5") == Choice(("3", "-5"))
    with pytest.raises(FilterError):
        read("4..9")


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (EXPERTS, -5, "−5 (E)"),
        (EXPERTS, 3.0, "3 (Sb)"),
        (Column("hubble_type"), "3", "3 (Sb)"),
        (Column("hubble_type"), "SBb", "SBb"),
        (EXPERTS, None, "–"),
        (EXPERTS, 0.5, "0.5"),
        (Column("n", "px"), 3, "3 px"),
    ],
)
def test_values_carry_what_they_stand_for(column, value, text):
    assert value_of(column, value) == text
