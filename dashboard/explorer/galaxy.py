"""One galaxy, as the catalogue knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import Column


@dataclass(frozen=True)
class Galaxy:
    """One galaxy, for people to read.

    Attributes
    ----------
    row : int
    object_id : str
    position : SkyPosition
    values : tuple of (Column, value)
        The other columns in the catalogue's order; str, bool, int or float, None where missing.
    """

    row: int
    object_id: str
    position: SkyPosition
    values: tuple[tuple[Column, Any], ...]
