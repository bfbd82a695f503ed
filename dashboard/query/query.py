"""What is searched for: galaxies of an atlas, and how many similar ones to show.

A query comes back from the browser in two ways, the store (query.page) and the address
(query.address). Both are hostile: each value is checked before use, and what is wrong is said in a
sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.explorer.across import Guest, GuestError, brought, read_guests, sky_of
from dashboard.explorer.embedder import EmbeddingTextError, embedding_from_text
from dashboard.explorer.memo import remembered
from dashboard.explorer.neighbours import SHREDDED_ARCSEC, Neighbours, Question
from dashboard.filters import FilterError
from dashboard.filters.filters import Filters
from dashboard.query.similarity_column import is_within
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
_NO_PICTURE = "The page sent something that is not a picture. Reload the page."


class QueryError(ValueError):
    """A query that cannot be answered; the message says why, for the person who asked."""


@dataclass(frozen=True)
class Query:
    """What is searched for; a QueryError says why a query cannot be.

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
    guests, unlike_guests : tuple of Guest
        Galaxies of other atlases to be similar to, and not to be similar to, each once.
    everywhere : bool
        Whether the best of all open atlases of the same model are asked for.
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
    guests: tuple[Guest, ...] = ()
    unlike_guests: tuple[Guest, ...] = ()
    everywhere: bool = False

    def __post_init__(self) -> None:
        # A frozen class is written by object.__setattr__; numpy integers do not survive JSON.
        object.__setattr__(self, "rows", tuple(dict.fromkeys(map(int, self.rows))))
        object.__setattr__(self, "negatives", tuple(dict.fromkeys(map(int, self.negatives))))
        object.__setattr__(self, "guests", tuple(dict.fromkeys(self.guests)))
        object.__setattr__(self, "unlike_guests", tuple(dict.fromkeys(self.unlike_guests)))
        likes, unlikes = self.likes, self.unlikes
        n_examples = len(likes) + len(unlikes)
        if unlikes and self.embedding is None and not likes:
            raise QueryError("A query needs a galaxy to be similar to, not only unlike. Add one.")
        if (self.embedding is None and not likes) or n_examples > MOST_ROWS:
            raise QueryError(f"A query has 1 to {MOST_ROWS} galaxies, this one has {n_examples}.")
        if set(likes) & set(unlikes):
            raise QueryError("A galaxy cannot be like and unlike what is searched for. Remove it.")
        if not is_integer(self.k) or self.k not in K_CHOICES:
            raise QueryError(wrong_k(self.k))
        if self.origin not in ORIGINS:
            raise QueryError(f"A query does not come from {quoted(self.origin)}.")
        separation = self.separation_arcsec
        if separation is not None and not (
            is_number(separation) and 0 <= separation <= _FARTHEST_ARCSEC
        ):
            raise QueryError(f"{quoted(separation)} arcsec is not a separation on the sky.")
        embedding = self.embedding
        if embedding is not None and not (
            isinstance(embedding, str) and len(embedding) <= _LONGEST_EMBEDDING
        ):
            raise QueryError(_NO_PICTURE)
        least = self.min_separation_arcsec
        if not is_number(least) or not 0 <= least <= MOST_SEPARATION_ARCSEC:
            raise QueryError(
                f"Neighbours are at least 0 to {MOST_SEPARATION_ARCSEC:g} arcsec apart, not "
                f"{quoted(least)}."
            )

    @property
    def likes(self) -> tuple[int | Guest, ...]:
        """All galaxies to be similar to: those of this atlas by their rows, then the guests."""
        return (*self.rows, *self.guests)

    @property
    def unlikes(self) -> tuple[int | Guest, ...]:
        """All galaxies not to be similar to, likewise."""
        return (*self.negatives, *self.unlike_guests)

    @property
    def n_examples(self) -> int:
        """How many galaxies and pictures the query is made of."""
        return len(self.likes) + len(self.unlikes) + (self.embedding is not None)

    def others_in_words(self) -> str:
        """Return what follows on the name of the first example.

        >>> Query((3, 5, 7), negatives=(8,)).others_in_words()
        ' and 2 more, unlike 1'
        """
        n_unlike = len(self.unlikes)
        n_more = self.n_examples - n_unlike - 1
        more = f" and {n_more} more" if n_more else ""
        return more + (f", unlike {n_unlike}" if n_unlike else "")

    def to_store(self) -> dict[str, Any]:
        """Return what the browser keeps: small values that JSON can carry."""
        rows = {"rows": list(self.rows), "negatives": list(self.negatives)}
        guests = {name: [list(guest) for guest in getattr(self, name)] for name in _GUESTS}
        return vars(self) | rows | guests | {"filters": self.filters.to_store()}

    def neighbours(self, explorer: Explorer, n: int | None = None) -> Neighbours:
        """Return the galaxies of an atlas that answer this query: k, or ``n`` of them.

        The index is searched once for each query, whoever asks and for how many: at most for
        `MOST_NEIGHBOURS`. In an atlas of at most `MOST_EXACT` galaxies, what it has missed is put
        right.

        Raises
        ------
        NoCommonDirectionError
            The embeddings of the query cancel each other.
        QueryError
            The picture is none or was embedded by another model, or a guest cannot be here.
        """
        found = _all_neighbours(explorer, replace(self, **_OF_NO_ACCOUNT))
        return found.first(n or self.k)

    def similarity(self, explorer: Explorer) -> np.ndarray:
        """Return how similar every galaxy is to this query: cosines, float32 (n_objects,)."""
        return _cosines(explorer, replace(self, **_OF_NO_ACCOUNT | _OF_NO_SIMILARITY))

    def passing(self, explorer: Explorer) -> np.ndarray | None:
        """Return which galaxies pass the filters: bool (n_objects,), not to be written to.

        None where all do.
        """
        passes, similarity = explorer.passing(self.filters), self.filters.similarity
        if similarity is None:
            return passes
        alike = replace(self, **_OF_NO_ACCOUNT | _OF_NO_SIMILARITY)
        is_near = is_within(explorer, alike, similarity)
        return is_near if passes is None else is_near & passes

    def question(self, explorer: Explorer) -> Question:
        """Return what the explorer is asked."""
        own = None
        if self.embedding is not None:
            own = explorer.frame.into(read_embedding(self.embedding, explorer))
        guests = (self.guests, self.unlike_guests)
        try:
            like, unlike = (brought(explorer, some) if some else None for some in guests)
            sky = sky_of(explorer, (*self.guests, *self.unlike_guests)) if any(guests) else None
        except GuestError as error:
            raise QueryError(str(error)) from error
        apart, least = self.min_separation_arcsec, self.least_similar
        return Question(self.rows, self.negatives, own, apart, least, like, unlike, sky)

    def after(self, **asked: Any) -> Query:
        """Return the query for other galaxies: number of neighbours, filters and options stay."""
        return replace(self, **_OF_OTHER_GALAXIES | asked)

    @classmethod
    def from_store(cls, data: object, n_objects: int) -> Query:
        """Read what the browser sent back, which is anything that JSON can say.

        Raises
        ------
        QueryError
            Not a query of an atlas of ``n_objects`` galaxies.
        """
        if not isinstance(data, dict) or not set(data) <= set(cls.__dataclass_fields__):
            raise QueryError("The page sent something that is not a query. Reload the page.")
        try:
            filters = Filters.from_store(data.get("filters", {}))
            guests = {name: read_guests(data.get(name, [])) for name in _GUESTS}
        except (FilterError, GuestError) as error:
            raise QueryError(str(error)) from error
        checked = {
            "rows": checked_rows(data.get("rows"), n_objects),
            "negatives": checked_rows(data.get("negatives", []), n_objects),
            "filters": filters,
            "least_similar": data.get("least_similar") is True,
            "everywhere": data.get("everywhere") is True,
        }
        return cls(**data | checked | guests)


_GUESTS = ("guests", "unlike_guests")
# What a query for other galaxies does not take over.
_OF_OTHER_GALAXIES: dict[str, Any] = {
    "rows": (),
    "negatives": (),
    "embedding": None,
    "separation_arcsec": None,
    "guests": (),
    "unlike_guests": (),
}
# What makes no difference to the order of the neighbours.
_OF_NO_ACCOUNT: dict[str, Any] = {
    "k": DEFAULT_K,
    "origin": "start",
    "separation_arcsec": None,
    "everywhere": False,
}
# Nor to how similar each galaxy is.
_OF_NO_SIMILARITY: dict[str, Any] = {"filters": Filters(), "least_similar": False}


@remembered(2)  # 4 bytes a galaxy
def _cosines(explorer: Explorer, query: Query) -> np.ndarray:
    return explorer.search.similarity(query.question(explorer))


@remembered(64)  # 12 kB each
def _all_neighbours(explorer: Explorer, query: Query) -> Neighbours:
    found = explorer.neighbours(
        query.question(explorer),
        MOST_NEIGHBOURS,
        query.filters,
        among=query.passing(explorer),
        checked=explorer.n_objects <= MOST_EXACT,
    )
    for values in (found.rows, found.similarity):  # all who ask share them
        values.flags.writeable = False
    return found


def read_embedding(text: object, explorer: Explorer) -> np.ndarray:
    """Return an embedding as the model gives it, float32 (dim,).

    A QueryError says if it is none, or another model's.
    """
    if not isinstance(text, str):
        raise QueryError(_NO_PICTURE)
    try:
        return embedding_from_text(text[:_LONGEST_EMBEDDING], explorer.manifest)
    except EmbeddingTextError as error:
        raise QueryError(str(error)) from error


def checked_rows(rows: object, n_objects: int) -> tuple[int, ...]:
    """Return rows that a page sent; a QueryError if they are none, too many, or of no galaxy."""
    if not isinstance(rows, list | tuple) or len(rows) > MOST_ROWS:
        raise QueryError("The page sent a query without a list of galaxies. Reload the page.")
    for row in rows:
        if not is_integer(row) or not 0 <= row < n_objects:
            there = f"this atlas has rows 0 to {n_objects - 1}"
            raise QueryError(f"The page asked for row {quoted(row)}; {there}. Reload the page.")
    return tuple(rows)


def wrong_k(k: object) -> str:
    """Return the sentence about a number of neighbours that cannot be chosen."""
    choices = ", ".join(map(str, K_CHOICES[:-1]))
    return f"The number of neighbours is {choices} or {K_CHOICES[-1]}, not {quoted(k)}."
