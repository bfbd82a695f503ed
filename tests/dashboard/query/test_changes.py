"""What becomes of a query by each kind of request."""

import numpy as np
import pytest

from dashboard.explorer.embedder import embedding_to_text
from dashboard.filters.filters import Choice, Filters, Part, Range
from dashboard.filters.region import Region
from dashboard.query.query import MOST_ROWS, Query
from tests.dashboard.panel_words import N, after, asked, page_of, refused
from tests.dashboard.small_atlas import fan

BRIGHT = Filters((("mag_z", Range(None, 15)),))
DISKS = Filters((("kind", Choice(("disk",))),))
ANYTHING = [None, 7, "x", [], {"a": 1}, "x" * 10_000]


# Another galaxy


@pytest.mark.parametrize(
    ("kind", "origin"), [("card", "card"), ("row", "table"), ("found", "search"), ("list", "list")]
)
def test_a_galaxy_is_the_next_query_and_keeps_number_filters_and_options(explorer, kind, origin):
    kept = {"k": 49, "filters": BRIGHT, "min_separation_arcsec": 5, "least_similar": True}
    shown = page_of(explorer, 3, negatives=(2,), **kept)
    assert asked(explorer, shown, kind, row=9) == (Query((9,), origin=origin, **kept), "")


def test_what_was_found_says_how_far_it_is(explorer):
    query, _ = asked(explorer, page_of(explorer, 0), "found", row=5, separation_arcsec=360.0)
    assert query == Query((5,), origin="search", separation_arcsec=360.0)
    assert "not a separation" in refused(
        explorer, page_of(explorer, 0), "found", row=5, separation_arcsec=-1
    )


def test_several_entries_of_a_list_become_one_query(explorer):
    query, _ = asked(explorer, page_of(explorer, 0, k=49), "list", rows=[7, 5, 7])
    assert query == Query((7, 5), k=49, origin="list")


@pytest.mark.parametrize("row", [N, -1, "0", None, 1.5, True, [0], {"a": 1}])
@pytest.mark.parametrize("kind", ["card", "row", "found", "list"])
def test_a_galaxy_that_is_not_there_is_refused(explorer, kind, row):
    assert "Reload the page" in refused(explorer, page_of(explorer, 3), kind, row=row)


@pytest.mark.parametrize("rows", [None, 7, "x", [], [N], [5, None], list(range(101))])
def test_a_list_of_what_is_not_there_is_refused(explorer, rows):
    refused(explorer, page_of(explorer, 3), "list", rows=rows)


def test_a_random_galaxy_is_the_same_for_the_same_seed_and_keeps_the_number(explorer):
    drawn = [
        asked(explorer, page_of(explorer, 0, k=16), "random", among="bright", seed=seed)[0]
        for seed in (*range(20), 3)
    ]
    assert {(query.k, query.origin) for query in drawn} == {(16, "random")}
    assert len({query.rows for query in drawn}) > 5
    assert drawn[3] == drawn[-1]


def test_a_random_galaxy_obeys_the_filters_and_keeps_them():
    explorer = fan(range(10), columns={"mag": np.arange(10.0)}, brightness_column="mag")
    within = Filters((("mag", Range(7, 8)),))
    for among in ("bright", "any", None):
        shown = page_of(explorer, 0, filters=within)
        query, _ = asked(explorer, shown, "random", among=among, seed=1)
        assert query.rows[0] in (7, 8)
        assert query.filters == within
    none = page_of(explorer, 0, filters=Filters((("mag", Range(12, 13)),)))
    assert "none can be drawn" in refused(explorer, none, "random", among="any", seed=1)


@pytest.mark.parametrize("seed", [None, -1, 2**53, 1.5, "1", True])
def test_a_draw_without_a_seed_is_refused(explorer, seed):
    refused(explorer, page_of(explorer, 0), "random", among="any", seed=seed)


def text_of(explorer, degrees):
    angle = np.radians(degrees)
    return embedding_to_text(np.array([np.cos(angle), np.sin(angle)]), explorer.manifest)


def test_a_picture_is_a_query_of_its_own_and_a_crop_takes_its_place_among_the_examples(explorer):
    first, second = text_of(explorer, 20.2), text_of(explorer, 25.7)
    shown = page_of(explorer, 3, k=49)
    query, _ = asked(explorer, shown, "picture", embedding=first)
    assert query == Query((), k=49, origin="picture", embedding=first)
    beside = page_of(explorer, 3, negatives=(8,), embedding=first)
    query, _ = asked(explorer, beside, "crop", embedding=second)
    assert (query.rows, query.negatives, query.embedding) == ((3,), (8,), second)
    assert asked(explorer, shown, "crop", embedding=second) == (shown.query, "")


@pytest.mark.parametrize("embedding", [*ANYTHING, "", "AAAA.BBBB", "A" * 20_000])
def test_a_picture_that_is_none_is_refused(explorer, embedding):
    assert "picture" in refused(explorer, page_of(explorer, 3), "picture", embedding=embedding)


# Examples


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
    options = {"k": 49, "min_separation_arcsec": 10, "least_similar": True}
    former = page_of(explorer, 3, 5, negatives=(8,), **options)
    query, said = asked(explorer, former, "example", act=act, row=row)
    assert (query, said) == (Query(rows, negatives=negatives, origin="tray", **options), "")


def test_several_join_at_once(explorer):
    former = page_of(explorer, 3, k=49, negatives=(5,))
    query, _ = asked(explorer, former, "example", act="positive", rows=[3, 7, 5])
    assert query == Query((3, 7, 5), k=49, origin="tray")
    many = refused(explorer, former, "example", act="positive", rows=list(range(101)))
    assert many == "A query takes at most 100 galaxies; 101 are selected."


def test_the_picture_can_be_taken_out(explorer):
    former = page_of(explorer, 3, embedding=text_of(explorer, 7))
    query, _ = asked(explorer, former, "example", act="remove-picture")
    assert query == Query((3,), origin="tray")


def test_what_cannot_be_is_said(explorer):
    assert refused(explorer, page_of(explorer, 3), "example", act="remove", row=3) == (
        "This is the last example of what to look for. Add another one before it goes."
    )
    full = page_of(explorer, *range(MOST_ROWS // 4), negatives=(30,))
    assert asked(explorer, full, "example", act="negative", row=30) == (full.query, "")


@pytest.mark.parametrize("act", [*ANYTHING, "__class__", ["remove"]])
def test_an_act_that_is_not_offered_is_refused(explorer, act):
    said = refused(explorer, page_of(explorer, 5), "example", act=act, row=3)
    assert said == "The page asked for what is not offered. Reload the page."


@pytest.mark.parametrize("row", [N, -1, "0", None, 1.5, [0], {"a": 1}])
def test_a_galaxy_that_is_not_there_joins_no_query(explorer, row):
    for values in ({"row": row}, {"rows": [row]}):
        refused(explorer, page_of(explorer, 5), "example", act="positive", **values)


# Number, options


def test_the_number_of_neighbours_changes_and_nothing_else(explorer):
    query, _ = asked(explorer, page_of(explorer, 3, k=25, origin="map"), "k", k=81)
    assert query == Query((3,), k=81, origin="map")


@pytest.mark.parametrize("k", [26, "25", 25.0, True, 10**9, None, [25]])
def test_a_number_of_neighbours_that_was_not_offered_is_refused(explorer, k):
    assert "16, 25, 36" in refused(explorer, page_of(explorer, 3), "k", k=k)


def test_options_keep_everything_else_and_reset_puts_them_back(explorer):
    shown = page_of(explorer, 3, k=49, origin="map", negatives=(5,))
    same = {"k": 49, "origin": "map", "negatives": (5,)}
    query, _ = asked(explorer, shown, "option", min_separation_arcsec=40)
    assert query == Query((3,), min_separation_arcsec=40, **same)
    query, _ = asked(explorer, shown, "option", least_similar=True)
    assert query == Query((3,), least_similar=True, **same)
    folded = after(
        explorer,
        shown,
        ("option", {"least_similar": True}),
        ("option", {"min_separation_arcsec": 0}),
        ("reset", {}),
    )
    assert folded.page.query == shown.query


@pytest.mark.parametrize(
    "value", [None, "", "x", "40", -0.1, 60.1, True, [25], float("nan"), float("inf")]
)
def test_a_separation_that_cannot_be_is_said_and_changes_nothing(explorer, value):
    said = refused(explorer, page_of(explorer, 3), "option", min_separation_arcsec=value)
    assert said == "Choose from 0 to 60 arcsec."


@pytest.mark.parametrize("order", [None, 7, [], "x" * 10_000])
def test_an_order_that_is_not_offered_is_the_usual_one(explorer, order):
    assert asked(explorer, page_of(explorer, 3), "option", least_similar=order)[0] == Query(
        (3,), origin="card"
    )


# Filters


def kinds(*labels):
    return Filters((("kind", Choice(labels)),)) if labels else Filters()


def within(asked_for, row=0):
    return Query((row,), origin="card", filters=asked_for)


def test_a_number_is_a_filter_and_two_open_ends_are_none(explorer):
    query, _ = asked(explorer, page_of(explorer, 0), "filter", column="mag_z", value=[None, 15])
    assert query == within(BRIGHT)
    shown = page_of(explorer, 0, filters=BRIGHT)
    assert asked(explorer, shown, "filter", column="mag_z", value=None)[0] == within(Filters())


def test_a_filter_leaves_those_of_other_columns_and_the_region(explorer):
    region = Region(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    shown = page_of(explorer, 0, filters=Filters(BRIGHT.by_column, region))
    query, _ = asked(explorer, shown, "filter", column="kind", value=["disk"])
    assert query.filters == Filters((*BRIGHT.by_column, *DISKS.by_column), region)
    query, _ = asked(explorer, page_of(explorer, 0, filters=query.filters), "clear-filters")
    assert query.filters == Filters()


def test_a_part_of_a_text_is_a_filter_where_labels_are_many():
    explorer = fan(np.arange(60))
    query, _ = asked(explorer, page_of(explorer, 0), "filter", column="object_id", value="G5")
    assert query.filters == Filters((("object_id", Part("G5")),))


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("mag_z", [3, 2], "No number is 3 or more"),
        ("mag_z", ["x", None], "1 to 50 labels"),
        ("mag_z", "x", "holds numbers"),
        ("nope", [3, None], "no column 'nope'"),
        ("kind", ["x"], "No galaxy has 'x' as its kind"),
        ("kind", 5, "5 is not a filter"),
        ("", "0,0 1,0 1,1", "not offered"),  # a region is no filter of a column
        (None, "x", "not offered"),
        (["mag_z"], [1, 2], "not offered"),
        ("m" * 300, [1, 2], "not a filter"),
    ],
)
def test_a_filter_that_cannot_be_is_answered_and_changes_nothing(explorer, column, value, sentence):
    shown = page_of(explorer, 0, filters=DISKS)
    assert sentence in refused(explorer, shown, "filter", column=column, value=value)


@pytest.mark.parametrize(
    ("before", "label", "labels"),
    [
        ((), "disk", ("disk",)),
        (("disk",), "ring", ("disk", "ring")),
        (("disk", "ring"), "disk", ("ring",)),
        (("disk",), "disk", ()),
        ((), "", ("",)),  # those without a value
    ],
)
def test_a_category_of_the_legend_joins_the_filter_or_leaves_it(explorer, before, label, labels):
    shown = page_of(explorer, 0, filters=kinds(*before))
    query, _ = asked(explorer, shown, "legend", column="kind", label=label)
    assert query == within(kinds(*labels))


@pytest.mark.parametrize(
    ("column", "label"), [("kind", "nope"), ("kind", None), (None, "disk"), ("nope", "disk")]
)
def test_a_category_that_no_galaxy_has_is_refused(explorer, column, label):
    refused(explorer, page_of(explorer, 0), "legend", column=column, label=label)
