"""The panels of the page, one module each, and the picture that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import dash_ag_grid as dag
from dash import Output, html
from dash.development.base_component import Component

from dashboard.cutouts import SMALL_PX, Pictures
from dashboard.untrusted import MOST_FILE_BYTES
from dashboard.wording import why_no_picture

dag._js_dist[0]["async"] = "lazy"  # no page loads it with the others: assets/grid.js does, in time


class Follower(NamedTuple):
    """A part of the page that follows the query.

    Attributes
    ----------
    outputs : tuple of Output
    show : callable
        Takes the query as the browser sent it and the name of the map's colour, returns a value
        for each output.
    """

    outputs: tuple[Output, ...]
    show: Callable[[Any, Any], Sequence[Any]]


def aria(**states: str) -> dict[str, Any]:
    """Return keyword arguments for what a component says to screen readers.

    >>> aria(label="Search")
    {'aria-label': 'Search'}
    """
    return {f"aria-{name}": value for name, value in states.items()}


def tell_too_large(message: str, advice: str) -> dict[str, Any]:
    """Return keyword arguments of what surrounds an upload, for assets/upload.js.

    Parameters
    ----------
    message : str
        Id of the component that says so when a file is too large.
    advice : str
        What to do then.
    """
    return {
        "data-most-bytes": MOST_FILE_BYTES,
        "data-message": message,
        "data-advice": advice,
    }


def picture(pictures: Pictures, row: int, alt: str, size_px: int = SMALL_PX) -> Component:
    """Return a square picture; until it has come, and where it cannot, its place says so.

    assets/galaxy_finder.js adds the classes ``is-loaded`` and ``is-missing``.

    Parameters
    ----------
    alt : str
        What it shows, in words; empty where the words stand beside it.
    size_px : int
        How large a picture is wanted, where there is a choice.
    """
    url = pictures.url(row, size_px)
    why = why_no_picture(url, pictures.host)
    missing = html.Span(
        [html.Span("No picture"), html.Span(f": {why}", className="picture-why")],
        className="picture-missing",
    )
    if url is None:
        return html.Span(missing, className="picture is-missing")
    waiting = html.Span(
        ["Waiting", html.Span(f" for {pictures.host}", className="picture-why")],
        className="picture-waiting",
        **aria(hidden="true"),
    )
    image = html.Img(src=url, alt=alt, draggable="false")
    return html.Span([image, missing, *([waiting] if pictures.host else [])], className="picture")
