"""What happens on the map, and what becomes of the page: points, regions, colours, addresses."""

import pytest

from dashboard.filters.filters import Filters
from dashboard.map.selection import region_of, sky_region_of
from dashboard.query.query import Query
from tests.dashboard.panel_words import N, after, page_of

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]


def point(row, curve=1, **others):
    return {"curveNumber": curve, "pointNumber": row} | others


def asked(explorer, page, kind, **values):
    """Return the page after one request, and what is said of it."""
    folded = after(explorer, page, (kind, values))
    return folded.page, folded.said.get(kind, "")


def test_a_point_is_searched_from_or_becomes_an_example(explorer):
    shown = page_of(explorer, 5, k=36)
    page, _ = asked(explorer, shown, "point", point=point(9))
    assert page.query == Query((9,), k=36, origin="map")
    page, _ = asked(explorer, shown, "point", point=point(9), act="positive")
    assert page.query == Query((5, 9), k=36, origin="tray")
    page, _ = asked(explorer, shown, "point", point=point(9), act="negative")
    assert (page.query.rows, page.query.negatives) == ((5,), (9,))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"point": None},
        {"point": 9},
        {"point": {}},
        {"point": point(N)},
        {"point": point(-1)},
        {"point": point("9")},
        {"point": point(9.0)},
        {"point": point(True)},
        {"point": point(9, curve=0)},
        {"point": point(9), "act": "x"},
        {"point": point(9), "act": ["positive"]},
    ],
)
def test_a_point_that_is_no_galaxy_changes_nothing(explorer, values):
    shown = page_of(explorer, 5)
    page, said = asked(explorer, shown, "point", **values)
    assert page.query == shown.query
    assert said.endswith("Reload the page.")


def test_a_drawing_becomes_a_filter_by_place_and_goes_again(explorer):
    shown = page_of(explorer, 3)
    page, said = asked(explorer, shown, "region", places=SQUARE)
    assert page.query.filters == Filters(region=region_of(SQUARE))
    assert said == ""
    page, _ = asked(explorer, page, "region", places=None)
    assert page.query == shown.query


def test_a_drawing_that_cannot_be_gets_a_sentence_and_changes_nothing(explorer):
    shown = page_of(explorer, 3)
    page, said = asked(explorer, shown, "region", places=[[0, 0]])
    assert page.query == shown.query
    assert said == "That line surrounds nothing. Draw around some galaxies."
    assert "not a region" in asked(explorer, shown, "region", places="x")[1]


def test_a_drawing_on_the_sky_comes_with_its_view(explorer):
    shown, view = page_of(explorer, 3), ["TAN", 202.123456789, 47.2]
    page, said = asked(explorer, shown, "region", places=SQUARE, view=view)
    assert page.query.filters == Filters(region=sky_region_of(SQUARE, view))
    assert said == ""
    assert "region=TAN,202.1234568,47.2+0,0+1,0" in page.address
    again, _ = asked(explorer, page, "address", search=page.address)
    assert again.query.filters == page.query.filters
    assert asked(explorer, page, "region", places=None)[0].query == shown.query


@pytest.mark.parametrize(
    "view",
    ["TAN", ["TAN", 1], ["TAN", 1, None], ["TAN", True, 0], ["MOL", 1, 2], [["TAN"], 1, 2], 3, {}],
)
def test_a_view_of_the_sky_that_is_none_changes_nothing(explorer, view):
    shown = page_of(explorer, 3)
    page, said = asked(explorer, shown, "region", places=SQUARE, view=view)
    assert page.query == shown.query
    assert "not a region" in said


def test_a_colour_is_part_of_the_address_but_for_the_first(explorer):
    shown = page_of(explorer, 7)
    page, _ = asked(explorer, shown, "colour", name="mag_z")
    assert (page.colour, page.address) == ("mag_z", "?galaxy=G7&k=25&colour=mag_z")
    page, _ = asked(explorer, page, "card", row=3)
    assert page.address == "?galaxy=G3&k=25&colour=mag_z"
    page, _ = asked(explorer, page, "address", search="?galaxy=G3&k=25")
    assert page.colour == shown.colour


@pytest.mark.parametrize("name", ["object_id", None, "", 7, ["mag_z"]])
def test_a_colour_that_was_not_offered_is_refused(explorer, name):
    shown = page_of(explorer, 7)
    page, said = asked(explorer, shown, "colour", name=name)
    assert page.colour == shown.colour
    assert "cannot be coloured by" in said


def test_an_address_with_a_colour_that_cannot_be_says_so(explorer):
    page, said = asked(explorer, page_of(explorer, 7), "address", search="?galaxy=G1&colour=x")
    assert (page.query.rows, page.colour) == ((1,), "kind")
    assert "cannot be coloured by 'x'" in said


def test_another_size_of_pictures_changes_nothing(explorer):
    shown = page_of(explorer, 7)
    page, said = asked(explorer, shown, "size")
    assert (page.query, page.address, said) == (shown.query, shown.address, "")
