"""Selecting on the map: what the lasso, the box or the view holds is what is shown and searched."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.region import RegionError
from dashboard.formatting import format_count
from dashboard.map.sample import drawn_rows
from dashboard.map.selection import query_of_selection, region_of
from dashboard.panels.parts import Follower
from dashboard.query.query import MOST_ROWS, Query

_HELP = (
    "Galaxies that look alike lie together. Click one to go on from it; with Shift it joins the "
    "query, with Alt it is “not like this”. Draw around some to select them."
)
_GREY = "Grey: outside the filters."


def layout(explorer: Explorer) -> Component:
    """Return what is below the map: what is selected, and what can be done with it."""
    n_drawn = len(drawn_rows(explorer))
    return html.Div(
        [
            html.P(
                [
                    html.Span(_HELP, id=ids.MAP_SELECTED, role="status"),
                    share_drawn(n_drawn, explorer.n_objects),
                    html.Span(f" {_GREY}", className="if-filtered"),
                ],
                className="hint map-words",
            ),
            html.Div(
                [
                    dbc.Button(
                        "Select all in view",
                        id=ids.MAP_SELECT_VIEW,
                        class_name="is-small",
                        title="Zoom first: the galaxies that the map then shows are selected",
                    ),
                    html.Div(
                        [
                            dbc.Button(
                                "More like these",
                                id=ids.MAP_MORE_LIKE,
                                class_name="is-small is-primary",
                            ),
                            dbc.Button(
                                "Clear",
                                id=ids.MAP_CLEAR,
                                class_name="is-small",
                                title="Clear the selection on the map (Escape)",
                            ),
                        ],
                        id=ids.MAP_SELECTION,
                        className="map-selection",
                        hidden=True,
                    ),
                ],
                className="map-actions",
            ),
            html.P(id=ids.MAP_MESSAGE, className="message is-error", role="alert"),
            dcc.Store(id=ids.MAP_DRAWN),
        ]
    )


def share_drawn(n_drawn: int, n_objects: int) -> str:
    """Return what share of the galaxies the map draws; empty if all.

    >>> share_drawn(4352, 4352)
    ''
    """
    if n_drawn == n_objects:
        return ""
    share = math.floor(1000 * n_drawn / n_objects) / 10  # what is not all never reads as 100 %
    return (
        f" {n_drawn:,} of {format_count(n_objects)} are drawn "
        f"({share:g} %): all where they lie apart, fewer where they crowd, "
        "and always the query and its neighbours. A selection holds all of them."
    )


def show(explorer: Explorer, store: Any) -> tuple[str, bool, bool]:
    """Return the sentence, whether to hide the buttons, and whether there is nothing to search."""
    query = Query.from_store(store, explorer.n_objects)
    passing = explorer.passing(query.filters)
    if query.filters.region is None or passing is None:
        return _HELP, True, True
    n = int(passing.sum())
    within = " within the filters" if query.filters.by_column else ""
    most = f" More like these: like the {MOST_ROWS} most typical of them." if n > MOST_ROWS else ""
    return f"{format_count(n)} selected on the map{within}.{most}", False, n == 0


def select(explorer: Explorer, places: Any, store: Any) -> tuple[Any, Any, Any]:
    """Return the query within what was drawn, what is wrong with it, and forget the drawing.

    Otherwise the same drawing would be no change for a second time.
    """
    if places is None or store is None:
        return no_update, no_update, no_update
    query = Query.from_store(store, explorer.n_objects)
    try:
        region = region_of(places)
    except RegionError as error:
        return no_update, str(error), None
    return replace(query, filters=replace(query.filters, region=region)).to_store(), "", None


def clear(explorer: Explorer, store: Any) -> Any:
    """Return the query without the selection on the map."""
    query = Query.from_store(store, explorer.n_objects)
    return replace(query, filters=replace(query.filters, region=None)).to_store()


def more_like(explorer: Explorer, store: Any) -> Any:
    """Return the query for galaxies like those that are selected."""
    return query_of_selection(explorer, Query.from_store(store, explorer.n_objects)).to_store()


def follower(explorer: Explorer) -> Follower:
    """Say what is selected on the map whenever the query changes."""
    outputs = (
        Output(ids.MAP_SELECTED, "children"),
        Output(ids.MAP_SELECTION, "hidden"),
        Output(ids.MAP_MORE_LIKE, "disabled"),
        Output(ids.MAP_MESSAGE, "children", allow_duplicate=True),  # of the former query
    )
    return Follower(outputs, lambda store, _colour: (*show(explorer, store), ""))


def register(app: Dash, explorer: Explorer) -> None:
    """Turn what is drawn into a filter by place, and that into words and queries."""
    app.clientside_callback(
        ClientsideFunction("map", "placesDrawn"),
        Output(ids.MAP_DRAWN, "data"),
        Input(ids.MAP, "selectedData"),
        Input(ids.MAP_SELECT_VIEW, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.MAP_MESSAGE, "children"),
        Output(ids.MAP_DRAWN, "data", allow_duplicate=True),
        Input(ids.MAP_DRAWN, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def select_on_map(places: Any, store: Any) -> Any:
        return select(explorer, places, store)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.MAP_CLEAR, "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def clear_selection(_clicks: Any, store: Any) -> Any:
        return clear(explorer, store)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.MAP_MORE_LIKE, "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def search_selection(_clicks: Any, store: Any) -> Any:
        return more_like(explorer, store)
