"""What a page shows, what happens on it, and what becomes of it: the reducer.

A page shows a query in an atlas, and the map in a colour. What happens on it is a request,
``{"n", "kind", "values"}``, and ``n`` counts up in the browser. A page knows the last one that it
contains, so requests may arrive twice, together or one by one: none is lost, and none counts twice.
What is asked for in vain is answered by a sentence and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dashboard.explorer.explorer import UnknownColumnError
from dashboard.explorer.neighbours import NoCommonDirectionError
from dashboard.filters import FilterError
from dashboard.query.query import Query, QueryError
from dashboard.untrusted import is_integer, quoted

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

LONGEST_ADDRESS = 8_000  # characters; the server takes 8,190, path and all
MOST_NUMBER = 2**53  # of a request: what every browser counts to
MOST_REQUESTS = 200  # that a page may have waiting
NOT_OFFERED = "The page asked for what is not offered. Reload the page."
_FIELDS = {"atlas", "n", "query", "address", "colour"}
_FORESEEN = (QueryError, FilterError, UnknownColumnError, NoCommonDirectionError)
_MANGLED = "The page sent something that is not a query. Reload the page."
_NO_REQUEST = "The page sent something that is not a request. Reload the page."

Values = Mapping[str, Any]
Change = Callable[["Explorer", "Page", Values], "Page"]


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

        It is anything that JSON can say.

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
        are_texts = isinstance(address, str) and isinstance(colour, str)
        if not are_texts or not is_integer(n) or not 0 <= n < MOST_NUMBER:
            raise QueryError(_MANGLED)
        query = Query.from_store(data.get("query"), explorer.n_objects)
        explorer.passing(query.filters)
        query.question(explorer)  # its picture and its guests can be read here
        return cls(explorer.name, query, address[:LONGEST_ADDRESS], colour, n)


def check_atlas(name: object, explorer: Explorer) -> None:
    """Raise a QueryError if a page of another atlas sent this: rows are of one atlas only."""
    if name != explorer.name:
        raise QueryError(
            f"The page asked about the atlas {quoted(name)}, but this is {explorer.name}. "
            "Reload the page."
        )


@dataclass(frozen=True)
class Request:
    """What happened on a page.

    Attributes
    ----------
    n : int
        Its number: requests are in this order.
    kind : str
        What kind of thing it was, such as ``card``; nobody has checked that there is such a kind.
    values : mapping
        What is to be known of it, such as the ``row`` of the card. Anything that JSON can say.
    """

    n: int
    kind: str
    values: Values


@dataclass(frozen=True)
class Folded:
    """What became of a page.

    Attributes
    ----------
    page : Page
    applied : tuple of Request
        Those that the page did not contain before, in their order.
    said : mapping of str to str
        What is to be said of the last request of each kind of which something is to be said.
    """

    page: Page
    applied: tuple[Request, ...]
    said: Mapping[str, str]


def read_requests(data: object, explorer: Explorer) -> list[Request]:
    """Return the requests that a page sent, in their order, each number once.

    What it sent is anything that JSON can say; a page of ours says ``{"atlas", "log"}``.

    Raises
    ------
    QueryError
        About another atlas, or not a log of requests.
    """
    if not isinstance(data, dict) or not isinstance(data.get("log"), list):
        raise QueryError(_NO_REQUEST)
    check_atlas(data.get("atlas"), explorer)
    if len(data["log"]) > MOST_REQUESTS:
        raise QueryError(
            f"The page asked for more than {MOST_REQUESTS} things at once. Reload the page."
        )
    by_number: dict[int, Request] = {}
    for one in data["log"]:
        request = _read_request(one)
        by_number.setdefault(request.n, request)
    return [by_number[n] for n in sorted(by_number)]


def _read_request(data: object) -> Request:
    if isinstance(data, dict):
        n, kind, values = data.get("n"), data.get("kind"), data.get("values", {})
        is_of_a_kind = isinstance(kind, str) and isinstance(values, dict)
        if is_of_a_kind and is_integer(n) and 0 < n < MOST_NUMBER:
            return Request(n, str(kind), values or {})
    raise QueryError(_NO_REQUEST)


def fold(
    explorer: Explorer, page: Page, requests: Sequence[Request], kinds: Mapping[str, Change]
) -> Folded:
    """Return a page with the requests that it does not contain yet.

    Parameters
    ----------
    kinds : mapping of str to callable
        How a page changes by a request of each kind; raises an error with a sentence where it
        cannot.
    """
    applied = [request for request in requests if request.n > page.n]
    said: dict[str, str] = {}
    for request in applied:
        said.pop(request.kind, None)
        try:
            if request.kind not in kinds:
                raise QueryError(NOT_OFFERED)
            changed = kinds[request.kind](explorer, page, request.values)
        except _FORESEEN as error:
            changed = replace(page, said=str(error))
        if changed.said:
            said[request.kind] = changed.said
        page = replace(changed, n=request.n, said="")
    return Folded(page, tuple(applied), said)
