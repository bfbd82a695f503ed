"""Options: how pictures look, remembered by the browser, and which neighbours count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, ctx, dcc, html
from dash import no_update as same
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import SHREDDED_ARCSEC
from dashboard.panels.parts import aria
from dashboard.query.query import MOST_APART_ARCSEC, Query
from dashboard.untrusted import is_number

SIZES = ("fit", "96", "152", "256")  # widths of a card in pixels, or a square of cards
DEFAULT_PREFERENCES = {"size": SIZES[0], "crosshair": False}
MOST, LEAST = "most", "least"
_STEP_ARCSEC = 0.05  # so that the field can say 25.15
_ABOUT_APART = (
    "Surveys cut large galaxies to pieces. Of galaxies nearer than this to each other, or to your "
    "query, only the first in order is shown; 0 shows all."
)
_ABOUT_ATLAS = "Another atlas, or version of the model: choose it at the top of the page."


class Change(NamedTuple):
    """What changes on the page, in the order of the outputs; `same` where nothing does."""

    query: Any = same
    slider: Any = same
    field: Any = same
    order: Any = same
    message: Any = same


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
                                max=MOST_APART_ARCSEC,
                                step=1,
                                value=SHREDDED_ARCSEC,
                                debounce=250,  # ms
                            ),
                            dbc.Input(
                                id=ids.APART_FIELD,
                                type="number",
                                min=0,
                                max=MOST_APART_ARCSEC,
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
                    dbc.Button("Reset", id=ids.OPTIONS_RESET, class_name="is-small"),
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


def follow(
    explorer: Explorer, changed: Any, slider: Any, field: Any, order: Any, store: Any
) -> Change:
    """Return what changes after the query, a control or the button has changed.

    Parameters
    ----------
    changed : str or None
        Id of what has changed.
    slider, field : object
        Least separation in arcsec as the two controls have it.
    order : object
        `MOST` or `LEAST`.
    """
    if store is None:
        return Change()
    query = Query.from_store(store, explorer.n_objects)
    wanted = query
    if changed == ids.OPTIONS_RESET:
        wanted = replace(query, apart_arcsec=SHREDDED_ARCSEC, least_similar=False)
    elif changed == ids.ORDER:
        wanted = replace(query, least_similar=order == LEAST)
    elif changed in (ids.APART_SLIDER, ids.APART_FIELD):
        apart_arcsec = _arcsec(slider if changed == ids.APART_SLIDER else field)
        if apart_arcsec is None:
            return Change(message=f"Choose from 0 to {MOST_APART_ARCSEC:g} arcsec.")
        wanted = replace(query, apart_arcsec=apart_arcsec)
    return Change(
        query=same if wanted == query else wanted.to_store(),
        slider=wanted.apart_arcsec,
        field=wanted.apart_arcsec,
        order=LEAST if wanted.least_similar else MOST,
        message="",
    )


def _arcsec(value: Any) -> float | None:
    """Return a separation that the browser sent, as a number or, of a slider, as text."""
    try:
        number = float(value) if isinstance(value, str) and len(value) < 20 else value
    except ValueError:
        return None
    return float(number) if is_number(number) and 0 <= number <= MOST_APART_ARCSEC else None


def register(app: Dash, explorer: Explorer) -> None:
    """Keep options and query in step, and let the browser remember how pictures look."""

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.APART_SLIDER, "value"),
        Output(ids.APART_FIELD, "value"),
        Output(ids.ORDER, "value"),
        Output(ids.OPTIONS_MESSAGE, "children"),
        Input(ids.APART_SLIDER, "value"),
        Input(ids.APART_FIELD, "value"),
        Input(ids.ORDER, "value"),
        Input(ids.OPTIONS_RESET, "n_clicks"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def keep_in_step(slider: Any, field: Any, order: Any, _clicks: Any, store: Any) -> Any:
        changed = ids.QUERY if f"{ids.QUERY}.data" in ctx.triggered_prop_ids else ctx.triggered_id
        return follow(explorer, changed, slider, field, order, store)

    app.clientside_callback(
        ClientsideFunction("options", "keepPreferences"),
        Output(ids.PREFERENCES, "data"),
        Output(ids.PICTURE_SIZE, "value"),
        Output(ids.CROSSHAIR, "value"),
        Input(ids.PREFERENCES, "data"),
        Input(ids.PICTURE_SIZE, "value"),
        Input(ids.CROSSHAIR, "value"),
        Input(ids.OPTIONS_RESET, "n_clicks"),
        prevent_initial_call=True,
    )
