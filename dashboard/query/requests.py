"""What happens on a page, as numbered requests, and what becomes of its query: the reducer.

A request is ``{"n", "kind", "values"}``, and ``n`` counts up in the browser. A page knows the last
one that it contains, so requests may arrive twice, together or one by one: none is lost, and none
counts twice. What is asked for in vain is answered by a sentence and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dashboard.explorer.explorer import UnknownColumnError
from dashboard.explorer.neighbours import NoCommonDirectionError
from dashboard.filters import FilterError
from dashboard.query.page import MOST_NUMBER, Page, check_atlas
from dashboard.query.query import QueryError
from dashboard.untrusted import is_integer

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

MOST_REQUESTS = 200  # that a page may have waiting
_FORESEEN = (QueryError, FilterError, UnknownColumnError, NoCommonDirectionError)
NOT_OFFERED = "The page asked for what is not offered. Reload the page."
_MANGLED = "The page sent something that is not a request. Reload the page."

Values = Mapping[str, Any]
Change = Callable[["Explorer", Page, Values], Page]


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

    Parameters
    ----------
    data : object
        Anything that JSON can say; a page of ours says ``{"atlas", "log"}``.

    Raises
    ------
    QueryError
        About another atlas, or not a log of requests.
    """
    if not isinstance(data, dict) or not isinstance(data.get("log"), list):
        raise QueryError(_MANGLED)
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
    raise QueryError(_MANGLED)


def fold(
    explorer: Explorer, page: Page, requests: Sequence[Request], kinds: Mapping[str, Change]
) -> Folded:
    """Return a page with the requests that it does not contain yet.

    Parameters
    ----------
    requests : sequence of Request
        In their order.
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
