"""What panels share: the picture, what is drawn without Dash, and who follows the query."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dash import Output, html
from dash.development.base_component import Component

from dashboard.formatting import why_no_picture
from dashboard.pictures.addresses import SMALL_PX, Pictures
from dashboard.untrusted import MOST_FILE_BYTES

# The property of what the page draws by itself: see `drawn`.
CONTENT = "data-content"

_HTML = "dash_html_components"
_ATTRIBUTES = {"className": "class"} | {
    name: name
    for name in ("alt", "draggable", "href", "rel", "role", "src", "target", "title", "type")
}


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


def drawn(content: Sequence[Component]) -> str:
    """Return elements of HTML as the `CONTENT` of a component that has an id and no children.

    The browser's part of Dash looks at every component that it knows many times for every
    callback. What no callback reads or writes is better drawn without it, by assets/drawn.js.

    Raises
    ------
    ValueError
        For a component or a property that the page would not know how to draw, such as an id.
    """
    return json.dumps([_node(one) for one in content], ensure_ascii=False, separators=(",", ":"))


def _node(content: Any) -> Any:
    """Return the name, attributes and children of an element; of a text, the text."""
    if not isinstance(content, Component):
        return str(content)
    plain = content.to_plotly_json()
    if plain["namespace"] != _HTML:
        raise ValueError(f"Only HTML can be drawn, not {plain['type']}.")
    attributes = dict(plain["props"])
    children = attributes.pop("children", None)
    several = children if isinstance(children, list | tuple) else [children]
    return [
        plain["type"].lower(),
        {_attribute(name): str(value) for name, value in attributes.items() if value is not None},
        *[_node(child) for child in several if child is not None],
    ]


def _attribute(name: str) -> str:
    if name.startswith(("aria-", "data-")):
        return name
    if name not in _ATTRIBUTES:
        raise ValueError(f"An element with {name} cannot be drawn.")
    return _ATTRIBUTES[name]
