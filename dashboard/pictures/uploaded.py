"""A picture that a user brings: its middle, framed as the model of an atlas is used to.

Read in a process of its own, see `reader`.
The server keeps nothing: the browser keeps a small square, and sends it back to be framed anew.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from dashboard.pictures.central_source import TYPICAL_SHARE, central_source
from dashboard.pictures.crop import MOST_ZOOM, Crop
from dashboard.pictures.files import LEAST_PX, OwnPictureError, Planes, read_planes
from dashboard.pictures.sky_plane import SkyPlane
from pipeline.atlas import Manifest, binned, nanomaggies_to_rgb, stretch

SIDE_PX = 320  # of the square that is kept: the width of its place on the page
_KEPT_FIELDS = 4  # of a picture larger than that: sides of what is kept to that of the frame
_LEAST_FRAME_PX = 24  # a frame around a star would show nothing but its pixels
# More sky around a source than galaxies of the atlas have, and the picture whole where that changes
# little: frames as tight as the atlas's own lost edge-on galaxies of Galaxy Zoo 1, which are small
# and blurred, to rounder ones (`tests.bench.bench_frames`).
_ROOM = 1.25
_MOST_SHARE = 0.85  # of the side of the picture
_LEAST_CONTRAST = 8  # of 255 levels; JPEG makes 2 or 3 of empty sky
_MOST_MISSING = 0.1  # share of pixels without a value: more than a few dead ones or a star's core
_PNG_URL = "data:image/png;base64,"
_FLUX_URL = "data:application/octet-stream;base64,"  # of little-endian 16-bit floats, (3, n, n)
_LONGEST_URL = 3 * 3 * SIDE_PX**2  # characters: base64 of two bytes a value, and some more
_MOST_FLUX_NMGY = 6e4  # of 16-bit floats; white in any case
_MOST_NUMBER = 1e30  # of what is stretched; sums of many stay within 32-bit floats


@dataclass(frozen=True)
class OwnPicture:
    """The middle of a picture, ready to be shown and framed."""

    # (3, n, n), n at most `SIDE_PX`, the first line is the upper one: uint8 RGB, or float32 fluxes
    # in g, r, z, nanomaggies per pixel of the atlas.
    planes: np.ndarray
    crop: Crop  # what the model sees to begin with
    note: str  # how it was read, in words; may be empty
    framing: str  # why it begins with this frame, in words; may be empty
    sky: SkyPlane | None = None  # where it is, if its file says so


def read_own_picture(
    content: bytes, manifest: Manifest, share: float = TYPICAL_SHARE
) -> OwnPicture:
    """Read a picture file, and frame it as the model of an atlas with an encoder is used to.

    Parameters
    ----------
    share : float
        The radius of a galaxy to the side of what the model sees, as `usual_share` has it.

    Raises
    ------
    OwnPictureError
        Not such a picture, broken, too large, too small, blank, or without values in its middle.

    Notes
    -----
    A picture of the size of the atlas's cutouts begins with their field. Any other begins around
    the source in its middle: a FITS file with a pixel scale with the field that the model is used
    to, where the atlas has a scale, too; else with a field that the source fills a little less than
    galaxies of the atlas fill theirs. Where there is no source, or that is nearly all of the
    picture, with the largest central square.
    """
    return _framed(read_planes(content, manifest.bands), manifest, share)


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


def _framed(planes: Planes, manifest: Manifest, share: float) -> OwnPicture:
    """Keep a square around what the model sees first, not larger than is needed."""
    field, framing = _proposed(planes, manifest, share)
    shape = planes.values.shape[1:]
    kept_px, top, left = _kept(shape, field)
    square = planes.values[:, top : top + kept_px, left : left + kept_px]
    frame = Crop(
        (field.x_px - left) / kept_px, (field.y_px - top) / kept_px, kept_px / field.side_px
    ).within()
    missing = 1 - np.isfinite(frame.cut(square)).mean()
    if missing > _MOST_MISSING:
        raise OwnPictureError(
            f"{missing:.0%} of what the model would see has no value (NaN). At most "
            f"{_MOST_MISSING:.0%} can be done without."
        )
    small = _small(square, planes, manifest)
    if np.ptp(rgb_of(frame.cut(small)), axis=(0, 1)).max() < _LEAST_CONTRAST:
        remedy = " Fluxes are to be in nanomaggies." if planes.kind == "flux" else ""
        raise OwnPictureError(f"The picture is blank: its middle shows nothing.{remedy}")
    sky = None
    if planes.header is not None:
        sky = SkyPlane.of(planes.header, shape[0], (left, top, kept_px))
    return OwnPicture(small, frame, planes.note, framing, sky)


def _small(square: np.ndarray, planes: Planes, manifest: Manifest) -> np.ndarray:
    """Return a square of planes as it is kept: at most `SIDE_PX` wide, fluxes or colours."""
    if planes.kind == "flux":
        square = _flux_per_atlas_pixel(square, planes.pixel_scale_arcsec, manifest)
        return binned(square, -(-square.shape[-1] // SIDE_PX))
    return _shrunk(_stretched(square) if planes.kind == "stretch" else square)


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
    small = [  # one after the other: a copy of all takes three times the memory
        Image.fromarray(np.ascontiguousarray(plane)).resize(
            (SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS
        )
        for plane in planes
    ]
    return np.stack([np.asarray(plane) for plane in small])


@dataclass(frozen=True)
class _Field:
    """A square of a picture, in its pixels from its upper left corner."""

    x_px: float
    y_px: float
    side_px: float


def _proposed(planes: Planes, manifest: Manifest, share: float) -> tuple[_Field, str]:
    """Return what the model is to see first, and why."""
    assert manifest.encoder_input is not None  # whoever asks has looked  # nosec B101
    shape = planes.values.shape[1:]
    height, width = shape
    side = min(shape)
    field_px = manifest.encoder_input.field_px
    scale_arcsec = planes.pixel_scale_arcsec
    is_cutout = shape == (manifest.cutout_px, manifest.cutout_px)
    has_scale = scale_arcsec is not None and manifest.pixel_scale_arcsec is not None
    if is_cutout and not has_scale and field_px < side:
        return _Field(width / 2, height / 2, field_px), "Framed as the pictures of this atlas are."
    # A survey has put the galaxy of a cutout into the middle, and knows best.
    found = None if is_cutout and has_scale else _found(planes, manifest)
    x_px, y_px, wanted_px = found or (width / 2, height / 2, share * side)
    if scale_arcsec is not None and manifest.pixel_scale_arcsec is not None:
        field_arcsec = field_px * manifest.pixel_scale_arcsec
        seen_px = min(max(field_arcsec / scale_arcsec, LEAST_PX / MOST_ZOOM), side)
        seen_arcsec = seen_px * scale_arcsec
        note = f"Framed by its scale to the {field_arcsec:.0f} arcsec of this atlas."
        if not math.isclose(seen_arcsec, field_arcsec, rel_tol=0.1):
            note = (
                f"The model sees {seen_arcsec:.0f} arcsec of it; in this atlas it saw "
                f"{field_arcsec:.0f}."
            )
        return _Field(x_px, y_px, seen_px), note
    if found is None:
        return _Field(x_px, y_px, side), ""
    seen_px = max(_ROOM * wanted_px / share, _LEAST_FRAME_PX)
    if seen_px > _MOST_SHARE * side:
        note = "Seen whole: its galaxy is about as large in it as those of this atlas in theirs."
        return _Field(x_px, y_px, side), note
    note = "Framed around the source in the middle, with a little more sky than this atlas has."
    return _Field(x_px, y_px, seen_px), note


def _found(planes: Planes, manifest: Manifest) -> tuple[float, float, float] | None:
    """Return the place of the central source and its radius, in pixels; None if there is none."""
    height, width = planes.values.shape[1:]
    side = min(height, width)
    square = _centre(planes.values, side)
    rgb = rgb_of(_small(square, planes, manifest))
    source = central_source(rgb)
    if source is None:
        return None
    scale = side / rgb.shape[0]
    x_px, y_px = (
        (length - side) // 2 + (at + 0.5) * scale
        for length, at in ((width, source.x_px), (height, source.y_px))
    )
    return x_px, y_px, source.radius_px * scale


def _kept(shape: tuple[int, ...], field: _Field) -> tuple[int, int, int]:
    """Return side, first line and first column of the square to keep."""
    least = min(SIDE_PX, MOST_ZOOM * field.side_px)  # up to here nothing would be won
    side = max(LEAST_PX, min(*shape, round(max(_KEPT_FIELDS * field.side_px, least))))
    top, left = (
        min(max(round(at - side / 2), 0), length - side)
        for at, length in zip((field.y_px, field.x_px), shape, strict=True)
    )
    return side, top, left


def _centre(planes: np.ndarray, side: int) -> np.ndarray:
    top, left = ((length - side) // 2 for length in planes.shape[1:])
    return planes[:, top : top + side, left : left + side]
