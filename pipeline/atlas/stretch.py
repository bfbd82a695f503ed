"""The stretch of images of any range to 8 bits."""

from __future__ import annotations

import numpy as np

# The stretch to 8 bits: these percentiles become black and white, and the softening, a fraction of
# that range, is where the scale turns from linear to logarithmic.
BLACK_PERCENTILE = 1.0
WHITE_PERCENTILE = 99.8
SOFTENING = 0.1


def stretch(values: np.ndarray) -> np.ndarray:
    """Stretch an image of any range to 8 bits, with detail in both the halo and the core.

    Parameters
    ----------
    values : ndarray, any shape
        Brightness in any unit; all planes are stretched alike, which keeps the colours.

    Returns
    -------
    ndarray of uint8, same shape
        ``asinh(x / a) / asinh(1 / a)`` with a = 0.1, where x runs from 0 at the 1st percentile to
        1 at the 99.8th, or from the least to the largest value where those percentiles are equal.
        Black where not finite.
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return np.zeros(values.shape, np.uint8)
    black, white = np.percentile(finite, (BLACK_PERCENTILE, WHITE_PERCENTILE))
    if black == white:
        black, white = finite.min(), finite.max()
    scaled = (values.astype(np.float64) - black) / ((white - black) or 1.0)
    scaled = np.clip(np.nan_to_num(scaled, nan=0.0, posinf=0.0, neginf=0.0), 0.0, 1.0)
    return np.rint(255 * np.arcsinh(scaled / SOFTENING) / np.arcsinh(1 / SOFTENING)).astype(
        np.uint8
    )
