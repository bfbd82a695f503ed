"""What a tile of the map shows: the galaxies that pass the filters, in the colour of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.filters.filters import SIMILARITY, Filters
from dashboard.map.colour_choices import COLOUR_FIELD, checked_colour, colour_by
from dashboard.query.address import from_address
from dashboard.query.query import Query

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer
    from dashboard.map.colours import Colouring


@dataclass(frozen=True)
class Shown:
    """What is shown, the same for all tiles at a time.

    Attributes
    ----------
    colour : str
        One of the colours of the map; empty for none.
    filters : Filters
    query : Query or None
        Where colour or filters are a matter of it.
    """

    colour: str
    filters: Filters
    query: Query | None = None

    @classmethod
    def from_address(cls, explorer: Explorer, search: str, fields: Sequence[Any]) -> Shown:
        """Read what the browser asks for: those fields of a page's address that matter.

        Raises
        ------
        FilterError, QueryError, UnknownColumnError
        """
        name = dict(fields).get(COLOUR_FIELD, "")
        colour = checked_colour(explorer, name) if name else ""
        filters, _ = explorer.filter_columns.read_address(fields)
        needs_query = colour == SIMILARITY or filters.similarity is not None
        return cls(colour, filters, from_address(search, explorer) if needs_query else None)

    def passing(self, explorer: Explorer) -> np.ndarray | None:
        """Return which galaxies pass: bool (n_objects,), or None where all do."""
        if self.query is not None:
            return self.query.passing(explorer)
        return explorer.passing(self.filters)

    def colours(self, explorer: Explorer) -> Colouring:
        """Return the colours of all galaxies."""
        return colour_by(explorer, self.colour, self.query)
