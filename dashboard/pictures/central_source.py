"""The galaxy in the middle of a picture: where it is, and how large to show it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from scipy import ndimage

from dashboard.explorer.memo import remembered

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

# The radius of 80 % of its light to the side of what the model sees. Medians of 300 pictures each:
# EFIGI 0.31, Galaxy Zoo DECaLS 0.34 and 0.33, Galaxy Zoo 2 0.32; what is asked for is a little
# less, which gave the best neighbours of 0.22 to 0.34 (labels of three surveys against EFIGI's).
TYPICAL_SHARE = 0.3
_LIGHT = 0.8
_SMOOTHED_PX = 3  # side of the mean that is taken twice, against noise and artefacts of JPEG
_EDGE = 0.08  # of the side: where a picture of a large galaxy shows most sky
_CLIPPED_SIGMA = 2.5
_LEAST_SIGMA = 3.0
_LEAST_LEVELS = 2.0  # of 255; JPEG may leave no noise at all
_LEAST_AREA_PX = 9
_LEAST_SIDE = 0.02  # of the picture: what is smaller is a star or a hot pixel
_N_MEASURED = 40  # pictures of an atlas; 5 ms each
_LEAST_SHARE, _MOST_SHARE = 0.15, 0.45


@dataclass(frozen=True)
class CentralSource:
    """A source in a picture; pixels are counted from the middle of the first one."""

    x_px: float
    y_px: float
    radius_px: float  # of the circle that holds 80 % of its light


def central_source(rgb: np.ndarray) -> CentralSource | None:
    """Return the source that is nearest to the middle of a picture.

    Parameters
    ----------
    rgb : ndarray, shape (y, x, 3)
        uint8, as people see it: of other surveys, too, this is stretched much alike.

    Returns
    -------
    CentralSource or None
        None where nothing stands out from the sky.

    Notes
    -----
    Sky and noise are median and scatter of the pixels that sigma clipping leaves, of the edge or of
    all, whichever is darker. What is brighter by three times the noise and hangs together is a
    source. Its centre is the mean place of the square of its light.
    """
    levels = rgb.astype(np.float32).mean(axis=2)
    for _ in range(2):
        levels = ndimage.uniform_filter(levels, _SMOOTHED_PX)
    sky, noise = _sky(levels)
    is_bright = levels > sky + max(_LEAST_SIGMA * noise, _LEAST_LEVELS)
    sources, n = ndimage.label(is_bright)
    if n == 0:
        return None
    source = _nearest_to_middle(sources, n)
    if source is None:
        return None
    y, x = np.nonzero(sources == source)
    light = levels[y, x] - sky
    weights = light**2
    x_px, y_px = (float((weights * at).sum() / weights.sum()) for at in (x, y))
    away = np.hypot(x - x_px, y - y_px)
    outwards = np.argsort(away)
    share = np.cumsum(light[outwards]) / light.sum()
    radius = away[outwards[np.argmax(share >= _LIGHT)]]
    return CentralSource(x_px, y_px, max(1.0, float(radius)))


def _sky(levels: np.ndarray) -> tuple[float, float]:
    from astropy.stats import sigma_clipped_stats  # slow to import, and most visits bring nothing

    width = max(2, round(_EDGE * min(levels.shape)))
    inner = np.zeros(levels.shape, bool)
    inner[width:-width, width:-width] = True
    found = []
    for values in (levels[~inner], levels.ravel()):
        _, median, scatter = sigma_clipped_stats(values, sigma=_CLIPPED_SIGMA, maxiters=10)
        found.append((float(median), float(scatter)))
    return min(found)


def _nearest_to_middle(sources: np.ndarray, n: int) -> int | None:
    """Return the label of the source that comes nearest to the middle; of several, the largest."""
    y, x = np.nonzero(sources)
    label = sources[y, x]
    away = np.hypot(*(at - (side - 1) / 2 for at, side in zip((y, x), sources.shape, strict=True)))
    nearest = np.full(n + 1, np.inf)
    np.minimum.at(nearest, label, away)
    area = np.bincount(label, minlength=n + 1)
    nearest[area < max(_LEAST_AREA_PX, (_LEAST_SIDE * min(sources.shape)) ** 2)] = np.inf
    best = int(np.lexsort((-area, nearest))[0])
    return best if np.isfinite(nearest[best]) else None


@remembered(1)
def usual_share(explorer: Explorer) -> float:
    """Return the radius of a galaxy to the side of what the model sees, of the atlas's own.

    `TYPICAL_SHARE` where it has no thumbnails; measured on some of them where it has.
    """
    thumbnails, asked = explorer.thumbnails, explorer.manifest.encoder_input
    if thumbnails is None or asked is None:
        return TYPICAL_SHARE
    shares = []
    for row in np.linspace(0, len(thumbnails) - 1, _N_MEASURED).astype(int):
        with Image.open(io.BytesIO(thumbnails[row])) as image:
            rgb = np.asarray(image.convert("RGB"))
        source = central_source(rgb)
        if source is not None:
            seen_px = rgb.shape[0] * asked.field_px / explorer.manifest.cutout_px
            shares.append(source.radius_px / seen_px)
    if not shares:
        return TYPICAL_SHARE
    return float(np.clip(np.median(shares), _LEAST_SHARE, _MOST_SHARE))
