"""The figures of merit of an atlas in plain words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.method.figures import groups, value_text
from pipeline.atlas import Column, EvaluationError, parse_evaluation

FIGURES = {
    "k-NN R2": {"meaning": "share of the variance", "better": "higher", "digits": 3},
    "k-NN accuracy": {"meaning": "share of galaxies", "better": "higher", "digits": 3},
    "probe R2": {"meaning": "by ridge regression", "better": "higher", "digits": 3},
    "first rank": {"meaning": "median rank", "better": "lower", "digits": 0},
}
COLUMNS = {
    "bar": Column("bar", "", "Length of the bar, 0 (none) to 1"),
    "kind": Column("kind", "", "Kind of galaxy"),
    "type": Column("type", "", "Hubble type"),
}


def line(subject, figure, own, chance=0.0, spread=0.01):
    values = {"random": [chance, 0.0], "embedding": [own, spread]}
    return {"subject": subject, "n": 1234, "figure": figure, "values": values}


def evaluation(*lines, **others):
    section = {"title": "Labels", "note": "Of galaxies with a label.", "lines": list(lines)}
    content = {
        "version": 2,
        "survey": "Some galaxies",
        "simulated": False,
        "seeds": 5,
        "caption": "k = 10",
        "n_galaxies": 2000,
        "n_evaluated": 2000,
        "k": 10,
        "representations": {"random": "random numbers", "embedding": "what is searched by"},
        "absent": {},
        "figures": FIGURES,
        "sections": [section],
    }
    return parse_evaluation(content | others)


def rows(*lines):
    (group,) = groups(evaluation(*lines), COLUMNS)
    return group.rows


def test_labels_come_in_the_order_in_which_they_are_seen():
    found = rows(line("bar", "k-NN R2", 0.1), line("type", "k-NN R2", 0.9))
    assert [(row.words, row.verdict) for row in found] == [
        ("Hubble type", "well"),
        ("Length of the bar", "hardly"),
    ]


@pytest.mark.parametrize(
    ("r2", "verdict"),
    [
        (1.0, "well"),
        (0.7, "well"),
        (0.69, "fairly well"),
        (0.4, "fairly well"),
        (0.39, "a little"),
        (0.15, "a little"),
        (0.14, "hardly"),
        (-0.2, "hardly"),
    ],
)
def test_a_verdict_follows_from_the_share_of_the_way_to_perfection(r2, verdict):
    assert rows(line("bar", "k-NN R2", r2))[0].verdict == verdict


def test_an_accuracy_is_judged_by_what_chance_would_give():
    # From 0.5 by chance to 0.6 is a fifth of the way to 1, though 0.6 of an R2 were fairly well.
    assert rows(line("kind", "k-NN accuracy", 0.6, chance=0.5))[0].verdict == "a little"
    assert rows(line("kind", "k-NN accuracy", 0.6))[0].verdict == "fairly well"


def test_a_number_that_is_no_number_is_seen_hardly_and_shown_as_a_dash():
    (row,) = rows(line("bar", "k-NN R2", math.nan))
    assert (row.verdict, row.cells[0].text, row.cells[0].share) == ("hardly", "–", None)


def test_the_own_value_comes_first_and_the_best_one_is_marked():
    (row,) = rows(line("bar", "k-NN R2", 0.254, chance=-0.1))
    assert [(cell.text, cell.share, cell.is_best) for cell in row.cells] == [
        ("0.25", 0.254, True),
        ("−0.10", 0.0, False),
    ]


def test_a_rank_has_no_bar_and_the_lowest_is_best():
    (row,) = rows(line("kind: lens", "first rank", 1, chance=37))
    assert [(cell.text, cell.share, cell.is_best) for cell in row.cells] == [
        ("1", None, True),
        ("37", None, False),
    ]
    assert (row.words, row.aside, row.verdict) == ("Lens", "Kind of galaxy", "")


def test_one_figure_is_shown_of_a_label_and_none_of_what_is_no_column():
    found = rows(
        line("bar", "k-NN R2", 0.2),
        line("bar", "probe R2", 0.3),
        line("bar (undefined = -1)", "k-NN R2", 0.4),
    )
    assert [(row.words, row.figure) for row in found] == [("Length of the bar", "k-NN R2")]
    assert found[0].aside == "0 (none) to 1"


def test_what_is_seen_can_go_on_in_a_sentence():
    (group,) = groups(
        evaluation(line("bar", "k-NN R2", 0.8), line("type", "k-NN R2", 0.9)), COLUMNS
    )
    assert group.seen("well") == ["Hubble type", "length of the bar"]
    assert group.seen("hardly") == []


def test_the_table_of_all_has_errors_where_there_are_some():
    read = evaluation(line("bar", "k-NN R2", 0.2543, spread=0.0123))
    (only,) = read.sections[0].lines
    assert value_text(read, only, "embedding") == "0.254 ±0.012"
    assert value_text(read, only, "random") == "0.000"
    assert value_text(read, only, "ImageNet") == "–"


def test_an_atlas_without_figures_says_so():
    with pytest.raises(EvaluationError, match="published without figures of merit"):
        parse_evaluation({})


@pytest.mark.parametrize(
    "content",
    [
        {"k": 10, "labels": {}},  # the first release
        {"version": 3},
        {"version": 2, "sections": "none"},
        {"version": 2, "sections": [{"title": "x", "note": "", "lines": [{"subject": 1}]}]},
    ],
)
def test_figures_of_another_release_are_refused_kindly(content):
    with pytest.raises(EvaluationError, match="another release"):
        parse_evaluation(content)


@given(
    own=st.floats(allow_nan=True, allow_infinity=True),
    chance=st.floats(allow_nan=True, allow_infinity=True),
    figure=st.sampled_from([*FIGURES, "a new one"]),
)
def test_no_value_breaks_the_table(own, chance, figure):
    read = evaluation(line("bar", figure, own, chance))
    for group in groups(read, COLUMNS):
        for cell in group.rows[0].cells:
            assert cell.share is None or 0 <= cell.share <= 1
