"""The small changes that a query makes to the map's figure: what goes where in it.

A change is a mapping of places in the figure, such as ``("data", 2, "x")``, to what is there from
now on. Each says all there is to say, so it does not matter which one was made before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dashboard.filters.filters import SIMILARITY
from dashboard.map import figure as figures
from dashboard.map.colour_choices import checked_colour, colour_by, default_colour
from dashboard.map.colours import DEFAULT_THEME
from dashboard.map.sample import drawn_rows, is_crowded, nearby_rows

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.map.colours import Colouring
    from dashboard.query.answer import Answer
    from dashboard.query.page import Page

Place = tuple[str | int, ...]
Change = Mapping[Place, Any]


def highlight(explorer: Explorer, answer: Answer, colour: str) -> Change:
    """Return the change that moves rings and outline to where the query is.

    Galaxies of a large map that only the query brings get the map's colour.
    """
    query = answer.query
    rings = {
        figures.NEIGHBOURS: answer.neighbours.rows,
        figures.QUERY: query.rows,
        figures.NEGATIVES: query.negatives,
    }
    places = {t: figures.ring_positions(explorer.map_xy, rows) for t, rows in rings.items()}
    places[figures.REGION] = figures.outline(query.filters.region)
    size, width = figures.query_ring(len(drawn_rows(explorer)), len(query.rows))
    change: dict[Place, Any] = {
        ("layout", "meta", "rings"): "least similar" if query.least_similar else "most similar",
        ("data", figures.QUERY, "marker", "size"): size,
        ("data", figures.QUERY, "marker", "line", "width"): width,
    }
    if len(drawn_rows(explorer)) < explorer.n_objects:
        nearby = nearby_rows(explorer, answer)
        places[figures.NEARBY] = figures.ring_positions(explorer.map_xy, nearby)
        position = colour_by(explorer, checked_colour(explorer, colour), query).position[nearby]
        change["data", figures.NEARBY, "customdata"] = nearby
        change["data", figures.NEARBY, "marker", "color"] = figures.packed(position)
    for trace, place in places.items():
        for axis, values in place.items():
            change["data", trace, axis] = values
    return change


def recolour(explorer: Explorer, answer: Answer, colours: Colouring, theme: object) -> Change:
    """Return the change that colours all galaxies anew."""
    scale = colours.colorscale("light" if theme == "light" else DEFAULT_THEME)
    drawn: dict[int, Any] = {figures.GALAXIES: drawn_rows(explorer)}
    if nearby := nearby_rows(explorer, answer):
        drawn[figures.NEARBY] = nearby
    change: dict[Place, Any] = {}
    if is_crowded(explorer):
        change["data", figures.IN_VIEW, "marker", "colorscale"] = scale
    for trace, rows in drawn.items():
        change["data", trace, "marker", "color"] = figures.packed(colours.position[rows])
        change["data", trace, "marker", "colorscale"] = scale
    for key, value in figures.colours_meta(colours).items():
        change["layout", "meta", key] = value
    return change


def has_other_colours(explorer: Explorer, before: Page | None, now: Page) -> bool:
    """Return whether a page has to be coloured anew: by something else, or by another similarity.

    At first, where nothing was before, the map is as the layout has it.
    """
    former = default_colour(explorer) if before is None else before.colour
    is_same_query = before is not None and before.query == now.query
    return now.colour != former or (now.colour == SIMILARITY and not is_same_query)
