"""A picture that a user brings: its middle, framed as the model of an atlas is used to.

The server keeps nothing: the browser keeps a small square, and sends it back to be framed anew.
"""

from __future__ import annotations

import base64
import io
import math
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from dashboard.pictures.files import LEAST_PX, OwnPictureError, Planes, read_planes
from pipeline.atlas import Manifest, binned, nanomaggies_to_rgb, stretch

SIDE_PX = 320  # of the square that is kept: the width of its place on the page
MOST_ZOOM = 4.0
_LEAST_CONTRAST = 8  # of 255 levels; JPEG makes 2 or 3 of empty sky
_MOST_MISSING = 0.1  # share of pixels without a value: more than a few dead ones or a star's core
_PNG_URL = "data:image/png;base64,"
_FLUX_URL = "data:application/octet-stream;base64,"  # of little-endian 16-bit floats, (3, n, n)
_LONGEST_URL = 3 * 3 * SIDE_PX**2  # characters: base64 of two bytes a value, and some more
_MOST_FLUX_NMGY = 6e4  # of 16-bit floats; white in any case
_MOST_NUMBER = 1e30  # of what is stretched; sums of many stay within 32-bit floats
_one_at_a_time = threading.Lock()  # a picture may take some 500 MB


@dataclass(frozen=True)
class OwnPicture:
    """The middle of a picture, ready to be shown and framed."""

    # (3, n, n), n at most `SIDE_PX`, the first line is the upper one: uint8 RGB, or float32 fluxes
    # in g, r, z, nanomaggies per pixel of the atlas.
    planes: np.ndarray
    # To begin with: the side of the planes to the side of what the model sees, 1 to `MOST_ZOOM`.
    zoom: float
    note: str  # how it was read, in words; may be empty
    framing: str  # why it begins with this zoom, in words; may be empty


def read_own_picture(content: bytes, manifest: Manifest) -> OwnPicture:
    """Read a picture file, and frame it as the model of an atlas with an encoder is used to.

    Raises
    ------
    OwnPictureError
        Not such a picture, broken, too large, too small, blank, or without values in its middle.

    Notes
    -----
    A FITS file with a pixel scale begins with the field that the model is used to, where the atlas
    has a scale, too; a picture of the size of the atlas's cutouts begins with their field; any
    other with its largest central square.
    """
    with _one_at_a_time:
        return _framed(read_planes(content, manifest.bands), manifest)


def crop_px(side_px: int, zoom: float) -> int:
    """Return the side of what the model sees of a square, in its pixels."""
    return max(1, round(side_px / min(max(zoom, 1.0), MOST_ZOOM)))


def rgb_of(planes: np.ndarray) -> np.ndarray:
    """Return planes (3, n, n) as a picture, uint8 (n, n, 3)."""
    if planes.dtype != np.uint8:
        return nanomaggies_to_rgb(planes)
    return np.ascontiguousarray(planes.transpose(1, 2, 0))


def png_url(rgb: np.ndarray) -> str:
    """Return a picture, uint8 (y, x, 3), as the data URL of a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return _PNG_URL + base64.b64encode(buffer.getvalue()).decode("ascii")


def planes_to_url(planes: np.ndarray) -> str:
    """Return the planes of an `OwnPicture` as a data URL, for a browser to keep."""
    if planes.dtype == np.uint8:
        return png_url(rgb_of(planes))
    return _FLUX_URL + base64.b64encode(planes.astype("<f2").tobytes()).decode("ascii")


def planes_from_url(url: Any) -> np.ndarray:
    """Read what `planes_to_url` wrote and a browser kept; an OwnPictureError if it is not that."""
    try:
        if not isinstance(url, str) or len(url) > _LONGEST_URL:
            raise ValueError("not what was written")
        start, _, text = url.partition(",")
        content = base64.b64decode(text, validate=True)
        if f"{start}," == _FLUX_URL:
            values = np.frombuffer(content, "<f2").astype(np.float32)
            side = _checked_side(math.isqrt(len(values) // 3))
            return np.nan_to_num(values.reshape(3, side, side), posinf=0.0, neginf=0.0)
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if image.width != _checked_side(image.height):
                raise ValueError("not a square")
            return np.asarray(image.convert("RGB")).transpose(2, 0, 1)
    # Every class, against the rule: see `read_own_picture`.
    except Exception as error:
        raise OwnPictureError("The page has lost your picture. Choose it again.") from error


def _checked_side(side: int) -> int:
    if not LEAST_PX <= side <= SIDE_PX:
        raise ValueError("not a side that was written")
    return side


def _framed(planes: Planes, manifest: Manifest) -> OwnPicture:
    """Keep the central square, not larger than is needed, and choose what the model sees first."""
    scale_arcsec = planes.pixel_scale_arcsec
    side, zoom, framing = _framing(planes.values.shape[1:], scale_arcsec, manifest)
    square = _centre(planes.values, side)
    missing = 1 - np.isfinite(_centre(square, crop_px(side, zoom))).mean()
    if missing > _MOST_MISSING:
        raise OwnPictureError(
            f"{missing:.0%} of what the model would see has no value (NaN). At most "
            f"{_MOST_MISSING:.0%} can be done without."
        )
    if planes.kind == "flux":
        square = _flux_per_atlas_pixel(square, scale_arcsec, manifest)
        square = binned(square, -(-side // SIDE_PX))
    else:
        square = _shrunk(_stretched(square) if planes.kind == "stretch" else square)
    rgb = rgb_of(_centre(square, crop_px(square.shape[-1], zoom)))
    if np.ptp(rgb, axis=(0, 1)).max() < _LEAST_CONTRAST:
        remedy = " Fluxes are to be in nanomaggies." if planes.kind == "flux" else ""
        raise OwnPictureError(f"The picture is blank: its middle shows nothing.{remedy}")
    return OwnPicture(square, zoom, planes.note, framing)


def _flux_per_atlas_pixel(
    flux_nmgy: np.ndarray, scale_arcsec: float | None, manifest: Manifest
) -> np.ndarray:
    """Return fluxes as the larger or smaller pixels of the atlas would have them; 0 for NaN."""
    share = 1.0
    if scale_arcsec is not None and manifest.pixel_scale_arcsec is not None:
        share = (manifest.pixel_scale_arcsec / scale_arcsec) ** 2
    most = _MOST_FLUX_NMGY / share
    flux = flux_nmgy.clip(-most, most).astype(np.float32)  # 64 bits may say more than 32 can
    return np.nan_to_num(flux, nan=0.0) * np.float32(share)


def _stretched(planes: np.ndarray) -> np.ndarray:
    """Return planes (1 or 3, n, n) as colours, uint8 (3, m, m); m is at most 2 `SIDE_PX`.

    Large ones become means over their finite pixels first: stretching takes tens of bytes a pixel.
    """
    if planes.dtype.kind == "f":
        planes = np.where(np.isfinite(planes), planes.clip(-_MOST_NUMBER, _MOST_NUMBER), np.nan)
    binning = -(-planes.shape[-1] // (2 * SIDE_PX))
    if binning > 1:
        planes = np.stack([_finite_means(plane, binning) for plane in planes])
    levels = stretch(planes)
    return np.broadcast_to(levels, (3, *levels.shape[1:]))


def _finite_means(plane: np.ndarray, binning: int) -> np.ndarray:
    if plane.dtype.kind != "f":
        return binned(plane, binning)
    known = binned(np.isfinite(plane), binning)
    known[known == 0] = np.nan
    return binned(np.nan_to_num(plane), binning) / known


def _shrunk(planes: np.ndarray) -> np.ndarray:
    """Return planes, uint8 (3, n, n), whose side is at most `SIDE_PX`."""
    if planes.shape[-1] <= SIDE_PX:
        return np.ascontiguousarray(planes)
    image = Image.fromarray(rgb_of(planes))
    small = image.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    return np.asarray(small).transpose(2, 0, 1)


def _framing(
    shape: tuple[int, ...], scale_arcsec: float | None, manifest: Manifest
) -> tuple[int, float, str]:
    """Return the side of the square to keep, in pixels, the zoom to begin with, and why."""
    side = min(shape)
    assert manifest.encoder_input is not None
    field_px = manifest.encoder_input.field_px
    if scale_arcsec is not None and manifest.pixel_scale_arcsec is not None:
        field_arcsec = field_px * manifest.pixel_scale_arcsec
        own_field_px = field_arcsec / scale_arcsec
        side = max(LEAST_PX, min(side, round(MOST_ZOOM * own_field_px)))
        zoom = min(max(1.0, side / own_field_px), MOST_ZOOM)
        seen_arcsec = side / zoom * scale_arcsec
        note = f"Framed by its scale to the {field_arcsec:.0f} arcsec of this atlas."
        if not math.isclose(seen_arcsec, field_arcsec, rel_tol=0.1):
            note = (
                f"The model sees {seen_arcsec:.0f} arcsec of it; in this atlas it saw "
                f"{field_arcsec:.0f}."
            )
        return side, zoom, note
    if shape == (manifest.cutout_px, manifest.cutout_px) and field_px < side:
        return side, min(side / field_px, MOST_ZOOM), "Framed as the pictures of this atlas are."
    return side, 1.0, ""


def _centre(planes: np.ndarray, side: int) -> np.ndarray:
    top, left = ((length - side) // 2 for length in planes.shape[1:])
    return planes[:, top : top + side, left : left + side]
