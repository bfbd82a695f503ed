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

    @cached_property
    def _edge(self) -> Sky:
        from astropy_healpix import boundaries_lonlat

        cells = self._moc.difference(self._moc.contracted())
        order = cells.max_order
        points_a_side = 2 ** max(1, _POINTS_ORDER + 1 - order)
        ra, dec = boundaries_lonlat(cells.flatten(), points_a_side, 2**order, order="nested")
        return Sky(ra.to_value("deg").ravel(), dec.to_value("deg").ravel())
