"""All columns of a catalogue, to filter by, and which galaxies pass several filters together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from dashboard.filters import FilterError
from dashboard.filters.codes import is_coded
from dashboard.filters.columns import ChoiceColumn, FilterColumn, NumberColumn, TextColumn
from dashboard.filters.filters import (
    ADDRESS_PREFIX,
    MOST_CHOICES,
    REGION_FIELD,
    SIMILARITY,
    Filter,
    Filters,
    Part,
    Range,
)
from dashboard.filters.region import Region
from dashboard.filters.sky_region import SkyRegion, region_of_text
from dashboard.filters.values import is_category
from dashboard.untrusted import quoted
from pipeline.atlas import Catalogue, Column

_BEGINNING = 10_000  # rows
_REMEMBERED = 16  # filters: a bit for each galaxy
_LAST = ("object_id", "ra_deg", "dec_deg")


class FilterColumns:
    """All columns of a catalogue, each described by one of ``columns``, and places on the map.

    Safe to share between threads: nothing changes once built.
    """

    def __init__(
        self, catalogue: Catalogue, columns: Mapping[str, Column], map_xy: np.ndarray
    ) -> None:
        self._catalogue = catalogue
        self._columns = columns
        self._map_xy = map_xy
        self._column = lru_cache(maxsize=None)(self._make)
        self._passing = lru_cache(maxsize=4)(self._combine)
        self._passing_one = lru_cache(maxsize=_REMEMBERED)(self._pack_one)

    def __getitem__(self, name: str) -> FilterColumn:
        """Return one column; raise a FilterError if the catalogue does not have it."""
        if name not in self._catalogue:
            raise FilterError(f"This atlas has no column {quoted(name)} to filter by.")
        return self._column(name)

    def offered(self) -> list[Column]:
        """Return the columns in which galaxies differ, identifier and position last."""
        names = sorted(self._catalogue, key=lambda name: name in _LAST)
        return [self[name].column for name in names if self[name].tells]

    def read_address(self, fields: Sequence[tuple[str, str]]) -> tuple[Filters, list[str]]:
        """Return the filters among the fields of an address, and a sentence for each left out."""
        chosen: dict[str, Filter] = {}
        region, sentences = None, []
        regions = [text for field, text in fields if field == REGION_FIELD]
        if regions:
            try:
                region = region_of_text(regions[-1])
            except FilterError as error:
                sentences.append(f"The selection of the address is left out: {error}")
        of_columns = [pair for pair in fields if pair[0].startswith(ADDRESS_PREFIX)]
        # Only the last one of a column is looked at: an address may repeat a slow one many times.
        for field, text in dict(of_columns).items():
            name = field.removeprefix(ADDRESS_PREFIX)
            if sum(one == field for one, _ in of_columns) > 1:
                sentences.append(f"The address filters by {name} twice; the last one counts.")
            try:
                if name == SIMILARITY:
                    wanted: Filter = Range.from_text(text)
                else:
                    wanted = self[name].read(text)
                    if not isinstance(wanted, Part):  # a part can be looked for in any text
                        self[name].passing(wanted)
            except FilterError as error:
                sentences.append(f"A filter of the address is left out: {error}")
            else:
                chosen[name] = wanted
        return Filters(tuple(chosen.items()), region), sentences

    def passing(self, filters: Filters) -> np.ndarray | None:
        """Return which galaxies pass all filters, the one by place on the map included.

        All pass the one by similarity, which is a matter of the query: see `Query.passing`.

        Returns
        -------
        ndarray of bool, shape (n_objects,), or None
            Not to be written to. None where there is no filter: all pass.

        Raises
        ------
        FilterError
            A column that the catalogue does not have, or a filter that is not for its kind.
        ChangedError
            The file of the catalogue was changed while it was in use.
        """
        filters = filters.without(SIMILARITY)
        return self._passing(filters) if filters else None

    def forget(self) -> None:
        """Forget which galaxies passed."""
        self._passing.cache_clear()
        self._passing_one.cache_clear()

    def _make(self, name: str) -> FilterColumn:
        column, series = self._columns[name], self._catalogue[name]
        if is_coded(column, series):
            return ChoiceColumn(column, series)
        if not is_category(series):
            return NumberColumn(column, series)
        if _has_more_labels(series, MOST_CHOICES):
            return TextColumn(column, series)
        return ChoiceColumn(column, series)

    def _combine(self, filters: Filters) -> np.ndarray:
        n = len(self._catalogue)
        passes = np.ones(n, dtype=bool)
        for one in [*filters.by_column, filters.region]:
            if one is not None:
                passes &= np.unpackbits(self._passing_one(one), count=n).view(bool)
        passes.flags.writeable = False
        return passes

    def _pack_one(self, one: tuple[str, Filter] | Region | SkyRegion) -> np.ndarray:
        """Return which galaxies pass one filter, eight to a byte: few change from page to page."""
        self._catalogue.guard()
        if isinstance(one, tuple):
            name, wanted = one
            passes = self[name].passing(wanted)
        else:
            passes = one.within(self._catalogue, self._map_xy)
        self._catalogue.guard()  # what changed meanwhile is not to be remembered
        return np.packbits(passes)


def _has_more_labels(series: pd.Series, most: int) -> bool:
    if isinstance(series.dtype, pd.CategoricalDtype) and len(series.cat.categories) <= most:
        return False
    beginning = series.iloc[:_BEGINNING]  # tells most long columns of names, and quickly
    return bool(beginning.nunique() > most or series.nunique() > most)
