"""How far galaxies reach on the sky, and which of them may reach to a position."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.separations import Sky
from pipeline.atlas import major_axes_arcsec

# Larger ones are few in a survey, and are kept beside the others: a search for what reaches to a
# position need not look as far as the largest of all does.
_LARGE_ARCSEC = 60.0
_BLOCK_ROWS = 1 << 18


class Reach:
    """Half the major axes of all galaxies, worked out for those that are asked for.

    Parameters
    ----------
    sizes : sequence of (ndarray, float)
        Columns that tell sizes, the most trusted first, and how many arcsec of half the major axis
        their unit is: see `major_axes_arcsec`.
    sky : Sky
    """

    def __init__(self, sizes: Sequence[tuple[np.ndarray, float]], sky: Sky) -> None:
        self._sizes, self._sky = sizes, sky

    def semi_major_arcsec(self, rows: np.ndarray | slice) -> np.ndarray:
        """Return half the major axes of some galaxies, float32; 0 where they are not known."""
        return major_axes_arcsec([(values[rows], arcsec) for values, arcsec in self._sizes])

    def around(self, position: SkyPosition, share: float) -> tuple[np.ndarray, np.ndarray]:
        """Return all rows that reach to a position, and some others; and their separations.

        Parameters
        ----------
        share : float
            How much of half its major axis a galaxy reaches, 0 to 1.

        Returns
        -------
        rows, separations_arcsec : ndarray, shape (n,)
            Rows ascending, each once.
        """
        if not self._sizes:
            return np.empty(0, np.int64), np.empty(0)
        largest_arcsec, large, sky_of_large = self._large
        rows, separations = self._sky.within(position, share * min(largest_arcsec, _LARGE_ARCSEC))
        if sky_of_large is None:
            return rows, separations
        more, their_separations = sky_of_large.within(position, share * largest_arcsec)
        rows, first = np.unique(np.concatenate([rows, large[more]]), return_index=True)
        return rows, np.concatenate([separations, their_separations])[first]

    @cached_property
    def _large(self) -> tuple[float, np.ndarray, Sky | None]:
        """Return the largest of all, the rows of the large ones, and where these are."""
        largest_arcsec, large = 0.0, [np.empty(0, np.int64)]
        n_objects = len(self._sizes[0][0])
        for start in range(0, n_objects, _BLOCK_ROWS):
            axes = self.semi_major_arcsec(slice(start, start + _BLOCK_ROWS))
            largest_arcsec = max(largest_arcsec, float(axes.max()))
            large.append(start + np.flatnonzero(axes > _LARGE_ARCSEC))
        rows = np.concatenate(large)
        return largest_arcsec, rows, self._sky.part(rows) if len(rows) else None
