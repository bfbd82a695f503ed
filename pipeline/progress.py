"""Progress bars: rate and time left on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

_LOG_INTERVAL_S = 20.0


def progress(what: str, *, total: int, unit: str, **options: Any) -> tqdm:
    """Return a progress bar on stderr; a context manager.

    Parameters
    ----------
    what : str
        The stage, or what it is doing.
    total : int
        Number of units to do.
    unit : str
        One unit, e.g. "galaxy".
    options
        Further arguments of `tqdm.tqdm`.
    """
    interactive = sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=f"{what:>9}",
        unit=f" {unit}",
        mininterval=0.2 if interactive else _LOG_INTERVAL_S,
        maxinterval=1.0 if interactive else _LOG_INTERVAL_S,
        dynamic_ncols=interactive,
        ascii=None if interactive else " .",
        smoothing=0.1,
        **options,
    )
