"""What panels share: how they show answers and ask, the picture, what is drawn without Dash."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import dash_bootstrap_components as dbc
from dash import Output, html
from dash.development.base_component import Component

from dashboard.formatting import pieces_of, why_no_picture
from dashboard.pictures.addresses import SMALL_PX, Pictures
from dashboard.query.answer import Answer
from dashboard.query.page import Page, Request
from dashboard.untrusted import MOST_FILE_BYTES

# The property of what the page draws by itself: see `drawn`.
CONTENT = "data-content"

# Letters of a word of a name that fit beside the picture: in large type, and in small.
_LARGE_LETTERS, _LONG_LETTERS = 9, 14
_HTML = "dash_html_components"
_ATTRIBUTES = {"className": "class"} | {
    name: name
    for name in ("alt", "draggable", "href", "rel", "role", "src", "target", "title", "type")
}


@dataclass(frozen=True)
class Turn:
    """A step of a page: what it showed before, and what it shows from now on.

    Attributes
    ----------
    before : Page or None
        None at first.
    page : Page
    answer : Answer
        To the page's query.
    requests : tuple of Request
        What has happened in between.
    said : mapping of str to str
        What is to be said of these, by their kind.
    look : mapping
        How the browser shows the page: ``size`` of pictures, one of options.SIZES, and ``theme``.
        Anything that JSON can say.
    """

    before: Page | None
    page: Page
    answer: Answer
    requests: tuple[Request, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    look: Mapping[str, Any] = field(default_factory=dict)


class Part(NamedTuple):
    """A part of the page that shows answers.

    Attributes
    ----------
    outputs : tuple of Output
    show : callable
        Takes a `Turn`, returns a value for each output.
    speaks_of : tuple of str
        Kinds of requests of which it says itself what is to be said; nobody else does.
    """

    outputs: tuple[Output, ...]
    show: Callable[[Turn], Sequence[Any]]
    speaks_of: tuple[str, ...] = ()


def asks(kind: str, **values: Any) -> dict[str, Any]:
    """Return keyword arguments of a button: what a click on it asks for (assets/requests.js).

    >>> asks("example", act="remove", row=3)
    {'data-request': '{"kind": "example", "values": {"act": "remove", "row": 3}}'}
    """
    return {"data-request": json.dumps({"kind": kind, "values": values}, ensure_ascii=False)}


def aria(**states: str) -> dict[str, Any]:
    """Return keyword arguments for what a component says to screen readers.

    >>> aria(label="Search")
    {'aria-label': 'Search'}
    """
    return {f"aria-{name}": value for name, value in states.items()}


def view_switch(name: str, label: str, views: Mapping[str, str]) -> Component:
    """Return the choice between two views in one place; the browser remembers it.

    Parameters
    ----------
    name : str
        Id of the choice.
    label : str
        What is chosen, for screen readers.
    views : mapping of str to str
        Words by value; the first is there at first.
    """
    return html.Div(
        dbc.RadioItems(
            id=name,
            options=[{"label": words, "value": value} for value, words in views.items()],
            value=next(iter(views)),
            inline=True,
            persistence=True,
            persistence_type="local",
        ),
        className="view-switch",
        role="group",
        **aria(label=label),
    )


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


def picture(
    pictures: Pictures, row: int, alt: str, size_px: int = SMALL_PX, **more: Any
) -> Component:
    """Return the place of a square picture, which assets/picture.js fills.

    Parameters
    ----------
    alt : str
        What it shows, in words; empty where the words stand beside it.
    size_px : int
        How large a picture is wanted, where there is a choice.
    **more
        What else assets/picture.js draws: ``ruler`` (of `Ruler.to_page`), ``enlarge`` (``row`` and
        ``name`` of what a button opens large).
    """
    about = (
        {"url": pictures.url(row, size_px), "alt": alt} | words_of_pictures(pictures, row) | more
    )
    where: dict[str, Any] = {"data-picture": json.dumps(about, ensure_ascii=False)}
    return html.Span(className="picture", **where)


def in_line(names: Sequence[str]) -> list[Any]:
    """Return names after words: a line may break between them, not within one.

    >>> [part if part == " " else part.children for part in in_line(["M 51", "NGC 5194"])]
    [' ', 'M 51,', ' ', 'NGC 5194']
    """
    commas = [*[","] * (len(names) - 1), ""]
    called = [name + comma for name, comma in zip(names, commas, strict=False)]
    return [part for one in called for part in (" ", html.Span(one, className="other-name"))]


def name_line(name: str) -> Component:
    """Return the name of the selected galaxy, smaller if it is long, broken only where it may be.

    >>> name_line("MOCK-000000").className
    'selected-name is-long'
    """
    longest = max(map(len, name.split()), default=0)
    size = " is-very-long" if longest > _LONG_LETTERS else " is-long" * (longest > _LARGE_LETTERS)
    first, *others = pieces_of(name) or [""]
    broken = [first, *(part for piece in others for part in (html.Wbr(), piece))]
    return html.P(broken, className=f"selected-name{size}", title=name)


def words_of_pictures(pictures: Pictures, row: int) -> dict[str, str | None]:
    """Return whom the page waits for, and why there may be no picture: the same for all galaxies.

    Parameters
    ----------
    row : int
        Any of them.
    """
    return {"host": pictures.host, "why": why_no_picture(pictures.url(row), pictures.host)}


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
