"""The map: every galaxy beside the ones that look like it, coloured by a column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, Patch, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import colouring, figures, ids
from dashboard.cutouts import Pictures
from dashboard.explorer import Explorer, Galaxy
from dashboard.panels import aria, picture
from dashboard.query import Query
from dashboard.wording import format_value, label_of_choice, name_of

_CONFIG: Any = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d"]],
    "scrollZoom": True,
    "doubleClick": "reset",
}


def layout(explorer: Explorer, choice: Sequence[Component], legend: Component) -> Component:
    """Return the map with the choice of its colours above and their legend below."""
    colours = colouring.by_column(explorer, colouring.default_column(explorer))
    return html.Section(
        [
            html.Div([html.H2("Map of similarity"), *choice], className="panel-heading"),
            html.Div(
                [
                    dcc.Graph(
                        id=ids.MAP,
                        figure=figures.map_figure(
                            explorer.umap_xy, colours, colouring.DEFAULT_THEME
                        ),
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
            legend,
            html.P(
                [
                    "Galaxies that look alike lie together. Click one to go on from it. ",
                    html.Span("Grey: outside the filters.", className="if-filtered"),
                ],
                className="hint",
            ),
        ],
        className="panel map-panel",
        **aria(label="Map of all galaxies"),
    )


def highlight(explorer: Explorer, store: Any) -> Patch:
    """Return the change of the figure that moves the rings to the query and its neighbours."""
    query = Query.from_store(store, explorer.n_objects)
    neighbours = query.neighbours(explorer).rows
    patch = Patch()
    for trace, rows in ((figures.NEIGHBOURS, neighbours), (figures.QUERY, query.rows)):
        for axis, values in figures.ring_positions(explorer.umap_xy, rows).items():
            patch["data"][trace][axis] = values
    return patch


def pointed_row(explorer: Explorer, event: Any) -> int | None:
    """Return the galaxy that a click or the pointer is on; None where it is on none."""
    points = event.get("points") if isinstance(event, dict) else None
    point = points[0] if isinstance(points, list) and points else None
    if not isinstance(point, dict) or point.get("curveNumber") != figures.GALAXIES:
        return None
    row = point.get("pointNumber")
    if not isinstance(row, int) or isinstance(row, bool) or not 0 <= row < explorer.n_objects:
        return None
    return row


def choose(explorer: Explorer, click: Any, store: Any) -> tuple[Any, None]:
    """Return the query of the point that was clicked, and forget the click.

    Otherwise a second click on the same point would be no change, and no event.
    """
    row = pointed_row(explorer, click)
    if row is None:
        return no_update, None
    query = Query.after(store, explorer.n_objects, rows=(row,), origin="map")
    return query.to_store(), None


def describe(
    explorer: Explorer, pictures: Pictures, event: Any, colour: Any
) -> tuple[bool, Any, Any]:
    """Return whether to show the hover card, where, and what it shows."""
    row = pointed_row(explorer, event)
    box = _box(event["points"][0].get("bbox")) if row is not None else None
    if row is None or box is None:
        return False, no_update, no_update
    galaxy = explorer.galaxy(row)
    value = _colour_value(explorer, galaxy, colour)
    return (
        True,
        box,
        [
            picture(pictures, row, ""),
            html.P(name_of(galaxy), className="hover-name"),
            html.P(value, className="hover-value"),
        ],
    )


def _colour_value(explorer: Explorer, galaxy: Galaxy, name: Any) -> str:
    if not name:
        return ""
    name = colouring.checked_column(explorer, name)
    column = explorer.columns[name]
    known = {column.name: value for column, value in galaxy.values}
    known |= galaxy.position._asdict()
    return f"{label_of_choice(column)} {format_value(known[name], column.unit)}"


def _box(box: Any) -> dict[str, float] | None:
    if not isinstance(box, dict):
        return None
    sides = {side: box.get(side) for side in ("x0", "x1", "y0", "y1")}
    if all(isinstance(v, int | float) and math.isfinite(v) for v in sides.values()):
        return {side: float(v) for side, v in sides.items() if v is not None}
    return None


def register(app: Dash, explorer: Explorer) -> None:
    """Highlight, select and describe; the figure itself is sent once."""
    pictures = Pictures(explorer)

    @app.callback(
        Output(ids.MAP, "figure"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def highlight_query(store: Any) -> Any:
        return highlight(explorer, store)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.MAP, "clickData"),
        Input(ids.MAP, "clickData"),
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
        prevent_initial_call=True,
    )
    def describe_point(hover: Any, colour: Any) -> Any:
        return describe(explorer, pictures, hover, colour)

    app.clientside_callback(
        ClientsideFunction("filters", "moveLeftOut"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.FILTERS_PASSING, "data"),
        State(ids.MAP, "figure"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "sideOfHover"),
        Output(ids.MAP_HOVER, "direction"),
        Input(ids.MAP, "hoverData"),
        prevent_initial_call=True,
    )
