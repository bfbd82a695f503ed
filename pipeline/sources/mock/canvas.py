"""The grid that mock galaxies are drawn on, before the atmosphere blurs them.

Arrays are (y, x) with row 0 in the North and column 0 in the East, as in a picture of the sky; the
coordinates x (West) and y (North) are in arcsec from the centre of the galaxy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipeline.images.legacy_surveys import PIXEL_SCALE_ARCSEC
from pipeline.sources.mock.colours import flux_ratios

GRID_PX = 192  # the cutout and a margin for light that the PSF scatters in; a fast FFT length
CORE_PX = 16  # side of the central square that is drawn finer, px
CORE_OVERSAMPLING = 5
WINGS = 5.0  # half-light radii, times the Sersic index, beyond which a profile is not drawn

# Optical depth of dust in g, r, z relative to g: a screen mixed with stars reddens little.
DUST_BAND_RATIOS = (1.0, 0.72, 0.42)


@dataclass(frozen=True)
class Plane:
    """Coordinates of the pixel centres.

    Attributes
    ----------
    x, y : ndarray, shape (GRID_PX, GRID_PX)
        Arcsec West and North of the galaxy's centre, float32.
    offset_px : tuple of float
        Where the galaxy's centre lies, px West and North of the middle of the grid.
    """

    x: np.ndarray
    y: np.ndarray
    offset_px: tuple[float, float]

    @classmethod
    def around(cls, offset_px: tuple[float, float]) -> Plane:
        """Return the grid for a galaxy whose centre is off the middle by `offset_px`."""
        steps = np.arange(GRID_PX, dtype=np.float32) - np.float32((GRID_PX - 1) / 2)
        x = (steps - np.float32(offset_px[0])) * np.float32(PIXEL_SCALE_ARCSEC)
        y = (-steps - np.float32(offset_px[1])) * np.float32(PIXEL_SCALE_ARCSEC)
        grid_x, grid_y = np.meshgrid(x, y)
        return cls(grid_x, grid_y, offset_px)

    def pixel_of(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the fractional column and row of positions in arcsec."""
        middle = (GRID_PX - 1) / 2
        column = np.asarray(x) / PIXEL_SCALE_ARCSEC + middle + self.offset_px[0]
        row = -np.asarray(y) / PIXEL_SCALE_ARCSEC + middle - self.offset_px[1]
        return column, row

    def disk(
        self,
        scale_arcsec: float,
        axis_ratio: float,
        angle_rad: float,
        centre: tuple[float, float] = (0.0, 0.0),
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return coordinates along the major and minor axis of an inclined plane, in its scale.

        The axis ratio is that of the apparent minor to the major axis, whose angle is from x
        anticlockwise; the centre is in arcsec West and North of the galaxy's. Both results have the
        shape (GRID_PX, GRID_PX).
        """
        x, y = self.x - np.float32(centre[0]), self.y - np.float32(centre[1])
        cosine, sine = np.float32(np.cos(angle_rad)), np.float32(np.sin(angle_rad))
        along = (cosine * x + sine * y) / np.float32(scale_arcsec)
        across = (cosine * y - sine * x) / np.float32(scale_arcsec * axis_ratio)
        return along, across


@dataclass
class Anatomy:
    """The parts of a galaxy, each of one colour, and the dust in front of them.

    Attributes
    ----------
    parts : list of (str, ndarray of shape (GRID_PX, GRID_PX))
        Stellar population, and z-band light per pixel as a share of the galaxy's total.
    optical_depth : ndarray, shape (GRID_PX, GRID_PX), or None
        Of dust, in the g band.
    """

    parts: list[tuple[str, np.ndarray]] = field(default_factory=list)
    optical_depth: np.ndarray | None = None

    def add(self, population: str, share: float, light: np.ndarray) -> None:
        """Add a part that holds a share of the galaxy's z-band light."""
        self.parts.append((population, np.float32(share) * light))

    def light(self, redshift: float, reddening: tuple[float, float]) -> np.ndarray:
        """Return the light in g, r, z, shape (3, GRID_PX, GRID_PX).

        Dust takes from each band but the sum in z stays, because a galaxy's magnitude is what is
        left after its own dust.
        """
        bands = np.zeros((3, GRID_PX, GRID_PX), np.float32)
        for population, light in self.parts:
            ratios = flux_ratios(population, redshift, reddening)
            for band, ratio in zip(bands, ratios, strict=True):
                band += ratio * light
        if self.optical_depth is not None:
            before = bands[2].sum()
            for band, ratio in zip(bands, DUST_BAND_RATIOS, strict=True):
                band *= np.exp(np.float32(-ratio) * self.optical_depth)
            bands *= before / bands[2].sum()
        return bands


def sersic(
    plane: Plane,
    index: float,
    half_light_radius_arcsec: float,
    axis_ratio: float = 1.0,
    angle_rad: float = 0.0,
    centre: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Draw a Sersic profile of index 0.3 to 6.2 whose light, out to infinity, is one.

    The half-light radius is that along the major axis; shape and place are as in `Plane.disk`.

    Returns
    -------
    ndarray, shape (GRID_PX, GRID_PX)
        Light per pixel, float32.
    """
    import galsim

    # Steps of 0.1 let GalSim reuse its tables of the profile.
    profile = galsim.Sersic(
        round(float(index), 1), half_light_radius=half_light_radius_arcsec * np.sqrt(axis_ratio)
    ).shear(q=axis_ratio, beta=angle_rad * galsim.radians)
    column, row = (float(value) for value in plane.pixel_of(*np.asarray(centre)))

    def draw(size: int, left: int, top: int, oversampling: int) -> np.ndarray:
        middle = (size - 1) / 2
        image = profile.drawImage(
            nx=size * oversampling,
            ny=size * oversampling,
            scale=PIXEL_SCALE_ARCSEC / oversampling,
            # GalSim's y grows with the row, ours shrinks.
            offset=((column - left - middle) * oversampling, (top + middle - row) * oversampling),
            method="no_pixel",
        )
        return image.array[::-1]

    wide = 2 * int(np.ceil(WINGS * max(index, 1) * half_light_radius_arcsec / PIXEL_SCALE_ARCSEC))
    size = max(wide, CORE_PX) if wide < GRID_PX else GRID_PX
    left, top = (0, 0) if wide >= GRID_PX else (int(column) - size // 2, int(row) - size // 2)
    light = np.zeros((GRID_PX, GRID_PX), np.float32)
    _paste(light, draw(size, left, top, 1), left, top)
    left, top = int(column) - CORE_PX // 2, int(row) - CORE_PX // 2
    fine = draw(CORE_PX, left, top, CORE_OVERSAMPLING)
    tiles = (CORE_PX, CORE_OVERSAMPLING, CORE_PX, CORE_OVERSAMPLING)
    _paste(light, fine.reshape(tiles).sum(axis=(1, 3)), left, top)
    return light


def _paste(image: np.ndarray, stamp: np.ndarray, left: int, top: int) -> None:
    """Overwrite part of an image; what lies off the image is lost."""
    height, width = stamp.shape
    from_y, to_y = max(top, 0), min(top + height, image.shape[0])
    from_x, to_x = max(left, 0), min(left + width, image.shape[1])
    if from_y < to_y and from_x < to_x:
        image[from_y:to_y, from_x:to_x] = stamp[
            from_y - top : to_y - top, from_x - left : to_x - left
        ]


def exponential(radius: np.ndarray, scale_arcsec: float, axis_ratio: float) -> np.ndarray:
    """Return an exponential disk, light per pixel, whose light, out to infinity, is one.

    The radius is in scale lengths, in the plane of the disk.
    """
    area = 2 * np.pi * scale_arcsec**2 * axis_ratio / PIXEL_SCALE_ARCSEC**2
    return np.exp(-radius) / np.float32(area)


def points(plane: Plane, x: np.ndarray, y: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Draw points of light, each shared between its four nearest pixels; lost if off the grid.

    The places, arcsec West and North of the galaxy's centre, have the shape (n,) as the light has;
    the result is float32, shape (GRID_PX, GRID_PX).
    """
    pixels, weights = _nearest_pixels(plane, x, y)
    weights *= light
    image = np.bincount(pixels.ravel(), weights.ravel(), minlength=GRID_PX**2)
    return image.reshape(GRID_PX, GRID_PX).astype(np.float32)


def add_points(
    bands: np.ndarray, plane: Plane, x: np.ndarray, y: np.ndarray, flux: np.ndarray
) -> None:
    """Add a few points of the same flux, shape (3,), to an image, in place; see `points`."""
    pixels, weights = _nearest_pixels(plane, x, y)
    for band, light in zip(bands.reshape(len(bands), -1), flux, strict=True):
        np.add.at(band, pixels, (light * weights).astype(bands.dtype))


def _nearest_pixels(plane: Plane, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return flat indices of the four pixels around points, and shares; both of shape (4, n).

    A pixel off the grid has index 0 and share 0.
    """
    column, row = plane.pixel_of(x, y)
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    right_share, lower_share = column - left, row - top
    to_x = np.stack([left, left + 1, left, left + 1])
    to_y = np.stack([top, top, top + 1, top + 1])
    in_x = np.stack([1 - right_share, right_share, 1 - right_share, right_share])
    in_y = np.stack([1 - lower_share, 1 - lower_share, lower_share, lower_share])
    weights = in_x * in_y
    inside = (to_y >= 0) & (to_y < GRID_PX) & (to_x >= 0) & (to_x < GRID_PX)
    return np.where(inside, to_y * GRID_PX + to_x, 0), weights * inside
