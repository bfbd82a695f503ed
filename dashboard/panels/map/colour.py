"""The colours of the map: by what, and what they mean; a category's entry is also its filter."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import MISSING, Choice
from dashboard.formatting import format_count, format_number
from dashboard.map.changes import has_other_colours
from dashboard.map.colour_choices import choices, colour_by, default_colour
from dashboard.map.colours import THEMES, Colouring
from dashboard.panels.parts import Part, Turn, aria, asks
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
    entries = legend_of(colour_by(explorer, name), name, ()) if name else []
    return html.Div(
        entries,
        id=ids.MAP_LEGEND,
        className="legend",
        role="group",
        **aria(label="Legend of the map"),
    )


def chosen_labels(query: Query, name: str) -> tuple[str, ...]:
    """Return the categories of a column that the filters show; none without a filter on it."""
    wanted = dict(query.filters.by_column).get(name)
    return wanted.labels if isinstance(wanted, Choice) else ()


def show(explorer: Explorer, turn: Turn) -> Any:
    """Return the legend of the page's colour, if it is another one; assets/legend.js marks it."""
    query, colour = turn.page.query, turn.page.colour
    if not has_other_colours(explorer, turn.before, turn.page):
        return no_update
    return legend_of(colour_by(explorer, colour, query), colour, chosen_labels(query, colour))


def legend_of(colours: Colouring, column: str, chosen: tuple[str, ...]) -> list[Component]:
    """Return a bar with its limits, or a button for each category; and what is not known.

    Parameters
    ----------
    column : str
        Whose colours these are.
    chosen : tuple of str
        The categories that the filters show; none without a filter.
    """
    unknown_hue = {theme: colours.unknown for theme, colours in THEMES.items()}
    if colours.limits is not None:
        unknown = [entry("not known", colours.n_unknown, unknown_hue)] if colours.n_unknown else []
        return [colour_bar(colours), *unknown]
    told = colours.named()
    by_theme = {theme: colours.hues(theme) for theme in THEMES}
    hues = [{theme: by_theme[theme][i] for theme in THEMES} for i in range(len(told))]
    if colours.n_unknown:
        told.append(("not known", MISSING, colours.n_unknown))
        hues.append(unknown_hue)
    return [
        filter_entry(column, text, label, n, of_entry, label in chosen)
        for (text, label, n), of_entry in zip(told, hues, strict=True)
    ]


def filter_entry(
    column: str, text: str, label: str, n: int, hues: dict[str, str], is_chosen: bool
) -> Component:
    """Return one category: its hue, in either theme, its name; a click shows it alone."""
    return html.Button(
        [html.Span(className="swatch", style=_by_theme(hues)), text],
        className="legend-entry",
        type="button",
        title=f"{text}: {format_count(n)}. Click to filter.",
        **asks("legend", column=column, label=label),
        **aria(pressed="true" if is_chosen else "false"),
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
    (low, high), extent = (
        [format_number(float(f"{end:.{digits}g}")) for end in ends or ()]
        for ends in (colours.limits, colours.extent or colours.limits)
    )
    below, above = (beyond(colours, end) for end in (0, 1))
    log = ", on a logarithmic scale" if colours.is_log else ""
    return html.Div(
        [
            html.Span(f"{low}{below}"),
            html.Span(className="bar", style=_by_theme(gradients)),
            html.Span(f"{high} {colours.unit}".strip() + above),
        ],
        className="colour-bar",
        title=f"From {extent[0]} to {extent[1]} {colours.unit}".rstrip() + f"{log}. Nearly all "
        "galaxies lie between the ends; those beyond share the colour of the end.",
    )


def beyond(colours: Colouring, end: int) -> str:
    """Return what follows on the number at one end, 0 or 1, of the scale; empty if none is beyond.

    >>> import numpy as np
    >>> from dashboard.map.colours import continuous
    >>> colours = continuous(np.array([0.0, *[5.0] * 98, 6.0]), (0.02, 1.0))
    >>> beyond(colours, 0), beyond(colours, 1)
    (' and below', '')
    """
    if colours.extent is None or colours.limits is None:
        return ""
    is_beyond = colours.extent[end] < colours.limits[end], colours.extent[end] > colours.limits[end]
    return (" and below", " and above")[end] if is_beyond[end] else ""


def _by_theme(colours: dict[str, str]) -> dict[str, str]:
    return {f"--in-{theme}": colour for theme, colour in colours.items()}


def part(explorer: Explorer) -> Part:
    """Show what the colours of the map mean."""
    return Part((Output(ids.MAP_LEGEND, "children"),), lambda turn: (show(explorer, turn),))


def register(app: Dash) -> None:
    """Ask for colours, keep their choice and the legend in step, and turn the map's theme."""
    app.clientside_callback(
        ClientsideFunction("legend", "askForColour"),
        Input(ids.MAP_COLOUR, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("legend", "followColour"),
        Output(ids.MAP_COLOUR, "value"),
        Input(ids.QUERY, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("legend", "mark"),
        Input(ids.QUERY, "data"),
        Input(ids.MAP_LEGEND, "children"),
    )
    app.clientside_callback(
        ClientsideFunction("map", "recolourForTheme"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.THEME, "data"),
        State(ids.MAP, "figure"),
        prevent_initial_call="initial_duplicate",
    )
