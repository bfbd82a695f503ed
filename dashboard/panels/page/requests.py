"""What happens on the page, and its answer: the one callback that changes the query.

Panels put what happened into requests (assets/requests.js numbers and keeps them), `take` folds
them into the page and has its query answered, and every panel shows that, all in one answer of the
server. The browser draws at once what it can without Dash, and hands it the rest a frame later, so
that nobody waits for the map to see the gallery.

Calls that overlap do no harm: each brings all that the page does not contain yet, Dash keeps the
answer to the last one only, and that contains what the others would have said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.counted import SEARCH, count
from dashboard.explorer.explorer import Explorer
from dashboard.map.requests import KINDS, first_page
from dashboard.panels.parts import Part, Turn
from dashboard.query.answer import answer
from dashboard.query.page import Page, fold, read_requests

Tell = Callable[[Exception], None]

_QUERY = str(Output(ids.QUERY, "data"))
# What visitors hear of the files of an atlas; whoever runs the server reads more at /health.
_NOTICES = {
    "checking": (
        "This atlas has just been opened, and its files are still being compared with what was "
        "published: searches take longer until that is done, and a damaged picture might not be "
        "noticed."
    ),
    "damaged": (
        "Files of this atlas were damaged on the server after it was opened. What you see is as it "
        "was published; some pictures may be missing until the files are whole again."
    ),
    "unreachable": (
        "The service that finds similar galaxies does not answer at the moment. Everything else "
        "works, and searches will as soon as it is back."
    ),
}


def layout() -> Component:
    """Return the stores, and the place for a sentence about what went wrong."""
    return html.Div(
        [
            dcc.Store(id=ids.QUERY),
            dcc.Store(id=ids.REQUESTS),
            dcc.Store(id=ids.ANSWER),
            dcc.Store(id=ids.UNDERSTOOD),
            html.Div(id=ids.NOTICE, className="notice", role="alert"),
        ]
    )


def take(explorer: Explorer, sent: Any, store: Any) -> Turn:
    """Return the page with all that has happened, and the answer to its query.

    Parameters
    ----------
    sent : object
        `ids.REQUESTS` as the browser has it.
    store : object
        `ids.QUERY`, None at first.

    Raises
    ------
    QueryError, FilterError
        Not from a page of this atlas.
    """
    requests = read_requests(sent, explorer)
    before = None if store is None else Page.from_store(store, explorer)
    folded = fold(explorer, before or first_page(explorer), requests, KINDS)
    if before is None or folded.page.query != before.query:
        count(SEARCH, folded.page.query.origin)
    look = sent.get("look")
    return Turn(
        before,
        folded.page,
        answer(explorer, folded.page.query),
        folded.applied,
        folded.said,
        look if isinstance(look, dict) else {},
    )


def leave_out(explorer: Explorer, sent: Any, store: Any) -> dict[str, Any]:
    """Return the page without the requests that it does not contain: they are not tried again."""
    before = Page.from_store(store, explorer)
    latest = max((request.n for request in read_requests(sent, explorer)), default=before.n)
    return replace(before, n=max(before.n, latest)).to_store()


def show(
    parts: Sequence[Part], tell: Tell, turn: Turn, of_atlas: str = ""
) -> tuple[dict[str, Any], Any]:
    """Return the values of all outputs by their names, and the notice.

    A part that fails is told of, and stays as it is. ``of_atlas`` is what else the notice says.
    """
    values = {_QUERY: turn.page.to_store()}
    has_failed = False
    for part in parts:
        try:
            shown = part.show(turn)
        except Exception as error:  # noqa: BLE001  # told and logged, and the others go on
            tell(error)
            has_failed = True
        else:
            named = zip(map(str, part.outputs), shown, strict=True)
            values |= {name: value for name, value in named if value is not no_update}
    elsewhere = {kind for part in parts for kind in part.speaks_of}
    sentences = [said for kind, said in turn.said.items() if kind not in elsewhere]
    return values, no_update if has_failed else " ".join(filter(None, [*sentences, of_atlas]))


def respond(
    explorer: Explorer, parts: Sequence[Part], tell: Tell, sent: Any, store: Any
) -> tuple[dict[str, Any], Any]:
    """Return the values of all outputs by their names, and the notice, after something happened."""
    try:
        turn = take(explorer, sent, store)
    except Exception as error:  # noqa: BLE001  # told and logged, and the next request can follow
        tell(error)
        return {} if store is None else {_QUERY: leave_out(explorer, sent, store)}, no_update
    return show(parts, tell, turn, _NOTICES.get(explorer.condition().status, ""))


def register(app: Dash, explorer: Explorer, parts: Sequence[Part], tell: Tell) -> None:
    """Answer whatever happens, and let the browser number it."""

    @app.callback(
        Output(ids.ANSWER, "data"),
        Output(ids.NOTICE, "children"),
        Input(ids.REQUESTS, "data"),
        State(ids.QUERY, "data"),
    )
    def answer_requests(sent: Any, store: Any) -> Any:
        return respond(explorer, parts, tell, sent, store)

    app.clientside_callback(
        ClientsideFunction("requests", "show"),
        Output(ids.QUERY, "data"),
        *(output for part in parts for output in part.outputs),
        Input(ids.ANSWER, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("requests", "answered"),
        Input(ids.QUERY, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("requests", "understood"),
        Input(ids.UNDERSTOOD, "data"),
    )
