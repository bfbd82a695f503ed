"""What is the same in every picture file, of surveys and of users: decoding it, and its header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image

_LINEAR_WCS = ("CTYPE", "CUNIT", "CRPIX", "CRVAL", "CDELT", "CROTA")
_FRAME_OF_WCS = ("RADESYS", "EQUINOX", "LONPOLE", "LATPOLE")


class FitsImage(NamedTuple):
    """An image of a FITS file; FITS starts from below, so it is turned over."""

    data: np.ndarray  # (y, x) or (plane, y, x), the first line is the upper one
    header: Any  # astropy.io.fits.Header


@contextmanager
def first_fits_image(
    file: BinaryIO, *, unpack: bool = True, most_hdus: int | None = None
) -> Iterator[Any]:
    """Yield the first image HDU of a FITS file, None if there is none; `fits_image` decodes it.

    It is looked for among ``most_hdus``. Without ``unpack`` tile-compressed images do not count,
    which could hide any number of pixels in a few bytes.
    """
    from astropy.io import fits

    images = fits.PrimaryHDU | fits.ImageHDU | fits.CompImageHDU
    with fits.open(file, memmap=False, disable_image_compression=not unpack) as hdus:
        looked_at = islice(hdus, most_hdus)
        yield next((h for h in looked_at if isinstance(h, images) and len(h.shape) >= 2), None)


def fits_image(hdu: Any) -> FitsImage:
    """Decode an image HDU; planes come first, also of an image (y, x, 3)."""
    data = np.squeeze(hdu.data)
    if data.ndim == 3 and data.shape[2] == 3 and data.shape[0] != 3:
        data = data.transpose(2, 0, 1)
    return FitsImage(data[..., ::-1, :], hdu.header)


def named_planes(header: Any, n: int) -> tuple[str, ...]:
    """Return the bands of the planes of a cube, nothing if the header does not name all `n`.

    ``BAND0``, ``BAND1``...; or ``BANDS``: letters, or names with commas or spaces between them.
    """
    cards = tuple(str(header[f"BAND{i}"]).strip() for i in range(n) if f"BAND{i}" in header)
    text = str(header.get("BANDS", "")).strip()
    names = tuple(re.split(r"[\s,;]+", text) if re.search(r"[\s,;]", text) else text)
    return next((found for found in (cards, names) if len(found) == n), ())


def celestial_wcs(header: Any) -> Any:
    """Return the linear part of the celestial coordinates of a header; None if it has none.

    Returns
    -------
    astropy.wcs.WCS or None
        Of two axes, those of the image. Tables of distortions are left out: they could be anything.
    """
    from astropy.io.fits import Header
    from astropy.wcs import WCS, WcsError

    names = [f"{name}{axis}" for name in _LINEAR_WCS for axis in (1, 2)]
    names += [f"{name}{i}_{j}" for name in ("CD", "PC") for i in (1, 2) for j in (1, 2)]
    names += _FRAME_OF_WCS
    plain = Header([(name, header[name]) for name in names if name in header])
    try:
        wcs = WCS(plain, naxis=2)
        return wcs if wcs.has_celestial else None
    except (WcsError, ValueError, TypeError):
        return None


def pixel_scale_arcsec(header: Any) -> float | None:
    """Return the side of a pixel on the sky; None if the header has no celestial coordinates."""
    from astropy.wcs import WcsError
    from astropy.wcs.utils import proj_plane_pixel_area

    wcs = celestial_wcs(header)
    if wcs is None:
        return None
    try:
        scale_arcsec = 3600 * float(proj_plane_pixel_area(wcs)) ** 0.5
    except (WcsError, ValueError, TypeError):
        return None
    return scale_arcsec if 1e-4 < scale_arcsec < 3600 else None


def decoded(image: Image.Image) -> np.ndarray:
    """Return a picture as RGB, uint8 (3, y, x), or as it is, (y, x), with 16 bits or more.

    What is transparent is over black, as the sky is.
    """
    if image.mode[0] in "IF":  # convert() would clip them
        return np.asarray(image)
    if image.has_transparency_data:
        sky = Image.new("RGBA", image.size, "black")
        image = Image.alpha_composite(sky, image.convert("RGBA"))
    return np.asarray(image.convert("RGB")).transpose(2, 0, 1)
