"""Galaxies in an order that keeps neighbours on the sky together, and boxes around them.

It is a tree without pointers: each box of `FAN` galaxies that follow on each other, each box of
`FAN` such boxes, and so on up to at most `FAN`. A search passes over the boxes that are too far.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

FAN = 32  # galaxies in a box, and boxes in one of the next level
_BITS = 21  # of each coordinate in the order: a fifth of an arcsec, three of them in 64 bits
_CHUNK = FAN * 8_192  # galaxies at once: 6 MB of directions
# How the bits of a number are set three apart: shift by so many places, keep these.
_SPREAD = (
    (32, 0x001F00000000FFFF),
    (16, 0x001F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)


class SkyOrder(NamedTuple):
    """The order, and the boxes.

    Attributes
    ----------
    rows : ndarray of uint32, shape (n_objects,)
        All rows, each once.
    boxes : ndarray of float32, shape (n_boxes, 6)
        Least x, y and z of the unit vectors in each box, then the largest; the smallest boxes
        first. What is in a box is never outside of it, not by a rounding error either.
    """

    rows: np.ndarray
    boxes: np.ndarray


def unit_vectors(ra_deg: np.ndarray | float, dec_deg: np.ndarray | float) -> np.ndarray:
    """Turn ICRS positions, (n_objects,) or one, into directions, (n_objects, 3) or (3,).

    They have unit length, float64: directions 0.1 microarcsec apart still differ.
    """
    ra, dec = np.radians(np.float64(ra_deg)), np.radians(np.float64(dec_deg))
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def boxes_of_levels(n_objects: int) -> list[int]:
    """Return how many boxes there are on each level, the lowest first.

    >>> boxes_of_levels(10_000_000)
    [312500, 9766, 306, 10]
    """
    levels = [-(-n_objects // FAN)]
    while levels[-1] > FAN:
        levels.append(-(-levels[-1] // FAN))
    return levels


def sky_order(ra_deg: np.ndarray, dec_deg: np.ndarray) -> SkyOrder:
    """Put galaxies in order; beside it 16 bytes a galaxy are needed for a moment.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray, shape (n_objects,)
        ICRS; of one galaxy or more.
    """
    n_objects = len(ra_deg)
    codes = np.empty(n_objects, np.uint64)
    for part in _parts(n_objects):
        codes[part] = _codes(unit_vectors(ra_deg[part], dec_deg[part]))
    rows = np.argsort(codes, kind="stable").astype(np.uint32)
    low = np.empty((0, 3), np.float32)
    high = low.copy()
    for part in _parts(n_objects):
        vectors = unit_vectors(ra_deg[rows[part]], dec_deg[rows[part]])
        starts = np.arange(0, len(vectors), FAN)
        # float32 rounds by half a step at most: a whole one outwards is always far enough.
        low_here = np.minimum.reduceat(vectors, starts, axis=0).astype(np.float32)
        high_here = np.maximum.reduceat(vectors, starts, axis=0).astype(np.float32)
        low = np.concatenate([low, np.nextafter(low_here, np.float32(-2))])
        high = np.concatenate([high, np.nextafter(high_here, np.float32(2))])
    levels = [np.hstack([low, high])]
    for _ in boxes_of_levels(n_objects)[1:]:
        starts = np.arange(0, len(low), FAN)
        low = np.minimum.reduceat(low, starts, axis=0)
        high = np.maximum.reduceat(high, starts, axis=0)
        levels.append(np.hstack([low, high]))
    return SkyOrder(rows, np.concatenate(levels))


def _parts(n_objects: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, n_objects, _CHUNK))


def _codes(vectors: np.ndarray) -> np.ndarray:
    """Return where directions are along a curve that fills space (Morton's): uint64 (n,)."""
    code = np.zeros(len(vectors), np.uint64)
    for axis in range(3):
        place = ((vectors[:, axis].clip(-1, 1) + 1) / 2 * (2**_BITS - 1)).astype(np.uint64)
        for shift, kept in _SPREAD:
            place = (place | place << np.uint64(shift)) & np.uint64(kept)
        code |= place << np.uint64(axis)
    return code
