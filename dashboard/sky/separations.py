"""Where an atlas lies: the galaxy nearest to a position, and the edge of the footprint."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.tree import SkyTree
from pipeline.atlas import SkyOrder, unit_vectors

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


class Sky:
    """Positions of all galaxies, ready to be searched.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray, shape (n_objects,)
        ICRS; may be mapped. ``directions`` are their `unit_vectors`.
    order : SkyOrder or None
        That of an atlas; worked out here if there is none.
    check : function, optional
        Called before the order is read: raises a ChangedError where that would be wrong.
    """

    def __init__(
        self,
        ra_deg: np.ndarray,
        dec_deg: np.ndarray,
        order: SkyOrder | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._ra_deg, self._dec_deg = ra_deg, dec_deg
        self._tree = SkyTree(ra_deg, dec_deg, order, check)
        self.directions = self._tree.directions

    def part(self, rows: np.ndarray) -> Sky:
        """Return the positions of some galaxies, whose rows are then their places among these."""
        return Sky(self._ra_deg[rows], self._dec_deg[rows])

    def position(self, row: int) -> SkyPosition:
        """Return where the galaxy of ``row`` lies."""
        return SkyPosition(float(self._ra_deg[row]), float(self._dec_deg[row]))

    def nearest(self, position: SkyPosition) -> tuple[int, float]:
        """Return the row nearest to ``position``, and its separation in arcsec."""
        row, _ = self._tree.nearest(unit_vectors(*position))
        return row, separation_arcsec(position, self.position(row))

    def within(self, position: SkyPosition, radius_arcsec: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows within a radius of ``position``, and their separations in arcsec."""
        chord = 2 * math.sin(math.radians(min(radius_arcsec / 3600, 180)) / 2)
        rows, chords = self._tree.within(unit_vectors(*position), chord)
        return rows, np.degrees(2 * np.arcsin(chords.clip(max=2) / 2)) * 3600


def separation_arcsec(a: SkyPosition, b: SkyPosition) -> float:
    """Return the angle between two positions, in arcsec.

    Notes
    -----
    Source: T. Vincenty, Survey Review 23 (1975) 88, for a sphere; accurate from 0 to 180 degrees.
    """
    dec_a, dec_b = math.radians(a.dec_deg), math.radians(b.dec_deg)
    delta_ra = math.radians(b.ra_deg - a.ra_deg)
    east = math.cos(dec_b) * math.sin(delta_ra)
    # cos a sin b - sin a cos b cos(delta), without the difference of two nearly equal numbers.
    north = (
        math.sin(dec_b - dec_a)
        + 2 * math.sin(dec_a) * math.cos(dec_b) * math.sin(delta_ra / 2) ** 2
    )
    along = math.sin(dec_a) * math.sin(dec_b) + math.cos(dec_a) * math.cos(dec_b) * math.cos(
        delta_ra
    )
    return math.degrees(math.atan2(math.hypot(east, north), along)) * 3600


class Footprint:
    """The area of the sky that an atlas covers, of a coverage map that is not empty."""

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
