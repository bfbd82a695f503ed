"""How the numbers of a column are spread, and where a slider over them begins, steps and ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

ROBUST_QUANTILES = (0.01, 0.99)
MOST_BARS = 40
_LOWEST_BAR = 4  # per cent of the height: what is there at all can be seen
_STEPS = 100  # of a slider, at least
_FINEST = 1e-9  # of the numbers' size; finer steps would drown in their rounding
_LARGEST = 1e300  # widths beyond would overflow, and beyond its inverse vanish


@dataclass(frozen=True)
class Histogram:
    """How often the numbers of a column occur.

    Attributes
    ----------
    low, high : float
        Between these nearly all numbers lie; the others count in the first and the last bar.
    step : float
        1, 2 or 5 times a power of ten, which low and high are multiples of.
    counts : tuple of int
        Galaxies in each of the bars, which are of equal width.
    """

    low: float
    high: float
    step: float
    counts: tuple[int, ...]

    def outline(self) -> str:
        """Return the bars as the css shape that they cut out of a box.

        >>> Histogram(0, 2, 1, (1, 2)).outline()
        'polygon(0% 100%, 0% 50%, 50% 50%, 50% 0%, 100% 0%, 100% 100%)'
        """
        most, width = max(self.counts), 100 / len(self.counts)
        points = [(0.0, 100.0)]
        for i, n in enumerate(self.counts):
            top = 100 - max(100 * n / most, _LOWEST_BAR) if n else 100
            points += [(i * width, top), ((i + 1) * width, top)]
        points.append((100.0, 100.0))
        return f"polygon({', '.join(f'{x:.4g}% {y:.4g}%' for x, y in points)})"

    def share(self, number: float) -> str:
        """Return where a number lies between the ends, for css; as paintRange in js does.

        >>> Histogram(0, 4, 1, (1, 2)).share(1)
        '25%'
        """
        return f"{100 * (number - self.low) / (self.high - self.low):.4g}%"


def histogram(known: np.ndarray, *, whole: bool) -> Histogram:
    """Count numbers between robust limits.

    Parameters
    ----------
    known : ndarray, shape (n,)
        At least one finite number, in the unit of the column.
    whole : bool
        They are whole numbers; where there are few of them, each has a bar.
    """
    known = np.clip(known.astype(np.float64), -_LARGEST, _LARGEST)
    low, high = (float(end) for end in np.quantile(known, ROBUST_QUANTILES))
    if low == high:  # nearly all are the same: the few that are not would be lost
        low, high = float(known.min()), float(known.max())
    size = max(abs(low), abs(high))
    span = high - low or max(size, 1.0)
    step = _neat_step(max(span / _STEPS, size * _FINEST, 1.0 if whole else 1 / _LARGEST))
    low, high = _multiple(np.floor(low / step), step), _multiple(np.ceil(high / step), step)
    if low == high:
        high = _multiple(round(low / step) + 1, step)
    n_steps = round((high - low) / step)
    if whole and n_steps < MOST_BARS:  # a bar for each
        n_bars, margin = n_steps + 1, step / 2
    else:  # all as many steps wide, or rounded numbers would fall into them unevenly
        steps_of_bar = math.ceil(n_steps / MOST_BARS)
        n_bars, margin = math.ceil(n_steps / steps_of_bar), 0
        high = _multiple(round(low / step) + n_bars * steps_of_bar, step)
    counts, _ = np.histogram(
        np.clip(known, low, high), bins=n_bars, range=(low - margin, high + margin)
    )
    return Histogram(low, high, step, tuple(counts.tolist()))


def _neat_step(width: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above ``width``."""
    power = 10.0 ** np.floor(np.log10(width))
    return max(float(n * power) for n in (1, 2, 5) if n == 1 or n * power <= width * (1 + 1e-12))


def _multiple(n: float, step: float) -> float:
    return float(f"{n * step:.12g}")  # 3 * 0.1 is to read 0.3
