"""One note for all pictures that cannot be loaded, with a button that asks for them again."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import aria
from dashboard.pictures.addresses import Pictures


def layout(explorer: Explorer) -> Component:
    """Return the note, hidden: assets/pictures_note.js shows it while pictures are missing."""
    host = Pictures(explorer).host
    who: dict[str, Any] = {"data-host": host or "the server"}
    return html.Div(
        [
            html.P(),
            html.Button("Try again", type="button", className="btn is-small pictures-again"),
            html.Button("×", type="button", className="dismiss", **aria(label="Dismiss")),
        ],
        className="pictures-note",
        role="status",
        hidden=True,
        **who,
    )
