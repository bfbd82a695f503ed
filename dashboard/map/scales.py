"""The colours of a map of very many: a scale that some galaxies tell, places for those asked for.

Nothing here holds a number for each galaxy but the catalogue itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.filters.codes import code_order
from dashboard.filters.values import numbers
from dashboard.map.colours import (
    ROBUST_QUANTILES,
    UNKNOWN,
    Colouring,
    Positions,
    continuous,
    on_scale,
)

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

MOST_ASKED = 100_000  # galaxies that tell where a scale begins and ends

ValuesOf = Callable[[Any], np.ndarray]


def spread_rows(explorer: Explorer) -> np.ndarray:
    """Return at most `MOST_ASKED` rows, evenly spread; all where there are no more."""
    return np.arange(0, explorer.n_objects, -(-explorer.n_objects // MOST_ASKED))


def sampled(
    explorer: Explorer,
    values_of: ValuesOf,
    quantiles: tuple[float, float] = ROBUST_QUANTILES,
    rows: np.ndarray | None = None,
) -> Colouring:
    """Colour numbers as `continuous` does, by limits that some galaxies tell.

    Parameters
    ----------
    values_of : callable
        Takes rows, an array or a slice, and returns their numbers, NaN where unknown.
    rows : ndarray of int, optional
        Who tells; `spread_rows` if not given.
    """
    rows = spread_rows(explorer) if rows is None else rows
    some = continuous(values_of(rows), quantiles)
    limits = some.limits or (0.0, 0.0)
    n_unknown = round(some.n_unknown * explorer.n_objects / len(rows))
    positions = Positions(explorer.n_objects, lambda rows: on_scale(values_of(rows), limits))
    return replace(some, position=positions, n_unknown=n_unknown)


def of_numbers(explorer: Explorer, name: str) -> Colouring:
    """Colour a column of numbers by limits that some galaxies tell; its ends are exact."""
    colours = sampled(explorer, lambda rows: _numbers(explorer, name)[rows])
    values = _numbers(explorer, name)
    known = np.isfinite(values)
    if not known.any():
        return replace(colours, n_unknown=explorer.n_objects)
    n_unknown = int(np.count_nonzero(~known))
    some = values[known] if n_unknown else values
    return replace(colours, extent=(float(some.min()), float(some.max())), n_unknown=n_unknown)


def of_categories(explorer: Explorer, name: str) -> Colouring:
    """Colour a column with a few labels, as `categorical` does."""
    codes, labels = explorer.codes(name)
    of_code = np.bincount(codes.astype(np.intp) + 1, minlength=len(labels))
    counts: dict[str | None, int] = {}
    for label, n in zip((labels[-1], *labels[:-1]), of_code.tolist(), strict=True):
        counts[label] = counts.get(label, 0) + n
    known = sorted((label for label, n in counts.items() if label and n), key=code_order)
    place_of = {label: (i + 0.5) / len(known) for i, label in enumerate(known)}
    places = np.array([place_of.get(label or "", UNKNOWN) for label in labels], np.float32)

    def position(rows: Any) -> np.ndarray:
        explorer.catalogue.guard()
        return np.asarray(places[codes[rows]])

    return Colouring(
        Positions(explorer.n_objects, position),
        None,
        tuple((label, counts[label]) for label in known),
        sum(n for label, n in counts.items() if not label),
    )


def of_none(n_objects: int) -> Colouring:
    """Colour every galaxy the same."""

    def position(rows: Any) -> np.ndarray:
        n = len(range(*rows.indices(n_objects))) if isinstance(rows, slice) else len(rows)
        return np.full(n, 0.6, dtype=np.float32)

    return Colouring(Positions(n_objects, position), (0.0, 1.0), (), 0)


def _numbers(explorer: Explorer, name: str) -> np.ndarray:
    """Return a column as it lies in the catalogue, which is asked each time: it may be mapped."""
    return numbers(explorer.catalogue[name])
