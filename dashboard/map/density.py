"""How crowded the map is around each galaxy."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

RADIUS = 0.02  # of the map, on which nearly all galaxies lie within [0, 1]
_CELL = RADIUS / 4
_OUTSIDE = 0.25  # beyond [0, 1]; farther out lie single galaxies


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
