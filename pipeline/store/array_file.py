"""Rows of an array on the disk, read and not mapped.

Pages of a mapped file count as memory of the process that has touched them, and the system maps
neighbouring ones with each: of embeddings that are larger than memory a random sample would soon
have them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

# Rows that lie together are read at once where the gaps between them are shorter.
_GAP_BYTES = 16_384
_READ_BYTES = 64_000_000


class ArrayFile:
    """A ``.npy`` file of shape (n, dim); every reading opens it anew.

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        self.shape, self.dtype, self._start = array.shape, array.dtype, array.offset

    def __len__(self) -> int:
        return int(self.shape[0])

    @property
    def dim(self) -> int:
        """Length of a row."""
        return int(self.shape[1])

    def between(self, start: int, stop: int) -> np.ndarray:
        """Return rows ``start`` to ``stop``, as in a slice."""
        stop = min(stop, len(self))
        n_values = max(stop - start, 0) * self.dim
        offset = self._start + start * self.dim * self.dtype.itemsize
        with self._path.open("rb") as file:
            values = np.fromfile(file, self.dtype, n_values, offset=offset)
        return values.reshape(-1, self.dim)

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """Return some rows in ascending order."""
        found = np.empty((len(rows), self.dim), self.dtype)
        row_bytes = self.dim * self.dtype.itemsize
        ends = np.flatnonzero(np.diff(rows) * row_bytes > _GAP_BYTES) + 1
        for first, last in zip([0, *ends], [*ends, len(rows)], strict=True):
            most = max(_READ_BYTES // row_bytes, 1)
            while first < last:
                low = int(rows[first])
                until = min(int(np.searchsorted(rows[:last], low + most)), last)
                found[first:until] = self.between(low, rows[until - 1] + 1)[rows[first:until] - low]
                first = until
        return found

    def blocks(self, size: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield all rows, ``size`` at a time, each with the number of its first row."""
        for start in range(0, len(self), size):
            yield start, self.between(start, start + size)
