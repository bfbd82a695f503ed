"""The catalogue of an open atlas: a series for each column, which may lie in a mapped file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

_BLOCK_ROWS = 1 << 17


class Catalogue:
    """Galaxies, column by column: row i is the same galaxy in every one. Threads may share it.

    Numbers and truth values are of types of numpy, texts of pandas' ``str`` or, where they repeat,
    categories; none of these keeps a Python object for a galaxy.

    Parameters
    ----------
    columns : mapping of str to Series
        One at least, all of one length, with rows numbered from 0.
    guard : callable
        Called before a column is given out, and by those who keep one before they read it; raises
        a ChangedError if it may not be read any more.
    """

    def __init__(
        self, columns: Mapping[str, pd.Series], guard: Callable[[], object] = lambda: None
    ) -> None:
        self._columns = {str(name): column for name, column in columns.items()}
        self.guard = guard
        (self._n_rows,) = {len(column) for column in self._columns.values()}

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> Catalogue:
        """Return a catalogue in memory."""
        return cls({str(name): frame[name] for name in frame})

    def __len__(self) -> int:
        """Return how many galaxies there are."""
        return self._n_rows

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the columns."""
        return iter(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> pd.Series:
        """Return a column, not to be written to; raise a KeyError if there is none such.

        Raises
        ------
        ChangedError
            Its file was changed while it was in use.
        """
        column = self._columns[name]
        self.guard()
        return column

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return list(self._columns)

    def take(self, rows: np.ndarray | slice, names: Iterable[str] | None = None) -> pd.DataFrame:
        """Return some galaxies, numbered from 0, with the columns of ``names`` or with all."""
        chosen = self._columns if names is None else names
        return pd.DataFrame(
            {name: self[name].iloc[rows].reset_index(drop=True) for name in chosen}, copy=False
        )

    def blocks(self, names: Iterable[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield all galaxies in their order, some thousands at a time."""
        chosen = None if names is None else list(names)
        for start in range(0, len(self), _BLOCK_ROWS):
            yield self.take(slice(start, start + _BLOCK_ROWS), chosen)
