"""What the columns of a catalogue let pass, against the slow, obvious way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.filters import FilterError
from dashboard.filters import columns as column_module
from dashboard.filters.all_columns import FilterColumns
from dashboard.filters.columns import ChoiceColumn, NumberColumn, TextColumn
from dashboard.filters.filters import MISSING, Choice, Filters, Part, Range
from dashboard.filters.histogram import MOST_BARS, histogram
from dashboard.panels.query import filters
from pipeline.atlas import Catalogue, Column

N = 60
MAP = np.stack([np.linspace(0, 1, N), np.full(N, 0.5)], axis=1)


@pytest.fixture(scope="module")
def columns():
    catalogue = pd.DataFrame(
        {
            "object_id": [f"G{row}" for row in range(N)],
            "mag": np.linspace(14, 19.9, N),
            "single": np.linspace(0, 5.9, N).astype(np.float32),
            "holes": [np.nan, np.inf, -np.inf, *np.arange(N - 3.0)],
            "n_arms": pd.array([None, 2, 3] * 20, dtype="Int64"),
            "whole": np.arange(N) % 7,
            "kind": ["disk", "ring", "", None, "disk"] * 12,
            "faulty": [True, False, False] * 20,
            "grade": pd.Categorical([1, 2] * 30),
            "same": ["x"] * N,
            "constant": np.full(N, 2.0),
            "nothing": np.full(N, np.nan),
        }
    )
    described = {name: Column(name) for name in catalogue}
    described["mag"] = Column("mag", "mag", "Magnitude")
    return FilterColumns(Catalogue.of_frame(catalogue), described, MAP)


def test_a_filter_that_an_address_repeats_is_read_once(columns, monkeypatch):
    read = []
    monkeypatch.setattr(columns["object_id"], "read", lambda text: read.append(text) or Part(text))
    fields = [("f.object_id", str(i)) for i in range(199)]
    filters, sentences = columns.read_address(fields)
    assert read == ["198"]
    assert filters == Filters((("object_id", Part("198")),))
    assert sentences == ["The address filters by object_id twice; the last one counts."]


def rows(columns, name, wanted):
    return np.flatnonzero(columns.passing(Filters(((name, wanted),)))).tolist()


def test_a_range_includes_both_its_ends(columns):
    assert rows(columns, "mag", Range(14.1, 14.3)) == [1, 2, 3]
    assert rows(columns, "mag", Range(None, 14.1)) == [0, 1]
    assert rows(columns, "mag", Range(19.85)) == [59]


def test_single_precision_means_what_it_shows(columns):
    assert rows(columns, "single", Range(0.1, 0.1)) == [1]
    assert rows(columns, "single", Range(1e300)) == []
    assert len(rows(columns, "single", Range(-1e300, 1e300))) == N


def test_a_range_leaves_out_what_is_missing_or_infinite(columns):
    assert rows(columns, "holes", Range(-1e9)) == list(range(3, N))
    assert rows(columns, "holes", Range(None, 1)) == [3, 4]
    assert columns["holes"].n_missing == 3
    assert rows(columns, "n_arms", Range(3)) == list(range(2, N, 3))


def test_whole_numbers_and_truth_values_can_be_filtered(columns):
    assert rows(columns, "whole", Range(5.5, 6)) == [6, 13, 20, 27, 34, 41, 48, 55]
    assert rows(columns, "faulty", Choice(("yes",))) == list(range(0, N, 3))
    assert rows(columns, "grade", Choice(("2",))) == list(range(1, N, 2))


def test_labels_come_with_counts_the_most_frequent_first_and_no_value_last(columns):
    assert list(columns["kind"].counts.items()) == [("disk", 24), ("ring", 12), (MISSING, 24)]
    assert columns["faulty"].counts == {"no": 40, "yes": 20}


def test_what_has_no_label_is_a_choice_like_others(columns):
    assert rows(columns, "kind", Choice((MISSING,)))[:4] == [2, 3, 7, 8]
    assert rows(columns, "kind", Choice((MISSING, "ring")))[:3] == [1, 2, 3]


def test_of_many_labels_a_part_is_asked_for_in_capitals_or_not(columns):
    assert isinstance(columns["object_id"], TextColumn)
    assert rows(columns, "object_id", Part("g5")) == [5, *range(50, 60)]
    assert rows(columns, "object_id", Part("[")) == []


def test_all_filters_must_hold_and_none_is_no_mask(columns):
    both = Filters((("mag", Range(None, 14.45)), ("kind", Choice(("disk",)))))
    assert np.flatnonzero(columns.passing(both)).tolist() == [0, 4]
    assert columns.passing(Filters()) is None


def test_a_mask_is_made_once_and_cannot_be_spoilt(columns):
    filters = Filters((("mag", Range(15)),))
    passes = columns.passing(filters)
    assert columns.passing(Filters((("mag", Range(15)),))) is passes
    with pytest.raises(ValueError, match="read-only"):
        passes[0] = True


def test_columns_in_which_all_galaxies_are_the_same_are_not_offered(columns):
    names = [column.name for column in columns.offered()]
    others = ["mag", "single", "holes", "n_arms", "whole", "kind", "faulty", "grade"]
    assert names == [*others, "object_id"]


@pytest.mark.parametrize(
    ("name", "wanted", "sentence"),
    [
        ("nope", Range(1), "no column 'nope'"),
        ("mag", Choice(("disk",)), "holds numbers"),
        ("kind", Range(1), "has a few labels"),
        ("kind", Part("d"), "has a few labels"),
        ("object_id", Choice(("G1",)), "has many labels"),
        ("kind", Choice(("spiral",)), "No galaxy has 'spiral' as its kind"),
        ("faulty", Choice((MISSING,)), "No galaxy has no value as its faulty"),
    ],
)
def test_a_filter_that_does_not_fit_its_column_is_refused(columns, name, wanted, sentence):
    with pytest.raises(FilterError, match=sentence):
        columns.passing(Filters(((name, wanted),)))


def test_an_address_is_read_as_far_as_it_can_be(columns):
    fields = [
        ("galaxy", "G1"),
        ("f.mag", "14..15"),
        ("f.kind", "disk|"),
        ("f.object_id", "G1"),
        ("f.nope", "1.."),
        ("f.whole", "x"),
        ("f.", ""),
    ]
    filters, sentences = columns.read_address(fields)
    assert dict(filters.by_column) == {
        "mag": Range(14, 15),
        "kind": Choice((MISSING, "disk")),
        "object_id": Part("G1"),
    }
    assert len(sentences) == 3
    assert "'nope'" in sentences[0]
    assert filters.to_address() == [("f.kind", "|disk"), ("f.mag", "14..15"), ("f.object_id", "G1")]


def test_of_two_filters_of_a_column_the_last_counts_and_it_is_said(columns):
    filters, sentences = columns.read_address([("f.mag", "14..15"), ("f.mag", "..16")])
    assert dict(filters.by_column) == {"mag": Range(None, 16)}
    assert sentences == ["The address filters by mag twice; the last one counts."]


@given(
    values=st.lists(st.floats(width=32) | st.integers(-3, 3).map(float), min_size=1, max_size=30),
    kind=st.sampled_from(["float32", "float64"]),
    least=st.none() | st.floats(-1e3, 1e3, width=32),
    span=st.none() | st.floats(0, 1e3, width=16),
)
def test_a_range_is_the_slow_obvious_comparison(values, kind, least, span):
    most = None if span is None else (least or 0.0) + span
    if least is None and most is None:
        return
    numbers = np.array(values, dtype=kind)
    found = NumberColumn(Column("x"), pd.Series(numbers)).passing(Range(least, most))
    in_precision = numbers.dtype.type
    assert found.tolist() == [
        bool(
            np.isfinite(value)
            and (least is None or value >= in_precision(least))
            and (most is None or value <= in_precision(most))
        )
        for value in numbers
    ]


@given(
    labels=st.lists(st.none() | st.sampled_from(["", "a", "b", "c"]), min_size=1, max_size=30),
    wanted=st.sets(st.sampled_from(["", "a", "b", "c"]), min_size=1),
)
def test_a_choice_is_the_slow_obvious_comparison(labels, wanted):
    column = ChoiceColumn(Column("x"), pd.Series(labels, dtype="str"))
    wanted &= set(column.counts)
    if wanted:
        found = column.passing(Choice(tuple(wanted)))
        assert found.tolist() == [(label or "") in wanted for label in labels]
    assert sum(column.counts.values()) == len(labels)


# Histograms


def test_a_histogram_has_neat_ends_and_a_bar_for_each_of_a_few_whole_numbers():
    spread = histogram(np.array([1, 1, 2, 4]), whole=True)
    assert (spread.low, spread.high, spread.step) == (1, 4, 1)
    assert spread.counts == (2, 1, 0, 1)
    spread = histogram(np.linspace(0.0003, 0.0998, 1_000), whole=False)
    assert (spread.low, spread.high, spread.step) == (0.001, 0.101, 0.0005)


def test_what_lies_beyond_the_ends_counts_at_them():
    numbers = np.r_[np.full(5, -1e6), np.linspace(0, 1, 1_000), 1e6]
    spread = histogram(numbers, whole=False)
    assert -0.1 < spread.low < spread.high < 1.1
    assert sum(spread.counts) == len(numbers)
    assert spread.counts[0] > spread.counts[1]


@given(
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20),
    whole=st.booleans(),
)
@example(numbers=[0.0], whole=False)
@example(numbers=[1e10, 1e10 + 1e-5], whole=False)
@example(numbers=[-1.7e308, 1.7e308], whole=False)
@example(numbers=[5e-324, 0.0], whole=False)
@example(numbers=[2.5799999999999998e26], whole=False)
def test_any_numbers_have_a_histogram_that_a_slider_can_use(numbers, whole):
    numbers = np.round(np.clip(numbers, -1e15, 1e15)) if whole else np.array(numbers)
    spread = histogram(numbers, whole=whole)
    assert spread.low < spread.high
    assert 0 < spread.step <= (spread.high - spread.low) * (1 + 1e-6)
    assert 1 <= len(spread.counts) <= MOST_BARS
    assert sum(spread.counts) == len(numbers)


def test_galaxies_without_a_value_can_be_asked_for(columns):
    missing = Choice((MISSING,))
    assert np.flatnonzero(columns["holes"].passing(missing)).tolist() == [0, 1, 2]
    assert np.flatnonzero(columns["n_arms"].passing(missing)).tolist() == list(range(0, N, 3))
    filters, sentences = columns.read_address([("f.holes", ""), ("f.object_id", "")])
    assert sentences == []
    assert filters.by_column == (("holes", missing), ("object_id", missing))
    assert filters.to_address() == [("f.holes", ""), ("f.object_id", "")]
    assert Filters.from_store(filters.to_store()) == filters


def test_sliders_of_a_large_atlas_are_of_a_sample_and_counts_of_all(monkeypatch):
    monkeypatch.setattr(column_module, "_SAMPLE", 2_000)
    values = np.linspace(0, 1, 20_000)
    values[::4] = np.nan
    whole = NumberColumn(Column("x"), pd.Series(np.append(values, np.nan)))
    assert whole.is_sampled
    assert whole.n_missing == 5_001
    assert 1_300 < len(whole.sample) < 1_600
    assert (whole.histogram.low, whole.histogram.high) == pytest.approx((0, 1), abs=0.02)
    sparse = NumberColumn(Column("x"), pd.Series(np.where(np.arange(20_000) % 97, np.nan, 1.0)))
    assert not sparse.is_sampled
    assert len(sparse.sample) == 207
    assert f"Of a sample of {len(whole.sample):,} galaxies" in str(filters._range(whole, 0, 1))
    assert "Of a sample" not in str(filters._range(sparse, 0, 1))
