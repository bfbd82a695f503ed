"""Picture files that users bring: the bytes of a picture or a FITS file to three planes.

What a browser sends is hostile: sizes are read from headers and checked before anything is decoded,
and what is packed is looked at before it is unpacked (`packed`).
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from dashboard.pictures.packed import (
    GZIP_MAGIC,
    MOST_BYTES,
    PackedError,
    TooLargeError,
    is_tiled,
    is_webp,
    n_scans,
    tile_of_tiff,
    unpacked,
    webp_size,
)
from pipeline.atlas import (
    decoded,
    first_fits_image,
    fits_image,
    named_planes,
    pixel_scale_arcsec,
)

MOST_PIXELS = 25_000_000  # 6000 x 4000 of a camera; 75 MB when decoded
LEAST_PX = 32  # along a side; a galaxy has no shape below
MOST_WEBP_PIXELS = 10_000_000  # its decoder holds a picture four times
MOST_SCANS = 64  # of a progressive JPEG; cameras and programs make some ten
_DRAFT_PX = 640  # along the shorter side: to this, and no further, large pictures are read coarsely
_MOST_PLANES = 3  # of a picture of `MOST_PIXELS`
_MOST_HDUS = 20  # of a FITS file, in which an image is looked for
_STRIP = 64  # lines of a picture that is read coarsely, reduced at once
_REDUCIBLE = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "F", "I")  # of Pillow's modes
_RGB = ("R", "G", "B")

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
KINDS = "JPEG, PNG, WebP, TIFF or FITS"
_NO_PICTURE = f"The file is not a {KINDS} picture."
_TOO_MANY_PIXELS = (
    f"The picture has more than {MOST_PIXELS // 10**6} million pixels. Crop or shrink it."
)
_TOO_MANY_WEBP_PIXELS = (
    f"The picture has more than {MOST_WEBP_PIXELS // 10**6} million pixels, the most that are read "
    "of WebP. Crop or shrink it, or save it as JPEG."
)
_TOO_MANY_SCANS = (
    f"The JPEG is made of more than {MOST_SCANS} passes over the picture. Save it as a plain one."
)
_TOO_LARGE = f"Unpacked the file has more than {MOST_BYTES // 10**6} MB. Crop or shrink it."
_NOT_UNPACKED = (
    "The image in the FITS file is compressed in a way that is not read here, by others than Rice "
    "and gzip. Unpack it first (funpack)."
)


class OwnPictureError(ValueError):
    """A picture that cannot be searched with; the message says why, for the person it is from.

    ``reason`` is a word for those who count, where the picture itself is not at fault.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Planes:
    """What a picture file holds."""

    # (3, y, x), or (1, y, x) for grey numbers to be stretched; the first line is the upper one.
    values: np.ndarray
    # "colours": uint8 RGB. "flux": g, r, z in nanomaggies. "stretch": numbers of any range.
    kind: str = "colours"
    note: str = ""  # how they were read, in words; empty for colours
    pixel_scale_arcsec: float | None = None
    header: Any = None  # of a FITS file: astropy.io.fits.Header


def read_planes(content: bytes, bands: tuple[str, ...]) -> Planes:
    """Read a picture file.

    Parameters
    ----------
    content : bytes
        Of a JPEG, PNG, WebP, TIFF or FITS file, told apart by content. FITS: the first image in it,
        grey (y, x) or with planes, (band, y, x) or (y, x, 3); it may be compressed in tiles by Rice
        or gzip (``.fz``), and the whole file by gzip (``.gz``). TIFF: the first page.
    bands : tuple of str
        Of the atlas. Three planes of floats are g, r, z in nanomaggies if the atlas was made of
        fluxes, or if the header says so; else they are colours to be stretched, as at ingest.

    Raises
    ------
    OwnPictureError
        Not such a picture, broken, too large or too small.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of them is checked here
        try:
            return _read(content, bands)
        except OwnPictureError:
            raise
        except TooLargeError as error:
            raise OwnPictureError(_TOO_LARGE) from error
        except PackedError as error:
            raise OwnPictureError(_NOT_UNPACKED) from error
        except UnidentifiedImageError as error:
            raise OwnPictureError(_NO_PICTURE) from error
        except Image.DecompressionBombError as error:
            raise OwnPictureError(_TOO_MANY_PIXELS) from error
        # Every class, against the rule: broken files make compiled decoders raise exceptions that
        # have no public name, and here they come from strangers.
        except Exception as error:
            raise OwnPictureError("The picture is damaged: it cannot be decoded.") from error


def _read(content: bytes, bands: tuple[str, ...]) -> Planes:
    if content.startswith(GZIP_MAGIC):
        content = unpacked(content)
        if not _is_fits(content):
            raise OwnPictureError("The file that gzip has compressed is not FITS. Unpack it first.")
    return _read_fits(content, bands) if _is_fits(content) else _read_8_bit(content)


def _is_fits(content: bytes) -> bool:
    return content.startswith(b"SIMPLE  =")


def _read_8_bit(content: bytes) -> Planes:
    """Read a file of one of `_FORMATS` as RGB."""
    if not content:
        raise OwnPictureError("The file is empty.")
    if is_webp(content):
        width, height = webp_size(content)
        _check_size(width, height)
        if width * height > MOST_WEBP_PIXELS:
            raise OwnPictureError(_TOO_MANY_WEBP_PIXELS)
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        _check_size(image.width, image.height)
        if image.format == "TIFF":
            _check_most(*tile_of_tiff(image))
        elif getattr(image, "is_animated", False):
            raise OwnPictureError("The picture is animated. Choose one that stands still.")
        elif image.format == "JPEG" and n_scans(content, MOST_SCANS) > MOST_SCANS:
            raise OwnPictureError(_TOO_MANY_SCANS)
        image.draft(image.mode, (_DRAFT_PX, _DRAFT_PX))  # JPEG: no more than will be kept
        small = _coarse(image)
        ImageOps.exif_transpose(small, in_place=True)
        picture = decoded(small)
    if picture.ndim == 2:
        return Planes(picture[np.newaxis], "stretch", "Its brightness is stretched.")
    return Planes(picture)


def _coarse(image: Image.Image) -> Image.Image:
    """Return a picture with no more pixels than will be kept, before it is copied further."""
    width, height = image.size
    factor = min(width, height) // _DRAFT_PX
    if factor < 2 or image.mode not in _REDUCIBLE:
        return image
    image.load()
    coarse = Image.new(image.mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, _STRIP * factor):  # Pillow copies what it reduces
        bottom = min(height, top + _STRIP * factor)
        coarse.paste(image.crop((0, top, width, bottom)).reduce(factor), (0, top // factor))
    coarse.info = image.info
    return coarse


def _read_fits(content: bytes, bands: tuple[str, ...]) -> Planes:
    """Read the first image of a FITS file."""
    unpack = is_tiled(content, _MOST_HDUS)
    with first_fits_image(io.BytesIO(content), unpack=unpack, most_hdus=_MOST_HDUS) as hdu:
        if hdu is None:
            raise OwnPictureError("The FITS file holds no image.")
        if not unpack and hdu.fileinfo()["datLoc"] + hdu.size > len(content):
            raise OwnPictureError("The FITS file was cut off: its image is not complete.")
        height, width = _sides(hdu.shape)
        _check_size(width, height)
        if np.prod(hdu.shape, dtype=np.float64) > _MOST_PLANES * MOST_PIXELS:
            raise OwnPictureError(_TOO_MANY_PIXELS)
        return _chosen(*fits_image(hdu), bands)


def _sides(shape: tuple[int, ...]) -> tuple[int, int]:
    shape = tuple(length for length in shape if length != 1)
    if len(shape) == 3 and shape[2] == 3 and shape[0] != 3:
        shape = shape[:2]
    if not 2 <= len(shape) <= 3:
        raise OwnPictureError(f"The image in the FITS file has {len(shape)} axes; 2 or 3 are read.")
    return shape[-2], shape[-1]


def _chosen(data: np.ndarray, header: Any, bands: tuple[str, ...]) -> Planes:
    """Return three planes, and what they are."""
    # The cutout service of the Legacy Surveys names the planes: "grz", "griz".
    named = named_planes(header, len(data)) if data.ndim == 3 else ()
    has_grz = set("grz") <= set(named)
    if has_grz:
        data = data[[named.index(band) for band in "grz"]]
    if data.ndim == 3 and len(data) != 3:
        raise OwnPictureError(
            f"The FITS file holds {len(data)} planes. One plane is read as grey; three as g, r, z "
            "in nanomaggies, or as red, green and blue."
        )
    is_flux = has_grz or (data.ndim == 3 and bands != _RGB)
    scale_arcsec = pixel_scale_arcsec(header)
    values = data if data.ndim == 3 else data[np.newaxis]
    if data.dtype == np.uint8:
        values = np.broadcast_to(values, (3, *values.shape[1:]))
        return Planes(values, pixel_scale_arcsec=scale_arcsec, header=header)
    if is_flux and data.dtype.kind == "f":
        return Planes(values, "flux", "Read as g, r, z in nanomaggies.", scale_arcsec, header)
    note = "One band: its brightness is stretched." if data.ndim == 2 else "Colours are stretched."
    return Planes(values, "stretch", note, scale_arcsec, header)


def _check_most(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise OwnPictureError(_TOO_MANY_PIXELS)


def _check_size(width: int, height: int) -> None:
    _check_most(width, height)
    if min(width, height) < LEAST_PX:
        raise OwnPictureError(
            f"The picture has {width} x {height} pixels; at least {LEAST_PX} x {LEAST_PX} are "
            "needed to show a galaxy."
        )
