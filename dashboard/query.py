"""What is searched for: galaxies of an atlas, and how many similar ones to show.

A query comes back from the browser in two ways, the store and the address. Both are hostile: each
value is checked before use, and what is wrong is said in a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import parse_qsl, urlencode

import numpy as np

from dashboard.embedder import EmbeddingTextError, embedding_from_text
from dashboard.explorer import Neighbours, UnknownGalaxyError
from dashboard.filters import FilterError, Filters
from dashboard.untrusted import is_integer, is_number, quoted

if TYPE_CHECKING:
    from dashboard.explorer import Explorer

K_CHOICES = (16, 25, 36, 49, 64, 81, 100)  # squares, for a square gallery
DEFAULT_K = 25
ORIGINS = ("start", "search", "random", "card", "map", "list", "picture", "url")
MOST_ROWS = 100  # positives of one query
LONGEST_ADDRESS = 8_000  # characters; the server takes 8,190, path and all
_LONGEST_EMBEDDING = 12_000  # characters: of some 4,000 numbers, more than any encoder gives
_FARTHEST_ARCSEC = 180 * 3600.0
_MOST_SENTENCES = 3  # about one address


class QueryError(ValueError):
    """A query that cannot be answered; the message says why, for the person who asked."""


@dataclass(frozen=True)
class Query:
    """What is searched for.

    Attributes
    ----------
    rows : tuple of int
        The galaxies to be similar to (positives), each once.
    k : int
        How many neighbours; one of `K_CHOICES`.
    origin : str
        Where the query came from; one of `ORIGINS`.
    separation_arcsec : float or None
        For a search, how far the galaxy is from the position that was asked for.
    filters : Filters
        What galaxies must be like to be shown; those of ``rows`` need not be like that.
    picture : str or None
        The embedding of a picture that the user brought, as `embedding_to_text` has it. ``rows``
        may then be empty.

    Raises
    ------
    QueryError
        No row or too many, or a value that is not allowed.
    """

    rows: tuple[int, ...]
    k: int = DEFAULT_K
    origin: str = "start"
    separation_arcsec: float | None = None
    filters: Filters = field(default_factory=Filters)
    picture: str | None = None

    def __post_init__(self) -> None:
        # A frozen class is written by object.__setattr__; numpy integers do not survive JSON.
        object.__setattr__(self, "rows", tuple(dict.fromkeys(map(int, self.rows))))
        if (self.picture is None and not self.rows) or len(self.rows) > MOST_ROWS:
            raise QueryError(
                f"A query has 1 to {MOST_ROWS} galaxies, this one has {len(self.rows)}."
            )
        if self.k not in K_CHOICES:
            raise QueryError(_wrong_k(self.k))
        if self.origin not in ORIGINS:
            raise QueryError(f"A query does not come from {quoted(self.origin)}.")
        separation = self.separation_arcsec
        if separation is not None and not 0 <= separation <= _FARTHEST_ARCSEC:
            raise QueryError(f"{separation} arcsec is not a separation on the sky.")

    def to_store(self) -> dict[str, Any]:
        """Return what the browser keeps: small values that JSON can carry."""
        return {
            "rows": list(self.rows),
            "k": self.k,
            "origin": self.origin,
            "separation_arcsec": self.separation_arcsec,
            "filters": self.filters.to_store(),
            "picture": self.picture,
        }

    def neighbours(self, explorer: Explorer, n: int | None = None) -> Neighbours:
        """Return the galaxies of an atlas that answer this query: ``n`` of them rather than k.

        Raises
        ------
        QueryError
            The picture is none, or was embedded by another model.
        """
        return explorer.neighbours(self.rows, n or self.k, self.filters, self._own(explorer))

    def exact_neighbours(self, explorer: Explorer) -> Neighbours:
        """Return what `neighbours` approximates, by comparing with every galaxy."""
        passing = explorer.passing(self.filters)
        return explorer.search.exact(self.rows, self.k, passing, self._own(explorer))

    def _own(self, explorer: Explorer) -> np.ndarray | None:
        return None if self.picture is None else _embedding(self.picture, explorer)

    @classmethod
    def after(cls, store: object, n_objects: int, **asked: Any) -> Query:
        """Return the query for other galaxies that follows on what the page shows.

        Parameters
        ----------
        store : object
            What the browser sent back, or None before the first query. Its k and filters stay.
        n_objects : int
            Number of galaxies of the atlas.
        **asked
            The other attributes of the query, ``rows`` and ``origin``.

        Raises
        ------
        QueryError
            Not a query of this atlas.
        """
        if store is None:
            return cls(**asked)
        former = cls.from_store(store, n_objects)
        kept: dict[str, Any] = {"k": former.k, "filters": former.filters}
        return cls(**kept | asked)

    @classmethod
    def from_store(cls, data: object, n_objects: int) -> Query:
        """Read what the browser sent back.

        Parameters
        ----------
        data : object
            Anything that JSON can say.
        n_objects : int
            Number of galaxies of the atlas.

        Raises
        ------
        QueryError
            Not a query of this atlas.
        """
        if not isinstance(data, dict) or not set(data) <= set(cls.__dataclass_fields__):
            raise QueryError("The page sent something that is not a query. Reload the page.")
        rows = data.get("rows")
        if not isinstance(rows, list | tuple) or len(rows) > MOST_ROWS:
            raise QueryError("The page sent a query without a list of galaxies. Reload the page.")
        for row in rows:
            if not is_integer(row) or not 0 <= row < n_objects:
                raise QueryError(
                    f"The page asked for row {quoted(row)}; this atlas has rows 0 to "
                    f"{n_objects - 1}. Reload the page."
                )
        k, origin = data.get("k", DEFAULT_K), data.get("origin", "start")
        if not is_integer(k):
            raise QueryError(_wrong_k(k))
        if not isinstance(origin, str):
            raise QueryError(f"A query does not come from {quoted(origin)}.")
        separation = data.get("separation_arcsec")
        if separation is not None and not is_number(separation):
            raise QueryError(f"{quoted(separation)} is not a separation on the sky.")
        try:
            filters = Filters.from_store(data.get("filters", {}))
        except FilterError as error:
            raise QueryError(str(error)) from error
        picture = data.get("picture")
        if picture is not None and not _may_be_embedding(picture):
            raise QueryError("The page sent something that is not a picture. Reload the page.")
        return cls(tuple(rows), k, origin, separation, filters, picture)

    def to_address(self, explorer: Explorer) -> str:
        """Return the part of a page's address that brings this query back, from the ``?`` on."""
        identifiers = explorer.catalogue["object_id"]
        galaxies = [("galaxy", str(identifiers.iloc[row])) for row in self.rows]
        pictures = [] if self.picture is None else [("picture", self.picture)]
        own = [*galaxies, *pictures, ("k", self.k)]
        return "?" + urlencode([*own, *self.filters.to_address()], safe="|")

    @classmethod
    def from_address(cls, search: str | None, explorer: Explorer) -> Query | None:
        """Read the part of a page's address from the ``?`` on.

        Parameters
        ----------
        search : str or None
            ``?galaxy=OBJECT_ID&k=25&f.COLUMN=14..17.5``; ``galaxy`` may come several times, or an
            embedding as ``picture``; all else may be left out. What others append to addresses is
            passed over, and so are filters that cannot be; `unread_filters` has the sentences
            about them.

        Returns
        -------
        Query or None
            None where the address names no galaxy, no picture, no filter and no k.

        Raises
        ------
        QueryError
            Mangled, or a galaxy that this atlas does not have.
        """
        if not isinstance(search, str) or not search.strip("?"):
            return None
        fields = _fields(search)
        identifiers = [value for name, value in fields if name == "galaxy"]
        filters, _ = explorer.filter_columns.read_address(fields)
        picture = next((value for name, value in fields if name == "picture"), None)
        numbers = [value for name, value in fields if name == "k"]
        if not identifiers and not filters and picture is None and not numbers:
            return None
        if picture is not None:
            _embedding(picture, explorer)
        if len(numbers) > 1:
            raise QueryError(f"The address has k {len(numbers)} times; once is enough.")
        k = next((choice for choice in K_CHOICES if numbers == [str(choice)]), None)
        if numbers and k is None:
            raise QueryError(_wrong_k(numbers[0]))
        rows = _rows_of(identifiers, explorer)
        if not rows and picture is None:
            rows = (explorer.default_row(),)
        return cls(rows, k or DEFAULT_K, "url", filters=filters, picture=picture)


def unread_filters(search: str | None, explorer: Explorer) -> str:
    """Return what is said of the filters of an address that `Query.from_address` left out."""
    try:
        fields = _fields(search) if isinstance(search, str) else []
    except QueryError:  # the address as a whole has been answered
        return ""
    _, sentences = explorer.filter_columns.read_address(fields)
    return " ".join(sentences[:_MOST_SENTENCES])


def _fields(search: str) -> list[tuple[str, str]]:
    if len(search) > LONGEST_ADDRESS:
        raise QueryError(
            f"The address has {len(search)} characters, more than the {LONGEST_ADDRESS} that "
            "are read. Search for a position instead."
        )
    try:
        return parse_qsl(
            search.removeprefix("?"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=2 * MOST_ROWS,
        )
    except ValueError as error:  # not UTF-8, or too many fields
        raise QueryError(
            "The address is mangled: it cannot be read. Copy it again, or search for a position."
        ) from error


def _rows_of(identifiers: Sequence[str], explorer: Explorer) -> tuple[int, ...]:
    try:
        return tuple(explorer.row_of(identifier) for identifier in identifiers)
    except UnknownGalaxyError as error:
        raise QueryError(str(error)) from error


def _may_be_embedding(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and len(text) <= _LONGEST_EMBEDDING


def _embedding(text: str, explorer: Explorer) -> np.ndarray:
    try:
        return embedding_from_text(text[:_LONGEST_EMBEDDING], explorer.manifest)
    except EmbeddingTextError as error:
        raise QueryError(str(error)) from error


def _wrong_k(k: object) -> str:
    choices = ", ".join(map(str, K_CHOICES[:-1]))
    return f"The number of neighbours is {choices} or {K_CHOICES[-1]}, not {quoted(k)}."
