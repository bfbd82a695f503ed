"""The galaxies of an atlas in the order of their places on the map, so that a tile's are a run.

The map from `LEAST` to `LEAST` + `SIDE` on both axes is a square of 2^level x 2^level cells on each
level, and each cell has four of the next. Counted as Morton (1966) has it, bit by bit in turn of
line and column, the cells of any cell follow each other. What lies outside counts to the edge.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

LEAST, SIDE = -0.25, 1.5  # nearly all galaxies lie in [0, 1], and figures begin and end here
DEEPEST = 16  # levels: a cell is 2e-5 wide
_BLOCK = 1 << 20  # galaxies whose cells are worked out at once


def cells(map_xy: np.ndarray, level: int = DEEPEST) -> tuple[np.ndarray, np.ndarray]:
    """Return in which cells of a level some places are.

    Parameters
    ----------
    map_xy : ndarray, shape (n, 2)
        Coordinates of the map, finite.
    level : int
        0 to `DEEPEST`.

    Returns
    -------
    columns, lines : ndarray of uint32, shape (n,)
        Along x and along y, from the low end.
    """
    n_cells = 1 << DEEPEST
    at = (np.asarray(map_xy, dtype=np.float64) - LEAST) * (n_cells / SIDE)
    deepest = np.clip(at, 0, n_cells - 1).astype(np.uint32) >> np.uint32(DEEPEST - level)
    return deepest[:, 0], deepest[:, 1]


def cell_codes(columns: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Return the numbers of cells: uint32, the bits of the line above those of the column.

    >>> cell_codes(np.array([0, 1, 0, 1, 2]), np.array([0, 0, 1, 1, 0])).tolist()
    [0, 1, 2, 3, 4]
    """
    return _spread(columns) | (_spread(lines) << np.uint32(1))


def in_map_order(map_xy: np.ndarray) -> np.ndarray:
    """Return the rows in the order of their cells on the deepest level, in one cell by row.

    Parameters
    ----------
    map_xy : ndarray, shape (n_objects, 2)

    Returns
    -------
    ndarray of uint32, shape (n_objects,)
    """
    keys = np.empty(len(map_xy), dtype=np.uint64)
    for start, codes in blocks_of_codes(map_xy):
        rows = np.arange(start, start + len(codes), dtype=np.uint64)
        keys[start : start + len(codes)] = (codes.astype(np.uint64) << np.uint64(32)) | rows
    keys.sort()
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)


def blocks_of_codes(map_xy: np.ndarray, level: int = DEEPEST) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the numbers of the cells of a level, block by block, each with its first row."""
    for start in range(0, len(map_xy), _BLOCK):
        yield start, cell_codes(*cells(map_xy[start : start + _BLOCK], level))


def is_order(order: np.ndarray, n_objects: int) -> bool:
    """Return whether each row is there, once."""
    is_there = np.zeros(n_objects, dtype=bool)
    if len(order) != n_objects or (len(order) and int(order.max()) >= n_objects):
        return False
    is_there[order] = True
    return bool(is_there.all())


def _spread(numbers: np.ndarray) -> np.ndarray:
    """Return 16-bit numbers with a zero before each bit."""
    spread = np.asarray(numbers, dtype=np.uint32)
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        spread = (spread | (spread << np.uint32(shift))) & np.uint32(mask)
    return spread
