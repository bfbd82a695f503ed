"""A column of a catalogue as filters see it: what there is to choose, and what passes."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.filters import FilterError
from dashboard.filters.blocks import told_by_blocks
from dashboard.filters.codes import as_codes, code_order, is_code
from dashboard.filters.filters import (
    MISSING,
    Choice,
    Filter,
    Part,
    Range,
    part_or_missing,
    range_or_missing,
)
from dashboard.filters.histogram import Histogram, histogram
from dashboard.filters.values import categories, is_category, numbers
from dashboard.untrusted import quoted
from pipeline.atlas import Column

_SAMPLE = 200_000  # galaxies that tell how the numbers of a column are spread
_FEWEST_KNOWN = 1_000  # of them, or else all are looked at
_BEGINNING = 10_000  # rows
_BLOCK = 1 << 20  # rows that are looked at at once where that needs more memory than they have


class NumberColumn:
    """A column of numbers, to choose a range of."""

    read = staticmethod(range_or_missing)  # as the address writes it

    def __init__(self, column: Column, series: pd.Series) -> None:
        self.column = column
        self._values = numbers(series)

    @cached_property
    def n_missing(self) -> int:
        """Galaxies without a value."""
        return int(len(self._values) - np.count_nonzero(np.isfinite(self._values)))

    @cached_property
    def tells(self) -> bool:
        """Whether galaxies differ in it."""
        beginning = self._values[:_BEGINNING]  # tells of most, and quickly
        known = beginning[np.isfinite(beginning)]
        if len(known) and known.min() < known.max():
            return True
        if self.n_missing > 0:
            return self.n_missing < len(self._values)
        return len(self._values) > 0 and bool(self._values.min() < self._values.max())

    @cached_property
    def sample(self) -> np.ndarray:
        """What the histogram is of: of a large atlas galaxies drawn at random with a value."""
        some, n = self._values, len(self._values)
        if n > _SAMPLE:
            some = some[np.unique(np.random.default_rng(0).integers(n, size=_SAMPLE))]
        known = some[np.isfinite(some)]
        if len(known) < _FEWEST_KNOWN and len(some) < len(self._values):
            return self._values[np.isfinite(self._values)]  # too few of them come with a sample
        return known

    @property
    def is_sampled(self) -> bool:
        """Whether the histogram is not of all galaxies."""
        return len(self.sample) < len(self._values) - self.n_missing

    @cached_property
    def histogram(self) -> Histogram:
        """How the numbers are spread; asked only of a column that has some."""
        return histogram(self.sample, whole=self._values.dtype.kind in "iu")

    def passing(self, wanted: Filter) -> np.ndarray:
        """Return which galaxies pass, bool of shape (n_objects,); a FilterError if not a range."""
        if isinstance(wanted, Choice) and wanted.is_missing:
            return ~np.isfinite(self._values)
        if not isinstance(wanted, Range):
            raise _wrong_kind(self.column, "holds numbers, so give a range")
        return in_range(self._values, wanted)


class ChoiceColumn:
    """A column of at most `MOST_CHOICES` different words or truth values, to choose some of."""

    def __init__(self, column: Column, series: pd.Series) -> None:
        self.column = column
        self._series = series

    def read(self, text: str) -> Filter:
        """Read a choice as the address writes it; of codes also a range, as all that are in it."""
        numbers = [label for label in self.counts if is_code(label)]
        if ".." not in text or not numbers:
            return Choice.from_text(text)
        within = in_range(np.array(list(map(int, numbers))), Range.from_text(text))
        return Choice(tuple(np.array(numbers)[within].tolist()))

    @cached_property
    def codes(self) -> tuple[np.ndarray, list[str | None]]:
        """The label of each galaxy by number, and the labels: see `values.categories`."""
        return _codes(self._series)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Galaxies of each label: codes by their size, of words the most frequent first.

        Those without a value come last.
        """
        counts = dict.fromkeys([MISSING], 0)
        codes, labels = self.codes
        of_code = np.zeros(len(labels), dtype=np.int64)
        for start in range(0, len(codes), _BLOCK):
            block = codes[start : start + _BLOCK].astype(np.intp)
            of_code += np.bincount(block + 1, minlength=len(of_code))
        for label, n in zip([None, *labels[:-1]], of_code.tolist(), strict=True):
            counts[label or MISSING] = counts.get(label or MISSING, 0) + n
        known = [pair for pair in counts.items() if pair[0] and pair[1]]
        is_coded = all(is_code(label) for label, _ in known)
        known.sort(key=lambda p: code_order(p[0]) if is_coded else (-p[1], p[0]))
        return dict(known) | ({MISSING: counts[MISSING]} if counts[MISSING] else {})

    @property
    def tells(self) -> bool:
        """Whether galaxies differ in it."""
        codes, labels = _codes(self._series.iloc[:_BEGINNING])  # tells of most, and quickly
        return len({labels[code] for code in np.unique(codes)}) > 1 or len(self.counts) > 1

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
        codes, labels = self.codes
        is_wanted = [(label or MISSING) in wanted.labels for label in labels]
        return _looked_up(codes, np.array(is_wanted))


class TextColumn:
    """A column with too many labels to choose from, such as names: one asks for a part of them."""

    read = staticmethod(part_or_missing)
    tells = True

    def __init__(self, column: Column, series: pd.Series) -> None:
        self.column = column
        self._codes: np.ndarray | None = None
        if isinstance(array := series.array, pd.Categorical):  # its labels tell of all galaxies
            self._codes, series = array.codes, pd.Series([*array.categories, None], dtype="str")
        self._texts, self._series = series.astype("str"), series

    @cached_property
    def _has_none(self) -> np.ndarray:
        return (self._series.isna() | (self._series == "")).to_numpy(dtype=bool)

    @cached_property
    def n_missing(self) -> int:
        """Galaxies without a value."""
        return int(np.count_nonzero(self._of_galaxies(self._has_none)))

    def passing(self, wanted: Filter) -> np.ndarray:
        """Return which galaxies pass; a FilterError if not a part of a text."""
        if isinstance(wanted, Choice) and wanted.is_missing:
            return self._of_galaxies(self._has_none)
        if not isinstance(wanted, Part):
            raise _wrong_kind(self.column, "has many labels, so give a part of them")
        texts = self._texts

        def contain(block: slice) -> np.ndarray:
            return _contain(texts.iloc[block], wanted.text)

        return self._of_galaxies(told_by_blocks(len(texts), _BLOCK, contain))

    def _of_galaxies(self, told: np.ndarray) -> np.ndarray:
        """Return for each galaxy what is told of its text."""
        return told if self._codes is None else _looked_up(self._codes, told)


def _contain(texts: pd.Series, part: str) -> np.ndarray:
    """Return which texts have a part, in capitals or not: bool of their shape."""
    plain = pa.array(texts.array)
    if part.isascii() and pc.all(pc.string_is_ascii(plain)).as_py():
        # In half the time, since nothing has to be folded but letters from a to z.
        found = pc.match_substring(pc.ascii_lower(plain), part.lower())
        return np.asarray(pc.fill_null(found, False), dtype=bool)
    filled = np.flatnonzero(texts != "")  # few galaxies have a name
    passes = np.zeros(len(texts), dtype=bool)
    found = texts.iloc[filled].str.contains(part, case=False, regex=False, na=False)
    passes[filled] = found.to_numpy(dtype=bool)
    return passes


def _codes(series: pd.Series) -> tuple[np.ndarray, list[str | None]]:
    return categories(series if is_category(series) else as_codes(series))


def _looked_up(codes: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Return ``told[codes]`` of truth values; numpy would take eight bytes for every place."""
    found = np.empty(len(codes), dtype=bool)
    for start in range(0, len(codes), _BLOCK):
        found[start : start + _BLOCK] = told[codes[start : start + _BLOCK]]
    return found


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


def _wrong_kind(column: Column, instead: str) -> FilterError:
    return FilterError(f"The column {column.name} {instead}. Remove this filter and add it again.")
