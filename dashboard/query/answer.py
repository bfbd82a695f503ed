"""The answer to a query: all that panels, and other programs, show of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.explorer.memo import remembered
from dashboard.explorer.neighbours import Neighbours, NoCommonDirectionError
from dashboard.query.certainty import Certainty, certainty_of
from dashboard.query.elsewhere import BestOfAll, best_of_all
from dashboard.query.query import MOST_NEIGHBOURS, Query
from dashboard.query.resemblance import resembles_nothing

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.explorer.galaxy import Galaxy

_NONE = Neighbours(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))


@dataclass(frozen=True)
class Answer:
    """What an atlas answers to a query.

    Attributes
    ----------
    atlas : str
        Name of the atlas that all rows are of.
    neighbours : Neighbours
        The k that were asked for, or fewer if there are no more.
    further : Neighbours
        Up to `MOST_NEIGHBOURS`, these k among them.
    selected : Galaxy or None
        The first galaxy of the query; None if it has only a picture.
    certainty : Certainty or None
        How sure the neighbours are; None if there are none.
    n_passing : int
        How many galaxies pass the filters.
    problem : str
        Why there are no neighbours, if the query cannot have any; else empty.
    best : BestOfAll or None
        The best of all open atlases, if they are asked for; all else is of this atlas.
    resembles_nothing : bool
        Whether it is a picture that is farther from all galaxies than these are from each other.
    """

    atlas: str
    query: Query
    neighbours: Neighbours
    further: Neighbours
    selected: Galaxy | None
    certainty: Certainty | None
    n_passing: int
    problem: str = ""
    best: BestOfAll | None = None
    resembles_nothing: bool = False


@remembered(32)
def answer(explorer: Explorer, query: Query) -> Answer:
    """Return the answer to a query; it is worked out once, and remembered.

    Raises
    ------
    QueryError, FilterError
        Not a query of this atlas.
    """
    found = further = _NONE
    passes = explorer.passing(query.filters)
    certainty, problem, resembles_none, best = None, "", False, None
    try:
        passes = query.passing(explorer)
        found = query.neighbours(explorer)
        further = query.neighbours(explorer, MOST_NEIGHBOURS)
        certainty = certainty_of(explorer, query)
        best = best_of_all(explorer, query) if query.everywhere else None
        resembles_none = resembles_nothing(explorer, query)
    except NoCommonDirectionError as error:
        problem = str(error)
    return Answer(
        atlas=explorer.name,
        query=query,
        neighbours=found,
        further=further,
        selected=explorer.galaxy(query.rows[0]) if query.rows else None,
        certainty=certainty,
        n_passing=explorer.n_objects if passes is None else int(np.count_nonzero(passes)),
        problem=problem,
        best=best,
        resembles_nothing=resembles_none,
    )
