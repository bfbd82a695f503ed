"""What every kind of request does to a page: to its query, its address and the map's colour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dashboard.map.colour_choices import (
    checked_colour,
    colour_from_address,
    colour_to_address,
    default_colour,
)
from dashboard.map.sample import pointed_row
from dashboard.map.selection import query_of_selection, region_of, sky_region_of
from dashboard.query.address import from_address, to_address, unread
from dashboard.query.changes import ACTS, QUERY_CHANGES, QueryChange, within
from dashboard.query.page import LONGEST_ADDRESS, NOT_OFFERED, Change, Page, Values
from dashboard.query.query import Query, QueryError

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer


def first_page(explorer: Explorer) -> Page:
    """Return what a page shows before anything has happened."""
    query = Query(rows=(explorer.default_row(),), origin="start")
    return Page(explorer.name, query, colour=default_colour(explorer))


def address_of(explorer: Explorer, page: Page) -> str:
    """Return the address of query and colour."""
    return to_address(page.query, explorer) + colour_to_address(explorer, page.colour)


def _of_query(change: QueryChange) -> Change:
    """Let the address of a page follow its query; that of the same query stays as it is."""

    def changed(explorer: Explorer, page: Page, values: Values) -> Page:
        query = change(explorer, page.query, values)
        return page if query == page.query else _shows(explorer, page, query=query)

    return changed


def _shows(explorer: Explorer, page: Page, **shown: Any) -> Page:
    page = replace(page, **shown)
    return replace(page, address=address_of(explorer, page))


def _address(explorer: Explorer, page: Page, values: Values) -> Page:
    """Show what an address asks for; instead of nonsense, the galaxy to begin with."""
    search = values.get("search")
    if not isinstance(search, str):
        raise QueryError(NOT_OFFERED)
    sentences = [unread(search, explorer)]
    try:
        query = from_address(search, explorer)
    except QueryError as error:
        query, sentences = None, [f"{error} Here is another galaxy to start from."]
    if query is None:
        query = first_page(explorer).query
    colour, sentence = colour_from_address(explorer, search)
    if to_address(query, explorer) == to_address(page.query, explorer):
        query = page.query  # which knows where it came from
    said = " ".join(filter(None, [*sentences, sentence]))
    return replace(page, query=query, colour=colour, address=search[:LONGEST_ADDRESS], said=said)


def _colour(explorer: Explorer, page: Page, values: Values) -> Page:
    colour = checked_colour(explorer, values.get("name"))
    return page if colour == page.colour else _shows(explorer, page, colour=colour)


def _point(explorer: Explorer, query: Query, values: Values) -> Query:
    """Search from a point of the map, or do with it what ``act`` says."""
    row = pointed_row(explorer, {"points": [values.get("point")]})
    act = values.get("act")
    if row is None or not (act is None or (isinstance(act, str) and act in ACTS)):
        raise QueryError(NOT_OFFERED)
    return query.after(rows=(row,), origin="map") if act is None else ACTS[act](query, row)


def _take_back(explorer: Explorer, _query: Query, values: Values) -> Query:
    """Show the ``query`` again that the page had before a click that was half a double click."""
    return Page.from_store({"atlas": explorer.name, "query": values.get("query")}, explorer).query


def _region(explorer: Explorer, query: Query, values: Values) -> Query:
    """Keep to what was drawn around; to everywhere again where ``places`` is None.

    With ``view`` it was drawn on the sky.
    """
    places, view = values.get("places"), values.get("view")
    if places is None:
        region = None
    else:
        region = region_of(places) if view is None else sky_region_of(places, view)
    return within(explorer, query, replace(query.filters, region=region))


_OF_MAP: dict[str, QueryChange] = {
    "point": _point,
    "take-back": _take_back,
    "region": _region,
    "more-like-these": lambda explorer, query, _values: query_of_selection(explorer, query),
}
KINDS: dict[str, Change] = {
    **{kind: _of_query(change) for kind, change in (QUERY_CHANGES | _OF_MAP).items()},
    "address": _address,
    "colour": _colour,
    "size": lambda _explorer, page, _values: page,  # of the pictures: the page is shown anew
}
