"""A query in other atlases: taken to one of them, or asked of all that the same model has seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboard.explorer.across import Guest, comparable_atlases, on_the_same_sky
from dashboard.explorer.memo import remembered
from dashboard.explorer.neighbours import NoCommonDirectionError, far_apart
from dashboard.filters import FilterError
from dashboard.query.query import Query, QueryError

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

_MARGIN = 2  # times k are asked of each atlas: some are the same galaxies as another one's


class Found(NamedTuple):
    """A galaxy, the atlas that it is of, and its similarity to the query."""

    explorer: Explorer
    row: int
    similarity: float


@dataclass(frozen=True)
class BestOfAll:
    """The best of all open atlases together.

    Attributes
    ----------
    found : tuple of Found
        In the order that the query asks for; k, or fewer if there are no more.
    asked : tuple of Explorer
        The atlases that were asked, the page's own first.
    left_out : tuple of (Explorer, str)
        Those of the same model that were not, and why.
    """

    found: tuple[Found, ...]
    asked: tuple[Explorer, ...]
    left_out: tuple[tuple[Explorer, str], ...]

    def counts(self) -> list[tuple[Explorer, int]]:
        """Return how many of the galaxies are of each atlas that was asked."""
        counted = Counter(one.explorer.name for one in self.found)
        return [(explorer, counted[explorer.name]) for explorer in self.asked]


def carried(query: Query, explorer: Explorer, to: Explorer) -> Query:
    """Return a query of one atlas as another of the same model is asked it.

    Galaxies become guests, or rows where they are at home. Filters go along, whether or not the
    other atlas can read them; a region does not, for each atlas has a map of its own.
    """
    sides = [_carried(examples, explorer, to) for examples in (query.likes, query.unlikes)]
    (rows, guests), (negatives, unlike_guests) = sides
    return replace(
        query,
        rows=rows,
        negatives=negatives,
        guests=guests,
        unlike_guests=unlike_guests,
        filters=replace(query.filters, region=None),
        origin="url",
        separation_arcsec=None,
    )


def _carried(
    examples: tuple[int | Guest, ...], explorer: Explorer, to: Explorer
) -> tuple[tuple[int, ...], tuple[Guest, ...]]:
    identifiers = explorer.catalogue["object_id"]
    named = [
        one if isinstance(one, Guest) else Guest(explorer.name, str(identifiers.iloc[one]))
        for one in examples
    ]
    at_home = tuple(to.row_of(one.object_id) for one in named if one.atlas == to.name)
    return at_home, tuple(one for one in named if one.atlas != to.name)


@remembered(8)
def best_of_all(explorer: Explorer, query: Query) -> BestOfAll:
    """Return the galaxies of all open atlases that answer a query best.

    Of galaxies too near to each other on the sky, only the best is kept, whichever atlases they are
    of. An atlas that cannot be asked is left out, with the reason.

    Raises
    ------
    NoCommonDirectionError, QueryError
        As `Query.neighbours` does.
    """
    n = _MARGIN * query.k
    candidates = [_found(explorer, query, n)]
    asked, left_out = [explorer], []
    for other in comparable_atlases(explorer):
        reason = _why_not_within(query)
        try:
            if not reason:
                candidates.append(_found(other, carried(query, explorer, other), n))
                asked.append(other)
        except (FilterError, NoCommonDirectionError, QueryError) as error:
            reason = str(error)
        if reason:
            left_out.append((other, reason))
    sign = 1 if query.least_similar else -1
    merged = sorted(
        (one for found in candidates for one in found), key=lambda one: sign * one.similarity
    )
    return BestOfAll(_without_twins(merged, query)[: query.k], tuple(asked), tuple(left_out))


def _why_not_within(query: Query) -> str:
    if query.filters.region is None:
        return ""
    return "A region of the map is of this atlas alone: remove it to search in the others."


def _found(explorer: Explorer, query: Query, n: int) -> list[Found]:
    found = query.neighbours(explorer, n)
    pairs = zip(found.rows.tolist(), found.similarity.tolist(), strict=True)
    return [Found(explorer, row, similarity) for row, similarity in pairs]


def _without_twins(merged: list[Found], query: Query) -> tuple[Found, ...]:
    """Leave out galaxies too near on the sky to a better one; a simulated sky is one of its own."""
    keeps = np.ones(len(merged), dtype=bool)
    real = [place for place, one in enumerate(merged) if not one.explorer.manifest.simulated]
    if real:
        directions = np.array([merged[i].explorer.search.directions[merged[i].row] for i in real])
        nowhere = np.empty((0, 3))  # examples were left out by each atlas
        kept = far_apart(directions, nowhere, query.min_separation_arcsec, len(real))
        keeps[real] = False
        keeps[np.asarray(real)[kept]] = True
    return tuple(one for one, is_kept in zip(merged, keeps, strict=True) if is_kept)


def same_place(explorer: Explorer, other: Explorer, row: int) -> int | None:
    """Return the galaxy of this atlas where another atlas has one; None if there is none.

    It is near enough to be the one that a search for its position would mean.
    """
    if not on_the_same_sky(explorer, other):
        return None
    found, separation_arcsec = explorer.nearest_on_sky(other.galaxy(row).position)
    return found if separation_arcsec <= explorer.near_arcsec else None
