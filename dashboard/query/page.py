"""What a page shows: a query in an atlas, the map's colour, and which requests that contains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboard.query.query import Query, QueryError, read_embedding
from dashboard.untrusted import is_integer, quoted

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

LONGEST_ADDRESS = 8_000  # characters; the server takes 8,190, path and all
MOST_NUMBER = 2**53  # of a request: what every browser counts to
_FIELDS = {"atlas", "n", "query", "address", "colour"}
_MANGLED = "The page sent something that is not a query. Reload the page."


@dataclass(frozen=True)
class Page:
    """What a page shows.

    Attributes
    ----------
    atlas : str
        Name of the atlas that the rows of the query are of.
    query : Query
    address : str
        The part of the page's address that brings this back, from the ``?`` on.
    colour : str
        What the map is coloured by; empty if by nothing.
    n : int
        Number of the last request that all this contains; 0 before the first.
    said : str
        What is to be said of that request; not kept.
    """

    atlas: str
    query: Query
    address: str = ""
    colour: str = ""
    n: int = 0
    said: str = field(default="", compare=False)

    def to_store(self) -> dict[str, Any]:
        """Return what the browser keeps: small values that JSON can carry."""
        return {
            "atlas": self.atlas,
            "n": self.n,
            "query": self.query.to_store(),
            "address": self.address,
            "colour": self.colour,
        }

    @classmethod
    def from_store(cls, data: object, explorer: Explorer) -> Page:
        """Read what the browser sent back: the one gate for all that it keeps of a query.

        Parameters
        ----------
        data : object
            Anything that JSON can say.
        explorer : Explorer
            Of the atlas whose page sent it.

        Raises
        ------
        QueryError
            Not of this atlas, or not what `to_store` had written.
        FilterError
            A filter that is not one of this atlas.
        """
        if not isinstance(data, dict) or not set(data) <= _FIELDS:
            raise QueryError(_MANGLED)
        check_atlas(data.get("atlas"), explorer)
        n, address, colour = data.get("n", 0), data.get("address", ""), data.get("colour", "")
        if not is_integer(n) or not 0 <= n < MOST_NUMBER:
            raise QueryError(_MANGLED)
        if not isinstance(address, str) or not isinstance(colour, str):
            raise QueryError(_MANGLED)
        query = Query.from_store(data.get("query"), explorer.n_objects)
        explorer.passing(query.filters)
        if query.embedding is not None:
            read_embedding(query.embedding, explorer)
        return cls(explorer.name, query, address[:LONGEST_ADDRESS], colour, n)


def check_atlas(name: object, explorer: Explorer) -> None:
    """Make sure that what a page sent is about this atlas: rows are of one atlas only.

    Raises
    ------
    QueryError
    """
    if name != explorer.name:
        raise QueryError(
            f"The page asked about the atlas {quoted(name)}, but this is {explorer.name}. "
            "Reload the page."
        )
