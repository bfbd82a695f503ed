"""How sure the neighbours are: a quiet line above the gallery, which opens to explain itself."""

from __future__ import annotations

from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import Follower
from dashboard.query.certainty import Judge, in_full, in_short
from dashboard.query.query import Query


def layout() -> Component:
    """Return the line's place, which keeps its height while it is empty."""
    return html.Details(
        [
            html.Summary(id=ids.CERTAINTY),
            html.P(id=ids.CERTAINTY_MEANING, className="meaning"),
        ],
        className="explained certainty",
    )


def show(judge: Judge, explorer: Explorer, store: Any) -> tuple[str, str]:
    """Return a line about the query's neighbours and what it means; empty if there are none."""
    query = Query.from_store(store, explorer.n_objects)
    certainty = judge.certainty(query)
    if certainty is None:
        return "", ""
    return in_short(certainty), in_full(certainty, query, explorer.n_objects)


def follower(explorer: Explorer) -> Follower:
    """Say how sure the neighbours are whenever the query changes."""
    judge = Judge(explorer)
    outputs = Output(ids.CERTAINTY, "children"), Output(ids.CERTAINTY_MEANING, "children")
    return Follower(outputs, lambda store, _colour: show(judge, explorer, store))
