"""The query in other atlases: links that take it there, and the best of all of them together.

The tabs of the header take it along, too. assets/across.js writes the addresses into all these
links, a frame after the answer is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.across import comparable_atlases, why_not_comparable
from dashboard.explorer.explorer import Explorer
from dashboard.formatting import count_of
from dashboard.panels.parts import CONTENT, Part, Turn, aria, asks, drawn
from dashboard.query.address import to_address
from dashboard.query.answer import Answer
from dashboard.query.elsewhere import BestOfAll, carried
from dashboard.query.query import Query
from dashboard.site import page_address

ADDRESSES = "data-addresses"


def menu(explorer: Explorer, explorers: Mapping[str, Explorer]) -> list[Component]:
    """Return the menu of the other atlases; nothing where there is none."""
    others = [other for other in explorers.values() if other is not explorer]
    if not others:
        return []
    reasons = {other.name: why_not_comparable(explorer, other) for other in others}
    alike = [other for other in others if not reasons[other.name]]
    body = [
        *([html.H3("More like this in"), html.Ul(list(map(_link, alike)))] if alike else []),
        *([_everywhere(len(alike) + 1)] if alike else []),
        *(
            html.P([html.Strong(other.title), ": ", reasons[other.name]], className="hint")
            for other in others
            if reasons[other.name]
        ),
    ]
    opener = html.Summary(
        [
            html.Span(className="glyph glyph-atlases", **aria(hidden="true")),
            html.Span("Other atlases", className="across-word"),
        ],
        className="btn is-small",
        title="More like this in other atlases",
    )
    # The addresses stand beside the menu, for Dash writes anew what it changes.
    return [
        html.Details([opener, html.Div(body, className="menu-body across-menu")], className="menu"),
        html.Span(id=ids.ACROSS, hidden=True),
    ]


def note() -> Component:
    """Return the place where is said what is shown of which atlas."""
    return html.Div(id=ids.ACROSS_NOTE, className="across-note", role="status")


def _link(other: Explorer) -> Component:
    to: dict[str, Any] = {"data-to-atlas": other.name}
    count = html.Span(count_of(other.manifest), className="atlas-count")
    return html.Li([html.A(other.title, href=page_address(other.name), **to), count])


def _everywhere(n_atlases: int) -> Component:
    words = "both atlases" if n_atlases == 2 else f"all {n_atlases} atlases"
    return html.Button(
        f"The best of {words} together",
        type="button",
        className="btn is-wide",
        **asks("option", everywhere=True),
    )


def addresses(explorer: Explorer, query: Query) -> dict[str, str]:
    """Return where the query is asked of each other atlas of the same model, by its name."""
    return {
        other.name: page_address(other.name) + to_address(carried(query, explorer, other), other)
        for other in comparable_atlases(explorer)
    }


def show(explorer: Explorer, answer: Answer) -> list[Component]:
    """Return what is said below the heading while the best of all atlases are shown."""
    if answer.best is None:
        return []
    rest = [f"Table, map and downloads keep to {explorer.title}."]
    rest += [f"{other.title} is left out. {reason}" for other, reason in answer.best.left_out]
    return [
        html.P(_counts(answer.best)),
        html.Button(
            "This atlas only",
            type="button",
            className="btn is-small",
            **asks("option", everywhere=False),
        ),
        html.P(" ".join(rest), className="hint"),
    ]


def _counts(best: BestOfAll) -> list[Component]:
    return [
        html.Span([html.Strong(str(n)), f" {other.title}"], className="across-count")
        for other, n in best.counts()
    ]


def part(explorer: Explorer) -> Part:
    """Say where the query can go, and what is shown of which atlas."""
    outputs = Output(ids.ACROSS, ADDRESSES), Output(ids.ACROSS_NOTE, CONTENT)

    def show_turn(turn: Turn) -> tuple[str, str]:
        # What a page begins with nobody has asked for: tabs lead to what the others begin with.
        follow = {"to": addresses(explorer, turn.page.query), "tabs": turn.page.address != ""}
        return json.dumps(follow, ensure_ascii=False), drawn(show(explorer, turn.answer))

    return Part(outputs, show_turn)


def register(app: Dash) -> None:
    """Let links and tabs take the query along."""
    app.clientside_callback(
        ClientsideFunction("across", "follow"),
        Input(ids.ACROSS, ADDRESSES),
    )
