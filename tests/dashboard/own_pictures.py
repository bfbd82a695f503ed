"""Picture files as people might bring them, for tests."""

import io

import numpy as np
from astropy.io import fits
from PIL import Image

SCALE_DEG = 0.262 / 3600


def galaxy(side=96, width=None, sigma=0.12):
    """Return a round glow in the middle of a picture, float in [0, 1], shape (side, width)."""
    width = width or side
    y, x = np.mgrid[:side, :width]
    distance = np.hypot(x - (width - 1) / 2, y - (side - 1) / 2) / min(side, width)
    return np.exp(-((distance / sigma) ** 2) / 2)


def rgb_galaxy(side=96, width=None):
    """Return uint8 (side, width, 3): a reddish glow on dark sky."""
    levels = galaxy(side, width)[..., np.newaxis] * (200, 160, 120) + 20
    return levels.astype(np.uint8)


def encoded(rgb, form="PNG", **options):
    buffer = io.BytesIO()
    image = rgb if isinstance(rgb, Image.Image) else Image.fromarray(rgb)
    image.save(buffer, form, **options)
    return buffer.getvalue()


def fits_file(data, scale_deg=None, **cards):
    header = fits.Header()
    if scale_deg is not None:
        header.update(
            CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRVAL1=10.0, CRVAL2=5.0, CRPIX1=1.0, CRPIX2=1.0,
            CD1_1=-scale_deg, CD1_2=0.0, CD2_1=0.0, CD2_2=scale_deg,
        )  # fmt: skip
    header.update(cards)
    buffer = io.BytesIO()
    fits.PrimaryHDU(data, header).writeto(buffer)
    return buffer.getvalue()
