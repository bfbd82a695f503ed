"""Where the footprint of an atlas ends, and how far beyond it a position lies."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.separations import Sky

SKY_DEG2 = 4 * np.pi * (180 / np.pi) ** 2

# The edge is known by points on the sides of its cells, as far apart as half a side at this HEALPix
# order: 1.7 arcmin. So a separation from it is at most an arcmin too large.
_POINTS_ORDER = 10

# To draw: cells as small as this many allow, with corners at least as close as those of order 5.
_MOST_CELLS = 40_000
_CORNERS_ORDER = 5
# Of the eight neighbours of a cell those across its sides, SW, NW, NE and SE; and which of the
# sides that is, counted from the northern corner by way of the western one.
_BESIDE, _SIDES = (0, 2, 4, 6), (1, 0, 3, 2)


class Footprint:
    """The area of the sky that an atlas covers.

    Parameters
    ----------
    moc : mocpy.MOC
        Not empty.

    Attributes
    ----------
    area_deg2 : float
        Square degrees.
    """

    def __init__(self, moc: Any) -> None:
        self._moc = moc
        self.area_deg2 = float(moc.sky_fraction) * SKY_DEG2

    def separation_arcsec(self, position: SkyPosition) -> float:
        """Return how far outside a position lies, to an arcmin; 0 for one that is inside."""
        from astropy import units as u

        ra_deg, dec_deg = np.array([position.ra_deg]), np.array([position.dec_deg])
        if self._moc.contains_lonlat(ra_deg * u.deg, dec_deg * u.deg)[0]:
            return 0.0
        return self._edge.nearest(position)[1]

    def outline(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the edge as lines to draw, along the sides of HEALPix cells.

        Returns
        -------
        ra_deg, dec_deg : ndarray, shape (n,)
            Each line ends with NaN. Of a large and ragged footprint, the edge of larger cells.
        """
        from astropy_healpix import boundaries_lonlat, neighbours

        moc = self._moc
        while moc.max_order > 0 and moc.sky_fraction * 12 * 4**moc.max_order > _MOST_CELLS:
            moc = moc.degrade_to_order(moc.max_order - 1)
        order = moc.max_order
        cells = np.sort(moc.flatten()).astype(np.int64)
        with np.errstate(invalid="ignore"):  # some cells have no neighbour at a corner
            beside = neighbours(cells, 2**order, order="nested")[_BESIDE, :]
        is_edge = ~np.isin(beside, cells)  # (4, n_cells)
        n = 2 ** max(0, _CORNERS_ORDER - order)
        ra, dec = boundaries_lonlat(cells, n, 2**order, order="nested")
        lines = []
        for of_corners in (ra.to_value("deg"), dec.to_value("deg")):
            closed = np.concatenate([of_corners, of_corners[:, :1]], axis=1)
            sides = np.stack([closed[:, i * n : (i + 1) * n + 1] for i in _SIDES], axis=0)
            drawn = sides[is_edge]
            lines.append(np.concatenate([drawn, np.full((len(drawn), 1), np.nan)], axis=1).ravel())
        return lines[0], lines[1]

    @cached_property
    def _edge(self) -> Sky:
        from astropy_healpix import boundaries_lonlat

        cells = self._moc.difference(self._moc.contracted())
        order = cells.max_order
        points_a_side = 2 ** max(1, _POINTS_ORDER + 1 - order)
        ra, dec = boundaries_lonlat(cells.flatten(), points_a_side, 2**order, order="nested")
        return Sky(ra.to_value("deg").ravel(), dec.to_value("deg").ravel())
