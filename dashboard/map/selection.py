"""Selections on map and sky: from what a hand draws to a region, and to a query of its galaxies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dashboard.explorer.explorer import Explorer
from dashboard.filters import FilterError
from dashboard.filters.region import MOST_VERTICES, Region
from dashboard.filters.sky_region import SkyRegion
from dashboard.query.query import MOST_ROWS, Query
from dashboard.sky.projections import Projection, ProjectionError
from dashboard.untrusted import is_number
from pipeline.atlas import Vectors

_MOST_DRAWN = 20_000  # places; a hand that draws for a minute leaves some 4,000
_NO_REGION = "The page sent something that is not a region. Draw it again."


def region_of(places: object) -> Region:
    """Return the region inside a line that was drawn, with at most `MOST_VERTICES` corners.

    Its corners are as precise as store and address keep them.

    Parameters
    ----------
    places : object
        What the browser sent: a list of (x, y) in the coordinates of the map.

    Raises
    ------
    FilterError
        Not a list of places, or a line that surrounds nothing.
    """
    if not isinstance(places, list) or len(places) > _MOST_DRAWN or not all(map(_is_place, places)):
        raise FilterError(_NO_REGION)
    line = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    if len(line) < 3 or not np.ptp(line, axis=0).all():
        raise FilterError("That line surrounds nothing. Draw around some galaxies.")
    region = Region(tuple((float(x), float(y)) for x, y in simplified(line, MOST_VERTICES)))
    return Region.from_text(region.to_text())


def sky_region_of(places: object, view: object) -> SkyRegion:
    """Return the region inside a line that was drawn on a view of the sky.

    Parameters
    ----------
    places : object
        As for `region_of`, in degrees on the plane of the view.
    view : object
        What the browser sent: kind of the projection, RA and Dec of its middle in degrees.

    Raises
    ------
    FilterError
        As `region_of`, or not such a view.
    """
    if not (isinstance(view, list) and len(view) == 3 and isinstance(view[0], str)):
        raise FilterError(_NO_REGION)
    if not all(map(is_number, view[1:])):
        raise FilterError(_NO_REGION)
    try:
        projection = Projection(view[0], float(view[1]), float(view[2]))
    except ProjectionError as error:
        raise FilterError(_NO_REGION) from error
    return SkyRegion.from_text(SkyRegion(projection, region_of(places)).to_text())


def simplified(line: np.ndarray, most: int) -> np.ndarray:
    """Return a closed line without the corners that matter least.

    Parameters
    ----------
    line : ndarray, shape (n, 2)
    most : int
        Corners to keep, 3 or more.

    Returns
    -------
    ndarray, shape (at most ``most``, 2)

    Notes
    -----
    Visvalingam and Whyatt (1993): again and again the corner goes that spans the smallest triangle
    with its two neighbours. Of a line of thousands of corners, every other one goes first.
    """
    while len(line) > 10 * most:
        line = line[::2]
    while len(line) > most:
        before, after = np.roll(line, 1, axis=0) - line, np.roll(line, -1, axis=0) - line
        area = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
        line = np.delete(line, np.argmin(area), axis=0)
    return line


def query_of_selection(explorer: Explorer, query: Query) -> Query:
    """Return the query for galaxies like those that a query's filters let pass, region included.

    All of them are examples, or, if there are more than `MOST_ROWS`, the most typical ones. The
    region is left, the other filters stay.
    """
    passing = explorer.passing(query.filters)
    rows = np.arange(explorer.n_objects) if passing is None else np.flatnonzero(passing)
    return replace(
        query,
        rows=tuple(most_typical(explorer.search.vectors, rows, MOST_ROWS).tolist()),
        negatives=(),
        guests=(),
        unlike_guests=(),
        embedding=None,
        separation_arcsec=None,
        origin="map",
        filters=replace(query.filters, region=None),
    )


def most_typical(vectors: Vectors, rows: np.ndarray, most: int) -> np.ndarray:
    """Return the ``most`` of some galaxies that are nearest to their mean embedding.

    Returns
    -------
    ndarray of int, shape (at most ``most``,)
        The most typical first; ``rows`` as they are if they are no more.
    """
    if len(rows) <= most:
        return rows
    closeness = vectors.similarity(vectors.mean(rows), rows)
    return rows[np.argsort(-closeness, kind="stable")[:most]]


def _is_place(place: object) -> bool:
    return isinstance(place, list) and len(place) == 2 and all(map(is_number, place))
