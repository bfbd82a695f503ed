"""Search: a position in words, or a galaxy at random."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.coordinates import CoordinateError, parse_position
from dashboard.explorer import Explorer
from dashboard.panels import aria
from dashboard.query import DEFAULT_K, Query
from dashboard.wording import search_answer

PLACEHOLDER = "199.3324 +20.6382"
HELP = "In degrees, or like 13:17:19.8 +20:38:17 (ICRS)."

_ERROR, _FAR, _QUIET = "message is-error", "message is-far", "message"


def layout() -> Component:
    """Return the field, its two buttons and the place for the answer."""
    return html.Section(
        [
            html.H2("Search", className="visually-hidden"),
            html.Div(
                [
                    html.Label("Position: RA Dec", htmlFor=ids.SEARCH_TEXT, className="label"),
                    dbc.Button(
                        [html.Span(className="glyph glyph-dice"), "Random"],
                        id=ids.RANDOM_BUTTON,
                        title="Draw a galaxy at random, rather a bright one",
                        class_name="is-small",
                    ),
                ],
                className="panel-heading",
            ),
            html.Div(
                [
                    dbc.Input(
                        id=ids.SEARCH_TEXT,
                        type="text",
                        placeholder=PLACEHOLDER,
                        autocomplete="off",
                        maxlength=300,
                    ),
                    dbc.Button("Search", id=ids.SEARCH_BUTTON, class_name="is-primary"),
                ],
                className="search-line",
            ),
            html.P(HELP, className="hint"),
            html.P(id=ids.SEARCH_MESSAGE, className=_QUIET, role="status"),
        ],
        className="panel search-panel",
        **aria(label="Search"),
    )


def find(explorer: Explorer, text: str | None, store: Any) -> tuple[Any, str, str, bool]:
    """Return query, answer, the answer's css class, and whether the text was not understood."""
    try:
        position = parse_position(text or "")
    except CoordinateError as error:
        return no_update, str(error), _ERROR, True
    row, separation_arcsec = explorer.nearest_on_sky(position)
    query = Query(
        rows=(row,),
        k=current_k(explorer, store),
        origin="search",
        separation_arcsec=separation_arcsec,
    )
    near_arcsec = explorer.near_arcsec
    style = _QUIET if separation_arcsec <= near_arcsec else _FAR
    return query.to_store(), search_answer(position, separation_arcsec, near_arcsec), style, False


def draw(explorer: Explorer, store: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Return a query for a random galaxy, as many neighbours as before."""
    query = Query(rows=(explorer.random_row(rng),), k=current_k(explorer, store), origin="random")
    return query.to_store()


def current_k(explorer: Explorer, store: Any) -> int:
    """Return the number of neighbours that the page shows."""
    return DEFAULT_K if store is None else Query.from_store(store, explorer.n_objects).k


def forget_answer(explorer: Explorer, store: Any) -> tuple[Any, Any, Any]:
    """Take the answer away once the query no longer comes from a search."""
    if Query.from_store(store, explorer.n_objects).origin == "search":
        return no_update, no_update, no_update
    return "", _QUIET, False


def register(app: Dash, explorer: Explorer) -> None:
    """Turn text and buttons into queries."""

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.SEARCH_MESSAGE, "children"),
        Output(ids.SEARCH_MESSAGE, "className"),
        Output(ids.SEARCH_TEXT, "invalid"),
        Input(ids.SEARCH_BUTTON, "n_clicks"),
        Input(ids.SEARCH_TEXT, "n_submit"),
        State(ids.SEARCH_TEXT, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def search(_clicks: Any, _enters: Any, text: Any, store: Any) -> Any:
        return find(explorer, text, store)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.RANDOM_BUTTON, "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def random(_clicks: Any, store: Any) -> Any:
        return draw(explorer, store, np.random.default_rng())

    @app.callback(
        Output(ids.SEARCH_MESSAGE, "children", allow_duplicate=True),
        Output(ids.SEARCH_MESSAGE, "className", allow_duplicate=True),
        Output(ids.SEARCH_TEXT, "invalid", allow_duplicate=True),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def forget(store: Any) -> Any:
        return forget_answer(explorer, store)
