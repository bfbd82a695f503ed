"""The page's address holds query and colour: reload, share, back and forward walk through them."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.panels.parts import Part, Turn


def layout() -> Component:
    """Return the address, and the place for a sentence about it."""
    return html.Div(
        [
            dcc.Location(id=ids.ADDRESS, refresh=False),
            html.Div(id=ids.ADDRESS_NOTICE, className="notice", role="alert"),
        ]
    )


def show(turn: Turn) -> tuple[Any, str]:
    """Return the page's address and what is to be said of the one that was read.

    One that was read is left as it is: the entry page stays the entry page of the browser's
    history. Any other becomes a step of it.
    """
    read = [request for request in turn.requests if request.kind == "address"]
    shown = read[-1].values.get("search") if read else turn.before and turn.before.address
    address = no_update if shown == turn.page.address else turn.page.address
    return address, turn.said.get("address", "")


def part() -> Part:
    """Write the address of what is shown."""
    outputs = Output(ids.ADDRESS, "search"), Output(ids.ADDRESS_NOTICE, "children")
    return Part(outputs, show, speaks_of=("address",))


def register(app: Dash) -> None:
    """Ask for what an address says that is not the page's own."""
    app.clientside_callback(
        ClientsideFunction("requests", "readAddress"),
        Input(ids.ADDRESS, "search"),
        State(ids.QUERY, "data"),
        prevent_initial_call=False,
    )
