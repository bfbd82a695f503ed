"""The columns of the page: the link past the first one, and the lines between that resize them."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.panels.parts import aria

_HOW = "Drag to resize, or use the arrow keys; a double click or Enter puts it back"
# What the browser writes anew (assets/dividers.js): a separator without a value is none.
_FIRST_PX = "320"


def skip_link() -> Component:
    """Return the first stop of the keyboard, which leads to the gallery."""
    return html.A("Skip to the gallery", href=f"#{ids.GALLERY}", className="skip-link")


def divider(resizes: str) -> Component:
    """Return the line on the left of a column.

    Parameters
    ----------
    resizes : str
        Which column it makes wider or narrower: ``left`` or ``right``.
    """
    about: dict[str, Any] = {"data-resizes": resizes}
    states = {"orientation": "vertical", "valuenow": _FIRST_PX, "label": f"Width of the {resizes}"}
    return html.Div(
        role="separator",
        tabIndex=0,
        title=_HOW,
        className="divider",
        **about,
        **aria(**states),
    )
