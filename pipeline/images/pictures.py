"""Pictures of galaxies: JPEG, PNG and FITS files to square cutouts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from pipeline.atlas.picture_files import (
    FitsImage,
    decoded,
    first_fits_image,
    fits_image,
    named_planes,
)
from pipeline.atlas.rgb import stretch

RGB = ("R", "G", "B")
# Below this a galaxy has no shape left; far above it, a file is no picture of one galaxy, and
# decoding it could exhaust the memory.
LEAST_PX = 16
MOST_PIXELS = 2**26
# Side of the central square that must show something: about the seeing of a survey.
CENTRE_PX = 4


class PictureError(ValueError):
    """A picture cannot be read or shows nothing."""


class BlankPictureError(PictureError):
    """A picture can be read, and shows nothing."""


def read_picture(path: Path) -> np.ndarray:
    """Read a picture.

    Parameters
    ----------
    path : Path
        A JPEG, PNG or FITS file, told apart by content. FITS: the first image in it, grey (y, x) or
        with three planes, (3, y, x) or (y, x, 3). What is not 8-bit is stretched, see `stretch`.

    Returns
    -------
    ndarray, shape (3, y, x)
        uint8 RGB. The first line is the upper one.

    Raises
    ------
    PictureError
        If the file is no picture, broken, too large or too small, or of one value throughout.
    """
    with picture_faults(path):
        picture = _read_fits(path) if is_fits(path) else _read_8_bit(path)
    check_picture(picture, path.name)
    return picture


@contextmanager
def picture_faults(path: Path) -> Iterator[None]:
    """Turn whatever a broken file raises into a PictureError that names it, not its folder."""
    try:
        yield
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError(f"{path.name} is not a JPEG, PNG or FITS picture.") from error
    except Image.DecompressionBombError as error:
        raise PictureError(_oversized(path)) from error
    # Every class, against the rule: broken files make the compiled decoders raise exceptions that
    # have no public name, such as cfitsio's, and one picture must not end the ingest of a survey.
    except Exception as error:
        cause = str(error).replace(str(path), path.name).rstrip(".")
        raise PictureError(f"{path.name} cannot be decoded ({cause}).") from error


def is_fits(path: Path) -> bool:
    """Tell by its first bytes whether a file is FITS, compressed or not.

    Raises
    ------
    PictureError
        It is empty.
    """
    with open(path, "rb") as file:
        start = file.read(9)
    if not start:
        raise PictureError(f"{path.name} is empty.")
    return start == b"SIMPLE  =" or start[:2] == b"\x1f\x8b"


def read_fits_image(path: Path) -> FitsImage:
    """Read the first image of a FITS file; within `picture_faults`.

    Raises
    ------
    PictureError
        There is none, or it is too large.
    Exception
        Of any class, where the file is broken.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*truncated")
        # Opened here: astropy leaves its own file open when a header is broken.
        with open(path, "rb") as file, first_fits_image(file) as hdu:
            if hdu is None:
                raise PictureError(f"{path.name} holds no image.")
            if np.prod(hdu.shape, dtype=np.float64) > MOST_PIXELS:
                raise PictureError(_oversized(path))
            return fits_image(hdu)


def check_picture(picture: np.ndarray, name: str, bands: Sequence[str] = ()) -> None:
    """See that a picture shows something.

    Parameters
    ----------
    picture : ndarray, shape (3, y, x)
        RGB or flux.
    name : str
        Of its file, or what else to call it.
    bands : sequence of str
        Of fluxes, each of which must show something; of a picture any one is enough.

    Raises
    ------
    PictureError
        It is too small, or of one value throughout in one of `bands`, or in all.
    """
    height, width = picture.shape[1:]
    if min(height, width) < LEAST_PX:
        raise PictureError(
            f"{name} has {width} x {height} pixels; at least {LEAST_PX} x {LEAST_PX} are needed to "
            "show a galaxy."
        )
    is_seen = picture.max(axis=(1, 2)) > picture.min(axis=(1, 2))
    _check_seen(is_seen, f"{name} is blank", bands, ": one value throughout.")


def check_middle(picture: np.ndarray, name: str, bands: Sequence[str] = ()) -> None:
    """See that there is an image where the galaxy is; parameters as of `check_picture`.

    Where a survey ends, part of a cutout is zero; the galaxy itself must not be.

    Raises
    ------
    BlankPictureError
        The central 4 x 4 pixels are zero in one of `bands`, or in all.
    """
    top, left = ((side - CENTRE_PX) // 2 for side in picture.shape[1:])
    middle = picture[:, top : top + CENTRE_PX, left : left + CENTRE_PX]
    is_seen = np.abs(middle).max(axis=(1, 2)) > 0
    _check_seen(is_seen, f"{name} is blank in the middle", bands, ".")


def _check_seen(is_seen: np.ndarray, fault: str, bands: Sequence[str], end: str) -> None:
    """Raise a `BlankPictureError` where no band is seen, or one of ``bands`` is not."""
    if not is_seen.any():
        raise BlankPictureError(f"{fault}{end}")
    if blank := [band for band, seen in zip(bands, is_seen, strict=False) if not seen]:
        raise BlankPictureError(f"{fault} in {', '.join(blank)}{end}")


def square_cutout(picture: np.ndarray, cutout_px: int) -> np.ndarray:
    """Crop the central square of a picture and resample it.

    Parameters
    ----------
    picture : ndarray, shape (3, y, x)
        uint8 RGB, or float32 flux per pixel.

    Returns
    -------
    ndarray, shape (3, cutout_px, cutout_px)
        Same dtype; free of aliasing. Flux per pixel is scaled with the area of the pixels, so that
        the flux of a galaxy stays.
    """
    height, width = picture.shape[1:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[:, top : top + side, left : left + side]
    if side == cutout_px:
        return square
    size = (cutout_px, cutout_px)
    if picture.dtype == np.uint8:
        image = Image.fromarray(np.ascontiguousarray(square.transpose(1, 2, 0)))
        return np.asarray(image.resize(size, Image.Resampling.LANCZOS)).transpose(2, 0, 1)
    # A kernel without negative lobes: no dark rings around bright stars.
    planes = [
        np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))
        for plane in np.ascontiguousarray(square, np.float32)
    ]
    return np.stack(planes) * np.float32((side / cutout_px) ** 2)


def _read_8_bit(path: Path) -> np.ndarray:
    """Read a JPEG or PNG file as RGB."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are checked below, before anything is decoded
        image: Image.Image = Image.open(path, formats=("JPEG", "PNG"))
    with image:
        if image.width * image.height > MOST_PIXELS:
            raise PictureError(_oversized(path))
        picture = decoded(image)
    return picture if picture.ndim == 3 else _three_planes(stretch(picture))


def _read_fits(path: Path) -> np.ndarray:
    """Read a FITS file as RGB."""
    data, header = read_fits_image(path)
    planes = named_planes(header, len(data)) if data.ndim == 3 else ()
    if planes and tuple(name.upper() for name in planes) != RGB:
        raise PictureError(
            f"{path.name} is no picture in red, green and blue: its planes are "
            f"{', '.join(planes)}. Set bands = {list(planes)} in the [source] table."
        )
    if data.ndim != 2 and data.shape[:-2] != (3,):
        raise PictureError(
            f"{path.name} holds an image of shape {data.shape}; a picture has one or three planes."
        )
    return _three_planes(data if data.dtype == np.uint8 else stretch(data))


def _three_planes(data: np.ndarray) -> np.ndarray:
    return np.repeat(data[np.newaxis], 3, axis=0) if data.ndim == 2 else data


def _oversized(path: Path) -> str:
    return f"{path.name} has more than {MOST_PIXELS:,} pixels and was not decoded."
