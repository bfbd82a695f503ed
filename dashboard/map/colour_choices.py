"""What the map can be coloured by: a column, how similar to the query, how crowded the map is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import cKDTree
from scipy.stats import rankdata

from dashboard.explorer.explorer import Explorer, UnknownColumnError
from dashboard.explorer.memo import remembered
from dashboard.filters.codes import MOST_CODES, called, is_code
from dashboard.filters.filters import SIMILARITY
from dashboard.formatting import is_truth, label_of_choice
from dashboard.labels import is_identifier
from dashboard.map.colours import Colouring, categorical, continuous, plain
from dashboard.query.page import LONGEST_ADDRESS
from dashboard.query.query import Query
from dashboard.untrusted import quoted
from pipeline.atlas import Column

# Beside the names of columns, none of which begins so, and `SIMILARITY`.
DENSITY = "~density"
_POSITION = ("ra_deg", "dec_deg")
_MOST_CATEGORIES = 12  # more hues than this cannot be told apart
_MOST_LOOKED_AT = 5_000  # galaxies that tell which numbers the map tells of
_FEWEST_KNOWN = 20
_SIMILARITY_QUANTILES = (0.02, 0.999)  # the few most similar are what one looks for
COLOUR_FIELD = "colour"  # of an address
RADIUS = 0.02  # of the map, on which nearly all galaxies lie within [0, 1]
_CELL = RADIUS / 4
_OUTSIDE = 0.25  # beyond [0, 1]; farther out lie single galaxies


def choices(explorer: Explorer) -> dict[str, str]:
    """Return what can be chosen, with what it is called: columns first."""
    columns = {column.name: label_of_choice(column) for column in _columns(explorer)}
    others = {SIMILARITY: "similarity to the query", DENSITY: "density on the map"}
    return columns | (others if explorer.n_objects > 1 else {})


@remembered(1)
def default_colour(explorer: Explorer) -> str:
    """Return the colour to begin with: kinds of galaxies rather than numbers.

    A simulated truth comes before what was measured; of numbers the one comes first that changes
    least from neighbour to neighbour on the map. The empty text stands for an atlas with nothing to
    colour by. Where only positions are known, it is how crowded the map is.
    """
    columns = [column for column in _columns(explorer) if column.name not in _POSITION]
    kinds = [column for column in columns if explorer.is_category(column.name)]
    if kinds:
        return min(kinds, key=lambda column: not is_truth(column)).name
    numbers = sorted(columns, key=lambda column: not is_truth(column))
    if numbers:
        return max(numbers, key=lambda column: told_by_map(explorer, column.name)).name
    return DENSITY if DENSITY in choices(explorer) else ""


def told_by_map(explorer: Explorer, name: str) -> float:
    """Return which share of the scatter of a column's ranks the place on the map accounts for.

    Among some thousands of galaxies, compared with their nearest on the map that has a value: 0
    where that says nothing of it.
    """
    rows = np.arange(0, explorer.n_objects, max(1, explorer.n_objects // _MOST_LOOKED_AT))
    values = explorer.values(name)[rows]
    known = np.isfinite(values)
    if known.sum() < _FEWEST_KNOWN:
        return 0.0
    ranks = rankdata(values[known])
    places = np.asarray(explorer.map_xy[rows[known]], dtype=np.float64)
    _, nearest = cKDTree(places).query(places, k=2)
    alike = np.mean((ranks - ranks[nearest[:, 1]]) ** 2) / 2
    return max(0.0, 1.0 - float(alike / np.var(ranks)))


@remembered(1)
def _columns(explorer: Explorer) -> list[Column]:
    """Return the columns worth colouring a map by, position on the sky last.

    Numbers that differ, and categories with 2 to 12 values. Whole numbers that are different for
    each of many galaxies are identifiers, not quantities.
    """
    names = [name for name in explorer.columns if name not in ("object_id", *_POSITION)]
    chosen = [name for name in [*names, *_POSITION] if _is_telling(explorer, name)]
    return [explorer.columns[name] for name in chosen]


def _is_telling(explorer: Explorer, name: str) -> bool:
    if is_identifier(explorer.columns[name]):
        return False
    values = explorer.values(name)
    if explorer.is_category(name):
        labels = set(values) - {None}
        return 2 <= len(labels) <= (MOST_CODES if all(map(is_code, labels)) else _MOST_CATEGORIES)
    column = explorer.catalogue[name]
    n_different = len(np.unique(values[np.isfinite(values)]))
    is_different_for_all = (
        pd.api.types.is_integer_dtype(column)  # as they are: float64 would lose digits
        and column.nunique() == explorer.n_objects > _MOST_CATEGORIES
    )
    return n_different >= 2 and not is_different_for_all


def checked_colour(explorer: Explorer, name: Any) -> str:
    """Return ``name`` if the map can be coloured by it, or raise an UnknownColumnError."""
    if isinstance(name, str) and name in choices(explorer):
        return name
    raise UnknownColumnError(
        f"The map of {explorer.title} cannot be coloured by {quoted(name)}. Choose another colour."
    )


def colour_by(explorer: Explorer, name: str, query: Query | None = None) -> Colouring:
    """Colour all galaxies by one of `choices`.

    All the same by the empty name, or without a query to be similar to.
    """
    return _colour_by(explorer, name, query if name == SIMILARITY else None)


@remembered(8)  # 4 bytes a galaxy; a query on a large map asks again for those it brings
def _colour_by(explorer: Explorer, name: str, query: Query | None) -> Colouring:
    if not name or (name == SIMILARITY and query is None):
        return plain(explorer.n_objects)
    label = choices(explorer)[name]
    if query is not None:
        colours = continuous(similarity_to(explorer, query), _SIMILARITY_QUANTILES)
        return replace(colours, label=label)
    if name == DENSITY:
        colours = continuous(np.log10(density(explorer)))
        limits, extent = (
            (10 ** ends[0], 10 ** ends[1]) for ends in (colours.limits, colours.extent) if ends
        )
        unit = f"galaxies within {RADIUS:g}"
        return replace(colours, limits=limits, extent=extent, label=label, unit=unit, is_log=True)
    values = explorer.values(name)
    colours = categorical(values) if explorer.is_category(name) else continuous(values)
    column = explorer.columns[name]
    names = tuple(called(column, category) for category, _ in colours.categories)
    return replace(colours, label=label, unit=column.unit, names=names)


@remembered(2)  # the pointer asks galaxy by galaxy
def similarity_to(explorer: Explorer, query: Query) -> np.ndarray:
    """Return how similar every galaxy is to the query: cosines, float32 (n_objects,)."""
    return query.similarity(explorer)


@remembered(1)
def density(explorer: Explorer) -> np.ndarray:
    """Return about how many galaxies lie near each one on the map, float64 (n_objects,)."""
    return galaxies_within_radius(explorer.map_xy)


def galaxies_within_radius(map_xy: np.ndarray) -> np.ndarray:
    """Return about how many galaxies lie within `RADIUS` of each on the map, itself included.

    Parameters
    ----------
    map_xy : ndarray, shape (n_objects, 2)
        Coordinates in [0, 1] but for a few outliers, which count as alone.

    Returns
    -------
    ndarray of float64, shape (n_objects,)
        1 or more.

    Notes
    -----
    A histogram under a Gaussian whose area, 2 pi sigma^2, is that of the circle: smooth where a
    count would jump, and as quick for millions.
    """
    n_cells = round((1 + 2 * _OUTSIDE) / _CELL)
    ends = (-_OUTSIDE, 1 + _OUTSIDE)
    counts, _ = np.histogramdd(map_xy, bins=n_cells, range=[ends, ends])
    sigma = RADIUS / np.sqrt(2) / _CELL
    near = gaussian_filter(counts, sigma, mode="constant") * (2 * np.pi * sigma**2)
    places = (np.asarray(map_xy, dtype=np.float64).T + _OUTSIDE) / _CELL - 0.5
    inside = ((map_xy >= ends[0]) & (map_xy <= ends[1])).all(axis=1)
    near = map_coordinates(near, places, order=1, mode="nearest")
    return np.asarray(np.where(inside, np.maximum(near, 1.0), 1.0))


def colour_to_address(explorer: Explorer, name: Any) -> str:
    """Return the end of an address that brings the colour back; empty for the first one."""
    if name in (None, default_colour(explorer)):
        return ""
    return "&" + urlencode({COLOUR_FIELD: checked_colour(explorer, name)})


def colour_from_address(explorer: Explorer, search: str) -> tuple[str, str]:
    """Return the colour that an address asks for, and a sentence if there is no such colour."""
    names = parse_qs(search[:LONGEST_ADDRESS].removeprefix("?")).get(COLOUR_FIELD)
    if not names:
        return default_colour(explorer), ""
    try:
        return checked_colour(explorer, names[-1]), ""
    except UnknownColumnError as error:
        return default_colour(explorer), str(error)
