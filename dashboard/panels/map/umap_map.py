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
from dashboard.map.colour_choices import checked_colour, colour_by, default_colour
from dashboard.map.colours import DEFAULT_THEME
from dashboard.map.hover import key_values
from dashboard.map.sample import drawn_rows, nearby_rows, pointed_row
from dashboard.panels.parts import Follower, aria, picture
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query

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
) -> Component:
    """Return the map: above it the choice of its colours and its pictures, below it the rest."""
    drawn = drawn_rows(explorer)
    colours = colour_by(explorer, default_colour(explorer))
    simulated = " (simulated)" if explorer.manifest.simulated else ""
    figure = figures.map_figure(
        explorer.umap_xy[drawn],
        replace(colours, position=colours.position[drawn]),
        DEFAULT_THEME,
        {"title": f"{explorer.title}{simulated}", "name": explorer.name},
    )
    return html.Section(
        [
            html.Div(
                [html.H2("Map of similarity"), *choice, download],
                className="panel-heading",
            ),
            html.Div(
                [
                    dcc.Graph(
                        id=ids.MAP,
                        figure=figure,
                        config=_CONFIG,
                        responsive=True,
                        clear_on_unhover=True,
                        className="map",
                    ),
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
            dcc.Store(id=ids.MAP_CLICK),
            legend,
            selection,
        ],
        className="panel map-panel",
        **aria(label="Map of all galaxies"),
    )


def highlight(explorer: Explorer, store: Any, colour: Any) -> Patch:
    """Return the change of the figure that moves rings and outline to where the query is.

    Parameters
    ----------
    colour : str
        What the map is coloured by; also those galaxies of a large map that only the query brings.
    """
    query = Query.from_store(store, explorer.n_objects)
    rings = {
        figures.NEIGHBOURS: query.neighbours(explorer).rows,
        figures.QUERY: query.rows,
        figures.NEGATIVES: query.negatives,
    }
    places = {t: figures.ring_positions(explorer.umap_xy, rows) for t, rows in rings.items()}
    places[figures.REGION] = figures.outline(query.filters.region)
    is_whole = len(drawn_rows(explorer)) == explorer.n_objects
    nearby = [] if is_whole else nearby_rows(explorer, query)
    patch = Patch()
    patch["layout"]["meta"]["rings"] = "least similar" if query.least_similar else "most similar"
    if not is_whole:
        places[figures.NEARBY] = figures.ring_positions(explorer.umap_xy, nearby)
        position = colour_by(explorer, checked_colour(explorer, colour), query).position[nearby]
        patch["data"][figures.NEARBY]["customdata"] = nearby
        patch["data"][figures.NEARBY]["marker"]["color"] = figures.packed(position)
    size, width = figures.query_ring(len(drawn_rows(explorer)), len(query.rows))
    patch["data"][figures.QUERY]["marker"]["size"] = size
    patch["data"][figures.QUERY]["marker"]["line"]["width"] = width
    for trace, place in places.items():
        for axis, values in place.items():
            patch["data"][trace][axis] = values
    return patch


def choose(explorer: Explorer, click: Any, store: Any) -> tuple[Any, None]:
    """Return the query of the point that was clicked, and forget the click.

    Otherwise a second click on the same point would be no change, and no event.
    """
    row = pointed_row(explorer, click)
    if row is None:
        return no_update, None
    return Query.after(store, explorer.n_objects, rows=(row,), origin="map").to_store(), None


def describe(
    explorer: Explorer, pictures: Pictures, event: Any, colour: Any, store: Any
) -> tuple[bool, Any, Any]:
    """Return whether to show the hover card, where, and what it shows."""
    row = pointed_row(explorer, event)
    box = _box(event["points"][0].get("bbox")) if row is not None else None
    if row is None or box is None:
        return False, no_update, no_update
    galaxy = explorer.galaxy(row)
    query = None if store is None else Query.from_store(store, explorer.n_objects)
    colour = checked_colour(explorer, colour) if colour else ""
    values = key_values(explorer, galaxy, colour, query)
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


def follower(explorer: Explorer) -> Follower:
    """Highlight the query; the figure itself is sent once."""
    outputs = (Output(ids.MAP, "figure"),)
    return Follower(outputs, lambda store, colour: (highlight(explorer, store, colour),))


def register(app: Dash, explorer: Explorer) -> None:
    """Select and describe points."""
    pictures = Pictures(explorer)

    app.clientside_callback(
        ClientsideFunction("map", "clicked"),
        Output(ids.MAP_CLICK, "data"),
        Output(ids.MAP, "clickData"),
        Input(ids.MAP, "clickData"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.MAP_CLICK, "data", allow_duplicate=True),
        Input(ids.MAP_CLICK, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def choose_point(click: Any, store: Any) -> Any:
        return choose(explorer, click, store)

    @app.callback(
        Output(ids.MAP_HOVER, "show"),
        Output(ids.MAP_HOVER, "bbox"),
        Output(ids.MAP_HOVER, "children"),
        Input(ids.MAP, "hoverData"),
        State(ids.MAP_COLOUR, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def describe_point(hover: Any, colour: Any, store: Any) -> Any:
        return describe(explorer, pictures, hover, colour, store)

    app.clientside_callback(
        ClientsideFunction("map", "moveLeftOut"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.FILTERS_PASSING, "data"),
        State(ids.MAP, "figure"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("map", "sideOfHover"),
        Output(ids.MAP_HOVER, "direction"),
        Input(ids.MAP, "hoverData"),
        prevent_initial_call=True,
    )
