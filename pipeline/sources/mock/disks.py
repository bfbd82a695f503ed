"""Inclined disks: lenticulars, spirals with counted or ragged arms, bars, rings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.mock.canvas import Anatomy, Plane, exponential, points, sersic
from pipeline.sources.mock.population import Galaxy
from pipeline.sources.mock.texture import clumps, polar_texture, sample_polar

HALF_LIGHT_OVER_SCALE = 1.678  # of an exponential disk
OPTICAL_RADIUS = 3.2  # in scale lengths: where disks of normal brightness reach 25 mag/arcsec2
KNOT_SIZE = 0.06  # in scale lengths: 200 pc in a galaxy like ours
THICKNESS = 0.18  # axis ratio of a disk seen from its side


@dataclass(frozen=True)
class Disk:
    """An inclined disk and its coordinates.

    Attributes
    ----------
    scale_arcsec : float
        Scale length.
    axis_ratio : float
        Apparent minor over major axis.
    along, across, radius, angle : ndarray, shape (y, x)
        Coordinates in the plane of the disk, in scale lengths and radians; the angle grows
        anticlockwise in the picture.
    """

    scale_arcsec: float
    axis_ratio: float
    along: np.ndarray
    across: np.ndarray
    radius: np.ndarray
    angle: np.ndarray

    @classmethod
    def of(cls, galaxy: Galaxy, plane: Plane, centre: tuple[float, float] = (0.0, 0.0)) -> Disk:
        """Return the disk of a galaxy."""
        scale = galaxy.half_light_radius_arcsec / HALF_LIGHT_OVER_SCALE
        cosine2 = np.cos(np.radians(galaxy.inclination_deg)) ** 2
        axis_ratio = float(np.sqrt(THICKNESS**2 + (1 - THICKNESS**2) * cosine2))
        along, across = plane.disk(scale, axis_ratio, galaxy.position_angle_rad, centre)
        radius = np.sqrt(along**2 + across**2) + np.float32(1e-3)
        angle = np.arctan2(across, along)
        return cls(scale, axis_ratio, along, across, radius, angle)

    def textured(self, pattern: np.ndarray, stretch: float = 1.0) -> np.ndarray:
        """Return an exponential disk, `stretch` times as long as the scale, times a pattern.

        It has the light that the smooth one has on the grid.
        """
        radius = self.radius / np.float32(stretch)
        smooth = exponential(radius, self.scale_arcsec * stretch, self.axis_ratio)
        light = smooth * pattern
        return light * (smooth.sum() / light.sum())

    def streaks(
        self, rng: np.random.Generator, pitch_rad: float, sense: int, length: float, width: float
    ) -> np.ndarray:
        """Return a `polar_texture` laid on the disk."""
        texture = polar_texture(rng, pitch_rad, sense, length, width)
        return sample_polar(texture, np.log(self.radius), self.angle)


def step(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """Return a smooth step: 0 below `start`, 1 above `end`."""
    t = np.clip((values - np.float32(start)) / np.float32(end - start), 0, 1)
    return t * t * (3 - 2 * t)


def lenticular(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> Anatomy:
    """Draw a big bulge in a smooth red disk, in a third of them with a lens or a bar."""
    disk = Disk.of(galaxy, plane)
    anatomy = Anatomy()
    bar_share = 0.14 if galaxy.bar_length else 0.0
    bulge = galaxy.bulge_fraction * (1 - bar_share)
    add_bulge(anatomy, galaxy, plane, bulge, index=rng.uniform(1.8, 3.6))
    add_bar(anatomy, galaxy, disk, bar_share, rng)
    shelf = 1 + rng.uniform(0, 0.7) * (1 - step(disk.radius, 1.4, 2.4))
    anatomy.add("old", 1 - bulge - bar_share, disk.textured(shelf))
    return anatomy


def spiral(
    galaxy: Galaxy,
    plane: Plane,
    rng: np.random.Generator,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Anatomy:
    """Draw a spiral: bulge, bar if any, old disk, arms with dust, star-forming knots."""
    disk = Disk.of(galaxy, plane, centre)
    anatomy = Anatomy()
    bar_share = 0.16 if galaxy.bar_length else 0.0
    add_bulge(anatomy, galaxy, plane, galaxy.bulge_fraction, rng.uniform(1.0, 3.0), centre)
    add_bar(anatomy, galaxy, disk, bar_share, rng)
    ragged = galaxy.n_arms == 0
    arms, dust = _ragged_arms(galaxy, disk, rng) if ragged else _counted_arms(galaxy, disk, rng)
    rest = 1 - galaxy.bulge_fraction - bar_share
    young = rest * rng.uniform(0.35, 0.6)
    knots = young * rng.uniform(0.05, 0.2)
    anatomy.add("mixed", rest - young, disk.textured(0.55 + 0.45 * arms / arms.mean(), 0.9))
    young_light = disk.textured(arms + 0.04, 1.25)
    anatomy.add("young", young - knots, young_light)
    knot_size = KNOT_SIZE * disk.scale_arcsec
    anatomy.add("burst", knots, star_forming_knots(plane, young_light * arms, knot_size, rng))
    anatomy.optical_depth = np.float32(rng.uniform(0.2, 0.9)) * dust
    return anatomy


def ring(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> Anatomy:
    """Draw a yellow core, a faint disk, and a blue ring with knots; a third have a bar within."""
    disk = Disk.of(galaxy, plane)
    anatomy = Anatomy()
    bar_share = 0.12 if galaxy.bar_length else 0.0
    add_bulge(anatomy, galaxy, plane, galaxy.bulge_fraction, rng.uniform(1.5, 3.5))
    add_bar(anatomy, galaxy, disk, bar_share, rng)
    radius = rng.uniform(1.9, 2.7)
    if galaxy.bar_length:
        radius = max(radius, 1.15 * galaxy.bar_length * OPTICAL_RADIUS)
    width = rng.uniform(0.16, 0.34)
    patches = disk.streaks(rng, 0.3, rng.choice([-1, 1]), 0.4, 0.1)
    wobble = 1 + 0.06 * np.cos(disk.angle - rng.uniform(0, 2 * np.pi))
    band = np.exp(-0.5 * ((disk.radius * wobble - radius) / width) ** 2)
    band *= clumps(patches, rng.uniform(0.5, 0.9))
    rest = 1 - galaxy.bulge_fraction - bar_share
    ring_share = rest * rng.uniform(0.35, 0.65)
    anatomy.add("mixed", rest - ring_share, disk.textured(1 + 0.5 * band))
    # exp(R) undoes the disk's own fading, so that the band keeps its width.
    light = disk.textured((band + 0.01) * np.exp(np.minimum(disk.radius, 6)))
    knots = star_forming_knots(plane, light * band, KNOT_SIZE * disk.scale_arcsec, rng)
    anatomy.add("mixed", 0.35 * ring_share, light)
    anatomy.add("young", 0.57 * ring_share, light)
    anatomy.add("burst", 0.08 * ring_share, knots)
    return anatomy


def add_bulge(
    anatomy: Anatomy,
    galaxy: Galaxy,
    plane: Plane,
    share: float,
    index: float,
    centre: tuple[float, float] = (0.0, 0.0),
) -> None:
    """Add a spheroid, rounder than the disk and larger the more light it holds."""
    radius = galaxy.half_light_radius_arcsec * (0.12 + 0.45 * galaxy.bulge_fraction)
    axis_ratio = float(np.sqrt(0.6 + 0.4 * np.cos(np.radians(galaxy.inclination_deg)) ** 2))
    light = sersic(plane, index, radius, axis_ratio, galaxy.position_angle_rad, centre)
    anatomy.add("old", share, light)


def add_bar(
    anatomy: Anatomy, galaxy: Galaxy, disk: Disk, share: float, rng: np.random.Generator
) -> None:
    """Add a bar of boxy outline that ends sharply; nothing if the galaxy has none."""
    if share == 0:
        return
    half_length = galaxy.bar_length * OPTICAL_RADIUS
    cosine = np.float32(np.cos(galaxy.bar_angle_rad))
    sine = np.float32(np.sin(galaxy.bar_angle_rad))
    along = disk.along * cosine + disk.across * sine
    across = disk.across * cosine - disk.along * sine
    axis_ratio = rng.uniform(0.2, 0.38)
    boxy = (np.abs(along) / half_length) ** 2.6 + np.abs(across / (half_length * axis_ratio)) ** 2.6
    light = np.exp(-1.1 * boxy ** np.float32(0.9))
    anatomy.add("old", share, (light / light.sum()).astype(np.float32))


def star_forming_knots(
    plane: Plane, density: np.ndarray, knot_size_arcsec: float, rng: np.random.Generator
) -> np.ndarray:
    """Scatter knots where a density is high, their light per pixel log-normal, the sum one.

    The density, shape (y, x), is not negative; the size of a knot is the standard deviation of its
    light.
    """
    n, stars_per_knot = int(rng.integers(50, 160)), 6
    cumulative = np.cumsum(density.ravel(), dtype=np.float64)
    pixels = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    row, column = np.unravel_index(np.repeat(pixels, stars_per_knot), density.shape)
    light = np.repeat(np.exp(rng.standard_normal(n)), stars_per_knot)
    sizes = np.repeat(knot_size_arcsec * rng.uniform(0.2, 1.6, n), stars_per_knot)
    spread_x, spread_y = sizes * rng.standard_normal((2, n * stars_per_knot))
    x, y = plane.x[row, column] + spread_x, plane.y[row, column] + spread_y
    return points(plane, x, y, light / light.sum())


def _counted_arms(
    galaxy: Galaxy, disk: Disk, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pattern of arms that can be counted, and the dust along their inner edges."""
    pitch = np.radians(galaxy.pitch_deg)
    sense = 1 if galaxy.winding == "Z" else -1
    start = galaxy.bar_length * OPTICAL_RADIUS if galaxy.bar_length else rng.uniform(0.25, 0.6)
    bend = disk.streaks(rng, 0.3, sense, 0.9, 0.5)
    origin = galaxy.bar_angle_rad if galaxy.bar_length else rng.uniform(0, 2 * np.pi)
    turned = disk.angle - sense * (np.log(disk.radius) - np.log(start)) / np.tan(pitch) - origin
    turned = turned + np.float32(rng.uniform(0.05, 0.16)) * bend
    sharpness = np.float32(rng.uniform(1.2, 3.5))
    arms = np.exp(sharpness * (np.cos(galaxy.n_arms * turned) - 1))
    # One arm is often stronger than the others.
    arms *= 1 + rng.uniform(0, 0.35) * np.cos(turned - rng.uniform(0, 2 * np.pi))
    streaks = disk.streaks(rng, pitch, sense, 0.35, 0.07)
    arms *= clumps(streaks, rng.uniform(0.35, 0.75))
    inside = step(disk.radius, 0.75 * start, 1.25 * start)
    outside = 1 - step(disk.radius, rng.uniform(3.2, 4.2), rng.uniform(5.0, 6.5))
    arms *= inside * outside
    # Gas is shocked where it enters the arm: on the concave side, which trails in angle outwards.
    lag = np.float32(sense * 0.45 / galaxy.n_arms)
    dust = np.exp(2 * sharpness * (np.cos(galaxy.n_arms * (turned - lag)) - 1))
    dust *= clumps(streaks, 0.5) * inside * np.exp(-disk.radius / 3)
    return arms.astype(np.float32), dust.astype(np.float32)


def _ragged_arms(
    galaxy: Galaxy, disk: Disk, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a pattern of short pieces of arm, and patchy dust."""
    pitch = np.radians(galaxy.pitch_deg)
    sense = 1 if galaxy.winding == "Z" else -1
    pieces = disk.streaks(rng, pitch, sense, 0.42, 0.09)
    patches = disk.streaks(rng, pitch, sense, 0.25, 0.06)
    arms = clumps(pieces, rng.uniform(0.8, 1.15))
    arms *= step(disk.radius, 0.1, 0.6) * (1 - step(disk.radius, 3.8, 5.6))
    return arms, 0.6 * clumps(patches, 0.8) * np.exp(-disk.radius / 2.5)
