"""The panels of the page, one module each, and the picture that they share."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component


def aria(**states: str) -> dict[str, Any]:
    """Return keyword arguments for what a component says to screen readers.

    >>> aria(label="Search")
    {'aria-label': 'Search'}
    """
    return {f"aria-{name}": value for name, value in states.items()}


def picture(url: str | None, alt: str) -> Component:
    """Return a square picture on black, or a placeholder where there is none.

    Parameters
    ----------
    url : str or None
        From `dashboard.cutouts.Pictures`.
    alt : str
        What it shows, in words; empty where the words stand beside it.
    """
    if url is None:
        return html.Span(className="picture is-missing", title="The atlas has no picture of it.")
    return html.Span(html.Img(src=url, alt=alt, draggable="false"), className="picture")
