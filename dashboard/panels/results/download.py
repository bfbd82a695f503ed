"""The download menus: links to what the page shows, or to what is selected of it, as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.export.formats import FORMATS
from dashboard.export.pictures import MOST_PICTURES, who_has_pictures
from dashboard.export.routes import MOST_NEIGHBOURS, PICTURES_SUFFIX, download_address
from dashboard.formatting import format_count
from dashboard.panels.parts import CONTENT, Part, aria, drawn
from dashboard.query.answer import Answer
from dashboard.query.page import Page
from dashboard.query.query import Query
from dashboard.query.ranks import checked_ranks

_ABOUT_FORMATS = (
    "CSV is for spreadsheets; the other tables also carry units and descriptions. Every file says "
    "where its galaxies are from."
)
_ABOUT_PICTURES = f"Pictures come as a ZIP with their table, at most {MOST_PICTURES:,} at a time."


def layout() -> Component:
    """Return the menu of what is shown, closed and without links until there is a query."""
    return _menu(ids.DOWNLOADS, "menu", "Download neighbours or catalogue")


def layout_of_selected() -> Component:
    """Return the menu of what is selected in the table, closed and without links."""
    return _menu(ids.TABLE_DOWNLOADS, "menu is-upward", "Download the selected galaxies")


def _menu(content: str, class_name: str, title: str) -> Component:
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(className="glyph glyph-download", **aria(hidden="true")),
                    html.Span("Download", className="download-word"),
                ],
                className="btn is-small",
                title=title,
            ),
            html.Div(id=content, className="menu-body download-menu"),
        ],
        className=class_name,
    )


def show(explorer: Explorer, answer: Answer) -> list[Component]:
    """Return the links for a query, and what has to be said about them."""
    query, n_left = answer.query, answer.n_passing
    passes = explorer.passing(query.filters)
    if n_left == 0:
        return [html.P("The filters leave no galaxy to take away. Widen one of them.")]
    members = [*query.rows, *query.negatives]
    n_asked = len(members) if passes is None else int(np.count_nonzero(passes[members]))
    n_others = n_left - n_asked
    groups = []
    if n_others > 0:
        groups.append(group(explorer, "The neighbours shown", "neighbours", query, query.k))
    if n_others > query.k:
        title = f"Up to {MOST_NEIGHBOURS:,} neighbours"
        n = MOST_NEIGHBOURS
        groups.append(group(explorer, title, "neighbours", query, n, at_most=n))
    where = "within the filters" if query.filters else "of the atlas"
    title = f"All {format_count(n_left)} {where}" if n_left > 1 else f"The one galaxy {where}"
    groups.append(group(explorer, title, "catalogue", query, n_left))
    return [*groups, *_notes(explorer)]


def show_of_selected(explorer: Explorer, ranks: Any, shown: Any) -> list[Component] | None:
    """Return the links for the selected neighbours of what the table shows; None without any."""
    if not ranks or shown is None:
        return None
    query, ranks = Page.from_store(shown, explorer).query, checked_ranks(ranks)
    title = f"The {len(ranks):,} selected" if len(ranks) > 1 else "The one selected"
    links = group(explorer, title, "selection", query, len(ranks), ranks=ranks)
    return [links, *_notes(explorer)]


def _notes(explorer: Explorer) -> list[Component]:
    no_pictures = explorer.thumbnails is None
    notes = [_ABOUT_FORMATS, who_has_pictures(explorer) if no_pictures else _ABOUT_PICTURES]
    return [html.P(note, className="hint") for note in notes]


def group(
    explorer: Explorer,
    title: str,
    content: str,
    query: Query,
    n: int,
    *,
    at_most: int | None = None,
    ranks: Sequence[int] = (),
) -> Component:
    """Return the links to one thing in every format; to pictures if the atlas has so many.

    Parameters
    ----------
    n : int
        How many galaxies it is at most.
    at_most : int, optional
        How many neighbours to ask for, if not as many as are shown.
    ranks : sequence of int
        Of those selected among the neighbours.
    """
    kinds = [(form.label, form.suffix) for form in FORMATS.values()]
    if explorer.thumbnails is not None and n <= MOST_PICTURES:
        kinds.append(("Pictures", PICTURES_SUFFIX))
    links = [
        html.A(
            label,
            href=download_address(explorer, content, suffix, query, at_most, ranks),
            className="download-link",
            **aria(label=f"{label}: {title}"),
        )
        for label, suffix in kinds
    ]
    return html.Div([html.H3(title), html.Ul([html.Li(link) for link in links])])


def part(explorer: Explorer) -> Part:
    """Link to what is shown."""
    return Part(
        (Output(ids.DOWNLOADS, CONTENT),), lambda turn: (drawn(show(explorer, turn.answer)),)
    )


def register(app: Dash, explorer: Explorer) -> None:
    """Keep the links in step with what is selected."""

    @app.callback(
        Output(ids.TABLE_DOWNLOADS, CONTENT),
        Input(ids.TABLE_SELECTED, "data"),
        State(ids.TABLE_SHOWN, "data"),
    )
    def show_downloads_of_selected(ranks: Any, shown: Any) -> Any:
        content = show_of_selected(explorer, ranks, shown)
        return no_update if content is None else drawn(content)
