"""A region of the sky: a polygon that someone drew on a view of it, with that view."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.filters import FilterError
from dashboard.filters.region import Region
from dashboard.sky.projections import AITOFF, GNOMONIC, Projection, ProjectionError

if TYPE_CHECKING:
    from pipeline.atlas import Catalogue

_BLOCK_POINTS = 1 << 18  # that are projected at once
_MARGIN_DEG = 1e-6
_DECIMALS = 7  # degrees: a third of a milliarcsecond


@dataclass(frozen=True)
class SkyRegion:
    """A polygon on a plane onto which the sky is projected: exactly what was drawn there.

    Attributes
    ----------
    projection : Projection
    polygon : Region
        In degrees on the plane.
    """

    projection: Projection
    polygon: Region

    place = "sky"

    def to_text(self) -> str:
        """Return what address and store keep, such as ``TAN,202.5,47.2 0.1,0.2 0.3,0.2 0.3,0``."""
        view = self.projection
        middle = (f"{round(v, _DECIMALS) + 0.0:.10g}" for v in (view.ra_deg, view.dec_deg))
        return f"{','.join([view.kind, *middle])} {self.polygon.to_text()}"

    @classmethod
    def from_text(cls, text: str) -> SkyRegion:
        """Read what `to_text` wrote.

        Raises
        ------
        FilterError
        """
        view, _, polygon = text.partition(" ")
        try:
            kind, ra, dec = view.split(",")
            projection = Projection(kind, float(ra), float(dec))
        except ProjectionError as error:
            raise FilterError(f"{error} Draw the region again.") from error
        except ValueError:
            raise FilterError(
                "A region of the sky begins with the view in which it was drawn, such as "
                "TAN,202.5,47.2. Draw it again."
            ) from None
        return cls(projection, Region.from_text(polygon))

    def within(self, catalogue: Catalogue, _map_xy: np.ndarray) -> np.ndarray:
        """Return which galaxies of a catalogue are inside, as bool of shape (n_objects,)."""
        ra_deg, dec_deg = (catalogue[name].to_numpy() for name in ("ra_deg", "dec_deg"))
        inside = np.zeros(len(catalogue), dtype=bool)
        low, high = self._declinations()
        for start in range(0, len(inside), _BLOCK_POINTS):
            block = slice(start, start + _BLOCK_POINTS)
            near = np.flatnonzero((dec_deg[block] >= low) & (dec_deg[block] <= high))
            if near.size:
                places = self.projection.project(ra_deg[block][near], dec_deg[block][near])
                inside[start + near] = self.polygon.contains(places)
        return inside

    def _declinations(self) -> tuple[float, float]:
        """Return between which declinations, in degrees, all of it surely lies."""
        if self.projection.kind != GNOMONIC:
            return -90.0, 90.0
        farthest = max(math.hypot(*place) for place in self.polygon.vertices)
        reach_deg = math.degrees(math.atan(math.radians(farthest))) + _MARGIN_DEG
        return self.projection.dec_deg - reach_deg, self.projection.dec_deg + reach_deg


def region_of_text(text: object) -> Region | SkyRegion:
    """Read a region of the map or of the sky, whichever it is.

    Raises
    ------
    FilterError
    """
    if isinstance(text, str) and text.startswith((f"{AITOFF},", f"{GNOMONIC},")):
        return SkyRegion.from_text(text)
    return Region.from_text(text)
