"""Galaxies that are no inclined disk: ellipticals, edge-on disks, irregulars, mergers, lenses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipeline.images.legacy_surveys import PIXEL_SCALE_ARCSEC
from pipeline.sources.mock import disks
from pipeline.sources.mock.canvas import GRID_PX, Anatomy, Plane, sersic
from pipeline.sources.mock.colours import flux_ratios
from pipeline.sources.mock.disks import Disk, star_forming_knots, step
from pipeline.sources.mock.population import WINDINGS, Galaxy
from pipeline.sources.mock.texture import clumps, polar_texture, sample_polar, smooth_field

LENS_OVERSAMPLING = 3  # arcs are thinner than a pixel
LENS_GRID_PX = 72  # side of the square in which arcs are drawn, px
# The ultraviolet of young galaxies behind is as blue as a burst at this redshift.
LENS_SOURCE_COLOUR_REDSHIFT = 0.4


def draw(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> np.ndarray:
    """Draw a galaxy before atmosphere, noise and neighbours, with details that it leaves open.

    Returns
    -------
    ndarray, shape (3, GRID_PX, GRID_PX)
        g, r, z in units of the galaxy's total z-band flux, float32.
    """
    if galaxy.kind == "lens":
        return lens(galaxy, plane, rng)
    painters: dict[str, Callable[[Galaxy, Plane, np.random.Generator], Anatomy]] = {
        "elliptical": elliptical,
        "lenticular": disks.lenticular,
        "ring": disks.ring,
        "edge-on": edge_on,
        "irregular": irregular,
        "merger": merger,
    }
    anatomy = painters.get(galaxy.kind, disks.spiral)(galaxy, plane, rng)
    return anatomy.light(galaxy.redshift, galaxy.reddening)


def elliptical(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> Anatomy:
    """Draw a Sersic spheroid, the more luminous ones with a rounder, wider envelope."""
    anatomy = Anatomy()
    axis_ratio = float(rng.uniform(0.55, 1.0))
    size, angle = galaxy.half_light_radius_arcsec, galaxy.position_angle_rad
    envelope = float(rng.uniform(0, 0.25))
    inner = sersic(plane, rng.uniform(2.6, 4.6), size, axis_ratio, angle)
    outer = sersic(plane, 1.5, 2.2 * size, 0.5 + 0.5 * axis_ratio, angle + rng.normal(0, 0.2))
    anatomy.add("old", 1 - envelope, inner)
    anatomy.add("old", envelope, outer)
    return anatomy


def edge_on(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> Anatomy:
    """Draw a disk from its side: bulge, thin and thick disk, warp, dust lane."""
    scale = galaxy.half_light_radius_arcsec / disks.HALF_LIGHT_OVER_SCALE
    along, across = plane.disk(scale, 1.0, galaxy.position_angle_rad)
    across = across - np.float32(rng.normal(0, 0.003)) * along**3 / (1 + 0.05 * along**2)
    length = np.sqrt(along**2 + np.float32(0.25**2))

    def layer(height: float, stretch: float) -> np.ndarray:
        falling = np.exp(np.abs(across) * np.float32(-2 / height))
        sech_squared = 4 * falling / (1 + falling) ** 2  # cosh itself would overflow
        light = np.exp(-length / np.float32(stretch)) * sech_squared
        return light * np.float32((PIXEL_SCALE_ARCSEC / scale) ** 2 / (4 * stretch * height))

    height = rng.uniform(0.14, 0.26)
    anatomy = Anatomy()
    bulge, thick = galaxy.bulge_fraction, 0.2 * (1 - galaxy.bulge_fraction)
    size = galaxy.half_light_radius_arcsec * (0.12 + 0.4 * bulge)
    angle = galaxy.position_angle_rad
    anatomy.add("old", bulge, sersic(plane, rng.uniform(1, 2.5), size, 0.65, angle))
    anatomy.add("old", thick, layer(2.2 * height, 1.0))
    texture = smooth_field(rng, GRID_PX, 0.3 * scale / PIXEL_SCALE_ARCSEC + 1)
    thin = layer(0.6 * height, 1.1) * clumps(texture, 0.35)
    young = float(rng.uniform(0.25, 0.55))
    anatomy.add("mixed", (1 - bulge - thick) * (1 - young), layer(height, 1.0))
    anatomy.add("young", (1 - bulge - thick) * young, thin)
    if rng.random() < 0.85:
        # A lane through the middle, or just off it where the disk is tipped by a few degrees.
        shift = 0.6 * np.cos(np.radians(galaxy.inclination_deg)) * rng.choice([-1, 1])
        width = rng.uniform(0.45, 0.75) * height
        lane = np.exp(-0.5 * ((across - np.float32(shift)) / np.float32(width)) ** 2)
        depth = rng.uniform(4.0, 14.0) * np.exp(-length / 1.8) * clumps(texture, 0.3)
        anatomy.optical_depth = (depth * lane).astype(np.float32)
    return anatomy


def irregular(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> Anatomy:
    """Draw a lopsided, clumpy, blue dwarf."""
    disk = Disk.of(galaxy, plane)
    anatomy = Anatomy()
    coarse = max(2.0, 0.5 * disk.scale_arcsec / PIXEL_SCALE_ARCSEC)
    lumps = clumps(smooth_field(rng, GRID_PX, coarse), 0.8)
    lumps *= clumps(smooth_field(rng, GRID_PX, max(1.2, 0.4 * coarse)), 0.45)
    lopsided = 1 + 0.5 * np.tanh(disk.along * np.float32(rng.uniform(-1, 1)))
    patches = disk.textured(lumps * lopsided * np.exp(-0.15 * disk.radius**2))
    knots = float(rng.uniform(0.04, 0.18))
    old = float(rng.uniform(0.15, 0.5))
    anatomy.add("mixed", old, disk.textured(lopsided * step(3 - disk.radius, -1, 3)))
    anatomy.add("young", 1 - old - knots, patches)
    places = patches * lumps * np.exp(-0.5 * disk.radius)
    knot_size = disks.KNOT_SIZE * disk.scale_arcsec
    anatomy.add("burst", knots, star_forming_knots(plane, places, knot_size, rng))
    return anatomy


def merger(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> Anatomy:
    """Draw two galaxies that tear at each other, or one that lately was two; with tidal tails."""
    remnant = rng.random() < 0.3
    share = 1.0 if remnant else float(rng.uniform(0.5, 0.8))
    towards = float(rng.uniform(0, 2 * np.pi))
    apart = galaxy.half_light_radius_arcsec * float(rng.uniform(1.0, 2.2))
    victims = [(share, (0.0, 0.0), towards + np.pi)]
    if not remnant:
        centre = (apart * np.cos(towards), apart * np.sin(towards))
        victims.append((1 - share, centre, towards))
    sense = int(rng.choice([-1, 1]))
    whole = Anatomy(optical_depth=np.zeros((GRID_PX, GRID_PX), np.float32))
    for part, centre, away in victims:
        member = replace(
            galaxy,
            half_light_radius_arcsec=galaxy.half_light_radius_arcsec * (0.85 * part**0.4),
            bulge_fraction=float(rng.uniform(0.1, 0.4)),
            inclination_deg=float(rng.uniform(20, 70)),
            position_angle_rad=float(rng.uniform(0, np.pi)),
            pitch_deg=float(rng.uniform(22, 38)),
            winding=WINDINGS[int(rng.integers(2))],
        )
        population = _add_victim(whole, member, plane, part, centre, rng)
        n_tails = 2 if remnant else 1
        for i in range(n_tails):
            start = away + i * np.pi + rng.normal(0, 0.3)
            light = _tail(member, plane, centre, start, sense, rng)
            tail_share = part * float(rng.uniform(0.08, 0.2)) / n_tails
            whole.add(population, tail_share, light)
    total = sum(float(light.sum()) for _, light in whole.parts)
    whole.parts = [(name, light / max(total, 1.0)) for name, light in whole.parts]
    return whole


def lens(galaxy: Galaxy, plane: Plane, rng: np.random.Generator) -> np.ndarray:
    """Draw a luminous red elliptical and the blue arcs that it makes of a galaxy far behind.

    Notes
    -----
    A singular isothermal sphere with external shear: the source is seen at ``theta`` when
    ``beta = theta - theta_E * theta / |theta| - shear * theta`` lies in it.
    """
    foreground = elliptical(galaxy, plane, rng).light(galaxy.redshift, galaxy.reddening)
    einstein_arcsec = float(rng.uniform(2.0, 4.2))
    size = LENS_GRID_PX * LENS_OVERSAMPLING
    fine = np.arange(size) - (size - 1) / 2
    fine_arcsec = fine * PIXEL_SCALE_ARCSEC / LENS_OVERSAMPLING
    x, y = np.meshgrid(
        fine_arcsec - plane.offset_px[0] * PIXEL_SCALE_ARCSEC,
        -fine_arcsec - plane.offset_px[1] * PIXEL_SCALE_ARCSEC,
    )
    radius = np.hypot(x, y) + 1e-6
    shear, axis = rng.uniform(0.02, 0.12), rng.uniform(0, np.pi)
    shear_1, shear_2 = shear * np.cos(2 * axis), shear * np.sin(2 * axis)
    offset, direction = einstein_arcsec * rng.uniform(0.05, 0.4), rng.uniform(0, 2 * np.pi)
    source_x = x - einstein_arcsec * x / radius - shear_1 * x - shear_2 * y
    source_y = y - einstein_arcsec * y / radius - shear_2 * x + shear_1 * y
    source_x -= offset * np.cos(direction)
    source_y -= offset * np.sin(direction)
    scale = rng.uniform(0.15, 0.32)
    arcs = np.exp(-np.hypot(source_x, source_y) / scale)
    arcs = arcs.reshape(LENS_GRID_PX, LENS_OVERSAMPLING, LENS_GRID_PX, LENS_OVERSAMPLING).sum(
        axis=(1, 3)
    )
    # Bright enough to be seen beside the lens: a survey's known lenses are those that were.
    share = rng.uniform(0.08, 0.18)
    low = (GRID_PX - LENS_GRID_PX) // 2
    inner = slice(low, low + LENS_GRID_PX)
    colour = flux_ratios("burst", LENS_SOURCE_COLOUR_REDSHIFT)
    foreground *= np.float32(1 - share)
    foreground[:, inner, inner] += np.float32(share) * colour[:, None, None] * arcs / arcs.sum()
    return foreground


def _add_victim(
    whole: Anatomy,
    member: Galaxy,
    plane: Plane,
    share: float,
    centre: tuple[float, float],
    rng: np.random.Generator,
) -> str:
    """Add one of the merging galaxies, a bent spiral or a spheroid; return its tail's stars."""
    if rng.random() < 0.3:
        axis_ratio = float(rng.uniform(0.6, 1))
        size, angle = member.half_light_radius_arcsec, member.position_angle_rad
        whole.add("old", share, sersic(plane, 3.0, size, axis_ratio, angle, centre))
        return "old"
    # Displacing the coordinates bends the arms and the outline of the disk.
    size_px = member.half_light_radius_arcsec / PIXEL_SCALE_ARCSEC
    push = np.float32(0.4 * member.half_light_radius_arcsec)
    bent = Plane(
        plane.x + push * smooth_field(rng, GRID_PX, 1.5 * size_px + 2),
        plane.y + push * smooth_field(rng, GRID_PX, 1.5 * size_px + 2),
        plane.offset_px,
    )
    member = replace(member, n_arms=int(rng.choice([0, 2])))
    anatomy = disks.spiral(member, bent, rng, centre)
    for population, light in anatomy.parts:
        whole.add(population, share, light)
    if whole.optical_depth is not None and anatomy.optical_depth is not None:
        whole.optical_depth += 1.5 * anatomy.optical_depth
    return "mixed" if rng.random() < 0.4 else "young"


def _tail(
    member: Galaxy,
    plane: Plane,
    centre: tuple[float, float],
    start_rad: float,
    sense: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw a tidal tail: one open spiral arm that leaves the galaxy, widens and fades."""
    size = member.half_light_radius_arcsec
    along, across = plane.disk(size, float(rng.uniform(0.5, 1.0)), start_rad, centre)
    radius = np.sqrt(along**2 + across**2) + np.float32(1e-3)
    angle = np.arctan2(across, along)
    log_radius = np.log(radius)
    winding = float(rng.uniform(0.4, 1.3))
    away = angle - sense * winding * (log_radius - np.float32(np.log(0.8)))
    away = np.remainder(away + np.pi, 2 * np.pi) - np.pi
    width = np.float32(rng.uniform(0.14, 0.3)) * (0.5 + 0.35 * radius)
    gap = radius * away / np.float32(np.sqrt(1 + winding**2))
    reach = float(rng.uniform(3.0, 5.5))
    light = np.exp(-0.5 * (gap / width) ** 2) * step(radius, 0.4, 1.3)
    light *= np.exp(-radius / 2.2) * (1 - step(radius, 0.7 * reach, reach))
    streaks = polar_texture(rng, 1.0, sense, 0.4, 0.15)
    light *= clumps(sample_polar(streaks, log_radius, angle), 0.4)
    return light / max(float(light.sum()), 1e-6)
