"""How a query changes by what happens on a page: one function for each kind of request.

The examples of a query are positives, which neighbours are to be like, and negatives, which they
are not to be like. The first positive is the selected galaxy; a picture that the user brought stays
a positive until it goes. A query keeps its options and its filters while galaxies join it, leave
it, or change sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.explorer.across import Guest, GuestError, example_of, read_guests
from dashboard.explorer.neighbours import SHREDDED_ARCSEC
from dashboard.explorer.random_draw import random_row
from dashboard.filters.filters import Choice, Filters
from dashboard.query.page import MOST_NUMBER, NOT_OFFERED, Values
from dashboard.query.query import (
    MOST_ROWS,
    MOST_SEPARATION_ARCSEC,
    Query,
    QueryError,
    checked_rows,
    read_embedding,
    wrong_k,
)
from dashboard.untrusted import is_integer, is_number

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

Examples = tuple[int | Guest, ...]
QueryChange = Callable[["Explorer", Query, Values], Query]


# --- another galaxy ---


def _from(origin: str) -> QueryChange:
    """Return the change to one galaxy, ``row``, or to several, ``rows``."""

    def change(explorer: Explorer, query: Query, values: Values) -> Query:
        several = values["rows"] if "rows" in values else [values.get("row")]
        asked = Query.from_store(
            {"rows": several, "separation_arcsec": values.get("separation_arcsec")},
            explorer.n_objects,
        )
        return query.after(
            rows=asked.rows, origin=origin, separation_arcsec=asked.separation_arcsec
        )

    return change


def _random(explorer: Explorer, query: Query, values: Values) -> Query:
    """Draw within the filters; the page brings the ``seed``, so that a draw can be repeated."""
    seed = values.get("seed")
    if not is_integer(seed) or not 0 <= seed < MOST_NUMBER:
        raise QueryError(NOT_OFFERED)
    passing = query.passing(explorer)
    if passing is not None and not passing.any():
        raise QueryError("No galaxy passes the filters, so none can be drawn. Widen one of them.")
    rng = np.random.default_rng(seed)
    row = random_row(explorer, rng, bright=values.get("among") != "any", passing=passing)
    return query.after(rows=(row,), origin="random")


def _embedding(explorer: Explorer, values: Values) -> Any:
    embedding = values.get("embedding")
    read_embedding(embedding, explorer)
    return embedding


def _picture(explorer: Explorer, query: Query, values: Values) -> Query:
    return query.after(rows=(), origin="picture", embedding=_embedding(explorer, values))


def _crop(explorer: Explorer, query: Query, values: Values) -> Query:
    if query.embedding is None:  # its picture has left the query meanwhile
        return query
    return replace(query, embedding=_embedding(explorer, values), origin="picture")


# --- its examples ---


def with_positive(query: Query, *galaxies: int | Guest) -> Query:
    """Return the query with these galaxies among its positives, wherever they were before."""
    return _changed(query, (*query.likes, *galaxies), _less(query.unlikes, galaxies))


def with_negative(query: Query, *galaxies: int | Guest) -> Query:
    """Return the query with these galaxies among its negatives, wherever they were before."""
    return _changed(query, _less(query.likes, galaxies), (*query.unlikes, *galaxies))


def with_selected(query: Query, galaxy: int | Guest) -> Query:
    """Return the query with this galaxy as its first positive, wherever it was before."""
    return _changed(query, (galaxy, *query.likes), _less(query.unlikes, (galaxy,)))


def without(query: Query, *galaxies: int | Guest) -> Query:
    """Return the query without these galaxies."""
    return _changed(query, _less(query.likes, galaxies), _less(query.unlikes, galaxies))


def without_embedding(query: Query) -> Query:
    """Return the query without the picture that the user brought."""
    return _changed(query, query.likes, query.unlikes, keep_embedding=False)


def only_first(query: Query) -> Query:
    """Return the query for its first example alone: the picture, or the selected galaxy."""
    return _changed(query, query.likes[:1] if query.embedding is None else (), ())


def _changed(
    query: Query, likes: Examples, unlikes: Examples, keep_embedding: bool = True
) -> Query:
    """Return the query for other examples; raise a QueryError for none, and for too many."""
    likes, unlikes = (tuple(dict.fromkeys(examples)) for examples in (likes, unlikes))
    embedding = query.embedding if keep_embedding else None
    if not likes and embedding is None:
        raise QueryError(
            "This is the last example of what to look for. Add another one before it goes."
        )
    if len(likes) + len(unlikes) > MOST_ROWS:
        raise QueryError(
            f"A query takes at most {MOST_ROWS} galaxies. Take one out before you add another."
        )
    if (likes, unlikes, embedding) == (query.likes, query.unlikes, query.embedding):
        return query
    (rows, guests), (negatives, unlike_guests) = _parted(likes), _parted(unlikes)
    return replace(
        query,
        rows=rows,
        negatives=negatives,
        embedding=embedding,
        guests=guests,
        unlike_guests=unlike_guests,
        origin="tray",
        separation_arcsec=None,
    )


def _parted(examples: Examples) -> tuple[tuple[int, ...], tuple[Guest, ...]]:
    """Return the rows of this atlas, and the guests."""
    rows = tuple(one for one in examples if not isinstance(one, Guest))
    return rows, tuple(one for one in examples if isinstance(one, Guest))


def _less(examples: Examples, gone: Examples) -> Examples:
    return tuple(one for one in examples if one not in set(gone))


ACTS: dict[str, Callable[..., Query]] = {
    "select": with_selected,
    "positive": with_positive,
    "negative": with_negative,
    "remove": without,
}
_ACTS_ON_ALL: dict[str, Callable[[Query], Query]] = {
    "remove-picture": without_embedding,
    "clear": only_first,
}


def _guest(explorer: Explorer, data: object) -> int | Guest:
    """Return the galaxy of another atlas that a request is about; here by its row, if it is not."""
    try:
        (guest,) = read_guests([data])
        return example_of(explorer, guest)
    except GuestError as error:
        raise QueryError(str(error)) from error


def _example(explorer: Explorer, query: Query, values: Values) -> Query:
    act = values.get("act")
    if not isinstance(act, str) or act not in {**ACTS, **_ACTS_ON_ALL}:
        raise QueryError(NOT_OFFERED)
    if act in _ACTS_ON_ALL:
        return _ACTS_ON_ALL[act](query)
    if "guest" in values:
        return ACTS[act](query, _guest(explorer, values["guest"]))
    if "rows" not in values:
        return ACTS[act](query, *checked_rows([values.get("row")], explorer.n_objects))
    rows = values["rows"]
    if act == "select" or not isinstance(rows, list) or not rows:
        raise QueryError(NOT_OFFERED)
    if len(rows) > MOST_ROWS:
        raise QueryError(f"A query takes at most {MOST_ROWS} galaxies; {len(rows):,} are selected.")
    return ACTS[act](query, *checked_rows(rows, explorer.n_objects))


# --- its options and filters ---


def _k(_explorer: Explorer, query: Query, values: Values) -> Query:
    k = values.get("k")
    if not is_integer(k):
        raise QueryError(wrong_k(k))
    return replace(query, k=k)


def _option(_explorer: Explorer, query: Query, values: Values) -> Query:
    if "everywhere" in values:
        return replace(query, everywhere=values["everywhere"] is True)
    if "least_similar" in values:
        return replace(query, least_similar=values["least_similar"] is True)
    least = values.get("min_separation_arcsec")
    if not is_number(least) or not 0 <= least <= MOST_SEPARATION_ARCSEC:
        raise QueryError(f"Choose from 0 to {MOST_SEPARATION_ARCSEC:g} arcsec.")
    return replace(query, min_separation_arcsec=float(least))


def _reset(_explorer: Explorer, query: Query, _values: Values) -> Query:
    return replace(query, min_separation_arcsec=SHREDDED_ARCSEC, least_similar=False)


def within(explorer: Explorer, query: Query, filters: Filters) -> Query:
    """Return the query within other filters; a FilterError if this atlas has none such."""
    explorer.passing(filters)
    return replace(query, filters=filters)


def _filter(explorer: Explorer, query: Query, values: Values) -> Query:
    """Replace the filter of a ``column``; it goes where the ``value`` is None."""
    column, value = values.get("column"), values.get("value")
    if not isinstance(column, str) or not column:
        raise QueryError(NOT_OFFERED)
    filters = query.filters.without(column)
    if value is not None:
        ((name, wanted),) = Filters.from_store({column: value}).by_column
        filters = replace(filters, by_column=(*filters.by_column, (name, wanted)))
    return within(explorer, query, filters)


def _clear_filters(_explorer: Explorer, query: Query, _values: Values) -> Query:
    return replace(query, filters=Filters())


def _legend(explorer: Explorer, query: Query, values: Values) -> Query:
    """Add a category to the filter of its ``column``, or take it away again."""
    column, label = values.get("column"), values.get("label")
    if not isinstance(column, str) or not column or not isinstance(label, str):
        raise QueryError(NOT_OFFERED)
    wanted = dict(query.filters.by_column).get(column)
    chosen = wanted.labels if isinstance(wanted, Choice) else ()
    labels = sorted({*chosen} ^ {label})
    return _filter(explorer, query, {"column": column, "value": labels or None})


QUERY_CHANGES: dict[str, QueryChange] = {
    "card": _from("card"),
    "row": _from("table"),
    "found": _from("search"),
    "list": _from("list"),
    "random": _random,
    "picture": _picture,
    "crop": _crop,
    "example": _example,
    "k": _k,
    "option": _option,
    "reset": _reset,
    "filter": _filter,
    "clear-filters": _clear_filters,
    "legend": _legend,
}
