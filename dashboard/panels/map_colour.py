"""The colours of the map: which column, and what they mean."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, Patch, State, html
from dash.development.base_component import Component

from dashboard import figures, ids
from dashboard.colouring import (
    DEFAULT_THEME,
    THEMES,
    Colouring,
    by_column,
    checked_column,
    default_column,
)
from dashboard.explorer import Explorer
from dashboard.wording import format_number, label_of_choice


def choice(explorer: Explorer) -> list[Component]:
    """Return the choice of the colour column."""
    name = default_column(explorer)
    return [
        html.Label("Colour", htmlFor=ids.MAP_COLOUR, className="label is-inline"),
        dbc.Select(
            id=ids.MAP_COLOUR,
            options=[
                {"label": label_of_choice(column), "value": column.name}
                for column in explorer.colour_columns()
            ],
            value=name,
            disabled=not name,
        ),
    ]


def legend(explorer: Explorer) -> Component:
    """Return the place of the legend, filled for the first column."""
    entries = legend_entries(explorer, default_column(explorer))
    return html.Div(entries, id=ids.MAP_LEGEND, className="legend")


def recolour(explorer: Explorer, name: Any, theme: Any) -> tuple[Patch, list[Component]]:
    """Return the change of the figure, colours only, and the legend to it."""
    name = checked_column(explorer, name)
    colours = by_column(explorer, name)
    patch = Patch()
    marker = patch["data"][figures.GALAXIES]["marker"]
    marker["color"] = figures.packed(colours.position)
    marker["colorscale"] = colours.colorscale("light" if theme == "light" else DEFAULT_THEME)
    patch["layout"]["meta"]["themes"] = figures.themes_meta(colours)
    return patch, legend_of(colours, explorer.columns[name].unit)


def legend_entries(explorer: Explorer, name: str) -> list[Component]:
    """Return what the colours mean: a bar with its limits, or a swatch for each category."""
    return legend_of(by_column(explorer, name), explorer.columns[name].unit) if name else []


def legend_of(colours: Colouring, unit: str) -> list[Component]:
    """Return a bar with its limits, or a swatch for each category; and what is not known."""
    unknown = [("not known", colours.n_unknown)] if colours.n_unknown else []
    if colours.limits is None:
        entries = [
            swatch(text, n, {t: THEMES[t].hues[i] for t in THEMES})
            for i, (text, n) in enumerate(colours.categories)
        ]
    else:
        entries = [colour_bar(colours.limits, unit)]
    unknowns = {theme: colours.unknown for theme, colours in THEMES.items()}
    return [*entries, *(swatch(text, n, unknowns) for text, n in unknown)]


def swatch(text: str, n: int, colours: dict[str, str]) -> Component:
    """Return one category: its hue, in either theme, its name and how many galaxies it has."""
    return html.Span(
        [html.Span(className="swatch", style=_by_theme(colours)), text],
        className="legend-entry",
        title=f"{text}: {n:,} {'galaxy' if n == 1 else 'galaxies'}",
    )


def colour_bar(limits: tuple[float, float], unit: str) -> Component:
    """Return a slim bar between the robust limits."""
    gradients = {
        name: f"linear-gradient(to right, {', '.join(theme.scale)})"
        for name, theme in THEMES.items()
    }
    low, high = (format_number(limit) for limit in limits)
    return html.Div(
        [
            html.Span(low),
            html.Span(className="bar", style=_by_theme(gradients)),
            html.Span(f"{high} {unit}".strip()),
        ],
        className="colour-bar",
        title="Nearly all galaxies lie between these; those beyond share the colour of the end.",
    )


def _by_theme(colours: dict[str, str]) -> dict[str, str]:
    return {f"--in-{theme}": colour for theme, colour in colours.items()}


def register(app: Dash, explorer: Explorer) -> None:
    """Recolour the map for another column (on the server) or another theme (in the browser)."""

    @app.callback(
        Output(ids.MAP, "figure", allow_duplicate=True),
        Output(ids.MAP_LEGEND, "children"),
        Input(ids.MAP_COLOUR, "value"),
        State(ids.THEME, "data"),
        prevent_initial_call=True,
    )
    def recolour_map(name: Any, theme: Any) -> Any:
        return recolour(explorer, name, theme)

    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "recolourForTheme"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.THEME, "data"),
        State(ids.MAP, "figure"),
        prevent_initial_call="initial_duplicate",
    )
