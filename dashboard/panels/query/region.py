"""The selection on the map among the filters: its row, which says that it is there, and ends it."""

from __future__ import annotations

from dash import Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.panels.parts import Part, aria, asks


def layout() -> Component:
    """Return the row, hidden until something is selected on the map."""
    remove = html.Button(
        "×",
        type="button",
        className="dismiss",
        title="Clear the selection on the map",
        **asks("region", places=None),
        **aria(label="Remove the filter on the region of the map"),
    )
    name = html.Span("Region of the map", className="filter-name")
    words = "Only galaxies within what was drawn on the map, or was in view there."
    return html.Div(
        [html.Div([name, remove], className="filter-head"), html.P(words, className="hint")],
        id=ids.FILTER_REGION,
        className="filter-region",
        role="group",
        hidden=True,
        **aria(label="Filter: region of the map"),
    )


def part() -> Part:
    """Show the row while there is a selection on the map."""
    outputs = (Output(ids.FILTER_REGION, "hidden"),)
    return Part(outputs, lambda turn: (turn.page.query.filters.region is None,))
