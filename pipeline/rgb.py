"""Nanomaggies to 8-bit RGB, as the Legacy Surveys viewer shows them."""

from __future__ import annotations

import numpy as np

# The viewer's `dr2_rgb`; order of the bands g, r, z.
SCALES = (6.0, 3.4, 2.2)  # per nanomaggy; g becomes blue, r green, z red
OFFSET = 0.03  # lifts the sky off black, pure number
SOFTENING = 20.0  # Q of the asinh stretch, pure number


def nanomaggies_to_rgb(flux_nmgy: np.ndarray) -> np.ndarray:
    """Turn g, r, z fluxes into the colours of the Legacy Surveys viewer.

    Parameters
    ----------
    flux_nmgy : ndarray, shape (..., 3, y, x)
        Nanomaggies per pixel in g, r, z. NaN counts as no flux, as in a pixel that no exposure saw.

    Returns
    -------
    ndarray, shape (..., y, x, 3)
        uint8, red (z), green (r), blue (g): the layout that image files and matplotlib use. Rows
        keep their order.

    Notes
    -----
    Source: ``dr2_rgb`` of the Legacy Surveys viewer. With ``s = flux * scale + m`` and
    ``I = mean(max(0, s))``, each channel is ``s * asinh(Q I) / (sqrt(Q) I)``, cut to [0, 1] and
    rounded to the nearest of 256 levels. Empty sky is the grey level 32.
    """
    flux_nmgy = np.asarray(flux_nmgy)
    if flux_nmgy.ndim < 3 or flux_nmgy.shape[-3] != len(SCALES):
        raise ValueError(
            f"Expected fluxes of shape (..., 3, y, x) in the bands g, r, z, got "
            f"{flux_nmgy.shape}. Put the bands on the third axis from the end."
        )
    # Beyond 1e6 nanomaggies a pixel is white in any case; the bound keeps infinities out of I.
    flux = np.nan_to_num(flux_nmgy.astype(np.float32), nan=0.0, posinf=1e6, neginf=-1e6)
    scaled = np.clip(flux, -1e6, 1e6) * np.asarray(SCALES, np.float32)[:, None, None] + OFFSET
    intensity = np.maximum(scaled, 0).mean(axis=-3, keepdims=True)
    stretch = np.arcsinh(SOFTENING * intensity) / np.sqrt(np.float32(SOFTENING))
    # Where no band is positive the stretch is zero too, so any positive divisor gives black.
    scaled *= stretch / np.where(intensity > 0, intensity, 1)
    levels = np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(levels[..., ::-1, :, :], -3, -1))
