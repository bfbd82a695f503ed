"""What two galaxies have in common and what not: each quantity, from most to least alike.

How alike is measured by the atlas itself: by how many pairs of its galaxies, drawn at random, are
more alike in that quantity. So magnitudes, shares and words stand in one order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.memo import remembered
from dashboard.filters.values import is_category, numbers, python_scalar
from dashboard.formatting import (
    MISSING,
    explanation,
    format_number,
    is_names,
    label_of_choice,
    value_of,
)
from dashboard.tables.neighbours import table_columns
from pipeline.atlas import Column

ALIKE, BETWEEN, UNLIKE, UNKNOWN = "alike", "between", "unlike", "unknown"
VERDICTS = {
    ALIKE: "Alike: at most a quarter of random pairs are more so",
    BETWEEN: "Neither alike nor unlike",
    UNLIKE: "Unlike: at least three quarters of random pairs are more alike",
    UNKNOWN: "Not known of both",
}
WITHIN_ERRORS = 2.0  # what differs by no more errors is not called unlike
_ALIKE_SHARE, _UNLIKE_SHARE = 0.25, 0.75
_N_PAIRS = 4000
# How catalogues call the standard deviation of a column.
_ERROR_NAMES = (
    *("{}_err", "{}_error", "{}_sigma", "{}_std", "{}_unc", "{}err"),
    *("e_{}", "err_{}", "sigma_{}", "{}_uncertainty"),
)
_INVERSE_VARIANCE = "{}_ivar"
_POSITION = ("ra_deg", "dec_deg")


class Difference(NamedTuple):
    """One quantity of two galaxies.

    Attributes
    ----------
    column : Column
    first, second : str
        The values, with their errors where those are known.
    difference : str
        The second less the first; of words whether they are the same. Empty where not known.
    errors : float or None
        The size of the difference in units of its own error.
    share : float or None
        How many of random pairs are more alike, 0 to 1; None where a value is missing.
    verdict : str
        One of `VERDICTS`.
    """

    column: Column
    first: str
    second: str
    difference: str
    errors: float | None
    share: float | None
    verdict: str

    def to_page(self) -> dict[str, Any]:
        """Return what assets/enlarged.js writes into a line."""
        errors = self.errors
        return {
            "label": label_of_choice(self.column),
            "unit": self.column.unit,
            "meaning": explanation(self.column),
            "first": self.first,
            "second": self.second,
            "difference": self.difference,
            "errors": "" if errors is None else f"{errors:.1f} σ",
        }


def differences(explorer: Explorer, first: int, second: int) -> list[Difference]:
    """Return every quantity of the galaxies of two rows, what is most alike first.

    Position and names are left out, and what is not known of both comes last.

    Raises
    ------
    UnknownGalaxyError
        A row that the atlas does not have.
    """
    values = [_values(explorer, row) for row in (first, second)]
    found = [_difference(explorer, column, *values) for column in compared_columns(explorer)]
    order = list(VERDICTS)
    return sorted(found, key=lambda one: (order.index(one.verdict), one.share or 0.0))


def compared_columns(explorer: Explorer) -> list[Column]:
    """Return the columns that are compared: neither names, nor positions, nor errors of others."""
    columns = [column.about for column in table_columns(explorer)]
    errors = {error_name(column.name, map(str, explorer.catalogue)) for column in columns}
    left_out = {"object_id", "name", *_POSITION, *errors}
    return [one for one in columns if one.name not in left_out and not is_names(one)]


def error_name(name: str, names: Iterable[str]) -> str | None:
    """Return the column that has the errors of another one; None if there is none.

    >>> error_name("photo_z", ["photo_z", "photo_z_err"])
    'photo_z_err'
    """
    candidates = [pattern.format(name) for pattern in (*_ERROR_NAMES, _INVERSE_VARIANCE)]
    there = set(names)
    return next((candidate for candidate in candidates if candidate in there), None)


def values_of(explorer: Explorer, row: int) -> list[Difference]:
    """Return every quantity of one galaxy, in the order of the table: the second has no values."""
    values = _values(explorer, row)
    return [
        Difference(column, _in_words(explorer, column, values), "", "", None, None, UNKNOWN)
        for column in compared_columns(explorer)
    ]


def _values(explorer: Explorer, row: int) -> dict[str, Any]:
    return {column.name: value for column, value in explorer.galaxy(row).values}


def _difference(
    explorer: Explorer, column: Column, first: dict[str, Any], second: dict[str, Any]
) -> Difference:
    name = column.name
    sides = first, second
    one, other = (values.get(name) for values in sides)
    shown, also_shown = (_in_words(explorer, column, values) for values in sides)
    if one is None or other is None:
        return Difference(column, shown, also_shown, "", None, None, UNKNOWN)
    if is_category(explorer.catalogue[name]):
        share = _share_of_words(explorer, name, one == other)
        words = "same" if one == other else "other"
        return Difference(column, shown, also_shown, words, None, share, verdict(share, None))
    step = float(other) - float(one)
    share = _share_of_numbers(explorer, name, abs(step))
    errors = _in_errors(step, [_error(explorer, name, values) for values in sides])
    words = f"{'+' if step > 0 else ''}{format_number(step)}"
    return Difference(column, shown, also_shown, words, errors, share, verdict(share, errors))


def verdict(share: float, errors: float | None) -> str:
    """Return which of `VERDICTS` a quantity gets.

    Parameters
    ----------
    share : float
        Of random pairs that are more alike.
    errors : float or None
        Size of the difference in units of its error.
    """
    if share <= _ALIKE_SHARE:
        return ALIKE
    if share < _UNLIKE_SHARE or (errors is not None and errors <= WITHIN_ERRORS):
        return BETWEEN
    return UNLIKE


def _error(explorer: Explorer, name: str, values: dict[str, Any]) -> float | None:
    """Return the standard deviation of a value; None where the catalogue has none."""
    column = error_name(name, map(str, explorer.catalogue))
    error = values.get(column) if column is not None else None
    if isinstance(error, bool) or not isinstance(error, int | float) or error <= 0:
        return None
    return 1 / math.sqrt(error) if column == _INVERSE_VARIANCE.format(name) else float(error)


def _in_errors(step: float, errors: list[float | None]) -> float | None:
    known = [error for error in errors if error is not None]
    return abs(step) / math.hypot(*known) if len(known) == len(errors) else None


def _in_words(explorer: Explorer, column: Column, values: dict[str, Any]) -> str:
    """Return a value with its error, if it has one; its unit stands with the quantity."""
    text, error = (
        value_of(column, values.get(column.name), with_unit=False),
        _error(explorer, column.name, values),
    )
    return text if error is None or text == MISSING else f"{text} ± {format_number(error)}"


def _share_of_numbers(explorer: Explorer, name: str, size: float) -> float:
    """Return how many random pairs differ less; of those that differ as much, half count."""
    sizes = _random_differences(explorer, name)
    if not sizes.size:
        return 0.5
    tolerance = 1e-9 * (1 + size)
    less, most = np.searchsorted(sizes, [size - tolerance, size + tolerance])
    return float((less + most) / 2 / sizes.size)


def _share_of_words(explorer: Explorer, name: str, is_same: bool) -> float:
    """As `_share_of_numbers`: two with the same word are as alike as any other such pair."""
    sizes = _random_differences(explorer, name)
    same = float(np.mean(sizes == 0)) if sizes.size else 0.5
    return same / 2 if is_same else (1 + same) / 2


@remembered(64)
def _random_differences(explorer: Explorer, name: str) -> np.ndarray:
    """Return how much random pairs differ, sorted, where both are known; of words 0 or 1."""
    rows = np.random.default_rng(0).integers(explorer.n_objects, size=(2, _N_PAIRS))
    rows = rows[:, rows[0] != rows[1]]
    column = explorer.catalogue[name]
    if is_category(column):
        pairs = [[python_scalar(value) for value in column.iloc[side]] for side in rows]
        known = [(a, b) for a, b in zip(*pairs, strict=True) if a is not None and b is not None]
        return np.sort(np.array([float(a != b) for a, b in known]))
    first, second = (numbers(column.iloc[side]).astype(np.float64) for side in rows)
    with np.errstate(invalid="ignore"):
        sizes = np.abs(second - first)
    return np.sort(sizes[np.isfinite(sizes)])
