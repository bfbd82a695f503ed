"""How sure the neighbours are: a quiet line above the gallery, which opens to explain itself."""

from __future__ import annotations

from dash import Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import Part
from dashboard.query.answer import Answer
from dashboard.query.certainty import in_full, in_short


def layout() -> Component:
    """Return the line's place, which keeps its height while it is empty."""
    return html.Details(
        [
            html.Summary(id=ids.CERTAINTY),
            html.P(id=ids.CERTAINTY_MEANING, className="meaning"),
        ],
        className="explained certainty",
    )


def show(explorer: Explorer, answer: Answer) -> tuple[str, str]:
    """Return a line about the query's neighbours and what it means; empty if there are none."""
    if answer.certainty is None or answer.best is not None:  # it is of this atlas alone
        return "", ""
    meaning = in_full(answer.certainty, answer.query, explorer.n_objects)
    return in_short(answer.certainty), meaning


def part(explorer: Explorer) -> Part:
    """Say how sure the neighbours are."""
    outputs = Output(ids.CERTAINTY, "children"), Output(ids.CERTAINTY_MEANING, "children")
    return Part(outputs, lambda turn: show(explorer, turn.answer))
