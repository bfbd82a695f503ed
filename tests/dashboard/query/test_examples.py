"""Galaxies that join a query, leave it, or change sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.query.changes import (
    only_first,
    with_negative,
    with_positive,
    with_selected,
    without,
    without_embedding,
)
from dashboard.query.query import MOST_ROWS, Query, QueryError
from tests.dashboard.queries import N_OBJECTS, QUERIES

PICTURE = "an embedding"


def sides(query):
    return query.rows, query.negatives


def test_a_galaxy_joins_after_those_that_are_there():
    assert sides(with_positive(Query((3, 5)), 8)) == ((3, 5, 8), ())
    assert sides(with_positive(Query((3,)), 8, 9, 8)) == ((3, 8, 9), ())
    assert sides(with_negative(Query((3,), negatives=(5,)), 8)) == ((3,), (5, 8))


def test_a_galaxy_changes_sides():
    query = Query((3, 5), negatives=(8,))
    assert sides(with_positive(query, 8)) == ((3, 5, 8), ())
    assert sides(with_negative(query, 3)) == ((5,), (8, 3))


def test_the_galaxy_to_select_goes_first_wherever_it_was():
    query = Query((3, 5), negatives=(8,))
    assert sides(with_selected(query, 5)) == ((5, 3), (8,))
    assert sides(with_selected(query, 8)) == ((8, 3, 5), ())
    assert sides(with_selected(query, 9)) == ((9, 3, 5), (8,))


def test_a_galaxy_leaves_from_either_side():
    query = Query((3, 5), negatives=(8, 9))
    assert sides(without(query, 3)) == ((5,), (8, 9))
    assert sides(without(query, 8, 5)) == ((3,), (9,))


@pytest.mark.parametrize("change", [without, with_negative])
def test_the_last_example_of_what_to_look_for_stays(change):
    with pytest.raises(QueryError, match=r"the last example of what to look for\. Add another"):
        change(Query((3,), negatives=(5,)), 3)


def test_the_last_galaxy_may_go_where_a_picture_stays_and_the_picture_where_a_galaxy_does():
    query = Query((3,), embedding=PICTURE)
    assert sides(without(query, 3)) == ((), ())
    assert sides(with_negative(query, 3)) == ((), (3,))
    alone = without_embedding(query)
    assert (alone.rows, alone.embedding) == ((3,), None)
    with pytest.raises(QueryError, match="the last example"):
        without_embedding(Query((), embedding=PICTURE))


def test_the_first_example_alone_is_the_selected_galaxy_or_the_picture():
    assert sides(only_first(Query((3, 5), negatives=(8,)))) == ((3,), ())
    of_picture = only_first(Query((3, 5), negatives=(8,), embedding=PICTURE))
    assert sides(of_picture) == ((), ())
    assert of_picture.embedding == PICTURE


def test_a_full_query_takes_no_other_galaxy_but_those_in_it_may_change_sides():
    full = Query(tuple(range(MOST_ROWS - 1)), negatives=(200,))
    for add in (with_positive, with_negative, with_selected):
        with pytest.raises(QueryError, match=r"at most 100 galaxies\. Take one out"):
            add(full, 201)
    assert len(with_positive(full, 200).rows) == MOST_ROWS


def test_what_changes_nothing_leaves_the_query_as_it_is():
    query = Query((3, 5), origin="search", separation_arcsec=1.5, negatives=(8,))
    for same in (
        with_positive(query, 5),
        with_negative(query, 8),
        with_selected(query, 3),
        without(query, 7),
        without_embedding(query),
    ):
        assert same == query


@given(QUERIES, st.integers(0, N_OBJECTS - 1))
def test_a_changed_query_keeps_its_options_and_says_where_it_comes_from(query, row):
    for change in (with_positive, with_selected, with_negative, without):
        try:
            changed = change(query, row)
        except QueryError:
            continue
        kept = ("k", "filters", "embedding", "min_separation_arcsec", "least_similar")
        assert all(getattr(changed, name) == getattr(query, name) for name in kept)
        others = set(query.rows + query.negatives) - {row}
        assert set(changed.rows + changed.negatives) - {row} == others
        assert changed == query or (changed.origin, changed.separation_arcsec) == ("tray", None)
