"""From the sky to a plane and back: all of it at once, or a part as a camera sees it.

assets/sky_projections.js does the same for what the browser draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

AITOFF, GNOMONIC = "AIT", "TAN"  # as FITS calls them
_DEG = 180 / math.pi


class ProjectionError(ValueError):
    """Not a projection; the message says why."""


@dataclass(frozen=True)
class Projection:
    """A plane and where on the sky its origin lies; x grows with right ascension, y to the north.

    Attributes
    ----------
    kind : str
        `AITOFF` (Hammer-Aitoff: the whole sky, areas true) or `GNOMONIC` (the tangent plane: half
        of the sky, great circles straight).
    ra_deg, dec_deg : float
        ICRS. The equator runs through the middle of `AITOFF`.

    Raises
    ------
    ProjectionError

    Notes
    -----
    Source: Calabretta and Greisen 2002, A&A 395, 1077, sections 5.1.3 and 5.4.2.
    """

    kind: str
    ra_deg: float
    dec_deg: float

    def __post_init__(self) -> None:
        if self.kind not in (AITOFF, GNOMONIC):
            raise ProjectionError(f"A view of the sky is {AITOFF} or {GNOMONIC}.")
        if not (math.isfinite(self.ra_deg) and -360 <= self.ra_deg <= 360):
            raise ProjectionError("The right ascension of a view of the sky is 0 to 360 degrees.")
        most = 90 if self.kind == GNOMONIC else 0
        if not (math.isfinite(self.dec_deg) and abs(self.dec_deg) <= most):
            raise ProjectionError(
                f"The declination of a view of the sky ({self.kind}) is -{most} to {most} degrees."
            )

    def project(self, ra_deg: np.ndarray, dec_deg: np.ndarray) -> np.ndarray:
        """Return where positions lie on the plane.

        Parameters
        ----------
        ra_deg, dec_deg : ndarray, shape (n,)

        Returns
        -------
        ndarray, shape (n, 2)
            Degrees; NaN for what lies 90 degrees or more from the middle of `GNOMONIC`.
        """
        dec = np.radians(np.asarray(dec_deg, dtype=np.float64))
        east = np.radians((np.asarray(ra_deg, dtype=np.float64) - self.ra_deg + 180) % 360 - 180)
        if self.kind == AITOFF:
            stretch = np.sqrt(2 / (1 + np.cos(dec) * np.cos(east / 2)))
            x, y = 2 * stretch * np.cos(dec) * np.sin(east / 2), stretch * np.sin(dec)
        else:
            sin0, cos0 = math.sin(self.dec_deg / _DEG), math.cos(self.dec_deg / _DEG)
            ahead = sin0 * np.sin(dec) + cos0 * np.cos(dec) * np.cos(east)
            depth = np.where(ahead > 0, ahead, np.nan)
            x = np.cos(dec) * np.sin(east) / depth
            y = (cos0 * np.sin(dec) - sin0 * np.cos(dec) * np.cos(east)) / depth
        return np.stack([x, y], axis=-1) * _DEG
