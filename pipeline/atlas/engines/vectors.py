"""The embeddings of an atlas, whatever keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

_BLOCK_ROWS = 65_536  # turned to float32 at once: 32 MB at 128 dimensions


class Vectors:
    """Vectors of unit length, row i that of galaxy i, read a part at a time.

    Parameters
    ----------
    array : ndarray, shape (n_objects, dim)
        float32 or float16; may be memory-mapped.
    check : function, optional
        Called before the array is read: raises a ChangedError where that would be wrong.
    """

    def __init__(self, array: np.ndarray, check: Callable[[], None] = lambda: None) -> None:
        self._array, self.check = array, check

    def __len__(self) -> int:
        return len(self._array)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._array.shape[1])

    def __getitem__(self, rows: int | slice | Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the vectors of some rows, float32; of one row its vector, shape (dim,)."""
        self.check()
        chosen = self._array[list(rows) if isinstance(rows, tuple) else rows]
        return np.asarray(chosen, dtype=np.float32)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (np.asarray(vector, dtype=np.float32) for vector in self._array)

    def similarity(self, direction: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the cosine between a unit vector and that of each of some rows, or of all.

        It is float32 of shape (n,), and rounding may take it beyond [-1, 1].
        """
        direction = np.asarray(direction, dtype=np.float32)
        n = len(self) if rows is None else len(rows)
        found = np.empty(n, dtype=np.float32)
        for start in range(0, n, _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            found[block] = self[block if rows is None else rows[block]] @ direction  # a view: fast
        return found

    def mean(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the mean of the vectors of some rows, float64 of shape (dim,)."""
        rows = np.asarray(rows, dtype=np.int64)
        blocks = (rows[start : start + _BLOCK_ROWS] for start in range(0, len(rows), _BLOCK_ROWS))
        total = sum(self[block].sum(axis=0, dtype=np.float64) for block in blocks)
        return np.asarray(total / len(rows))
