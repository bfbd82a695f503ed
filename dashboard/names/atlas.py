"""The names that an atlas gives its galaxies: identifiers, common names and further ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice

import numpy as np

from dashboard.names.spellings import NearNames, Spellings, tidy, within_one_letter
from pipeline.atlas import (
    NAME,
    NAME_COLUMNS,
    OBJECT_ID,
    OTHER_NAMES,
    Catalogue,
    bearers_of,
    key_hash,
    name_key,
    name_table,
    names_in,
)

# A near identifier of a large survey is another galaxy, seldom a misspelling.
MOST_SPELLED = 20_000
# All of so many names are compared with one that nobody bears, in some 15 ms; of more, these are,
# and all others that are a letter away from it.
MOST_COMPARED = 50_000
# So many that have one hash are compared by their names, too; see `key_hash`.
_MOST_READ = 1_000
_BLOCK = 1 << 20  # names at once


class AtlasNames:
    """Whose name is this, in one atlas? Nothing is read before the first question.

    Parameters
    ----------
    catalogue : Catalogue
        With the columns ``object_id`` and, if there are any, ``name`` and ``other_names``.
    table : ndarray or None
        Its `name_table`, maybe mapped; worked out at the first question if there is none.
    check : function, optional
        Called before the table is read: raises a ChangedError where that would be wrong.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        table: np.ndarray | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._catalogue, self._given, self._check = catalogue, table, check
        self._n_objects = len(catalogue)

    def row_of(self, object_id: str) -> int | None:
        """Return the row of the galaxy of an identifier as the catalogue writes it, if any."""
        rows, kinds = self._found(name_key(object_id))
        for row in rows[kinds == NAME_COLUMNS.index(OBJECT_ID)].tolist():
            if self._text(OBJECT_ID, row) == object_id:
                return int(row)
        return None

    def rows(self, name: str) -> list[int]:
        """Return the rows of the galaxies of this name, in any spelling, each once."""
        rows, is_other = self._bearers(name)
        return list(dict.fromkeys([*rows[~is_other].tolist(), *rows[is_other].tolist()]))

    def main_rows(self, name: str) -> list[int]:
        """Return the rows of those that are mainly called so, and not only so, too."""
        rows, is_other = self._bearers(name)
        return list(dict.fromkeys(rows[~is_other].tolist()))

    @cached_property
    def spellings(self) -> NearNames:
        """Names to suggest: all, or of very many those of the first galaxies and the nearest."""
        names, n_names = [], 0
        for column in (NAME, OTHER_NAMES):
            rows, n_of_column = self._first_rows(column)
            n_names += n_of_column
            texts = self._catalogue[column].iloc[rows] if len(rows) else ()
            names += [name for text in texts for name in names_in(text, column) if name.strip()]
        is_whole = n_names <= MOST_COMPARED
        names = names[:MOST_COMPARED]
        if self._n_objects <= MOST_SPELLED:
            names += self._catalogue[OBJECT_ID].tolist()
        compared = Spellings(map(tidy, names))
        return compared if is_whole else _OfMany(self, compared)

    def a_letter_away(self, key: str) -> Iterator[str]:
        """Yield the common and further names whose key differs from ``key`` by one letter."""
        others = within_one_letter(key)
        hashes = np.array([key_hash(other) for other in others], np.uint64)
        self._check()
        table = self._table
        first = np.searchsorted(table[0], hashes, side="left")
        end = np.searchsorted(table[0], hashes, side="right")
        for place in np.flatnonzero(first < end).tolist():
            few = slice(first[place], min(end[place], first[place] + _MOST_READ))
            rows, kinds = bearers_of(table[1, few])
            for row, kind in zip(rows.tolist(), kinds.tolist(), strict=True):
                column = NAME_COLUMNS[kind]
                names = names_in(self._text(column, row), column) if column != OBJECT_ID else []
                if found := [name for name in names if name_key(name) == others[place]]:
                    yield tidy(found[0])
                    break

    def _bearers(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of a name, those mainly called so first; and which are only so, too."""
        key = name_key(name)
        if not key:
            return np.empty(0, np.int64), np.empty(0, bool)
        rows, kinds = self._found(key)
        bears = np.ones(len(rows), bool)
        for place, (row, kind) in enumerate(zip(rows[:_MOST_READ], kinds, strict=False)):
            column = NAME_COLUMNS[kind]
            bears[place] = any(
                name_key(other) == key for other in names_in(self._text(column, row), column)
            )
        rows, is_other = rows[bears], kinds[bears] == NAME_COLUMNS.index(OTHER_NAMES)
        order = np.argsort(rows, kind="stable")
        return rows[order], is_other[order]

    def _found(self, key: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that may bear a name, by its hash, and in which column each does."""
        self._check()
        wanted, (hashes, bearers) = np.uint64(key_hash(key)), self._table
        first = np.searchsorted(hashes, wanted, side="left")
        end = np.searchsorted(hashes, wanted, side="right")
        return bearers_of(bearers[first:end])

    def _first_rows(self, column: str) -> tuple[np.ndarray, int]:
        """Return the first rows with a name in a column, ascending, and how many names it has."""
        self._check()
        wanted, n_names = NAME_COLUMNS.index(column), 0
        first = np.empty(0, np.int64)
        for start in range(0, self._table.shape[1], _BLOCK):
            rows, kinds = bearers_of(self._table[1, start : start + _BLOCK])
            rows = rows[kinds == wanted]
            n_names += len(rows)
            first = np.unique(np.concatenate([first, rows]))[:MOST_COMPARED]
        return first, n_names

    def _text(self, column: str, row: int) -> str:
        return str(self._catalogue[column].array[row])

    @cached_property
    def _table(self) -> np.ndarray:
        if self._given is not None:
            return self._given
        columns = [name for name in NAME_COLUMNS if name in self._catalogue]
        return name_table(self._catalogue.blocks(columns))


class _OfMany:
    """Names to suggest from millions: of the first galaxies, and all that are nearly the same."""

    def __init__(self, names: AtlasNames, compared: Spellings) -> None:
        self._names, self._compared = names, compared

    def near(self, name: str) -> list[tuple[float, str]]:
        """Return at most five names near to ``name``: see `Spellings.near`."""
        key = name_key(name)
        found = Spellings(islice(self._names.a_letter_away(key), MOST_SPELLED)).near(name)
        return [*found, *self._compared.near(name)]
