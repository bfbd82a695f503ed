"""The columns of a catalogue as filters see them: what there is to choose, and what passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from dashboard.filters import FilterError
from dashboard.filters.codes import as_codes, code_order, is_code, is_coded
from dashboard.filters.filters import (
    ADDRESS_PREFIX,
    MISSING,
    MOST_CHOICES,
    REGION_FIELD,
    SIMILARITY,
    Choice,
    Filter,
    Filters,
    Part,
    Range,
    part_or_missing,
    range_or_missing,
)
from dashboard.filters.histogram import Histogram, histogram
from dashboard.filters.sky_region import region_of_text
from dashboard.filters.values import categories, is_category, numbers
from dashboard.untrusted import quoted
from pipeline.atlas import Column

_BEGINNING = 10_000  # rows
_BLOCK = 1 << 20  # rows that are looked at at once where that needs more memory than they have
_LAST = ("object_id", "ra_deg", "dec_deg")


class NumberColumn:
    """A column of numbers, to choose a range of."""

    read = staticmethod(range_or_missing)  # as the address writes it

    def __init__(self, column: Column, series: pd.Series) -> None:
        self.column = column
        self._values = numbers(series)

    @cached_property
    def n_missing(self) -> int:
        """Galaxies without a value."""
        return int(len(self._values) - np.isfinite(self._values).sum())

    @cached_property
    def tells(self) -> bool:
        """Whether galaxies differ in it."""
        known = self._known
        return len(known) > 0 and (self.n_missing > 0 or known.min() < known.max())

    @cached_property
    def histogram(self) -> Histogram:
        """How the numbers are spread; asked only of a column that has some."""
        return histogram(self._known, whole=self._values.dtype.kind in "iu")

    def passing(self, wanted: Filter) -> np.ndarray:
        """Return which galaxies pass, bool of shape (n_objects,); a FilterError if not a range."""
        if isinstance(wanted, Choice) and wanted.is_missing:
            return ~np.isfinite(self._values)
        if not isinstance(wanted, Range):
            raise _wrong_kind(self.column, "holds numbers, so give a range")
        return in_range(self._values, wanted)

    @property
    def _known(self) -> np.ndarray:
        return self._values[np.isfinite(self._values)]


class ChoiceColumn:
    """A column of at most `MOST_CHOICES` different words or truth values, to choose some of."""

    def __init__(self, column: Column, series: pd.Series) -> None:
        self.column = column
        self._codes, self._labels = categories(series)

    def read(self, text: str) -> Filter:
        """Read a choice as the address writes it; of codes also a range, as all that are in it."""
        numbers = [label for label in self.counts if is_code(label)]
        if ".." not in text or not numbers:
            return Choice.from_text(text)
        within = in_range(np.array(list(map(int, numbers))), Range.from_text(text))
        return Choice(tuple(np.array(numbers)[within].tolist()))

    @property
    def codes(self) -> tuple[np.ndarray, list[str | None]]:
        """The label of each galaxy by number, and the labels: see `values.categories`."""
        return self._codes, self._labels

    @cached_property
    def counts(self) -> dict[str, int]:
        """Galaxies of each label: codes by their size, of words the most frequent first.

        Those without a value come last.
        """
        counts = dict.fromkeys([MISSING], 0)
        of_code = np.zeros(len(self._labels), dtype=np.int64)
        for start in range(0, len(self._codes), _BLOCK):
            codes = self._codes[start : start + _BLOCK].astype(np.intp)
            of_code += np.bincount(codes + 1, minlength=len(of_code))
        for label, n in zip([None, *self._labels[:-1]], of_code.tolist(), strict=True):
            counts[label or MISSING] = counts.get(label or MISSING, 0) + n
        known = [pair for pair in counts.items() if pair[0] and pair[1]]
        is_coded = all(is_code(label) for label, _ in known)
        known.sort(key=lambda p: code_order(p[0]) if is_coded else (-p[1], p[0]))
        return dict(known) | ({MISSING: counts[MISSING]} if counts[MISSING] else {})

    @property
    def tells(self) -> bool:
        """Whether galaxies differ in it."""
        return len(self.counts) > 1

    def passing(self, wanted: Filter) -> np.ndarray:
        """Return which galaxies pass; a FilterError for no choice, or a label that none has."""
        if not isinstance(wanted, Choice):
            raise _wrong_kind(self.column, "has a few labels, so choose some of them")
        for label in wanted.labels:
            if label not in self.counts:
                named = quoted(label) if label else "no value"
                raise FilterError(
                    f"No galaxy has {named} as its {self.column.name}. Choose another."
                )
        is_wanted = np.array([(label or MISSING) in wanted.labels for label in self._labels])
        passes = np.empty(len(self._codes), dtype=bool)
        for start in range(0, len(passes), _BLOCK):  # numpy takes eight bytes for every place
            passes[start : start + _BLOCK] = is_wanted[self._codes[start : start + _BLOCK]]
        return passes


class TextColumn:
    """A column with too many labels to choose from, such as names: one asks for a part of them."""

    read = staticmethod(part_or_missing)
    tells = True

    def __init__(self, column: Column, series: pd.Series) -> None:
        self.column = column
        self._texts = series.astype("str")
        self._is_missing = (series.isna() | (series == "")).to_numpy(dtype=bool)

    @cached_property
    def n_missing(self) -> int:
        """Galaxies without a value."""
        return int(self._is_missing.sum())

    def passing(self, wanted: Filter) -> np.ndarray:
        """Return which galaxies pass; a FilterError if not a part of a text."""
        if isinstance(wanted, Choice) and wanted.is_missing:
            return self._is_missing
        if not isinstance(wanted, Part):
            raise _wrong_kind(self.column, "has many labels, so give a part of them")
        passes = self._texts.str.contains(wanted.text, case=False, regex=False, na=False)
        return passes.to_numpy(dtype=bool)


def in_range(values: np.ndarray, wanted: Range) -> np.ndarray:
    """Return which numbers lie in a range: bool of their shape."""
    passes = np.isfinite(values)
    # In the precision of the numbers: what a float32 calls 0.1 is within 0.1..0.2.
    kind = values.dtype.type if values.dtype.kind == "f" else np.float64
    with np.errstate(over="ignore"):
        if wanted.least is not None:
            passes &= values >= kind(wanted.least)
        if wanted.most is not None:
            passes &= values <= kind(wanted.most)
    return passes


FilterColumn = NumberColumn | ChoiceColumn | TextColumn


class FilterColumns:
    """All columns of a catalogue, each described by one of ``columns``, and places on the map.

    Safe to share between threads: nothing changes once built.
    """

    def __init__(
        self, catalogue: pd.DataFrame, columns: Mapping[str, Column], map_xy: np.ndarray
    ) -> None:
        self._catalogue = catalogue
        self._columns = columns
        self._map_xy = map_xy
        self._column = lru_cache(maxsize=None)(self._make)
        self._passing = lru_cache(maxsize=4)(self._combine)

    def __getitem__(self, name: str) -> FilterColumn:
        """Return one column; raise a FilterError if the catalogue does not have it."""
        if name not in self._catalogue:
            raise FilterError(f"This atlas has no column {quoted(name)} to filter by.")
        return self._column(name)

    def offered(self) -> list[Column]:
        """Return the columns in which galaxies differ, identifier and position last."""
        names = sorted(map(str, self._catalogue), key=lambda name: name in _LAST)
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
        """
        filters = filters.without(SIMILARITY)
        return self._passing(filters) if filters else None

    def _make(self, name: str) -> FilterColumn:
        column, series = self._columns[name], self._catalogue[name]
        if is_coded(column, series):
            return ChoiceColumn(column, as_codes(series))
        if not is_category(series):
            return NumberColumn(column, series)
        beginning = series.iloc[:_BEGINNING]  # tells most long columns of names, and quickly
        if beginning.nunique() > MOST_CHOICES or series.nunique() > MOST_CHOICES:
            return TextColumn(column, series)
        return ChoiceColumn(column, series)

    def _combine(self, filters: Filters) -> np.ndarray:
        passes = np.ones(len(self._catalogue), dtype=bool)
        for name, wanted in filters.by_column:
            passes &= self[name].passing(wanted)
        if filters.region is not None:
            passes &= filters.region.within(self._catalogue, self._map_xy)
        passes.flags.writeable = False
        return passes


def _wrong_kind(column: Column, instead: str) -> FilterError:
    return FilterError(f"The column {column.name} {instead}. Remove this filter and add it again.")
