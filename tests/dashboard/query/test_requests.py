"""What happens on a page, and what becomes of its query: each kind of request, and the reducer."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.embedder import embedding_to_text
from dashboard.filters.filters import Choice, Filters, Part, Range
from dashboard.filters.region import Region
from dashboard.map.requests import KINDS, first_page
from dashboard.query.page import Page
from dashboard.query.query import K_CHOICES, MOST_ROWS, Query, QueryError
from dashboard.query.requests import MOST_REQUESTS, Request, fold, read_requests
from tests.dashboard.panel_words import N, after, page_of
from tests.dashboard.small_atlas import fan

BRIGHT = Filters((("mag_z", Range(None, 15)),))
DISKS = Filters((("kind", Choice(("disk",))),))
ANYTHING = [None, 7, "x", [], {"a": 1}, "x" * 10_000]


def asked(explorer, page, kind, **values):
    """Return the query after one request, and what is said of it."""
    folded = after(explorer, page, (kind, values))
    assert folded.page.n == page.n + 1
    return folded.page.query, folded.said.get(kind, "")


def refused(explorer, page, kind, **values):
    """Return the sentence about a request that changes nothing."""
    folded = after(explorer, page, (kind, values))
    assert folded.page == Page(page.atlas, page.query, page.address, page.colour, page.n + 1)
    (sentence,) = folded.said.values()
    assert sentence.endswith(".")
    assert len(sentence) < 200
    return sentence


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


# The log


def sent(explorer, *log, **others):
    return {"atlas": explorer.name, "log": list(log)} | others


def request(n, kind="card", **values):
    return {"n": n, "kind": kind, "values": values}


def test_requests_are_read_in_their_order_each_number_once(explorer):
    log = [request(3, row=1), request(1, row=2), request(3, row=3), {"n": 2, "kind": "reset"}]
    read = read_requests(sent(explorer, *log), explorer)
    assert read == [
        Request(1, "card", {"row": 2}),
        Request(2, "reset", {}),
        Request(3, "card", {"row": 1}),
    ]


@pytest.mark.parametrize(
    "log",
    [
        None,
        "x",
        {},
        [None],
        [7],
        [{}],
        [{"n": 1}],
        [{"n": 1, "kind": 7}],
        [{"n": 1, "kind": "card", "values": []}],
        [{"n": "1", "kind": "card"}],
        [{"n": True, "kind": "card"}],
        [{"n": 0, "kind": "card"}],
        [{"n": -1, "kind": "card"}],
        [{"n": 2**53, "kind": "card"}],
        [{"n": 1.5, "kind": "card"}],
        [{"n": float("nan"), "kind": "card"}],
    ],
)
def test_what_is_no_log_of_requests_is_refused(explorer, log):
    with pytest.raises(QueryError, match="not a request"):
        read_requests({"atlas": explorer.name, "log": log}, explorer)
    for data in (None, [], 7, "x"):
        with pytest.raises(QueryError, match="not a request"):
            read_requests(data, explorer)


def test_more_requests_than_anybody_has_waiting_are_refused(explorer):
    log = [request(n + 1, row=1) for n in range(MOST_REQUESTS + 1)]
    with pytest.raises(QueryError, match="more than 200 things at once"):
        read_requests(sent(explorer, *log), explorer)


@pytest.mark.parametrize("atlas", ["other", None, 7, ["small"], "x" * 10_000])
def test_a_request_about_another_atlas_is_refused_with_a_sentence(explorer, atlas):
    with pytest.raises(QueryError, match=r"but this is small\. Reload the page\.") as error:
        read_requests(sent(explorer, request(1, row=1), atlas=atlas), explorer)
    assert len(str(error.value)) < 150


@pytest.mark.parametrize("kind", ["", "__class__", "Card", "x" * 10_000])
def test_a_kind_that_is_not_offered_is_refused(explorer, kind):
    assert "not offered" in refused(explorer, page_of(explorer, 3), kind, row=1)


# The reducer

_ROWS = st.integers(-1, N)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


_PLACE = st.floats(-0.5, 1.5)


def _of(kind, **values):
    return st.tuples(st.just(kind), st.fixed_dictionaries(values))


_HAPPENS = st.one_of(
    _of("card", row=_ROWS),
    _of("example", act=st.sampled_from(["positive", "negative", "remove", "select"]), row=_ROWS),
    _of("example", act=st.sampled_from(["clear", "remove-picture"])),
    _of("point", point=st.fixed_dictionaries({"curveNumber": st.just(1), "pointNumber": _ROWS})),
    _of("random", among=st.sampled_from(["bright", "any"]), seed=st.integers(0, 99)),
    _of("k", k=st.sampled_from([*K_CHOICES, 17])),
    _of("option", min_separation_arcsec=st.integers(-1, 61)),
    _of("option", least_similar=st.booleans()),
    _of("reset"),
    _of("filter", column=st.just("mag_z"), value=st.none() | st.tuples(_ROWS, _ROWS).map(list)),
    _of("legend", column=st.just("kind"), label=st.sampled_from(["disk", "ring", "nope"])),
    _of("clear-filters"),
    _of("colour", name=st.sampled_from(["mag_z", "kind", "nope"])),
    _of("address", search=st.sampled_from(["", "?galaxy=G7&k=36", "?galaxy=NO", "?f.kind=disk"])),
    _of("region", places=st.none() | st.lists(st.tuples(_PLACE, _PLACE).map(list), max_size=4)),
    _of("more-like-these"),
    st.tuples(st.sampled_from(sorted(KINDS)), st.dictionaries(st.text(max_size=8), _JSON)),
    st.tuples(
        st.sampled_from(sorted(KINDS)),
        st.dictionaries(
            st.sampled_from(["row", "rows", "act", "k", "column", "value", "point", "search"]),
            _JSON,
        ),
    ),
)


def requests_of(happened):
    return [Request(i + 1, *one) for i, one in enumerate(happened)]


@given(happened=st.lists(_HAPPENS, max_size=8), cuts=st.lists(st.integers(0, 8), max_size=3))
def test_however_requests_are_put_together_on_their_way_the_page_is_the_same(
    explorer, happened, cuts
):
    requests, first = requests_of(happened), first_page(explorer)
    whole = fold(explorer, first, requests, KINDS).page
    page, ends = first, [*sorted(cuts), len(requests)]
    for end in ends:  # each call brings what the former may have brought already
        page = fold(explorer, page, requests[:end], KINDS).page
    assert page == whole
    assert page.n == len(requests)


@given(happened=st.lists(_HAPPENS, max_size=6))
def test_what_a_page_contains_already_changes_it_no_more(explorer, happened):
    requests = requests_of(happened)
    page = fold(explorer, first_page(explorer), requests, KINDS).page
    assert fold(explorer, page, requests, KINDS).page == page
    assert fold(explorer, page, [], KINDS).applied == ()
    assert fold(explorer, page, requests, KINDS).applied == ()


@given(happened=st.lists(_HAPPENS, max_size=6))
def test_whatever_happens_the_page_comes_back_from_the_browser_and_is_answered(explorer, happened):
    page = fold(explorer, first_page(explorer), requests_of(happened), KINDS).page
    assert Page.from_store(json.loads(json.dumps(page.to_store())), explorer) == page
    assert all(0 <= row < explorer.n_objects for row in page.query.rows)


def test_two_that_follow_each_other_quickly_both_count(explorer):
    folded = after(
        explorer,
        page_of(explorer, 3),
        ("example", {"act": "positive", "row": 7}),
        ("example", {"act": "remove", "row": 39}),
        ("example", {"act": "positive", "row": 9}),
        ("k", {"k": 49}),
    )
    assert folded.page.query == Query((3, 7, 9), k=49, origin="tray")
    assert folded.said == {}


def test_of_two_that_are_refused_both_are_told_and_one_that_then_works_takes_its_sentence_back(
    explorer,
):
    too_far = ("option", {"min_separation_arcsec": 61})
    last = ("example", {"act": "remove", "row": 3})
    assert set(after(explorer, page_of(explorer, 3), too_far, last).said) == {"option", "example"}
    well = ("option", {"min_separation_arcsec": 6})
    assert set(after(explorer, page_of(explorer, 3), too_far, last, well).said) == {"example"}


def test_a_query_of_opposites_is_one_and_says_so_only_when_it_is_answered():
    explorer = fan([0, 180, 90])
    query, said = asked(explorer, page_of(explorer, 0), "example", act="positive", row=1)
    assert (query.rows, said) == ((0, 1), "")
