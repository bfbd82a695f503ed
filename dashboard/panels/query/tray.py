"""The tray: the examples that a query is made of, once it has more than one.

Its buttons, and those of the gallery's cards, say in ``data-act`` what they do with the galaxy of
``data-row``; assets/tray.js passes it on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.formatting import name_of
from dashboard.map.sample import pointed_row
from dashboard.panels.parts import CONTENT, Follower, aria, drawn, picture
from dashboard.pictures.addresses import Pictures
from dashboard.query.examples import (
    only_first,
    with_negative,
    with_positive,
    with_selected,
    without,
    without_picture,
)
from dashboard.query.query import Query, QueryError

HINT = "Choose one to see it. × takes it out; − and + change its side."
ACTS: dict[str, Callable[..., Query]] = {
    "select": with_selected,
    "positive": with_positive,
    "negative": with_negative,
    "remove": without,
}
_ACTS_ON_ALL: dict[str, Callable[[Query], Query]] = {
    "remove-picture": without_picture,
    "clear": only_first,
}


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
            _button("remove-picture", None, "Take your picture out of the query"),
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
                        **_data("clear", None),
                    ),
                ],
                className="tray-foot",
            ),
            html.P(id=ids.TRAY_MESSAGE, className="message is-error", role="alert"),
            dcc.Store(id=ids.EXAMPLE_CHANGE),
        ],
        id=ids.TRAY,
        className="tray",
        hidden=True,
        **aria(label="Galaxies of the query"),
    )


def show(explorer: Explorer, pictures: Pictures, store: Any) -> Shown:
    """Return the examples of a query of several, and whether there are as many."""
    query = Query.from_store(store, explorer.n_objects)
    if query.n_examples == 1:
        return Shown(True, [], [], True)
    selected = query.rows[0] if query.rows and query.picture is None else None
    return Shown(
        False,
        [_like(explorer, pictures, row, row == selected) for row in query.rows],
        [_unlike(explorer, pictures, row) for row in query.negatives],
        query.picture is None,
    )


def change(explorer: Explorer, asked: Any, store: Any) -> tuple[Any, str]:
    """Return the query after a button was pressed, and a sentence if that cannot be."""
    if not isinstance(asked, dict) or store is None:
        return no_update, ""
    query = Query.from_store(store, explorer.n_objects)
    act, row = str(asked.get("act"))[:20], asked.get("row")
    if "point" in asked:
        row = pointed_row(explorer, {"points": [asked["point"]]})
    try:
        if act in _ACTS_ON_ALL:
            changed = _ACTS_ON_ALL[act](query)
        elif act in ACTS:
            (checked,) = Query.from_store({"rows": [row]}, explorer.n_objects).rows
            changed = ACTS[act](query, checked)
        else:
            return no_update, "The page asked for what is not offered. Reload the page."
    except QueryError as error:
        return no_update, str(error)
    return changed.to_store() if changed != query else no_update, ""


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
                **_data("select", row),
            ),
            _button("remove", row, f"Take {name} out of the query"),
            _button("negative", row, f"Not like {name}"),
        ],
        className="tray-example",
    )


def _unlike(explorer: Explorer, pictures: Pictures, row: int) -> Component:
    name = name_of(explorer.galaxy(row))
    return html.Li(
        [
            html.Div(picture(pictures, row, name), className="tray-picture", title=name),
            _button("remove", row, f"Take {name} out of the query"),
            _button("positive", row, f"Like {name} after all"),
        ],
        className="tray-example",
    )


def _button(act: str, row: int | None, words: str) -> Component:
    return html.Button(
        className=f"sign is-{act}",
        type="button",
        title=words,
        **aria(label=words),
        **_data(act, row),
    )


def _data(act: str, row: int | None) -> dict[str, Any]:
    return {"data-act": act} | ({} if row is None else {"data-row": row})


def follower(explorer: Explorer) -> Follower:
    """Show the examples whenever the query changes."""
    pictures = Pictures(explorer)
    outputs = (
        Output(ids.TRAY, "hidden"),
        Output(ids.TRAY_LIKE, CONTENT),
        Output(ids.TRAY_UNLIKE, CONTENT),
        Output(ids.TRAY_OWN, "hidden"),
        Output(ids.TRAY_MESSAGE, "children", allow_duplicate=True),  # of the former query
    )

    def follow(store: Any, _colour: Any) -> Sequence[Any]:
        hidden, like, unlike, no_picture = show(explorer, pictures, store)
        return hidden, drawn(like), drawn(unlike), no_picture, ""

    return Follower(outputs, follow)


def register(app: Dash, explorer: Explorer) -> None:
    """Turn what is done with the examples into queries."""

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.TRAY_MESSAGE, "children"),
        Output(ids.EXAMPLE_CHANGE, "data"),
        Input(ids.EXAMPLE_CHANGE, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def change_examples(asked: Any, store: Any) -> Any:
        return *change(explorer, asked, store), None

    app.clientside_callback(
        ClientsideFunction("tray", "askNext"),
        Input(ids.EXAMPLE_CHANGE, "data"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("tray", "goOn"),
        Input(ids.TRAY_LIKE, CONTENT),
        prevent_initial_call=True,
    )
    if explorer.embedder is not None:  # else there is no picture of one's own
        app.clientside_callback(
            ClientsideFunction("tray", "ownPicture"),
            Output(ids.TRAY_OWN_IMAGE, "src"),
            Input(ids.QUERY, "data"),
            Input(ids.OWN_PICTURE, "data"),
            prevent_initial_call=True,
        )
