"""The crop: which part of a picture the model is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.untrusted import is_number

MOST_ZOOM = 8.0
_DIGITS = 4  # a thousandth of a pixel of what is kept


@dataclass(frozen=True)
class Crop:
    """A square within a square picture.

    Attributes
    ----------
    x, y : float
        Its middle, from the left and from above, in sides of the picture.
    zoom : float
        The side of the picture to its own, 1 to `MOST_ZOOM`.
    """

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0

    def within(self) -> Crop:
        """Return the crop nearest to it that lies within the picture.

        >>> Crop(0.9, 0.5, 2).within()
        Crop(x=0.75, y=0.5, zoom=2)
        """
        zoom = min(max(self.zoom, 1.0), MOST_ZOOM)
        half = 0.5 / zoom
        x, y = (round(min(max(at, half), 1 - half), _DIGITS) for at in (self.x, self.y))
        return Crop(x, y, round(zoom, _DIGITS))

    def side_px(self, side_px: int) -> int:
        """Return its side in pixels, of a picture of ``side_px``."""
        return max(1, round(side_px / min(max(self.zoom, 1.0), MOST_ZOOM)))

    def middle_of(self, planes: np.ndarray) -> np.ndarray:
        """Return the largest square of planes (..., n, n) that has its middle, and so holds it."""
        n = planes.shape[-1]
        crop = self.within()
        half = n * min(crop.x, 1 - crop.x, crop.y, 1 - crop.y)
        side = max(crop.side_px(n), min(n, round(2 * half)))
        top, left = (min(max(round(at * n - side / 2), 0), n - side) for at in (crop.y, crop.x))
        return planes[..., top : top + side, left : left + side]

    def cut(self, planes: np.ndarray) -> np.ndarray:
        """Return what lies within it, of planes (..., n, n)."""
        square, side = self.middle_of(planes), self.side_px(planes.shape[-1])
        start = (square.shape[-1] - side) // 2
        return square[..., start : start + side, start : start + side]

    def is_near(self, other: Crop) -> bool:
        """Return whether nobody could tell them apart."""
        ours, theirs = (np.array([one.x, one.y, one.zoom]) for one in (self, other))
        return bool((np.abs(ours - theirs) < (0.002, 0.002, 0.005)).all())

    def to_store(self) -> dict[str, float]:
        """Return what the browser keeps."""
        return {"x": self.x, "y": self.y, "zoom": self.zoom}

    @classmethod
    def from_store(cls, values: Any) -> Crop | None:
        """Read what the browser sent, which is anything that JSON can say; None if it is none."""
        if not isinstance(values, dict):
            return None
        x, y, zoom = (values.get(name) for name in ("x", "y", "zoom"))
        if not (is_number(x) and is_number(y) and is_number(zoom)):
            return None
        if not (0 <= x <= 1 and 0 <= y <= 1 and 1 <= zoom <= MOST_ZOOM):
            return None
        return cls(float(x), float(y), float(zoom)).within()
