"""The map: every galaxy beside the ones that look like it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, Patch, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.formatting import name_of
from dashboard.map import figure as figures
from dashboard.map.changes import has_other_colours, highlight, recolour
from dashboard.map.colour_choices import checked_colour, colour_by, default_colour
from dashboard.map.colours import DEFAULT_THEME
from dashboard.map.hover import key_values
from dashboard.map.requests import first_page
from dashboard.map.sample import drawn_rows, is_crowded, pointed_row
from dashboard.map.tile_routes import tiles_of
from dashboard.panels.parts import Part, Turn, aria, picture
from dashboard.pictures.addresses import Pictures
from dashboard.query.page import Page
from dashboard.web.assets import asset_address

_CONFIG: Any = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [
        ["pan2d", "select2d", "lasso2d"],
        ["zoomIn2d", "zoomOut2d", "resetScale2d"],
    ],
    "scrollZoom": True,
    "doubleClick": "reset",
}


def layout(
    explorer: Explorer,
    choice: Sequence[Component],
    legend: Component,
    selection: Component,
    download: Component,
    switch: Component,
    sky: Component,
) -> Component:
    """Return the map: above it the choice of its colours and its pictures, below it the rest.

    In its place, if the switch says so, the sky.
    """
    drawn = drawn_rows(explorer)
    colours = colour_by(explorer, default_colour(explorer))
    simulated = " (simulated)" if explorer.manifest.simulated else ""
    figure = figures.map_figure(
        explorer.map_xy[drawn],
        replace(colours, position=colours.position[drawn]),
        DEFAULT_THEME,
        {
            "title": f"{explorer.title}{simulated}",
            "name": explorer.name,
            "layout": explorer.manifest.map_layout.layout.upper(),
            "tiles": tiles_of(explorer),
        },
        is_crowded=is_crowded(explorer),
    )
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Map", className="visually-hidden"),
                    switch,
                    *choice,
                    download,
                ],
                className="panel-heading",
            ),
            html.Div(
                [
                    *([_tiles()] if is_crowded(explorer) else []),
                    dcc.Graph(
                        id=ids.MAP,
                        figure=figure,
                        config=_CONFIG,
                        responsive=True,
                        clear_on_unhover=True,
                        className="map",
                    ),
                    sky,
                    dcc.Tooltip(
                        id=ids.MAP_HOVER,
                        className="map-hover",
                        background_color="var(--raised)",
                        border_color="var(--line-strong)",
                        loading_text="",
                    ),
                ],
                className="map-frame",
            ),
            legend,
            selection,
        ],
        className="panel map-panel",
        **aria(label="Map of all galaxies"),
    )


def _tiles() -> Component:
    """Return what is below the points of a map of very many, and says where its script is."""
    return html.Div(
        dcc.Store(id=ids.MAP_IN_VIEW),
        className="map-tiles",
        **{"data-script": asset_address("tiles_view.js")},  # type: ignore[arg-type]
    )


def show(explorer: Explorer, turn: Turn) -> Patch:
    """Return what changes of the figure, which itself is sent once."""
    colour, query = turn.page.colour, turn.page.query
    changes = dict(highlight(explorer, turn.answer, colour))
    if has_other_colours(explorer, turn.before, turn.page):
        colours = colour_by(explorer, colour, query)
        changes |= recolour(explorer, turn.answer, colours, turn.look.get("theme"))
    patch = Patch()
    for place, value in changes.items():
        part = patch
        for step in place[:-1]:
            part = part[step]
        part[place[-1]] = value
    return patch


def describe(
    explorer: Explorer, pictures: Pictures, event: Any, store: Any
) -> tuple[bool, Any, Any]:
    """Return whether to show the hover card, where, and what it shows."""
    row = pointed_row(explorer, event)
    box = _box(event["points"][0].get("bbox")) if row is not None else None
    if row is None or box is None:
        return False, no_update, no_update
    galaxy = explorer.galaxy(row)
    page = first_page(explorer) if store is None else Page.from_store(store, explorer)
    colour = checked_colour(explorer, page.colour) if page.colour else ""
    values = key_values(explorer, galaxy, colour, page.query)
    return (
        True,
        box,
        [
            picture(pictures, row, ""),
            html.P(name_of(galaxy), className="hover-name"),
            *(html.P(" ".join(words), className="hover-value") for words in values),
        ],
    )


def _box(box: Any) -> dict[str, float] | None:
    if not isinstance(box, dict):
        return None
    sides = {side: box.get(side) for side in ("x0", "x1", "y0", "y1")}
    if all(isinstance(v, int | float) and math.isfinite(v) for v in sides.values()):
        return {side: float(v) for side, v in sides.items() if v is not None}
    return None


def part(explorer: Explorer) -> Part:
    """Mark the query on the map, in the page's colours."""
    return Part((Output(ids.MAP, "figure"),), lambda turn: (show(explorer, turn),))


def register(app: Dash, explorer: Explorer) -> None:
    """Turn clicks on points into requests, and describe points."""
    pictures = Pictures(explorer)

    app.clientside_callback(
        ClientsideFunction("map", "clicked"),
        Output(ids.MAP, "clickData"),
        Input(ids.MAP, "clickData"),
        State(ids.QUERY, "data"),
    )

    @app.callback(
        Output(ids.MAP_HOVER, "show"),
        Output(ids.MAP_HOVER, "bbox"),
        Output(ids.MAP_HOVER, "children"),
        Input(ids.MAP, "hoverData"),
        State(ids.QUERY, "data"),
    )
    def describe_point(hover: Any, store: Any) -> Any:
        return describe(explorer, pictures, hover, store)

    app.clientside_callback(
        ClientsideFunction("map", "moveLeftOut"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.FILTERS_PASSING, "data"),
        State(ids.MAP, "figure"),
    )

    if is_crowded(explorer):
        app.clientside_callback(
            ClientsideFunction("tiles", "follow"),
            Input(ids.QUERY, "data"),
            Input(ids.MAP_VIEW, "value"),
        )
        app.clientside_callback(
            ClientsideFunction("tiles", "show"),
            Output(ids.MAP, "figure", allow_duplicate=True),
            Input(ids.MAP_IN_VIEW, "data"),
        )

    app.clientside_callback(
        ClientsideFunction("map", "sideOfHover"),
        Output(ids.MAP_HOVER, "direction"),
        Input(ids.MAP, "hoverData"),
    )
