"""The map as a picture to take away; the browser draws it (assets/map_picture.js)."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.panels.parts import aria

_KINDS = {
    "png": ("PNG", "Picture for slides and pages, 2,700 pixels wide"),
    "svg": ("SVG", "Drawing for papers: sharp at any size, text can be edited"),
}


def drawn_as(suffix: str) -> dict[str, Any]:
    """Return keyword arguments that tell assets/map_picture.js what a button is for."""
    return {"data-map-format": suffix}


def layout() -> Component:
    """Return the menu of the pictures, closed."""
    buttons = [
        html.Li(
            html.Button(
                label,
                type="button",
                className="download-link",
                title=what,
                **drawn_as(suffix),
                **aria(label=f"{label}: the map"),
            )
        )
        for suffix, (label, what) in _KINDS.items()
    ]
    return html.Details(
        [
            html.Summary(
                html.Span(className="glyph glyph-download", **aria(hidden="true")),
                className="btn is-small",
                title="Download the map as a picture",
                **aria(label="Download the map as a picture"),
            ),
            html.Div(
                [
                    html.H3("The map as it is in view"),
                    html.Ul(buttons),
                    html.P("", role="status", className="hint"),
                    html.P(
                        "On white, with axes, legend and title, for a paper or a talk. Beyond "
                        "20,000 points the SVG holds them as a picture.",
                        className="hint",
                    ),
                ],
                className="menu-body download-menu map-download",
            ),
        ],
        className="menu",
    )
