"""The tray: the examples that a query is made of, once it has more than one.

Its buttons say themselves what a click asks for (`parts.asks`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.across import Guest, home_of
from dashboard.explorer.explorer import Explorer
from dashboard.formatting import guest_in_words, name_of
from dashboard.panels.parts import CONTENT, Part, Turn, aria, asks, drawn, picture
from dashboard.pictures.addresses import Pictures, pictures_of
from dashboard.query.address import to_address
from dashboard.query.query import Query
from dashboard.site import page_address

HINT = "Choose one to see it. × takes it out; − and + change its side."


class Shown(NamedTuple):
    """What the page shows of the examples, in the order of the outputs."""

    hidden: bool
    like: list[Component]
    unlike: list[Component]
    own_hidden: bool


def layout() -> Component:
    """Return the tray, hidden until there is more than one example."""
    own = html.Div(
        [
            html.Div(
                [
                    html.Span(className="glyph glyph-picture"),
                    html.Img(id=ids.TRAY_OWN_IMAGE, alt="Your picture", draggable="false"),
                ],
                className="tray-picture",
                title="Your picture",
            ),
            _button("remove-picture", "Take your picture out of the query"),
        ],
        id=ids.TRAY_OWN,
        className="tray-example",
        hidden=True,
    )
    like = [own, html.Ul(id=ids.TRAY_LIKE, **aria(label="Like these"))]
    return html.Section(
        [
            html.Div(
                [
                    html.Div([html.H3("Like"), *like], className="tray-side"),
                    html.Div(
                        [
                            html.H3("Not like"),
                            html.Ul(id=ids.TRAY_UNLIKE, **aria(label="Not like these")),
                        ],
                        className="tray-side is-unlike",
                    ),
                ],
                className="tray-examples",
            ),
            html.Div(
                [
                    html.P(HINT, className="hint"),
                    html.Button(
                        "Clear",
                        className="btn is-small",
                        type="button",
                        title="Back to the first alone",
                        **asks("example", act="clear"),
                    ),
                ],
                className="tray-foot",
            ),
            html.P(id=ids.TRAY_MESSAGE, className="message is-error", role="alert"),
        ],
        id=ids.TRAY,
        className="tray",
        hidden=True,
        **aria(label="Galaxies of the query"),
    )


def show(explorer: Explorer, pictures: Pictures, query: Query) -> Shown:
    """Return the examples of a query of several, and whether there are as many."""
    if query.n_examples == 1:
        return Shown(True, [], [], True)
    selected = query.rows[0] if query.rows and query.embedding is None else None
    like = [_like(explorer, pictures, row, row == selected) for row in query.rows]
    unlike = [_unlike(explorer, pictures, row) for row in query.negatives]
    like += [_guest(explorer, guest, "negative", "Not like {}") for guest in query.guests]
    unlike += [
        _guest(explorer, guest, "positive", "Like {} after all") for guest in query.unlike_guests
    ]
    return Shown(False, like, unlike, query.embedding is None)


def _like(explorer: Explorer, pictures: Pictures, row: int, is_selected: bool) -> Component:
    name = name_of(explorer.galaxy(row))
    return html.Li(
        [
            html.Button(
                picture(pictures, row, ""),
                className="tray-picture",
                type="button",
                title=name,
                **aria(label=f"Select {name}", current="true" if is_selected else "false"),
                **asks("example", act="select", row=row),
            ),
            _button("remove", f"Take {name} out of the query", row=row),
            _button("negative", f"Not like {name}", row=row),
        ],
        className="tray-example",
    )


def _unlike(explorer: Explorer, pictures: Pictures, row: int) -> Component:
    name = name_of(explorer.galaxy(row))
    return html.Li(
        [
            html.Div(picture(pictures, row, name), className="tray-picture", title=name),
            _button("remove", f"Take {name} out of the query", row=row),
            _button("positive", f"Like {name} after all", row=row),
        ],
        className="tray-example",
    )


def _guest(explorer: Explorer, guest: Guest, turn: str, words: str) -> Component:
    """Return a galaxy of another atlas, whose picture leads there, and what changes its side."""
    other, row = home_of(explorer, guest)
    name = guest_in_words(explorer, guest)
    return html.Li(
        [
            html.A(
                picture(pictures_of(other), row, ""),
                href=page_address(other.name) + to_address(Query(rows=(row,)), other),
                className="tray-picture is-guest",
                title=name,
                **aria(label=f"{name}: open it there"),
            ),
            _button("remove", f"Take {name} out of the query", guest=guest),
            _button(turn, words.format(name), guest=guest),
        ],
        className="tray-example",
    )


def _button(act: str, words: str, **of_galaxy: Any) -> Component:
    return html.Button(
        className=f"sign is-{act}",
        type="button",
        title=words,
        **aria(label=words),
        **asks("example", act=act, **of_galaxy),
    )


def part(explorer: Explorer) -> Part:
    """Show the examples, and why one cannot join or leave."""
    pictures = Pictures(explorer)
    outputs = (
        Output(ids.TRAY, "hidden"),
        Output(ids.TRAY_LIKE, CONTENT),
        Output(ids.TRAY_UNLIKE, CONTENT),
        Output(ids.TRAY_OWN, "hidden"),
        Output(ids.TRAY_MESSAGE, "children"),
    )

    def show_turn(turn: Turn) -> tuple[Any, ...]:
        hidden, like, unlike, no_picture = show(explorer, pictures, turn.page.query)
        said = turn.said.get("example", turn.said.get("point", ""))
        return hidden, drawn(like), drawn(unlike), no_picture, said

    return Part(outputs, show_turn, speaks_of=("example", "point"))


def register(app: Dash, explorer: Explorer) -> None:
    """Keep the keyboard in the tray, and show the picture of the query."""
    app.clientside_callback(ClientsideFunction("tray", "goOn"), Input(ids.TRAY_LIKE, CONTENT))
    if explorer.embedder is not None:  # else there is no picture of one's own
        app.clientside_callback(
            ClientsideFunction("tray", "ownPicture"),
            Output(ids.TRAY_OWN_IMAGE, "src"),
            Input(ids.QUERY, "data"),
            Input(ids.OWN_PICTURE, "data"),
        )
