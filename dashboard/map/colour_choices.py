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
from dashboard.filters.columns import ChoiceColumn, TextColumn
from dashboard.filters.filters import MISSING, SIMILARITY
from dashboard.formatting import is_truth, label_of_choice
from dashboard.labels import is_identifier
from dashboard.map import scales
from dashboard.map.colours import Colouring, categorical, continuous, plain
from dashboard.map.sample import drawn_rows, is_crowded
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
_ENDS = (-_OUTSIDE, 1 + _OUTSIDE)
_BLOCK = 1 << 20  # galaxies that are counted at once


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
    column = explorer.filter_columns[name]
    if isinstance(column, TextColumn):
        return False
    if isinstance(column, ChoiceColumn):
        labels = column.counts.keys() - {MISSING}
        return 2 <= len(labels) <= (MOST_CODES if all(map(is_code, labels)) else _MOST_CATEGORIES)
    rows = scales.spread_rows(explorer)
    values = explorer.values(name)[rows]
    n_different = len(np.unique(values[np.isfinite(values)]))
    integers = explorer.catalogue[name].iloc[rows]  # as they are: float64 would lose digits
    is_different_for_all = (
        pd.api.types.is_integer_dtype(integers)
        and integers.nunique() == len(rows) > _MOST_CATEGORIES
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
        n = explorer.n_objects
        return scales.of_none(n) if is_crowded(explorer) else plain(n)
    label = choices(explorer)[name]
    is_many = is_crowded(explorer)
    if query is not None:
        colours = _by_similarity(explorer, query)
        return replace(colours, label=label)
    if name == DENSITY:
        colours = _by_density(explorer)
        limits, extent = (
            (10 ** ends[0], 10 ** ends[1]) for ends in (colours.limits, colours.extent) if ends
        )
        unit = f"galaxies within {RADIUS:g}"
        return replace(colours, limits=limits, extent=extent, label=label, unit=unit, is_log=True)
    if explorer.is_category(name):
        of_categories = scales.of_categories if is_many else _categorical
        colours = of_categories(explorer, name)
    else:
        colours = (
            scales.of_numbers(explorer, name) if is_many else continuous(explorer.values(name))
        )
    column = explorer.columns[name]
    names = tuple(called(column, category) for category, _ in colours.categories)
    return replace(colours, label=label, unit=column.unit, names=names)


def _categorical(explorer: Explorer, name: str) -> Colouring:
    return categorical(explorer.values(name))


def _by_similarity(explorer: Explorer, query: Query) -> Colouring:
    if not is_crowded(explorer):
        return continuous(query.similarity(explorer), _SIMILARITY_QUANTILES)
    near = query.neighbours(explorer).rows
    rows = np.union1d(drawn_rows(explorer), np.asarray([*near, *query.rows], dtype=np.int64))

    def similarity(rows: Any) -> np.ndarray:
        return similarity_to(explorer, query, rows)

    return scales.sampled(explorer, similarity, _SIMILARITY_QUANTILES, rows)


def _by_density(explorer: Explorer) -> Colouring:
    def density(rows: Any) -> np.ndarray:
        return np.log10(density_at(explorer, rows))

    if is_crowded(explorer):
        return scales.sampled(explorer, density)
    return continuous(density(slice(None)))


def similarity_to(explorer: Explorer, query: Query, rows: Any) -> np.ndarray:
    """Return how similar some galaxies are to the query: cosines, float32 (n,)."""
    if isinstance(rows, slice):
        rows = np.arange(*rows.indices(explorer.n_objects))
    return explorer.search.similarity(query.question(explorer), np.asarray(rows, dtype=np.intp))


def density_at(explorer: Explorer, rows: Any) -> np.ndarray:
    """Return about how many galaxies lie near each of some on the map, float64 (n,)."""
    return _crowding_at(_crowding_of(explorer), explorer.map_xy[rows])


@remembered(1)
def _crowding_of(explorer: Explorer) -> np.ndarray:
    return _crowding(explorer.map_xy)


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
    return _crowding_at(_crowding(map_xy), map_xy)


def _crowding(map_xy: np.ndarray) -> np.ndarray:
    """Return about how many lie within `RADIUS` of the middle of each cell of the map."""
    n_cells = round((1 + 2 * _OUTSIDE) / _CELL)
    counts = np.zeros((n_cells, n_cells))
    for start in range(0, len(map_xy), _BLOCK):
        block = map_xy[start : start + _BLOCK]
        counts += np.histogramdd(block, bins=n_cells, range=[_ENDS, _ENDS])[0]
    sigma = RADIUS / np.sqrt(2) / _CELL
    return np.asarray(gaussian_filter(counts, sigma, mode="constant") * (2 * np.pi * sigma**2))


def _crowding_at(near: np.ndarray, map_xy: np.ndarray) -> np.ndarray:
    places = (np.asarray(map_xy, dtype=np.float64).T + _OUTSIDE) / _CELL - 0.5
    inside = ((map_xy >= _ENDS[0]) & (map_xy <= _ENDS[1])).all(axis=1)
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
