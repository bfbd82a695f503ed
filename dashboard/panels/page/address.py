"""The page's address holds query and colour: reload, share, back and forward walk through them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import Part, Turn
from dashboard.query.address import unknown_galaxies
from dashboard.search.counterparts import homes_of
from dashboard.web.start import page_address


def layout() -> Component:
    """Return the address, and the place for a sentence about it."""
    return html.Div(
        [
            dcc.Location(id=ids.ADDRESS, refresh=False),
            html.Div(id=ids.ADDRESS_NOTICE, className="notice", role="alert"),
        ]
    )


def show(explorer: Explorer, turn: Turn) -> tuple[Any, Any]:
    """Return the page's address and what is to be said of the one that was read.

    One that was read is left as it is: the entry page stays the entry page of the browser's
    history. Any other becomes a step of it.
    """
    read = [request for request in turn.requests if request.kind == "address"]
    shown = read[-1].values.get("search") if read else turn.before and turn.before.address
    address = no_update if shown == turn.page.address else turn.page.address
    said = turn.said.get("address", "")
    offers = instead(explorer, shown) if said and read else []
    return address, [f"{said} ", *offers] if offers else said


def instead(explorer: Explorer, search: object) -> list[Component]:
    """Return links to the open atlases that have the galaxies of an address that this one lacks."""
    names = unknown_galaxies(search, explorer)
    return [
        html.A(
            home[0].in_words + (f" and {len(home) - 1} more" if len(home) > 1 else ""),
            href=f"{page_address(home[0].explorer.name)}?"
            + urlencode([("galaxy", one.object_id) for one in home]),
            className="suggestion",
        )
        for home in homes_of(names, list(explorer.open_atlases.values()))
    ]


def part(explorer: Explorer) -> Part:
    """Write the address of what is shown."""
    outputs = Output(ids.ADDRESS, "search"), Output(ids.ADDRESS_NOTICE, "children")
    return Part(outputs, lambda turn: show(explorer, turn), speaks_of=("address",))


def register(app: Dash) -> None:
    """Ask for what an address says that is not the page's own."""
    app.clientside_callback(
        ClientsideFunction("requests", "readAddress"),
        Input(ids.ADDRESS, "search"),
        State(ids.QUERY, "data"),
        prevent_initial_call=False,
    )
