"""How sure the neighbours are: a quiet line above the gallery, which opens to explain itself.

Above it stands in plain words if a picture that somebody brought resembles nothing in the atlas.
"""

from __future__ import annotations

from dash import Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import CONTENT, Part, drawn
from dashboard.query.answer import Answer
from dashboard.query.certainty import in_full, in_short
from dashboard.query.resemblance import why_not


def layout() -> Component:
    """Return the places of both; that of the line keeps its height while it is empty."""
    return html.Div(
        [
            html.Div(id=ids.RESEMBLANCE, className="resemblance", role="status"),
            html.Details(
                [
                    html.Summary(id=ids.CERTAINTY),
                    html.P(id=ids.CERTAINTY_MEANING, className="meaning"),
                ],
                className="explained certainty",
            ),
        ],
        className="how-sure",
    )


def show(explorer: Explorer, answer: Answer) -> tuple[str, str]:
    """Return a line about the query's neighbours and what it means.

    Both are empty if there are none, if they do not resemble the query (see `warning`), or if those
    of other atlases are among them.
    """
    if answer.certainty is None or answer.resembles_nothing or answer.best is not None:
        return "", ""
    meaning = in_full(answer.certainty, answer.query, explorer.n_objects)
    return in_short(answer.certainty, len(answer.neighbours.rows)), meaning


def warning(explorer: Explorer, answer: Answer) -> list[Component]:
    """Return what is to be said if nothing resembles the picture that was brought."""
    if not answer.resembles_nothing:
        return []
    verdict, remedy = why_not(explorer.manifest)
    return [html.P(html.Strong(verdict)), html.P(remedy)]


def part(explorer: Explorer) -> Part:
    """Say how sure the neighbours are."""
    outputs = (
        Output(ids.CERTAINTY, "children"),
        Output(ids.CERTAINTY_MEANING, "children"),
        Output(ids.RESEMBLANCE, CONTENT),
    )
    return Part(
        outputs,
        lambda turn: (*show(explorer, turn.answer), drawn(warning(explorer, turn.answer))),
    )
