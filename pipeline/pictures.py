"""Pictures of galaxies: JPEG, PNG and FITS files to square cutouts."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

RGB = ("R", "G", "B")
# Below this a galaxy has no shape left; far above it, a file is no picture of one galaxy, and
# decoding it could exhaust the memory.
LEAST_PX = 16
MOST_PIXELS = 2**26

# The stretch to 8 bits: these percentiles become black and white, and the softening, a fraction of
# that range, is where the scale turns from linear to logarithmic.
BLACK_PERCENTILE = 1.0
WHITE_PERCENTILE = 99.8
SOFTENING = 0.1


class PictureError(ValueError):
    """A picture cannot be read or shows nothing."""


class BlankPictureError(PictureError):
    """A picture can be read, and shows nothing."""


def read_picture(path: Path, bands: tuple[str, ...] = RGB) -> np.ndarray:
    """Read a picture.

    Parameters
    ----------
    path : Path
        A JPEG, PNG or FITS file, told apart by content. FITS: the first image in it, grey (y, x) or
        with three planes, (3, y, x) or (y, x, 3).
    bands : tuple of str
        ``("R", "G", "B")`` for 8-bit pictures: what is not 8-bit is stretched, see `stretch`.
        ``("g", "r", "z")`` for flux: the planes of a FITS file are taken as nanomaggies.

    Returns
    -------
    ndarray, shape (3, y, x)
        uint8 RGB, or float32 flux in nanomaggies, 0 where not finite. The first line is the upper
        one: FITS files, which start from below, are turned over.

    Raises
    ------
    PictureError
        If the file is no picture, broken, too large or too small, or of one value throughout.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(9)
        if not start:
            raise PictureError(f"{path.name} is empty.")
        is_fits = start == b"SIMPLE  =" or start[:2] == b"\x1f\x8b"
        picture = _read_fits(path, bands) if is_fits else _read_8_bit(path, bands)
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
    if min(picture.shape[1:]) < LEAST_PX:
        height, width = picture.shape[1:]
        raise PictureError(
            f"{path.name} has {width} x {height} pixels; at least {LEAST_PX} x {LEAST_PX} are "
            "needed to show a galaxy."
        )
    if (picture.max(axis=(1, 2)) == picture.min(axis=(1, 2))).all():
        raise BlankPictureError(f"{path.name} is blank: one value throughout.")
    return picture


def square_cutout(picture: np.ndarray, cutout_px: int) -> np.ndarray:
    """Crop the central square of a picture and resample it.

    Parameters
    ----------
    picture : ndarray, shape (3, y, x)
        uint8 RGB, or float32 flux per pixel.
    cutout_px : int
        Side of the result.

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


def _read_8_bit(path: Path, bands: tuple[str, ...]) -> np.ndarray:
    """Read a JPEG or PNG file as RGB."""
    if bands != RGB:
        raise PictureError(
            f"{path.name} is not FITS; bands {', '.join(bands)} need fluxes, which only FITS holds."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are checked below, before anything is decoded
        image: Image.Image = Image.open(path, formats=("JPEG", "PNG"))
    with image:
        if image.width * image.height > MOST_PIXELS:
            raise PictureError(_oversized(path))
        if image.mode[0] in "IF":  # 16 bits and more, which convert() would clip
            return _three_planes(stretch(np.asarray(image)))
        if image.has_transparency_data:
            sky = Image.new("RGBA", image.size, "black")
            image = Image.alpha_composite(sky, image.convert("RGBA"))
        return np.asarray(image.convert("RGB")).transpose(2, 0, 1)


def _read_fits(path: Path, bands: tuple[str, ...]) -> np.ndarray:
    """Read the first image of a FITS file."""
    from astropy.io import fits

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*truncated")
        # Opened here: astropy leaves its own file open when a header is broken.
        with open(path, "rb") as file, fits.open(file, memmap=False) as hdus:
            images = [hdu for hdu in hdus if hdu.is_image and len(hdu.shape) >= 2]
            if not images:
                raise PictureError(f"{path.name} holds no image.")
            if np.prod(images[0].shape, dtype=np.float64) > MOST_PIXELS:
                raise PictureError(_oversized(path))
            data, header = images[0].data, images[0].header
            planes = _chosen_planes(np.squeeze(data), header, bands, path)[..., ::-1, :]
    if bands != RGB:
        return np.nan_to_num(planes.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    return _three_planes(planes if planes.dtype == np.uint8 else stretch(planes))


def _chosen_planes(data: np.ndarray, header: Any, bands: tuple[str, ...], path: Path) -> np.ndarray:
    """Return the planes that `bands` stand for, shape (y, x) or (3, y, x)."""
    if data.ndim == 3 and data.shape[2] == 3 and data.shape[0] != 3:
        data = data.transpose(2, 0, 1)
    # The cutout service of the Legacy Surveys names the planes: "grz", "griz".
    named = str(header.get("BANDS", ""))
    if data.ndim == 3 and bands != RGB and len(named) == len(data):
        if missing := [band for band in bands if band not in named]:
            raise PictureError(
                f"{path.name} has the bands {named}; {', '.join(missing)} is missing."
            )
        data = data[[named.index(band) for band in bands]]
    if data.ndim == 3 and len(data) == 3:
        return data
    if data.ndim == 2 and bands == RGB:
        return data
    raise PictureError(
        f"{path.name} holds an image of shape {data.shape}; bands {', '.join(bands)} need "
        f"{'one or three planes' if bands == RGB else 'three planes'}."
    )


def _three_planes(data: np.ndarray) -> np.ndarray:
    return np.repeat(data[np.newaxis], 3, axis=0) if data.ndim == 2 else data


def _oversized(path: Path) -> str:
    return f"{path.name} has more than {MOST_PIXELS:,} pixels and was not decoded."
