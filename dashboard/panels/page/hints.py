"""Three hints on a first visit, once: what the page is for, and each beside what it is about."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.panels.parts import aria

# Where a hint stands, what it says in a few words, and the rest.
HINTS = (
    (
        ".gallery-panel",
        "Find galaxies that look alike",
        "These resemble the one on the left. Search for yours, or go on from any of them; the back "
        "button leads back.",
    ),
    (
        ".gallery-panel",
        "Ask with more than one",
        "Point at a galaxy: + adds it to what you look for, − says “not like this”.",
    ),
    (
        ".map-panel",
        "See them all on the map",
        "Choose a point to search from it, draw round a group, or colour all by what is known of "
        "them.",
    ),
)


def layout() -> Component:
    """Return the hints, hidden: assets/hints.js shows those that the browser has not seen."""
    hints = [_hint(place, title, words) for place, title, words in HINTS]
    return html.Section(
        [
            html.Div(hints, **aria(live="polite")),
            html.Div(
                [
                    html.Span(className="hints-count"),
                    html.Button("Skip", className="btn is-small hints-skip", type="button"),
                    html.Button("Next", className="btn is-small hints-next", type="button"),
                ],
                className="hints-controls",
            ),
        ],
        className="hints",
        hidden=True,
        **aria(label="Hints for a first visit"),
    )


def _hint(place: str, title: str, words: str) -> Component:
    at: dict[str, Any] = {"data-at": place}
    return html.Div([html.Strong(title), html.P(words)], className="hints-one", hidden=True, **at)
