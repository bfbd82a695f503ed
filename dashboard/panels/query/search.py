"""Search: a name or a position in words, or a galaxy at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import dash_bootstrap_components as dbc
import numpy as np
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Filters
from dashboard.names.sesame import Sesame, shared_sesame
from dashboard.panels.parts import aria
from dashboard.query.query import Query, QueryError
from dashboard.search.target import TargetError, find_target

PLACEHOLDER = "M 51 or 199.33 +20.64"
# No-break spaces keep each example in one line.
HELP = (
    "Such as ngc\u00a04321, UGC\u00a07, 199.3324\u00a0+20.6382, "
    "13:17:19.8\u00a0+20:38:17 (ICRS) or gal\u00a0123.4\u00a0-45.6."
)
ASKING = "Asking Sesame (CDS) for a name that is not known here."
# What Random draws from; the first is what it does unless told otherwise.
RANDOM_KINDS = {"bright": "bright", "any": "any"}
LONGEST_INPUT = 300  # characters; more than is understood, so that the answer can say so

_ERROR, _FAR, _QUIET = "message is-error", "message is-far", "message"


class Answer(NamedTuple):
    """What a search changes on the page, in the order of its outputs."""

    store: Any
    message: str
    style: str
    is_invalid: bool
    suggestions: list[Component]


def layout(explorer: Explorer) -> Component:
    """Return the field, its two buttons and the place for the answer."""
    return html.Section(
        [
            html.H2("Search", className="visually-hidden"),
            html.Div(
                [
                    html.Label("Name or position", htmlFor=ids.SEARCH_TEXT, className="label"),
                    _random(explorer.knows_brightness),
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
                        maxlength=LONGEST_INPUT,
                    ),
                    dbc.Button("Search", id=ids.SEARCH_BUTTON, class_name="is-primary"),
                ],
                className="search-line",
            ),
            # They share a place: the second shows while an answer is long in coming.
            html.Div(
                [
                    html.P(HELP, className="hint search-help"),
                    html.P(ASKING, className="hint search-asking", role="status"),
                ],
                className="search-hints",
            ),
            html.P(id=ids.SEARCH_MESSAGE, className=_QUIET, role="status"),
            html.Div(id=ids.SEARCH_SUGGESTIONS, className="suggestions"),
        ],
        className="panel search-panel",
        **aria(label="Search"),
    )


def _random(may_choose: bool) -> Component:
    """Return the button for a random galaxy, and from which ones; a catalogue may not tell them."""
    return html.Div(
        [
            dbc.Button(
                [html.Span(className="glyph glyph-dice"), "Random"],
                id=ids.RANDOM_BUTTON,
                title="Draw a galaxy at random: rather a bright one, or any one",
                class_name="is-small",
            ),
            html.Label(
                "Which galaxies to draw", htmlFor=ids.RANDOM_KIND, className="visually-hidden"
            ),
            dbc.Select(
                id=ids.RANDOM_KIND,
                options=[{"label": words, "value": kind} for kind, words in RANDOM_KINDS.items()],
                value=next(iter(RANDOM_KINDS)),
                class_name="" if may_choose else "is-absent",
            ),
        ],
        className="joined",
    )


def find(explorer: Explorer, text: Any, store: Any, sesame: Sesame | None = None) -> Answer:
    """Return what the page shows once ``text`` was searched for."""
    try:
        target = find_target(explorer, text if isinstance(text, str) else "", sesame)
    except TargetError as error:
        return Answer(no_update, str(error), _ERROR, True, suggestion_buttons(error.suggestions))
    query = Query.after(
        store,
        explorer.n_objects,
        rows=(target.row,),
        origin="search",
        separation_arcsec=target.separation_arcsec,
    )
    return Answer(query.to_store(), target.answer, _QUIET if target.is_near else _FAR, False, [])


def choose(
    explorer: Explorer, chosen: Any, clicks: Sequence[Any], store: Any, sesame: Sesame | None = None
) -> tuple[Any, ...]:
    """Return the text of the suggestion that was clicked, and what `find` says of it."""
    if not any(clicks) or not isinstance(chosen, dict):  # buttons that only appeared
        return (no_update,) * 6
    text = chosen.get("text")
    return text if isinstance(text, str) else "", *find(explorer, text, store, sesame)


def suggestion_buttons(suggestions: Sequence[str]) -> list[Component]:
    """Return a button for each text that may have been meant; a click searches for it."""
    return [
        html.Button(text, id=ids.search_suggestion(text), type="button", className="suggestion")
        for text in suggestions
    ]


def draw(explorer: Explorer, kind: Any, store: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Return a query for a random galaxy within the filters, as many neighbours as before.

    Raises
    ------
    QueryError
        No galaxy passes the filters.
    """
    filters = Filters() if store is None else Query.from_store(store, explorer.n_objects).filters
    passing = explorer.passing(filters)
    if passing is not None and not passing.any():
        raise QueryError("No galaxy passes the filters, so none can be drawn. Widen one of them.")
    row = explorer.random_row(rng, kind != "any", passing)
    return Query.after(store, explorer.n_objects, rows=(row,), origin="random").to_store()


def forget_answer(explorer: Explorer, store: Any) -> tuple[Any, ...]:
    """Take the answer away once the query no longer comes from a search."""
    if Query.from_store(store, explorer.n_objects).origin == "search":
        return (no_update,) * 4
    return "", _QUIET, False, []


def register(app: Dash, explorer: Explorer) -> None:
    """Turn text and buttons into queries."""
    sesame = shared_sesame()

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.SEARCH_MESSAGE, "children"),
        Output(ids.SEARCH_MESSAGE, "className"),
        Output(ids.SEARCH_TEXT, "invalid"),
        Output(ids.SEARCH_SUGGESTIONS, "children"),
        Input(ids.SEARCH_BUTTON, "n_clicks"),
        Input(ids.SEARCH_TEXT, "n_submit"),
        State(ids.SEARCH_TEXT, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def search(_clicks: Any, _enters: Any, text: Any, store: Any) -> Any:
        return find(explorer, text, store, sesame)

    @app.callback(
        Output(ids.SEARCH_TEXT, "value"),
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.SEARCH_MESSAGE, "children", allow_duplicate=True),
        Output(ids.SEARCH_MESSAGE, "className", allow_duplicate=True),
        Output(ids.SEARCH_TEXT, "invalid", allow_duplicate=True),
        Output(ids.SEARCH_SUGGESTIONS, "children", allow_duplicate=True),
        Input(ids.search_suggestion(ALL), "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def search_suggestion(clicks: Any, store: Any) -> Any:
        return choose(explorer, ctx.triggered_id, clicks, store, sesame)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.RANDOM_BUTTON, "n_clicks"),
        State(ids.RANDOM_KIND, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def random(_clicks: Any, kind: Any, store: Any) -> Any:
        return draw(explorer, kind, store, np.random.default_rng())

    @app.callback(
        Output(ids.SEARCH_MESSAGE, "children", allow_duplicate=True),
        Output(ids.SEARCH_MESSAGE, "className", allow_duplicate=True),
        Output(ids.SEARCH_TEXT, "invalid", allow_duplicate=True),
        Output(ids.SEARCH_SUGGESTIONS, "children", allow_duplicate=True),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def forget(store: Any) -> Any:
        return forget_answer(explorer, store)
