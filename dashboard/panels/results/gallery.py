"""The gallery: the galaxies most similar to the query; each is the next query, one click away.

A hundred cards as components would keep a browser busy for longer than the search itself. They go
out as plain values, and assets/gallery.js draws them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.formatting import has_names, name_of, why_no_picture
from dashboard.panels.parts import aria
from dashboard.pictures.addresses import SMALL_PX, Pictures
from dashboard.query.examples import others_in_words
from dashboard.query.query import DEFAULT_K, K_CHOICES, Query, QueryError
from pipeline.atlas import MOST_CUTOUT_PX

KEYS = "Arrows move. Enter searches from a galaxy, Space adds it, − says “not like this”."


class Shown(NamedTuple):
    """What the page shows of the neighbours, in the order of the outputs."""

    drawn: dict[str, Any]
    heading: str
    style: dict[str, Any]
    instead: list[Component]


def layout(tools: Sequence[Component], how_sure: Component, tray: Component) -> Component:
    """Return heading with choice of k and tools, a line, tray, and bones in place of cards."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Most similar", id=ids.GALLERY_HEADING, **aria(live="polite")),
                    html.Label("Show", htmlFor=ids.GALLERY_K, className="label is-inline"),
                    dbc.Select(
                        id=ids.GALLERY_K,
                        options=[{"label": str(k), "value": str(k)} for k in K_CHOICES],
                        value=str(DEFAULT_K),
                    ),
                    *tools,
                ],
                className="panel-heading",
            ),
            how_sure,
            tray,
            html.Div(
                [
                    html.Ul(className="cards", **aria(describedby=ids.GALLERY_KEYS)),
                    html.Div(
                        [html.Span(className="card is-bone") for _ in range(DEFAULT_K)],
                        id=ids.GALLERY_INSTEAD,
                        className="cards is-instead",
                    ),
                ],
                id=ids.GALLERY,
                className="gallery",
                style=columns(DEFAULT_K),
            ),
            html.P(KEYS, id=ids.GALLERY_KEYS, className="hint gallery-keys"),
            dcc.Store(id=ids.GALLERY_CARDS),
            dcc.Store(id=ids.GALLERY_CHOSEN),
        ],
        className="panel gallery-panel",
        **aria(label="Most similar galaxies"),
    )


def columns(k: int) -> dict[str, Any]:
    """Return the style that asks for a square of ``k`` cards where the page is wide enough.

    >>> columns(25)
    {'--columns': 5}
    """
    return {"--columns": math.isqrt(k)}


def show(explorer: Explorer, pictures: Pictures, store: Any, size: Any = None) -> Shown:
    """Return the cards, the heading, how many columns to aim at, and what to say if none.

    Parameters
    ----------
    size : str
        How wide pictures are on the page in pixels, of options.SIZES.
    """
    query = Query.from_store(store, explorer.n_objects)
    found = query.neighbours(explorer)
    name = subject(explorer, query)
    order = "least similar" if query.least_similar else "most similar"
    if not len(found.rows):
        sentence = [nothing(name, bool(query.filters))]
        return Shown({"cards": []}, order.capitalize(), columns(query.k), sentence)
    only = "Only " if len(found.rows) < query.k else ""
    within = " within the filters" if query.filters else ""
    heading = f"{only}{len(found.rows)} {order} to {name}{within}"
    drawn = cards(explorer, pictures, found.rows.tolist(), found.similarity.tolist(), size)
    return Shown(drawn, heading, columns(query.k), [])


def cards(
    explorer: Explorer,
    pictures: Pictures,
    rows: Sequence[int],
    similarity: Sequence[float],
    size: Any = None,
) -> dict[str, Any]:
    """Return what assets/gallery.js draws: the galaxies in their order, and words for them all."""
    size_px = wanted_px(size)
    galaxies = [explorer.galaxy(row) for row in rows]
    drawn: list[dict[str, Any]] = [
        {
            "row": galaxy.row,
            "name": name_of(galaxy),
            "similarity": f"{cosine:.3f}".replace("-", "−"),
            "url": pictures.url(galaxy.row, size_px),
        }
        for galaxy, cosine in zip(galaxies, similarity, strict=True)
    ]
    return {
        "cards": drawn,
        "named": has_names(galaxies[0]),
        "host": pictures.host,
        "why": why_no_picture(drawn[0]["url"], pictures.host),
    }


def wanted_px(size: Any) -> int:
    """Return how many pixels a picture should have, for fine screens, to be shown at this size.

    >>> wanted_px("fit"), wanted_px("152"), wanted_px("256")
    (192, 304, 512)
    """
    fits = isinstance(size, str) and size.isdecimal() and len(size) <= 3
    return min(max(SMALL_PX, 2 * int(size)), MOST_CUTOUT_PX) if fits else SMALL_PX


def subject(explorer: Explorer, query: Query) -> str:
    """Return what the neighbours are similar to: ``M 51 and 2 more, unlike 1``."""
    is_own = query.picture is not None
    name = "your picture" if is_own else name_of(explorer.galaxy(query.rows[0]))
    return name + others_in_words(query)


def nothing(name: str, is_filtered: bool) -> Component:
    """Return what stands in the place of cards, and the way out if the filters are the reason."""
    if not is_filtered:
        sentence = f"The atlas has no other galaxy than {name}, so there is nothing to compare."
        return html.Div(html.P(sentence), className="empty")
    return html.Div(
        [
            html.P(
                f"These filters leave no galaxy to compare {name} with. Widen one of them, or "
                "clear them all."
            ),
            dbc.Button("Clear the filters", id=ids.filters_clear("gallery"), class_name="is-small"),
        ],
        className="empty",
    )


def choose(explorer: Explorer, chosen: Any, store: Any) -> Any:
    """Return the query of the card that was chosen."""
    if not isinstance(chosen, dict):
        return no_update
    checked = Query.from_store({"rows": [chosen.get("row")]}, explorer.n_objects)
    query = Query.after(store, explorer.n_objects, rows=checked.rows, origin="card")
    return query.to_store()


def keep_k(explorer: Explorer, changed: Any, k: Any, store: Any) -> tuple[Any, Any]:
    """Return query and choice of k after one of the two has changed."""
    if store is None:
        return no_update, no_update
    query = Query.from_store(store, explorer.n_objects)
    if f"{ids.QUERY}.data" in changed:
        return no_update, str(query.k)
    if k not in map(str, K_CHOICES):
        raise QueryError(f"The page asked for {str(k)[:20]} neighbours. Reload the page.")
    if int(k) == query.k:
        return no_update, no_update
    return replace(query, k=int(k)).to_store(), no_update


def register(app: Dash, explorer: Explorer) -> None:
    """Show neighbours, and turn clicks and the choice of k into queries."""
    pictures = Pictures(explorer)

    @app.callback(
        Output(ids.GALLERY_CARDS, "data"),
        Output(ids.GALLERY_HEADING, "children"),
        Output(ids.GALLERY, "style"),
        Output(ids.GALLERY_INSTEAD, "children"),
        Input(ids.QUERY, "data"),
        Input(ids.PICTURE_SIZE, "value"),
        prevent_initial_call=True,
    )
    def show_gallery(store: Any, size: Any) -> Any:
        return (no_update,) * 4 if store is None else show(explorer, pictures, store, size)

    app.clientside_callback(
        ClientsideFunction("gallery", "draw"),
        Input(ids.GALLERY_CARDS, "data"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.GALLERY_CHOSEN, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def choose_card(chosen: Any, store: Any) -> Any:
        return choose(explorer, chosen, store)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.GALLERY_K, "value"),
        Input(ids.GALLERY_K, "value"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def keep_k_in_step(k: Any, store: Any) -> Any:
        return keep_k(explorer, ctx.triggered_prop_ids, k, store)
