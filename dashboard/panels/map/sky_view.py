"""The galaxies of the map on the sky, in the place of the map: loaded when it is first seen.

The browser projects and draws (assets/sky.js and the modules that it loads); the server says once
where the galaxies are, and after each query where it and its neighbours are.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.map.on_sky import query_on_sky, survey_on_sky
from dashboard.panels.parts import aria, view_switch
from dashboard.query.answer import answer
from dashboard.query.page import Page
from dashboard.web.assets import asset_address

VIEWS = {"similarity": "Similarity", "sky": "Sky"}
_STEPS = {
    "closer": ("+", "Zoom in"),
    "farther": ("−", "Zoom out"),
    "query": ("Query", "To the query: what is around it on the sky"),
    "survey": ("Survey", "To all galaxies of the survey"),
    "all": ("All sky", "To the whole sky"),
}
_KEYS = (
    "The sky, east to the left. Arrow keys move the view, plus and minus zoom, 0 shows all of it."
)


def switch() -> Component:
    """Return the choice between similarity and sky; the browser remembers it."""
    return view_switch(ids.MAP_VIEW, "Show all galaxies by", VIEWS)


def layout() -> Component:
    """Return the place of the sky, empty, above the map."""
    steps = [
        html.Button(
            label,
            type="button",
            className="btn is-small",
            title=title,
            **_leads_to(step, label, title),
        )
        for step, (label, title) in _STEPS.items()
    ]
    return html.Div(
        [
            dcc.Store(id=ids.SKY_WANTED),
            dcc.Store(id=ids.SKY_SURVEY),
            dcc.Store(id=ids.SKY_ASKED),
            dcc.Store(id=ids.SKY_QUERY),
            html.Div(steps, className="sky-steps", role="group", **aria(label="View of the sky")),
            html.Div(
                id=ids.SKY,
                className="sky-plot",
                role="group",
                tabIndex="0",
                **aria(label=_KEYS),
            ),
            html.Div(html.Div(className="sky-scale"), className="sky-bar", **aria(hidden="true")),
            html.P("Drawing the sky …", className="sky-words", role="status"),
        ],
        className="sky",
        **_loads("sky_view.js"),
    )


def _leads_to(step: str, label: str, title: str) -> dict[str, Any]:
    said = aria(label=title) if len(label) == 1 else {}
    return {"data-sky-step": step} | said


def _loads(script: str) -> dict[str, Any]:
    return {"data-script": asset_address(script)}


def register(app: Dash, explorer: Explorer) -> None:
    """Ask for positions once the sky is seen, and for those of each query while it is."""
    app.clientside_callback(
        ClientsideFunction("sky", "ask"),
        Output(ids.SKY_WANTED, "data"),
        Output(ids.SKY_ASKED, "data"),
        Input(ids.MAP_VIEW, "value"),
        Input(ids.QUERY, "data"),
        State(ids.SKY_WANTED, "data"),
        State(ids.SKY_ASKED, "data"),
    )

    @app.callback(Output(ids.SKY_SURVEY, "data"), Input(ids.SKY_WANTED, "data"))
    def show_survey(_wanted: Any) -> Any:
        return survey_on_sky(explorer)

    @app.callback(Output(ids.SKY_QUERY, "data"), Input(ids.SKY_ASKED, "data"))
    def show_query(asked: Any) -> Any:
        return query_on_sky(explorer, answer(explorer, Page.from_store(asked, explorer).query))

    app.clientside_callback(
        ClientsideFunction("sky", "show"),
        Input(ids.SKY_SURVEY, "data"),
        Input(ids.SKY_QUERY, "data"),
        Input(ids.MAP_VIEW, "value"),
    )
