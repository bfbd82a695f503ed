"""Progress bars: rate and time left on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

_LOG_INTERVAL_S = 20.0


def bar_options(what: str, unit: str) -> dict[str, Any]:
    """Return the arguments of `tqdm.tqdm` for a bar in our manner; one unit is, e.g., "galaxy"."""
    interactive = sys.stderr.isatty()
    return {
        "desc": f"{what:>9}",
        "unit": f" {unit}",
        "mininterval": 0.2 if interactive else _LOG_INTERVAL_S,
        # No monitor thread pushes more lines into a log.
        "miniters": None if interactive else 1,
        "dynamic_ncols": interactive,
        "ascii": None if interactive else " .",
        "smoothing": 0.1,
    }


def progress(what: str, *, total: int, unit: str, done: int = 0, shown: bool = True) -> tqdm:
    """Return a progress bar of ``total`` units, ``done`` by a former run; a context manager."""
    return tqdm(total=total, initial=done, disable=not shown, **bar_options(what, unit))
