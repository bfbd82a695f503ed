"""The field: which part of a cutout the encoder sees, and at which scale."""

from __future__ import annotations

import numpy as np

from pipeline.atlas.rgb import nanomaggies_to_rgb


def binning(field_px: int, input_px: int) -> int:
    """Return how many pixels, along a side, are averaged to one before a field is resampled.

    Bilinear sampling alone would skip pixels, and alias, from two to one on.
    """
    return max(1, field_px // input_px)


def encoder_input(planes: np.ndarray, field_px: int, input_px: int) -> np.ndarray:
    """Return the central square of a picture as the encoder sees it.

    Parameters
    ----------
    planes : ndarray, shape (3, n, n)
        uint8 RGB, or finite float fluxes in g, r, z, nanomaggies.
    field_px, input_px : int
        Side of the square, in pixels of the picture, and of the result.

    Returns
    -------
    ndarray of float32, shape (3, input_px, input_px)
        RGB in [0, 1].

    Notes
    -----
    Means over as many pixels as go into one of the result, then bilinear sampling, where the centre
    of a pixel is its place; fluxes become colours after that. Training does the same with tensors,
    and turns and shifts them meanwhile: `pipeline.views.field`.
    """
    by = binning(field_px, input_px)
    small = binned(planes, by)
    weights = _bilinear(small.shape[-1], field_px / by, input_px)
    sampled = weights @ small @ weights.T
    if planes.dtype == np.uint8:
        return sampled / 255
    return nanomaggies_to_rgb(sampled).transpose(2, 0, 1).astype(np.float32) / 255


def binned(planes: np.ndarray, by: int) -> np.ndarray:
    """Return planes (..., n, n) whose pixels are means of ``by`` x ``by``, as float32."""
    side = planes.shape[-1] // by
    whole = planes[..., : side * by, : side * by].astype(np.float32)
    return whole.reshape(*planes.shape[:-2], side, by, side, by).mean(axis=(-3, -1))


def _bilinear(side: int, field: float, input_px: int) -> np.ndarray:
    """Return the weights, shape (input_px, side), of pixels along one axis in those of the result.

    ``field`` pixels in the middle of ``side`` become ``input_px``.
    """
    places = (np.arange(input_px) + 0.5) * (field / input_px) + (side - field) / 2 - 0.5
    places = places.clip(0, side - 1)
    nearness = 1 - np.abs(places[:, np.newaxis] - np.arange(side))
    return nearness.clip(min=0).astype(np.float32)
