"""The names that an atlas gives its galaxies: identifiers, common names and further ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from dashboard.names.spellings import NameIndex, Spellings, tidy
from pipeline.atlas import Catalogue

NAME, OTHER_NAMES = "name", "other_names"  # columns; the second lists names, ";" between them
# Two seconds and 12 MB for every million identifiers, once; beyond this they are found as they are
# written in the catalogue, not in other spellings.
MOST_KEYED = 2_000_000
# A near identifier of a large survey is another galaxy, seldom a misspelling.
MOST_SPELLED = 20_000


class AtlasNames:
    """Whose name is this, in one atlas? Nothing is read before the first question.

    Parameters
    ----------
    catalogue : Catalogue
        With the columns ``object_id`` and, if there are any, ``name`` and ``other_names``.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def rows(self, name: str) -> list[int]:
        """Return the rows of the galaxies of this name, in any spelling, each once."""
        return list(dict.fromkeys([*self._main.bearers(name), *self._others.bearers(name)]))

    def main_rows(self, name: str) -> list[int]:
        """Return the rows of those that are mainly called so, and not only so, too."""
        return self._main.bearers(name)

    @cached_property
    def spellings(self) -> Spellings:
        """All names to suggest, in the catalogue's order."""
        names = [*self._column(NAME), *self._other_names()]
        if len(self._catalogue) <= MOST_SPELLED:
            names += self._column("object_id")
        return Spellings(tidy(name) for name, _ in names)

    @cached_property
    def _main(self) -> NameIndex:
        return NameIndex([*self._identifiers(), *self._column(NAME)])

    @cached_property
    def _others(self) -> NameIndex:
        return NameIndex(self._other_names())

    def _identifiers(self) -> Iterable[tuple[str, int]]:
        return self._column("object_id") if len(self._catalogue) <= MOST_KEYED else ()

    def _other_names(self) -> Iterator[tuple[str, int]]:
        for names, row in self._column(OTHER_NAMES):
            for name in names.split(";"):
                yield name, row

    def _column(self, name: str) -> Iterator[tuple[str, int]]:
        if name not in self._catalogue:
            return
        for row, value in enumerate(self._catalogue[name]):
            if isinstance(value, str) and value.strip():
                yield value, row
