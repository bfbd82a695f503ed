"""Colours for the galaxies of a map: what a value looks like, in a dark and a light theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from plotly.colors import sample_colorscale

from dashboard.filters.codes import code_order, is_code

ROBUST_QUANTILES = (0.02, 0.98)

# Colours are handed over as positions on a scale: [0, 1], and this where the value is not known.
UNKNOWN = -0.1
_UNKNOWN_END = 0.05  # share of the scale, from UNKNOWN to 1, that is drawn as unknown


@dataclass(frozen=True)
class Theme:
    """The colours of the map that css cannot reach.

    Attributes
    ----------
    scale : tuple of str
        Dark to bright; the part of Magma (perceptually uniform, colour-blind-safe) that stands
        out from the background.
    hues : tuple of str
        For categories, the most different first, also to a colour-blind eye.
    selection : str
        Rings around the query and its neighbours; --selection in assets/tokens.css.
    negative : str
        Rings around what is not wanted; --error there.
    unknown : str
        Where the value is missing.
    """

    scale: tuple[str, ...]
    hues: tuple[str, ...]
    selection: str
    negative: str
    unknown: str


def _magma(start: float, stop: float) -> tuple[str, ...]:
    colours = sample_colorscale("Magma", np.linspace(start, stop, 13).tolist(), colortype="tuple")
    return tuple("#" + "".join(f"{round(255 * part):02x}" for part in rgb) for rgb in colours)


THEMES = {
    "dark": Theme(
        scale=_magma(0.36, 1.0),
        hues=(
            *("#f2c14e", "#b184f5", "#5fae3a", "#e8627f", "#4a86c9", "#d9e3f0"),
            *("#c9ef8e", "#e58f4f", "#3fa796", "#f3b0c8", "#8474b8", "#a89a2c"),
        ),
        selection="#5cc8ff",
        negative="#ff8f84",
        unknown="#3d4659",
    ),
    "light": Theme(
        scale=_magma(0.06, 0.77),
        hues=(
            *("#b26a00", "#2348b0", "#8a1458", "#12807f", "#8f55cf", "#2f9e63"),
            *("#c23b5e", "#2a8fd6", "#685309", "#cf5fae", "#5b5390", "#8f8a12"),
        ),
        selection="#0a6ebd",
        negative="#b3261e",
        unknown="#c3cad6",
    ),
}
DEFAULT_THEME = "dark"


class Positions:
    """Places on a colour scale, worked out for the galaxies that are asked for.

    Parameters
    ----------
    n_objects : int
    of : callable
        Takes rows, an array or a slice, and returns float32 as `Colouring.position` has it.
    """

    def __init__(self, n_objects: int, of: Callable[[Any], np.ndarray]) -> None:
        self._n_objects, self._of = n_objects, of

    def __len__(self) -> int:
        return self._n_objects

    def __getitem__(self, rows: Any) -> np.ndarray:
        """Return the places of some galaxies."""
        return self._of(rows)


@dataclass(frozen=True)
class Colouring:
    """How one quantity colours the map.

    Attributes
    ----------
    position : ndarray, shape (n_objects,), float32, or Positions
        Position on the colour scale in [0, 1]; `UNKNOWN` where the value is missing.
    limits : tuple of float or None
        Values at both ends of a continuous scale; None for categories.
    categories : tuple of (label, count)
        In the order of their hues; empty for a continuous scale.
    n_unknown : int
        Galaxies without a value.
    label, unit : str
        What the quantity is called; empty where all galaxies are the same.
    is_log : bool
        Whether the scale is one of the logarithm.
    extent : tuple of float or None
        The least and the greatest value; None for categories.
    names : tuple of str
        What people call the categories, in their order; empty where that is their labels.
    """

    position: np.ndarray | Positions
    limits: tuple[float, float] | None
    categories: tuple[tuple[str, int], ...]
    n_unknown: int
    label: str = ""
    unit: str = ""
    is_log: bool = False
    extent: tuple[float, float] | None = None
    names: tuple[str, ...] = ()

    def colorscale(self, theme: str) -> list[tuple[float, str]]:
        """Return the plotly colour scale from `UNKNOWN` to 1 for one of `THEMES`."""
        colours = THEMES[theme]
        known = _smooth(colours.scale) if self.limits is not None else self._steps(theme)
        start = -UNKNOWN / (1 - UNKNOWN)
        return [
            (0.0, colours.unknown),
            (_UNKNOWN_END, colours.unknown),
            (_UNKNOWN_END, known[0][1]),
            *((start + at * (1 - start), colour) for at, colour in known),
        ]

    def named(self) -> list[tuple[str, str, int]]:
        """Return the categories: what people call each, its label, how many galaxies it has."""
        names = self.names or tuple(label for label, _ in self.categories)
        return [(name, *one) for name, one in zip(names, self.categories, strict=True)]

    def hues(self, theme: str) -> list[str]:
        """Return the colours of the categories: along the scale for codes, which have an order."""
        n, colours = len(self.categories), THEMES[theme]
        if n > 2 and all(is_code(label) for label, _ in self.categories):
            return list(sample_colorscale(list(colours.scale), np.linspace(0, 1, n).tolist()))
        return [colours.hues[i % len(colours.hues)] for i in range(n)]

    def _steps(self, theme: str) -> list[tuple[float, str]]:
        hues = self.hues(theme) or [THEMES[theme].hues[0]]
        return [(edge / len(hues), hue) for i, hue in enumerate(hues) for edge in (i, i + 1)]


def _smooth(colours: tuple[str, ...]) -> list[tuple[float, str]]:
    return [(i / (len(colours) - 1), colour) for i, colour in enumerate(colours)]


def continuous(values: np.ndarray, quantiles: tuple[float, float] = ROBUST_QUANTILES) -> Colouring:
    """Colour numbers between robust limits: the few beyond share the colour of the end.

    Parameters
    ----------
    values : ndarray, shape (n_objects,)
        Numbers in the unit of the column; NaN where unknown.
    quantiles : tuple of float
        Where the limits are; 2 % are beyond either end unless said otherwise.
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    if not known.any():
        position = np.full(len(numbers), UNKNOWN, dtype=np.float32)
        return Colouring(position, (0.0, 0.0), (), len(numbers))
    low, high = (float(limit) for limit in np.quantile(numbers[known], quantiles))
    if high == low:  # nearly all are the same: the few that are not would be lost
        low, high = float(numbers[known].min()), float(numbers[known].max())
    extent = float(numbers[known].min()), float(numbers[known].max())
    n_unknown = int((~known).sum())
    return Colouring(on_scale(numbers, (low, high)), (low, high), (), n_unknown, extent=extent)


def on_scale(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """Return where numbers are on a scale between limits: float32, see `Colouring.position`."""
    numbers, (low, high) = np.asarray(values, dtype=np.float64), limits
    # Halves: the difference of two huge numbers of opposite sign would overflow.
    half_span = high / 2 - low / 2 if high > low else 1.0
    inside = np.clip(numbers, low, high)
    position = np.where(np.isfinite(numbers), (inside / 2 - low / 2) / half_span, UNKNOWN)
    return position.astype(np.float32)


def categorical(values: np.ndarray) -> Colouring:
    """Give each distinct value a hue of its own.

    Parameters
    ----------
    values : ndarray, shape (n_objects,)
        Texts, truth values or numbers; None or NaN where unknown.
    """
    unknown = np.array([value is None or value != value for value in values], dtype=bool)
    names = sorted(set(values[~unknown].tolist()), key=lambda value: code_order(str(value)))
    code = {name: i for i, name in enumerate(names)}
    codes = np.array([code.get(value, -1) for value in values.tolist()], dtype=np.intp)
    codes[unknown] = -1
    position = np.where(codes >= 0, (codes + 0.5) / max(len(names), 1), UNKNOWN)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    categories = tuple((str(name), int(n)) for name, n in zip(names, counts, strict=True))
    return Colouring(position.astype(np.float32), None, categories, int(unknown.sum()))


def plain(n_objects: int) -> Colouring:
    """Colour every galaxy the same, where the atlas has nothing to tell them apart by."""
    return Colouring(np.full(n_objects, 0.6, dtype=np.float32), (0.0, 1.0), (), 0)
