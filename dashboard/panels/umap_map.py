"""The map: every galaxy beside the ones that look like it, coloured by a column."""

from __future__ import annotations

import math
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, Patch, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import figures, ids
from dashboard.cutouts import Pictures
from dashboard.explorer import Explorer
from dashboard.figures import Colouring
from dashboard.panels import picture
from dashboard.query import DEFAULT_K, Query, QueryError
from dashboard.wording import format_number, format_value, is_truth, label, name_of
from pipeline.atlas import Column

_CONFIG = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d"]],
    "scrollZoom": True,
    "doubleClick": "reset",
}


def layout(explorer: Explorer) -> Component:
    """Return the map with its choice of colour and its legend."""
    name = default_colour(explorer)
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Map of similarity"),
                    html.Label("Colour", htmlFor=ids.MAP_COLOUR, className="label is-inline"),
                    dbc.Select(
                        id=ids.MAP_COLOUR,
                        options=[
                            {"label": option(column), "value": column.name}
                            for column in explorer.colour_columns()
                        ],
                        value=name,
                        disabled=not name,
                    ),
                ],
                className="panel-heading",
            ),
            html.Div(
                [
                    dcc.Graph(
                        id=ids.MAP,
                        figure=figures.map_figure(
                            explorer.umap_xy, colouring(explorer, name), figures.DEFAULT_THEME
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
            html.Div(legend(explorer, name), id=ids.MAP_LEGEND, className="legend"),
            html.P(
                "Galaxies that look alike lie together. Click a point to search from it.",
                className="hint",
            ),
        ],
        className="panel map-panel",
        **{"aria-label": "Map of all galaxies"},
    )


def option(column: Column) -> str:
    """Return how a column is offered in the choice of colours."""
    return f"truth: {label(column)}" if is_truth(column) else label(column)


def default_colour(explorer: Explorer) -> str:
    """Return the column that colours the map at first: kinds of galaxies rather than numbers.

    A simulated truth comes before what was measured. The empty text stands for an atlas with
    nothing to colour by.
    """
    columns = sorted(
        explorer.colour_columns(),
        key=lambda column: (not explorer.is_category(column.name), not is_truth(column)),
    )
    return columns[0].name if columns else ""


def colouring(explorer: Explorer, name: str) -> Colouring:
    """Return the colours of all galaxies by the column ``name``."""
    if not name:
        return figures.plain(explorer.n_objects)
    values = explorer.values(name)
    if explorer.is_category(name):
        return figures.categorical(values)
    return figures.continuous(values)


def recolour(explorer: Explorer, name: Any, theme: Any) -> tuple[Patch, list[Component]]:
    """Return the change of the figure, colours only, and the legend to it."""
    name = checked_colour(explorer, name)
    colours = colouring(explorer, name)
    patch = Patch()
    marker = patch["data"][figures.GALAXIES]["marker"]
    marker["color"] = figures.packed(colours.position)
    marker["colorscale"] = colours.colorscale(
        theme if theme in figures.THEMES else figures.DEFAULT_THEME
    )
    patch["layout"]["meta"]["themes"] = figures.themes_meta(colours)
    return patch, legend(explorer, name)


def checked_colour(explorer: Explorer, name: Any) -> str:
    """Return ``name`` if it is a column that was offered.

    Raises
    ------
    QueryError
    """
    for column in explorer.colour_columns():
        if column.name == name:
            return column.name
    raise QueryError(f"There is no colour '{str(name)[:60]}' to choose. Reload the page.")


def legend(explorer: Explorer, name: str) -> list[Component]:
    """Return what the colours mean: a bar with its limits, or a swatch for each category."""
    if not name:
        return []
    colours = colouring(explorer, name)
    unknown = [("not known", colours.n_unknown)] if colours.n_unknown else []
    if colours.limits is None:
        entries = [
            swatch(text, n, {t: figures.THEMES[t].hues[i] for t in figures.THEMES})
            for i, (text, n) in enumerate(colours.categories)
        ]
    else:
        entries = [colour_bar(colours.limits, explorer.columns[name].unit)]
    unknowns = {theme: colours.unknown for theme, colours in figures.THEMES.items()}
    return [*entries, *(swatch(text, n, unknowns) for text, n in unknown)]


def swatch(text: str, n: int, colours: dict[str, str]) -> Component:
    """Return one category: its hue, in either theme, its name and how many galaxies it has."""
    return html.Span(
        [html.Span(className="swatch", style=_by_theme(colours)), text],
        className="legend-entry",
        title=f"{text}: {n:,} galaxies",
    )


def colour_bar(limits: tuple[float, float], unit: str) -> Component:
    """Return a slim bar between the robust limits."""
    gradients = {
        name: f"linear-gradient(to right, {', '.join(theme.scale)})"
        for name, theme in figures.THEMES.items()
    }
    low, high = (format_number(limit) for limit in limits)
    return html.Div(
        [
            html.Span(low),
            html.Span(className="bar", style=_by_theme(gradients)),
            html.Span(f"{high} {unit}".strip()),
        ],
        className="colour-bar",
        title="From the 2nd to the 98th percentile; galaxies beyond share the colour of the end.",
    )


def _by_theme(colours: dict[str, str]) -> dict[str, str]:
    return {f"--in-{theme}": colour for theme, colour in colours.items()}


def highlight(explorer: Explorer, store: Any) -> Patch:
    """Return the change of the figure that moves the rings to the query and its neighbours."""
    query = Query.from_store(store, explorer.n_objects)
    neighbours = explorer.neighbours(query.rows, query.k).rows
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
    k = DEFAULT_K if store is None else Query.from_store(store, explorer.n_objects).k
    return Query(rows=(row,), k=k, origin="map").to_store(), None


def describe(
    explorer: Explorer, pictures: Pictures, event: Any, colour: Any
) -> tuple[bool, Any, Any]:
    """Return whether to show the hover card, where, and what it shows."""
    row = pointed_row(explorer, event)
    box = _box(event["points"][0].get("bbox")) if row is not None else None
    if row is None or box is None:
        return False, no_update, no_update
    galaxy = explorer.galaxy(row)
    value = _colour_value(explorer, row, colour)
    return (
        True,
        box,
        [
            picture(pictures.url(row), ""),
            html.P(name_of(galaxy), className="hover-name"),
            html.P(value, className="hover-value"),
        ],
    )


def _colour_value(explorer: Explorer, row: int, name: Any) -> str:
    if not name:
        return ""
    name = checked_colour(explorer, name)
    column = explorer.columns[name]
    value = explorer.values(name)[row]
    text = format_value(value if isinstance(value, str | None) else float(value), column.unit)
    return f"{option(column)} {text}"


def _box(box: Any) -> dict[str, float] | None:
    if not isinstance(box, dict):
        return None
    sides = {side: box.get(side) for side in ("x0", "x1", "y0", "y1")}
    if all(isinstance(v, int | float) and math.isfinite(v) for v in sides.values()):
        return {side: float(v) for side, v in sides.items() if v is not None}
    return None


def register(app: Dash, explorer: Explorer) -> None:
    """Colour, highlight, select and describe; the figure itself is sent once."""
    pictures = Pictures(explorer)

    @app.callback(
        Output(ids.MAP, "figure"),
        Output(ids.MAP_LEGEND, "children"),
        Input(ids.MAP_COLOUR, "value"),
        State(ids.THEME, "data"),
        prevent_initial_call=True,
    )
    def recolour_map(name: Any, theme: Any) -> Any:
        return recolour(explorer, name, theme)

    @app.callback(
        Output(ids.MAP, "figure", allow_duplicate=True),
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
        ClientsideFunction("galaxy_finder", "sideOfHover"),
        Output(ids.MAP_HOVER, "direction"),
        Input(ids.MAP, "hoverData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "recolourForTheme"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.THEME, "data"),
        State(ids.MAP, "figure"),
        prevent_initial_call="initial_duplicate",
    )
