"""The examples of a query: galaxies join it, leave it, or change sides.

Positives are what neighbours are to be like, negatives what they are not to be like. The first
positive is the selected galaxy; a picture that the user brought stays a positive until it goes. A
query keeps its options and its filters throughout.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dashboard.query.query import MOST_ROWS, Query, QueryError


def with_positive(query: Query, *rows: int) -> Query:
    """Return the query with these galaxies among its positives, wherever they were before.

    Raises
    ------
    QueryError
        There would be more than `MOST_ROWS` galaxies.
    """
    return _changed(query, (*query.rows, *rows), _less(query.negatives, rows))


def with_negative(query: Query, *rows: int) -> Query:
    """Return the query with these galaxies among its negatives, wherever they were before.

    Raises
    ------
    QueryError
        No positive would be left, or there would be more than `MOST_ROWS` galaxies.
    """
    return _changed(query, _less(query.rows, rows), (*query.negatives, *rows))


def with_selected(query: Query, row: int) -> Query:
    """Return the query with this galaxy as its first positive, wherever it was before.

    Raises
    ------
    QueryError
        There would be more than `MOST_ROWS` galaxies.
    """
    return _changed(query, (row, *query.rows), _less(query.negatives, [row]))


def without(query: Query, *rows: int) -> Query:
    """Return the query without these galaxies.

    Raises
    ------
    QueryError
        No positive would be left.
    """
    return _changed(query, _less(query.rows, rows), _less(query.negatives, rows))


def without_embedding(query: Query) -> Query:
    """Return the query without the picture that the user brought.

    Raises
    ------
    QueryError
        No positive would be left.
    """
    return _changed(query, query.rows, query.negatives, keep_embedding=False)


def only_first(query: Query) -> Query:
    """Return the query for its first example alone: the picture, or the selected galaxy."""
    return _changed(query, query.rows[:1] if query.embedding is None else (), ())


def others_in_words(query: Query) -> str:
    """Return what follows on the name of the first example.

    >>> others_in_words(Query((3, 5, 7), negatives=(8,)))
    ' and 2 more, unlike 1'
    """
    n_unlike = len(query.negatives)
    n_more = query.n_examples - n_unlike - 1
    more = f" and {n_more} more" if n_more else ""
    return more + (f", unlike {n_unlike}" if n_unlike else "")


def _changed(
    query: Query, rows: Iterable[int], negatives: Iterable[int], keep_embedding: bool = True
) -> Query:
    rows, negatives = (tuple(dict.fromkeys(examples)) for examples in (rows, negatives))
    embedding = query.embedding if keep_embedding else None
    if not rows and embedding is None:
        raise QueryError(
            "This is the last example of what to look for. Add another one before it goes."
        )
    if len(rows) + len(negatives) > MOST_ROWS:
        raise QueryError(
            f"A query takes at most {MOST_ROWS} galaxies. Take one out before you add another."
        )
    if (rows, negatives, embedding) == (query.rows, query.negatives, query.embedding):
        return query
    return replace(
        query,
        rows=rows,
        negatives=negatives,
        embedding=embedding,
        origin="tray",
        separation_arcsec=None,
    )


def _less(rows: Iterable[int], gone: Iterable[int]) -> tuple[int, ...]:
    return tuple(row for row in rows if row not in set(gone))
