"""The embeddings of an atlas, whatever keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from pipeline.atlas.private_copies import let_go

_BLOCK_ROWS = 65_536  # read at once: 32 MB of float32 at 128 dimensions
_LET_GO_ROWS = 16 * _BLOCK_ROWS
# Of float16, so many are turned to float32 at once: half a megabyte, which stays in the cache.
_HALVES_ROWS = 1_024
_HALF_IN_SINGLE = np.uint32(0x8FFFE000).view(np.int32)
_EXPONENTS_APART = np.float32(2.0**112)


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
        return _single(chosen)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (np.asarray(vector, dtype=np.float32) for vector in self._array)

    def let_go(self) -> None:
        """Give back the memory that what has been read of a mapped array takes.

        It is counted as this process's, though the system could take it at any time.
        """
        let_go(self._array)

    def similarity(self, direction: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the cosine between a unit vector and that of each of some rows, or of all.

        It is float32 of shape (n,), and rounding may take it beyond [-1, 1].
        """
        direction = np.asarray(direction, dtype=np.float32)
        n = len(self) if rows is None else len(rows)
        found = np.empty(n, dtype=np.float32)
        for start in range(0, n, _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            self.check()
            _multiply(self._array[block if rows is None else rows[block]], direction, found[block])
            if rows is None and start % _LET_GO_ROWS == _LET_GO_ROWS - _BLOCK_ROWS:
                self.let_go()
        return found

    def mean(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the mean of the vectors of some rows, float64 of shape (dim,)."""
        rows = np.asarray(rows, dtype=np.int64)
        blocks = (rows[start : start + _BLOCK_ROWS] for start in range(0, len(rows), _BLOCK_ROWS))
        total = sum(self[block].sum(axis=0, dtype=np.float64) for block in blocks)
        return np.asarray(total / len(rows))


def _multiply(vectors: np.ndarray, direction: np.ndarray, out: np.ndarray) -> None:
    """Write the product of each vector and a direction into ``out``."""
    step = _HALVES_ROWS if vectors.dtype == np.float16 else max(len(vectors), 1)
    for start in range(0, len(vectors), step):
        block = slice(start, start + step)
        np.matmul(_single(vectors[block]), direction, out=out[block])


def _single(array: np.ndarray) -> np.ndarray:
    """Return numbers as float32; finite ones, if they are float16.

    numpy turns float16 into float32 number by number. Moving the bits of all to their places and
    multiplying by the difference of the exponents' zeros, which is exact, takes half the time.
    """
    if array.dtype != np.float16:
        return np.asarray(array, dtype=np.float32)
    bits = np.asarray(array).view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= _HALF_IN_SINGLE
    single: np.ndarray = bits.view(np.float32)
    single *= _EXPONENTS_APART
    return single
