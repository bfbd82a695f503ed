"""Selecting on the map: what the lasso, the box or the view holds is what is shown and searched."""

from __future__ import annotations

import math

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.formatting import format_count
from dashboard.map.sample import drawn_rows
from dashboard.panels.parts import Part, Turn, asks
from dashboard.query.answer import Answer
from dashboard.query.query import MOST_ROWS

_CLICK = (
    "Click one to go on from it; with Shift it joins the query, with Alt it is “not like this”. "
    "Draw around some to select them."
)
_HELP = f"Galaxies that look alike lie together. {_CLICK}"
_HELP_ON_SKY = f"Galaxies where they are on the sky. {_CLICK}"
_GREY = "Grey: outside the filters."


def layout(explorer: Explorer) -> Component:
    """Return what is below the map: what is selected, and what can be done with it."""
    n_drawn = len(drawn_rows(explorer))
    return html.Div(
        [
            html.P(
                [
                    html.Span(_HELP, id=ids.MAP_SELECTED, role="status"),
                    html.Span(_HELP_ON_SKY, className="if-sky"),
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
                            html.Button(
                                "More like these",
                                id=ids.MAP_MORE_LIKE,
                                type="button",
                                className="btn is-small is-primary",
                                **asks("more-like-these"),
                            ),
                            html.Button(
                                "Clear",
                                id=ids.MAP_CLEAR,
                                type="button",
                                className="btn is-small",
                                title="Clear the selection (Escape)",
                                **asks("region", places=None),
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
        ]
    )


def share_drawn(n_drawn: int, n_objects: int) -> str:
    """Return what share of the galaxies the map draws; empty if all.

    >>> share_drawn(4352, 4352)
    ''
    >>> share_drawn(5000, 10_000_000)[:49]
    ' 5,000 of 10,000,000 galaxies are drawn (0.05 %):'
    """
    if n_drawn == n_objects:
        return ""
    per_cent = 100 * n_drawn / n_objects
    tenths = math.floor(10 * per_cent) / 10  # what is not all never reads as 100 %
    share = tenths if tenths else float(f"{per_cent:.1g}")  # and what is some not as 0 %
    return (
        f" {n_drawn:,} of {format_count(n_objects)} are drawn "
        f"({share:g} %): all where they lie apart, fewer where they crowd, "
        "and always the query and its neighbours. Behind them is how many there are; "
        "zoom in to see each. A selection holds all of them."
    )


def show(answer: Answer) -> tuple[str, bool, bool]:
    """Return the sentence, whether to hide the buttons, and whether there is nothing to search."""
    filters, n = answer.query.filters, answer.n_passing
    if filters.region is None:
        return _HELP, True, True
    within = " within the filters" if filters.by_column else ""
    most = f" More like these: like the {MOST_ROWS} most typical of them." if n > MOST_ROWS else ""
    return f"{format_count(n)} selected on the {filters.region.place}{within}.{most}", False, n == 0


def part() -> Part:
    """Say what is selected on map or sky, and what is wrong with what was drawn."""
    outputs = (
        Output(ids.MAP_SELECTED, "children"),
        Output(ids.MAP_SELECTION, "hidden"),
        Output(ids.MAP_MORE_LIKE, "disabled"),
        Output(ids.MAP_MESSAGE, "children"),
    )

    def show_turn(turn: Turn) -> tuple[str, bool, bool, str]:
        return *show(turn.answer), turn.said.get("region", "")

    return Part(outputs, show_turn, speaks_of=("region",))


def register(app: Dash) -> None:
    """Turn what is drawn into a request."""
    app.clientside_callback(
        ClientsideFunction("map", "select"),
        Input(ids.MAP, "selectedData"),
        Input(ids.MAP_SELECT_VIEW, "n_clicks"),
    )
