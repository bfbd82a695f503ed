"""The colours of the map: by what, and what they mean; a category's entry is also its filter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, Patch, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import MISSING, Choice
from dashboard.formatting import format_count, format_number
from dashboard.map import figure as figures
from dashboard.map.colour_choices import (
    SIMILARITY,
    checked_colour,
    choices,
    colour_by,
    default_colour,
)
from dashboard.map.colours import DEFAULT_THEME, THEMES, Colouring
from dashboard.map.sample import drawn_rows, nearby_rows
from dashboard.panels.parts import aria
from dashboard.query.query import Query


def choice(explorer: Explorer) -> list[Component]:
    """Return the choice of what to colour by."""
    name = default_colour(explorer)
    return [
        html.Label("Colour", htmlFor=ids.MAP_COLOUR, className="label is-inline"),
        dbc.Select(
            id=ids.MAP_COLOUR,
            options=[
                {"label": label, "value": value} for value, label in choices(explorer).items()
            ],
            value=name,
            disabled=not name,
        ),
    ]


def legend(explorer: Explorer) -> Component:
    """Return the place of the legend, filled for the first colour."""
    name = default_colour(explorer)
    entries = legend_of(colour_by(explorer, name), ()) if name else []
    return html.Div(
        entries,
        id=ids.MAP_LEGEND,
        className="legend",
        role="group",
        **aria(label="Legend of the map"),
    )


def recolour(
    explorer: Explorer, changed: Any, name: Any, theme: Any, store: Any
) -> tuple[Any, Any]:
    """Return the change of the figure, colours only, and the legend to it.

    Parameters
    ----------
    changed : collection of str
        What has changed; another query changes no colours but those that say how similar to it
        galaxies are.
    """
    if f"{ids.MAP_COLOUR}.value" not in changed and name != SIMILARITY:
        return no_update, no_update
    name = checked_colour(explorer, name)
    query = None if store is None else Query.from_store(store, explorer.n_objects)
    colours = colour_by(explorer, name, query)
    scale = colours.colorscale("light" if theme == "light" else DEFAULT_THEME)
    drawn: dict[int, Any] = {figures.GALAXIES: drawn_rows(explorer)}
    if query is not None and (nearby := nearby_rows(explorer, query)):
        drawn[figures.NEARBY] = nearby
    patch = Patch()
    for trace, rows in drawn.items():
        marker = patch["data"][trace]["marker"]
        marker["color"] = figures.packed(colours.position[rows])
        marker["colorscale"] = scale
    for key, value in figures.colours_meta(colours).items():
        patch["layout"]["meta"][key] = value
    return patch, legend_of(colours, chosen_labels(query, name))


def chosen_labels(query: Query | None, name: str) -> tuple[str, ...]:
    """Return the categories of a column that the filters show; none without a filter on it."""
    wanted = None if query is None else dict(query.filters.by_column).get(name)
    return wanted.labels if isinstance(wanted, Choice) else ()


def mark_chosen(explorer: Explorer, entries: Any, name: Any, store: Any) -> list[str]:
    """Return for each entry of the legend, by its id, whether the filters show it."""
    query = None if store is None else Query.from_store(store, explorer.n_objects)
    chosen = chosen_labels(query, str(name))
    return [_truth(one["id"]["label"] in chosen) for one in entries]


def filter_by(explorer: Explorer, clicked: Any, n_clicks: Any, name: Any, store: Any) -> Any:
    """Return the query after a click on an entry: its galaxies are added to what is shown.

    The first click shows them alone; a second one on the same entry takes them away again.
    Entries that only appear have no clicks.
    """
    if not n_clicks or not isinstance(clicked, dict) or store is None:
        return no_update
    name = checked_colour(explorer, name)
    query = Query.from_store(store, explorer.n_objects)
    labels = tuple({*chosen_labels(query, name)} ^ {str(clicked.get("label"))})
    filters = query.filters.without(name)
    if labels:
        filters = replace(filters, by_column=(*filters.by_column, (name, Choice(labels))))
    explorer.passing(filters)  # a sentence, if there is no such label
    return replace(query, filters=filters).to_store()


def legend_of(colours: Colouring, chosen: tuple[str, ...]) -> list[Component]:
    """Return a bar with its limits, or a button for each category; and what is not known.

    Parameters
    ----------
    chosen : tuple of str
        The categories that the filters show; none without a filter.
    """
    unknown_hue = {theme: colours.unknown for theme, colours in THEMES.items()}
    if colours.limits is not None:
        unknown = [entry("not known", colours.n_unknown, unknown_hue)] if colours.n_unknown else []
        return [colour_bar(colours), *unknown]
    entries = [
        filter_entry(label, label, n, {t: THEMES[t].hues[i] for t in THEMES}, label in chosen)
        for i, (label, n) in enumerate(colours.categories)
    ]
    if colours.n_unknown:
        is_chosen = MISSING in chosen
        n = colours.n_unknown
        entries.append(filter_entry("not known", MISSING, n, unknown_hue, is_chosen))
    return entries


def filter_entry(text: str, label: str, n: int, hues: dict[str, str], is_chosen: bool) -> Component:
    """Return one category: its hue, in either theme, its name; a click shows it alone."""
    return html.Button(
        [html.Span(className="swatch", style=_by_theme(hues)), text],
        id=ids.legend_entry(label),
        className="legend-entry",
        type="button",
        title=f"{text}: {format_count(n)}. Click to filter.",
        **aria(pressed=_truth(is_chosen)),
    )


def entry(text: str, n: int, hues: dict[str, str]) -> Component:
    """Return what is not on the scale: its hue, its name and how many galaxies it has."""
    return html.Span(
        [html.Span(className="swatch", style=_by_theme(hues)), text],
        className="legend-entry",
        title=f"{text}: {format_count(n)}",
    )


def colour_bar(colours: Colouring) -> Component:
    """Return a slim bar between the robust limits."""
    gradients = {
        name: f"linear-gradient(to right, {', '.join(theme.scale)})"
        for name, theme in THEMES.items()
    }
    digits = 2 if colours.is_log else 4
    low, high = (format_number(float(f"{limit:.{digits}g}")) for limit in colours.limits or ())
    log = ", on a logarithmic scale" if colours.is_log else ""
    return html.Div(
        [
            html.Span(low),
            html.Span(className="bar", style=_by_theme(gradients)),
            html.Span(f"{high} {colours.unit}".strip()),
        ],
        className="colour-bar",
        title="Nearly all galaxies lie between these; those beyond share the colour of the end"
        f"{log}.",
    )


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _by_theme(colours: dict[str, str]) -> dict[str, str]:
    return {f"--in-{theme}": colour for theme, colour in colours.items()}


def register(app: Dash, explorer: Explorer) -> None:
    """Recolour the map on the server, turn its theme in the browser, filter by the legend."""

    @app.callback(
        Output(ids.MAP, "figure", allow_duplicate=True),
        Output(ids.MAP_LEGEND, "children"),
        Input(ids.MAP_COLOUR, "value"),
        Input(ids.QUERY, "data"),
        State(ids.THEME, "data"),
        prevent_initial_call=True,
    )
    def recolour_map(name: Any, store: Any, theme: Any) -> Any:
        return recolour(explorer, ctx.triggered_prop_ids, name, theme, store)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.legend_entry(ALL), "n_clicks"),
        State(ids.MAP_COLOUR, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def filter_by_entry(_clicks: Any, name: Any, store: Any) -> Any:
        return filter_by(explorer, ctx.triggered_id, ctx.triggered[0]["value"], name, store)

    @app.callback(
        Output(ids.legend_entry(ALL), "aria-pressed"),
        Input(ids.QUERY, "data"),
        State(ids.MAP_COLOUR, "value"),
        prevent_initial_call=True,
    )
    def mark_chosen_entries(store: Any, name: Any) -> Any:
        return mark_chosen(explorer, ctx.outputs_list, name, store)

    app.clientside_callback(
        ClientsideFunction("map", "recolourForTheme"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.THEME, "data"),
        State(ids.MAP, "figure"),
        prevent_initial_call="initial_duplicate",
    )
