"""Options: how pictures look, remembered by the browser, and which neighbours count."""

from __future__ import annotations

import json

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.neighbours import SHREDDED_ARCSEC
from dashboard.panels.parts import Part, aria, asks
from dashboard.query.query import MOST_SEPARATION_ARCSEC

SIZES = ("fit", "96", "152", "256")  # widths of a card in pixels, or a square of cards
DEFAULT_PREFERENCES = {"size": SIZES[0], "crosshair": False}
MOST, LEAST = "most", "least"
_STEP_ARCSEC = 0.05  # so that the field can say 25.15
_ABOUT_APART = (
    "Surveys cut large galaxies to pieces. Of galaxies nearer than this to each other, or to your "
    "query, only the first in order is shown; 0 shows all."
)
_ABOUT_ATLAS = "Another atlas, or version of the model: choose it at the top of the page."


def layout() -> Component:
    """Return the menu, closed, and what the browser remembers of it."""
    sizes = [{"label": "Fit", "value": "fit"}, *({"label": s, "value": s} for s in SIZES[1:])]
    orders = [
        {"label": "Most similar first", "value": MOST},
        {"label": "Least similar first", "value": LEAST},
    ]
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(className="glyph glyph-options", **aria(hidden="true")),
                    html.Span("Options", className="options-word"),
                ],
                className="btn is-small",
                title="How pictures look, and which neighbours count",
            ),
            html.Div(
                [
                    _choice("Picture size in pixels", ids.PICTURE_SIZE, sizes),
                    dbc.Checkbox(id=ids.CROSSHAIR, label="Crosshair on pictures", value=False),
                    _choice("Order", ids.ORDER, orders),
                    html.Div(
                        [
                            html.Label("Least separation", htmlFor=ids.APART_SLIDER),
                            dbc.Input(
                                id=ids.APART_SLIDER,
                                type="range",
                                min=0,
                                max=MOST_SEPARATION_ARCSEC,
                                step=1,
                                value=SHREDDED_ARCSEC,
                                debounce=250,  # ms
                            ),
                            dbc.Input(
                                id=ids.APART_FIELD,
                                type="number",
                                min=0,
                                max=MOST_SEPARATION_ARCSEC,
                                step=_STEP_ARCSEC,
                                value=SHREDDED_ARCSEC,
                                debounce=400,  # ms
                            ),
                            html.Label(
                                [
                                    html.Span("Least separation in ", className="visually-hidden"),
                                    "arcsec",
                                ],
                                htmlFor=ids.APART_FIELD,
                            ),
                        ],
                        className="options-apart",
                    ),
                    html.P(id=ids.OPTIONS_MESSAGE, className="message is-error", role="alert"),
                    html.P(_ABOUT_APART, className="hint"),
                    html.P(_ABOUT_ATLAS, className="hint"),
                    html.Button(
                        "Reset",
                        id=ids.OPTIONS_RESET,
                        type="button",
                        className="btn is-small",
                        **asks("reset") | {"data-preferences": json.dumps(DEFAULT_PREFERENCES)},
                    ),
                    dcc.Store(id=ids.PREFERENCES, storage_type="local", data=DEFAULT_PREFERENCES),
                ],
                className="menu-body options-menu",
            ),
        ],
        className="menu options",
    )


def _choice(title: str, name: str, options: list[dict[str, str]]) -> Component:
    value = options[0]["value"]
    buttons = dbc.RadioItems(id=name, options=options, value=value, class_name="segments")
    return html.Fieldset([html.Legend(title), buttons])


def part() -> Part:
    """Say why a separation cannot be."""
    outputs = (Output(ids.OPTIONS_MESSAGE, "children"),)
    return Part(outputs, lambda turn: (turn.said.get("option", ""),), speaks_of=("option",))


def register(app: Dash) -> None:
    """Keep controls and query in step, and let the browser remember how pictures look."""
    of_query = (ids.APART_SLIDER, ids.APART_FIELD, ids.ORDER)
    app.clientside_callback(
        ClientsideFunction("options", "ask"),
        [Input(control, "value") for control in of_query],
    )
    app.clientside_callback(
        ClientsideFunction("options", "follow"),
        [Output(control, "value") for control in of_query],
        Input(ids.QUERY, "data"),
        State(ids.OPTIONS_MESSAGE, "children"),
    )
    app.clientside_callback(
        ClientsideFunction("options", "keepPreferences"),
        Output(ids.PREFERENCES, "data"),
        Output(ids.PICTURE_SIZE, "value"),
        Output(ids.CROSSHAIR, "value"),
        Input(ids.PREFERENCES, "data"),
        Input(ids.PICTURE_SIZE, "value"),
        Input(ids.CROSSHAIR, "value"),
        Input(ids.OPTIONS_RESET, "n_clicks"),
    )
