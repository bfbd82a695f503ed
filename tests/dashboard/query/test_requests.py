"""What happens on a page: the log of requests, and the reducer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.map.requests import KINDS, first_page
from dashboard.query.page import MOST_REQUESTS, Page, Request, fold, read_requests
from dashboard.query.query import K_CHOICES, Query, QueryError
from tests.dashboard.panel_words import N, after, asked, page_of, refused
from tests.dashboard.small_atlas import fan

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
