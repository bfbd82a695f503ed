"""The page's address holds query and colour: reload, share, back and forward walk through them."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.map.colour_choices import colour_from_address, colour_to_address
from dashboard.query.address import from_address, to_address, unread_filters
from dashboard.query.query import Query, QueryError


def layout() -> Component:
    """Return the store of the query, the address, and the place for a sentence about either."""
    return html.Div(
        [
            dcc.Location(id=ids.ADDRESS, refresh=False),
            dcc.Store(id=ids.QUERY),
            html.Div(id=ids.ADDRESS_NOTICE, className="notice", role="alert"),
            html.Div(id=ids.NOTICE, className="notice", role="alert"),
        ]
    )


def read_address(explorer: Explorer, search: str | None, store: Any) -> tuple[Any, Any, Any]:
    """Return the query that the address asks for, and a sentence if it asks for nonsense.

    The address is left as it is: the entry page stays the entry page of the browser's history.
    """
    if search is None:  # not read yet
        return no_update, no_update, no_update
    sentence = unread_filters(search, explorer)
    try:
        query = from_address(search, explorer)
    except QueryError as error:
        query, sentence = None, f"{error} Here is another galaxy to start from."
    if query is None:
        query = Query(rows=(explorer.default_row(),), origin="start")
    if store is not None and not sentence:
        current = Query.from_store(store, explorer.n_objects)
        if to_address(current, explorer) == to_address(query, explorer):
            return no_update, no_update, ""
    return query.to_store(), no_update, sentence


def write_address(
    explorer: Explorer, search: str | None, store: Any, colour: Any = None
) -> tuple[Any, Any, Any]:
    """Return the address of query and colour; it becomes a step of the browser's history."""
    query = Query.from_store(store, explorer.n_objects)
    address = to_address(query, explorer) + colour_to_address(explorer, colour)
    return no_update, no_update if address == search else address, ""


def follow(
    explorer: Explorer, changed: Any, search: str | None, store: Any, colour: Any = None
) -> tuple[Any, ...]:
    """Return query, address, notice and the map's colour after one of them has changed."""
    ours = (f"{ids.QUERY}.data", f"{ids.MAP_COLOUR}.value")
    if store is not None and any(one in changed for one in ours):
        return *write_address(explorer, search, store, colour), no_update
    query, address, notice = read_address(explorer, search, store)
    if search is None:
        return query, address, notice, no_update
    wanted, sentence = colour_from_address(explorer, search)
    notice = " ".join(filter(None, (notice, sentence)))
    return query, address, notice, no_update if wanted == colour else wanted


def register(app: Dash, explorer: Explorer) -> None:
    """Keep address and page in step. One callback for both ways, so that there is no loop."""

    @app.callback(
        Output(ids.QUERY, "data"),
        Output(ids.ADDRESS, "search"),
        Output(ids.ADDRESS_NOTICE, "children"),
        Output(ids.MAP_COLOUR, "value"),
        Input(ids.ADDRESS, "search"),
        Input(ids.QUERY, "data"),
        Input(ids.MAP_COLOUR, "value"),
    )
    def keep_in_step(search: Any, store: Any, colour: Any) -> Any:
        return follow(explorer, ctx.triggered_prop_ids, search, store, colour)

    # Before the server is asked: what it then says of the new query must not be taken away again.
    app.clientside_callback(
        "() => ''",
        Output(ids.NOTICE, "children"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
