"""The gallery: the galaxies most similar to the query; each is the next query, one click away.

A hundred cards as components would keep a browser busy for longer than the search itself. They go
out as plain values, and assets/gallery.js draws them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import dash_bootstrap_components as dbc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import SIMILARITY
from dashboard.formatting import guest_in_words, has_names, name_of
from dashboard.panels.parts import CONTENT, Part, Turn, aria, asks, drawn, words_of_pictures
from dashboard.pictures.addresses import SMALL_PX, Pictures, pictures_of
from dashboard.query.address import to_address
from dashboard.query.answer import Answer
from dashboard.query.certainty import share_in_words, shares_of_pairs
from dashboard.query.elsewhere import Found, carried
from dashboard.query.query import DEFAULT_K, K_CHOICES, Query
from dashboard.site import page_address
from pipeline.atlas import MOST_CUTOUT_PX

KEYS = (
    "Arrows move. Enter searches from a galaxy, V enlarges it, Space adds it, − says “not like "
    "this”."
)


class Shown(NamedTuple):
    """What assets/gallery.js draws of the neighbours, and what stands there if there are none."""

    drawn: dict[str, Any]
    instead: list[Component]


def layout(
    explorer: Explorer, tools: Sequence[Component], how_sure: Component, tray: Component
) -> Component:
    """Return heading with choice of k and tools, a line, tray, and bones in place of cards."""
    bone = "card is-bone is-named" if has_names(explorer.galaxy(0)) else "card is-bone"
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
                    html.Div(id=ids.GALLERY_INSTEAD, className="cards is-instead"),
                    html.Div(
                        [html.Span(className=bone) for _ in range(DEFAULT_K)],
                        className="cards is-coming",
                    ),
                ],
                id=ids.GALLERY,
                className="gallery",
                style={"--columns": columns(DEFAULT_K)},
            ),
            html.P(KEYS, id=ids.GALLERY_KEYS, className="hint gallery-keys"),
        ],
        className="panel gallery-panel",
        **aria(label="Most similar galaxies"),
    )


def columns(k: int) -> int:
    """Return how many columns make a square of ``k`` cards, where the page is wide enough.

    >>> columns(25)
    5
    """
    return math.isqrt(k)


def show(explorer: Explorer, pictures: Pictures, answer: Answer, size: Any = None) -> Shown:
    """Return cards with heading and how many columns to aim at, and what to say if there are none.

    Parameters
    ----------
    size : str
        How wide pictures are on the page in pixels, of options.SIZES.
    """
    query, found = answer.query, answer.neighbours
    name = subject(explorer, query)
    order = "least similar" if query.least_similar else "most similar"
    about = {"heading": order.capitalize(), "columns": columns(query.k)}
    about["subject"] = query.rows[0] if query.rows else None  # what they are seen beside
    if not len(found.rows) and not (answer.best and answer.best.found):
        too_far = "" if answer.problem else _too_far(explorer, query)
        sentence = nothing(name, bool(query.filters), answer.problem, too_far)
        return Shown(about | {"cards": []}, [sentence])
    only = "Only " if len(found.rows) < query.k else ""
    within = " within the filters" if query.filters else ""
    if answer.best is not None:
        shown, n_atlases = answer.best.found, len(answer.best.asked)
        about["heading"] = f"{len(shown)} {order} to {name} in {n_atlases} atlases{within}"
        return Shown(about | {"cards": cards_of_all(explorer, query, shown, size)}, [])
    about["heading"] = f"{only}{len(found.rows)} {order} to {name}{within}"
    drawn = cards(explorer, pictures, found.rows.tolist(), found.similarity.tolist(), size)
    return Shown(about | drawn, [])


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
    shares = shares_of_pairs(explorer, np.asarray(similarity))
    among = [""] * len(rows) if shares is None else map(share_in_words, shares.tolist())
    drawn: list[dict[str, Any]] = [
        {
            "row": galaxy.row,
            "name": name_of(galaxy),
            "similarity": f"{cosine:.3f}".replace("-", "−"),
            "share": share,
            "url": pictures.url(galaxy.row, size_px),
        }
        for galaxy, cosine, share in zip(galaxies, similarity, among, strict=True)
    ]
    words = words_of_pictures(pictures, galaxies[0].row)
    sheet = pictures.sheet(size_px)
    return {"cards": drawn, "named": has_names(galaxies[0]), "sheet": sheet} | words


def cards_of_all(
    explorer: Explorer, query: Query, found: Sequence[Found], size: Any = None
) -> list[dict[str, Any]]:
    """Return the cards of galaxies of several atlases: those of others lead to their pages."""
    drawn: list[dict[str, Any]] = []
    for other, row, similarity in found:
        one = cards(other, pictures_of(other), [row], [similarity], size)
        card = one.pop("cards")[0] | one | {"atlas": other.title, "named": True}
        if other is not explorer:
            asked = carried(query, explorer, other).after(rows=(row,), origin="card")
            guest = (other.name, str(other.catalogue["object_id"].iloc[row]))
            card |= {"guest": guest, "href": page_address(other.name) + to_address(asked, other)}
        drawn.append(card)
    return drawn


def wanted_px(size: Any) -> int:
    """Return how many pixels a picture should have, for fine screens, to be shown at this size.

    >>> wanted_px("fit"), wanted_px("152"), wanted_px("256")
    (192, 304, 512)
    """
    fits = isinstance(size, str) and size.isdecimal() and len(size) <= 3
    return min(max(SMALL_PX, 2 * int(size)), MOST_CUTOUT_PX) if fits else SMALL_PX


def subject(explorer: Explorer, query: Query) -> str:
    """Return what the neighbours are similar to: ``M 51 and 2 more, unlike 1``."""
    if query.embedding is not None:
        name = "your picture"
    elif query.rows:
        name = name_of(explorer.galaxy(query.rows[0]))
    else:
        name = guest_in_words(explorer, query.guests[0])
    return name + query.others_in_words()


def _too_far(explorer: Explorer, query: Query) -> str:
    """Return how similar the most similar galaxy is, if that is less than the filters ask for."""
    bound = query.filters.similarity
    if bound is None or bound.least is None:
        return ""
    without = replace(
        query, filters=query.filters.without(SIMILARITY), least_similar=False
    ).neighbours(explorer, 1)
    if not len(without.rows) or without.similarity[0] >= bound.least:
        return ""
    best = f"{without.similarity[0]:.3f}".replace("-", "−")
    return f"No galaxy is that similar: the most similar one has {best}."


def nothing(name: str, is_filtered: bool, problem: str = "", too_far: str = "") -> Component:
    """Return what stands in the place of cards, and the way out if the filters are the reason.

    Parameters
    ----------
    problem : str
        Why the query cannot have neighbours, if that is the reason.
    too_far : str
        That the filters ask for more similarity than there is, if that is the reason.
    """
    if problem or not is_filtered:
        alone = f"The atlas has no other galaxy than {name}, so there is nothing to compare."
        return html.Div(html.P(problem or alone), className="empty")
    return html.Div(
        [
            html.P(
                f"{too_far} Ask for less, or clear the filters."
                if too_far
                else f"These filters leave no galaxy to compare {name} with. Widen one of them, or "
                "clear them all."
            ),
            html.Button(
                "Clear the filters",
                type="button",
                className="btn is-small",
                **asks("clear-filters"),
            ),
        ],
        className="empty",
    )


def part(explorer: Explorer) -> Part:
    """Show the neighbours."""
    pictures = Pictures(explorer)
    outputs = Output(ids.GALLERY, CONTENT), Output(ids.GALLERY_INSTEAD, CONTENT)

    def show_turn(turn: Turn) -> tuple[str, str]:
        shown = show(explorer, pictures, turn.answer, turn.look.get("size"))
        return json.dumps(shown.drawn, ensure_ascii=False), drawn(shown.instead)

    return Part(outputs, show_turn)


def register(app: Dash) -> None:
    """Mark what is in the query, and keep the choice of k in step with it."""
    app.clientside_callback(
        ClientsideFunction("gallery", "mark"),
        Input(ids.GALLERY, CONTENT),
        Input(ids.QUERY, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("gallery", "askForMore"),
        Input(ids.GALLERY_K, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("gallery", "follow"),
        Output(ids.GALLERY_K, "value"),
        Input(ids.QUERY, "data"),
    )
