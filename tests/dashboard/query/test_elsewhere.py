"""Queries in other atlases: galaxies are carried by name, and the best of all are one ranking."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.across import Guest, GuestError, brought, home_of, introduce
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Filters, Range
from dashboard.filters.region import Region
from dashboard.query.address import from_address, to_address
from dashboard.query.changes import QUERY_CHANGES
from dashboard.query.elsewhere import best_of_all, carried, same_place
from dashboard.query.page import Page
from dashboard.query.query import Query, QueryError
from tests.dashboard.small_atlas import small_atlas, unit_rows


def atlas_called(name, degrees, positions=None, weights="", simulated=False):
    angles = np.radians(degrees)
    embeddings = unit_rows(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    n = len(degrees)
    if positions is None:
        positions = np.arange(n, dtype=float), np.full(n, {"a": 0.0, "b": 20.0}.get(name, 40.0))
    ids = {"object_id": [f"{name.upper()}{row}" for row in range(n)]}
    atlas = small_atlas(embeddings, positions, ids)
    model = replace(atlas.manifest.model, weights_sha256=weights)
    about = {"name": name, "title": f"Atlas {name}", "simulated": simulated, "model": model}
    return Explorer(replace(atlas, manifest=replace(atlas.manifest, **about)))


@pytest.fixture
def atlases():
    explorers = {
        "a": atlas_called("a", [0, 10, 20, 90]),
        "b": atlas_called("b", [1, 5, 50]),
        "c": atlas_called("c", [0, 1], weights="another"),
    }
    introduce(explorers)
    return explorers


def test_a_galaxy_of_another_atlas_is_answered_as_its_own_embedding_would_be(atlases):
    b = atlases["b"]
    query = Query((), guests=(Guest("a", "A1"),))  # at 10 degrees
    assert query.neighbours(b).rows.tolist() == [1, 0, 2]
    assert query.neighbours(b).similarity[0] == pytest.approx(np.cos(np.radians(5)), abs=1e-6)
    np.testing.assert_allclose(brought(b, [Guest("a", "A3")]), [[0, 1]], atol=1e-6)


def test_a_query_is_carried_there_and_back_and_its_address_says_so(atlases):
    a, b = atlases["a"], atlases["b"]
    query = Query((0, 2), negatives=(3,), k=16, origin="url", min_separation_arcsec=0)
    there = carried(query, a, b)
    assert (there.rows, there.guests) == ((), (Guest("a", "A0"), Guest("a", "A2")))
    address = to_address(there, b)
    assert address == "?galaxy.a=A0&galaxy.a=A2&not.a=A3&k=16&apart=0"
    assert from_address(address, b) == there
    assert carried(there, b, a) == query
    assert from_address("?galaxy.a=A0", a).rows == (0,)


def test_the_store_brings_guests_back_and_lets_no_other_in(atlases):
    b = atlases["b"]
    page = Page("b", Query((1,), guests=(Guest("a", "A0"),), everywhere=True))
    assert Page.from_store(page.to_store(), b) == page
    for hostile in ("A0", [["a"]], [["a", 1]], [["a", "A9"]], [["nope", "A0"]], [["c", "C0"]]):
        store = page.to_store()
        store["query"]["guests"] = hostile
        with pytest.raises(QueryError):
            Page.from_store(store, b)


def test_an_atlas_of_another_model_says_why_it_cannot(atlases):
    with pytest.raises(GuestError, match="made with another model"):
        home_of(atlases["a"], Guest("c", "C0"))
    with pytest.raises(QueryError, match="which is not open here"):
        from_address("?galaxy.gone=X", atlases["a"])


def test_guests_join_leave_and_change_sides(atlases):
    b, example = atlases["b"], QUERY_CHANGES["example"]
    query = example(b, Query((0,)), {"act": "positive", "guest": ["a", "A1"]})
    assert query.likes == (0, Guest("a", "A1"))
    query = example(b, query, {"act": "negative", "guest": ["a", "A1"]})
    assert (query.likes, query.unlikes) == ((0,), (Guest("a", "A1"),))
    assert example(b, query, {"act": "remove", "guest": ["a", "A1"]}).n_examples == 1
    assert example(b, query, {"act": "positive", "guest": ["b", "B2"]}).rows == (0, 2)


def test_the_best_of_all_are_one_ranking_of_the_atlases_of_the_same_model(atlases):
    best = best_of_all(atlases["a"], Query((0,)))
    named = [f"{one.explorer.name}{one.row}" for one in best.found]
    assert named == ["b0", "b1", "a1", "a2", "b2", "a3"]
    assert [(explorer.name, n) for explorer, n in best.counts()] == [("a", 3), ("b", 3)]
    least = best_of_all(atlases["a"], Query((0,), least_similar=True))
    assert [one.explorer.name for one in least.found[:2]] == ["a", "b"]


def test_an_atlas_that_cannot_be_asked_is_left_out_with_the_reason(atlases):
    region = Region(((-1, -1), (1, -1), (1, 1)))
    best = best_of_all(atlases["a"], Query((0,), filters=Filters(region=region)))
    assert "region of the map" in best.left_out[0][1]
    best = best_of_all(atlases["a"], Query((0,), filters=Filters((("dec_deg", Range(-5, 30)),))))
    assert best.left_out == ()


def test_a_galaxy_that_two_atlases_have_is_shown_once_and_an_example_never():
    places = np.arange(3, dtype=float), np.zeros(3)
    for simulated, expected in ((False, ["b1", "b2"]), (True, ["b0", "b1", "a1", "b2", "a2"])):
        explorers = {
            "a": atlas_called("a", [0, 10, 20], places),
            "b": atlas_called("b", [1, 5, 15], places, simulated=simulated),
        }
        introduce(explorers)
        found = best_of_all(explorers["a"], Query((0,))).found
        assert [f"{one.explorer.name}{one.row}" for one in found] == expected
        here = same_place(explorers["a"], explorers["b"], 1)
        assert here == (None if simulated else 1)
