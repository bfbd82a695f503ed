"""What is searched for: galaxies of an atlas, and how many similar ones to show.

A query comes back from the browser in two ways, the store (query.page) and the address
(query.address). Both are hostile: each value is checked before use, and what is wrong is said in a
sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from dashboard.explorer.embedder import EmbeddingTextError, embedding_from_text
from dashboard.explorer.memo import remembered
from dashboard.explorer.neighbours import SHREDDED_ARCSEC, Neighbours, Question
from dashboard.filters.filters import FilterError, Filters
from dashboard.untrusted import is_integer, is_number, quoted

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

K_CHOICES = (16, 25, 36, 49, 64, 81, 100)  # squares, for a square gallery
DEFAULT_K = 25
ORIGINS = ("start", "search", "random", "card", "map", "table", "tray", "list", "picture", "url")
MOST_ROWS = 100  # examples of one query
MOST_NEIGHBOURS = 1000  # of one query: what a table shows and a file holds
MOST_EXACT = 50_000  # galaxies of an atlas that are all compared with each query, in some 10 ms
MOST_SEPARATION_ARCSEC = 60.0
_LONGEST_EMBEDDING = 12_000  # characters: of some 4,000 numbers, more than any encoder gives
_FARTHEST_ARCSEC = 180 * 3600.0
_KEPT = ("k", "filters", "min_separation_arcsec", "least_similar")  # by a query for other galaxies


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
    embedding : str or None
        That of a picture that the user brought, as `embedding_to_text` has it: as the model gives
        it, so that it means the same in every atlas of the model. ``rows`` may then be empty.
    negatives : tuple of int
        The galaxies not to be similar to, each once.
    min_separation_arcsec : float
        How far neighbours are from each other and from the examples, at least; 0 to
        `MOST_SEPARATION_ARCSEC`.
    least_similar : bool
        Whether the least similar galaxies are asked for.

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
    embedding: str | None = None
    negatives: tuple[int, ...] = ()
    min_separation_arcsec: float = SHREDDED_ARCSEC
    least_similar: bool = False

    def __post_init__(self) -> None:
        # A frozen class is written by object.__setattr__; numpy integers do not survive JSON.
        object.__setattr__(self, "rows", tuple(dict.fromkeys(map(int, self.rows))))
        object.__setattr__(self, "negatives", tuple(dict.fromkeys(map(int, self.negatives))))
        n_examples = len(self.rows) + len(self.negatives)
        if self.negatives and self.embedding is None and not self.rows:
            raise QueryError("A query needs a galaxy to be similar to, not only unlike. Add one.")
        if (self.embedding is None and not self.rows) or n_examples > MOST_ROWS:
            raise QueryError(f"A query has 1 to {MOST_ROWS} galaxies, this one has {n_examples}.")
        if set(self.rows) & set(self.negatives):
            raise QueryError("A galaxy cannot be like and unlike what is searched for. Remove it.")
        if self.k not in K_CHOICES:
            raise QueryError(wrong_k(self.k))
        if self.origin not in ORIGINS:
            raise QueryError(f"A query does not come from {quoted(self.origin)}.")
        separation = self.separation_arcsec
        if separation is not None and not 0 <= separation <= _FARTHEST_ARCSEC:
            raise QueryError(f"{separation} arcsec is not a separation on the sky.")
        least = self.min_separation_arcsec
        if not is_number(least) or not 0 <= least <= MOST_SEPARATION_ARCSEC:
            raise QueryError(
                f"Neighbours are at least 0 to {MOST_SEPARATION_ARCSEC:g} arcsec apart, not "
                f"{quoted(least)}."
            )

    @property
    def n_examples(self) -> int:
        """How many galaxies and pictures the query is made of."""
        return len(self.rows) + len(self.negatives) + (self.embedding is not None)

    def to_store(self) -> dict[str, Any]:
        """Return what the browser keeps: small values that JSON can carry."""
        return {
            "rows": list(self.rows),
            "k": self.k,
            "origin": self.origin,
            "separation_arcsec": self.separation_arcsec,
            "filters": self.filters.to_store(),
            "embedding": self.embedding,
            "negatives": list(self.negatives),
            "min_separation_arcsec": self.min_separation_arcsec,
            "least_similar": self.least_similar,
        }

    def neighbours(self, explorer: Explorer, n: int | None = None) -> Neighbours:
        """Return the galaxies of an atlas that answer this query: ``n`` of them rather than k.

        The index is searched once for each query, whoever asks and for how many. In an atlas of at
        most `MOST_EXACT` galaxies, what it has missed is put right.

        Parameters
        ----------
        n : int, optional
            At most `MOST_NEIGHBOURS`.

        Raises
        ------
        NoCommonDirectionError
            The embeddings of the query cancel each other.
        QueryError
            The picture is none, or was embedded by another model.
        """
        found = _all_neighbours(explorer, replace(self, **_OF_NO_ACCOUNT))
        n = n or self.k
        return found.first(n)

    def similarity(self, explorer: Explorer) -> np.ndarray:
        """Return how similar every galaxy is to this query: cosines, float32 (n_objects,)."""
        return explorer.search.similarity(self.question(explorer))

    def question(self, explorer: Explorer) -> Question:
        """Return what the explorer is asked."""
        own = None
        if self.embedding is not None:
            own = explorer.frame.into(read_embedding(self.embedding, explorer))
        return Question(
            self.rows, self.negatives, own, self.min_separation_arcsec, self.least_similar
        )

    def after(self, **asked: Any) -> Query:
        """Return the query for other galaxies that follows on this one.

        Parameters
        ----------
        **asked
            The other attributes of the query, ``rows`` and ``origin``. Number of neighbours,
            filters and options stay.
        """
        kept = {name: getattr(self, name) for name in _KEPT}
        return Query(**kept | asked)

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
        rows = checked_rows(data.get("rows"), n_objects)
        negatives = checked_rows(data.get("negatives", []), n_objects)
        k, origin = data.get("k", DEFAULT_K), data.get("origin", "start")
        if not is_integer(k):
            raise QueryError(wrong_k(k))
        if not isinstance(origin, str):
            raise QueryError(f"A query does not come from {quoted(origin)}.")
        separation = data.get("separation_arcsec")
        if separation is not None and not is_number(separation):
            raise QueryError(f"{quoted(separation)} is not a separation on the sky.")
        try:
            filters = Filters.from_store(data.get("filters", {}))
        except FilterError as error:
            raise QueryError(str(error)) from error
        embedding = data.get("embedding")
        if embedding is not None and not _may_be_embedding(embedding):
            raise QueryError("The page sent something that is not a picture. Reload the page.")
        return cls(
            rows,
            k,
            origin,
            separation,
            filters,
            embedding,
            negatives,
            data.get("min_separation_arcsec", SHREDDED_ARCSEC),
            data.get("least_similar") is True,
        )


# What makes no difference to the order of the neighbours.
_OF_NO_ACCOUNT: dict[str, Any] = {"k": DEFAULT_K, "origin": "start", "separation_arcsec": None}


@remembered(64)  # 12 kB each
def _all_neighbours(explorer: Explorer, query: Query) -> Neighbours:
    found = explorer.neighbours(
        query.question(explorer),
        MOST_NEIGHBOURS,
        query.filters,
        checked=explorer.n_objects <= MOST_EXACT,
    )
    for values in (found.rows, found.similarity):  # all who ask share them
        values.flags.writeable = False
    return found


def read_embedding(text: str, explorer: Explorer) -> np.ndarray:
    """Return the embedding that a query has as text, as the model gives it, float32 (dim,).

    Raises
    ------
    QueryError
        It is none, or another model's.
    """
    try:
        return embedding_from_text(text[:_LONGEST_EMBEDDING], explorer.manifest)
    except EmbeddingTextError as error:
        raise QueryError(str(error)) from error


def checked_rows(rows: object, n_objects: int) -> tuple[int, ...]:
    """Return rows that a page sent.

    Raises
    ------
    QueryError
        They are none, too many, or not of an atlas with so many galaxies.
    """
    if not isinstance(rows, list | tuple) or len(rows) > MOST_ROWS:
        raise QueryError("The page sent a query without a list of galaxies. Reload the page.")
    for row in rows:
        if not is_integer(row) or not 0 <= row < n_objects:
            raise QueryError(
                f"The page asked for row {quoted(row)}; this atlas has rows 0 to "
                f"{n_objects - 1}. Reload the page."
            )
    return tuple(rows)


def _may_be_embedding(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and len(text) <= _LONGEST_EMBEDDING


def wrong_k(k: object) -> str:
    """Return the sentence about a number of neighbours that cannot be chosen."""
    choices = ", ".join(map(str, K_CHOICES[:-1]))
    return f"The number of neighbours is {choices} or {K_CHOICES[-1]}, not {quoted(k)}."
