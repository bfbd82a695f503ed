"""The gallery: the galaxies most similar to the query; each is the next query, one click away."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.cutouts import Pictures
from dashboard.explorer import Explorer, Galaxy
from dashboard.panels import aria, picture
from dashboard.query import DEFAULT_K, K_CHOICES, Query, QueryError
from dashboard.wording import has_names, name_of


def layout(menu: Component, how_sure: Component) -> Component:
    """Return the heading with choice of k and menu, a line, and bones in place of the cards."""
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
                    menu,
                ],
                className="panel-heading",
            ),
            how_sure,
            html.Div(
                [html.Span(className="card is-bone") for _ in range(DEFAULT_K)],
                id=ids.GALLERY,
                className="gallery",
                style=columns(DEFAULT_K),
            ),
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


def show(explorer: Explorer, pictures: Pictures, store: Any) -> tuple[Any, str, dict[str, Any]]:
    """Return the cards, the heading, and how many columns to aim at."""
    query = Query.from_store(store, explorer.n_objects)
    found = query.neighbours(explorer)
    cards = [
        card(explorer.galaxy(int(row)), pictures, rank, float(similarity))
        for rank, (row, similarity) in enumerate(zip(found.rows, found.similarity, strict=True), 1)
    ]
    name = subject(explorer, query)
    order = "least similar" if query.least_similar else "most similar"
    if not cards:
        return [nothing(name, bool(query.filters))], order.capitalize(), columns(query.k)
    only = "Only " if len(cards) < query.k else ""
    within = " within the filters" if query.filters else ""
    heading = f"{only}{len(cards)} {order} to {name}{within}"
    return cards, heading, columns(query.k)


def subject(explorer: Explorer, query: Query) -> str:
    """Return what the neighbours are similar to: ``M 51 and 2 more, unlike 1``."""
    name = name_of(explorer.galaxy(query.rows[0])) if query.rows else "your picture"
    n_more = query.n_examples - len(query.negatives) - 1
    more = f" and {n_more} more" if n_more else ""
    return name + more + (f", unlike {len(query.negatives)}" if query.negatives else "")


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


def card(galaxy: Galaxy, pictures: Pictures, rank: int, similarity: float) -> Component:
    """Return one neighbour: picture, name if there are names, similarity; a click goes there."""
    name = name_of(galaxy)
    named = [html.Span(name, className="card-name")] if has_names(galaxy) else []
    return html.Button(
        [
            picture(pictures, galaxy.row, ""),
            *named,
            html.Span(f"{similarity:.3f}", className="similarity"),
        ],
        id=ids.neighbour_card(galaxy.row),
        className="card",
        type="button",
        title=f"{rank}. {name}",
        **aria(label=f"{rank}: {name}, similarity {similarity:.3f}. Search from here."),
    )


def choose(explorer: Explorer, clicked: Any, n_clicks: Any, store: Any) -> Any:
    """Return the query of the card that was clicked; cards that only appear have no clicks."""
    if not n_clicks or not isinstance(clicked, dict):
        return no_update
    chosen = Query.from_store({"rows": [clicked.get("row")]}, explorer.n_objects)
    query = Query.after(store, explorer.n_objects, rows=chosen.rows, origin="card")
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
        Output(ids.GALLERY, "children"),
        Output(ids.GALLERY_HEADING, "children"),
        Output(ids.GALLERY, "style"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def show_gallery(store: Any) -> Any:
        return show(explorer, pictures, store)

    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "startFromTop"),
        Input(ids.GALLERY, "children"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(ids.neighbour_card(ALL), "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def choose_card(_clicks: Any, store: Any) -> Any:
        return choose(explorer, ctx.triggered_id, ctx.triggered[0]["value"], store)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.GALLERY_K, "value"),
        Input(ids.GALLERY_K, "value"),
        Input(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    def keep_k_in_step(k: Any, store: Any) -> Any:
        return keep_k(explorer, ctx.triggered_prop_ids, k, store)
