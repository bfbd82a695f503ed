"""Dark or light: remembered by the browser, turned without the server."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.colouring import DEFAULT_THEME
from dashboard.panels import aria


def layout() -> Component:
    """Return the switch and the memory of its state."""
    return html.Div(
        [
            dcc.Store(id=ids.THEME, storage_type="local", data=DEFAULT_THEME),
            html.Button(
                html.Span(className="glyph glyph-theme"),
                id=ids.THEME_SWITCH,
                className="theme-switch",
                type="button",
                title="Turn the page light or dark",
                **aria(label="Light theme", pressed="false"),
            ),
        ]
    )


def register(app: Dash) -> None:
    """Turn the theme in the browser (assets/galaxy_finder.js); the server is not asked."""
    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "toggleTheme"),
        Output(ids.THEME, "data"),
        Input(ids.THEME_SWITCH, "n_clicks"),
        State(ids.THEME, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "applyTheme"),
        Output(ids.THEME_SWITCH, "aria-pressed"),
        Input(ids.THEME, "data"),
    )
