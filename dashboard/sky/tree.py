"""Positions of many galaxies, ready to be searched without a scan and without a copy of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.atlas import FAN, SkyOrder, boxes_of_levels, sky_order, unit_vectors

# Chords are worked out from float64: so much more than asked for is looked at, and then compared.
_ROUNDING = 1e-15


class Directions:
    """Where galaxies are, as unit vectors: worked out for the rows that are asked for.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray, shape (n_objects,)
        ICRS; may be mapped.
    """

    def __init__(self, ra_deg: np.ndarray, dec_deg: np.ndarray) -> None:
        self._ra_deg, self._dec_deg = ra_deg, dec_deg

    def __getitem__(self, rows: int | Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the unit vectors of some rows, (n, 3); of one row its vector, (3,)."""
        chosen = rows if isinstance(rows, int | np.integer) else np.asarray(rows, np.int64)
        return unit_vectors(self._ra_deg[chosen], self._dec_deg[chosen])


class SkyTree:
    """A search among positions: straight lines between unit vectors order them as angles do.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray, shape (n_objects,)
        ICRS, of one galaxy or more; may be mapped.
    order : SkyOrder or None
        As `sky_order` gives it; worked out here if it is not known.
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
        self.directions = Directions(ra_deg, dec_deg)
        self._rows, self._boxes = order or sky_order(ra_deg, dec_deg)
        self._check = check
        counts = boxes_of_levels(len(self._rows))
        starts = np.cumsum([0, *counts[:-1]]).tolist()
        self._n_highest = counts[-1]
        # The highest level first: where its boxes begin, and how many they are of on the next one.
        self._levels = list(zip(starts, [len(self._rows), *counts[:-1]], strict=True))[::-1]

    def nearest(self, centre: np.ndarray) -> tuple[int, float]:
        """Return the row nearest to a direction, and the chord between them.

        Of several that are equally near it is the first.
        """
        self._check()
        places = np.arange(self._n_highest)
        for start, n_below in self._levels:
            least, most = self._squares(start + places, centre)
            # No box is empty: something is nearer than the farthest corner of any.
            places = _inside(places[least <= most.min() + _ROUNDING], n_below)
        rows = np.sort(self._rows[places]).astype(np.int64)
        chords = self._chords(rows, centre)
        nearest = int(np.argmin(chords))
        return int(rows[nearest]), float(chords[nearest])

    def within(self, centre: np.ndarray, chord: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows within a chord of a direction, ascending, int64; and their chords."""
        self._check()
        square = (chord + _ROUNDING) ** 2
        places = np.arange(self._n_highest)
        for start, n_below in self._levels:
            least, _ = self._squares(start + places, centre)
            places = _inside(places[least <= square], n_below)
        rows = np.sort(self._rows[places]).astype(np.int64)
        chords = self._chords(rows, centre)
        is_within = chords <= chord
        return rows[is_within], chords[is_within]

    def _squares(self, boxes: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the squares of the least and the largest chord that what is in a box can have."""
        sides = self._boxes[boxes].reshape(-1, 2, 3) - centre
        below, above = sides[:, 0], sides[:, 1]  # of a direction in the box: not positive, and not
        near = np.maximum(below, -above).clip(min=0)  # negative
        far = np.maximum(-below, above)
        return (near * near).sum(axis=1), (far * far).sum(axis=1)

    def _chords(self, rows: np.ndarray, centre: np.ndarray) -> np.ndarray:
        return np.asarray(np.linalg.norm(self.directions[rows] - centre, axis=1))


def _inside(places: np.ndarray, n_below: int) -> np.ndarray:
    """Return what is in some boxes, as places on the level below, which has so many."""
    inside = (FAN * places[:, None] + np.arange(FAN)).ravel()
    return inside[inside < n_below]
