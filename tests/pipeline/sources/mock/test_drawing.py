"""Shapes, textures, the camera of the mock survey."""

from dataclasses import replace

import galsim
import numpy as np
import pytest

from pipeline.sources.mock.camera import CORE_BETA, GAIN_PER_NMGY, _moffat, expose, psf
from pipeline.sources.mock.canvas import (
    GRID_PX,
    Anatomy,
    Plane,
    add_points,
    exponential,
    points,
    sersic,
)
from pipeline.sources.mock.disks import Disk, spiral, star_forming_knots, step
from pipeline.sources.mock.population import FIRST_GALAXY, KINDS, Galaxy
from pipeline.sources.mock.shapes import draw
from pipeline.sources.mock.sky import Conditions, draw_field
from pipeline.sources.mock.texture import (
    LOG_RADIUS_RANGE,
    N_ANGLE,
    N_LOG_RADIUS,
    clumps,
    polar_texture,
    sample_polar,
    smooth_field,
)

MIDDLE = Plane.around((0.0, 0.0))
CLEAR = Conditions((1.5, 1.3, 1.2), (1e-9, 1e-9, 1e-9), 0.0)


def centroid(light):
    rows, columns = np.indices(light.shape)
    return (light * columns).sum() / light.sum(), (light * rows).sum() / light.sum()


def test_north_is_the_first_row_and_west_the_last_column():
    assert MIDDLE.y[0, 0] > 0 > MIDDLE.y[-1, 0]
    assert MIDDLE.x[0, 0] < 0 < MIDDLE.x[0, -1]
    assert MIDDLE.x[0, 1] - MIDDLE.x[0, 0] == pytest.approx(0.262, rel=1e-4)


def test_an_offset_moves_the_galaxy_west_and_north():
    plane = Plane.around((2.0, 3.0))
    column, row = plane.pixel_of(np.array(0.0), np.array(0.0))
    assert (float(column), float(row)) == pytest.approx((95.5 + 2, 95.5 - 3))


@pytest.mark.parametrize("index", [0.5, 1.0, 4.0])
def test_half_of_a_sersic_profile_lies_within_its_half_light_radius(index):
    light = sersic(MIDDLE, index, 3.0)
    inside = np.hypot(MIDDLE.x, MIDDLE.y) < 3.0
    assert light[inside].sum() == pytest.approx(0.5, abs=0.012)


def test_a_sersic_profile_lies_where_and_as_it_was_asked_to():
    plane = Plane.around((0.3, -0.4))
    light = sersic(plane, 1.0, 1.0, axis_ratio=0.4, angle_rad=np.pi / 4, centre=(2.62, 5.24))
    assert light.sum() == pytest.approx(1, abs=0.01)
    assert centroid(light) == pytest.approx((95.5 + 10.3, 95.5 - 19.6), abs=0.05)
    x, y = plane.x - 2.62, plane.y - 5.24
    # At 45 degrees from West to North x and y go together.
    assert (light * x * y).sum() > 0.3 * (light * x * x).sum()


def test_a_profile_at_the_rim_is_cut_off_not_wrapped():
    half = GRID_PX * 0.262 / 2
    light = sersic(MIDDLE, 1.0, 0.8, centre=(half, 0.0))
    assert light.sum() == pytest.approx(0.5, abs=0.05)
    assert light[:, : GRID_PX // 2].max() == 0


def test_an_exponential_disk_holds_one_unit_of_light():
    along, across = MIDDLE.disk(2.0, 0.5, 0.3)
    light = exponential(np.hypot(along, across), 2.0, 0.5)
    assert light.sum() == pytest.approx(1, abs=0.01)


def test_points_share_their_light_between_four_pixels_by_hand():
    plane = Plane.around((0.0, 0.0))
    # A quarter of a pixel West and half a pixel North of pixel (column 96, row 95).
    x, y = (0.5 + 0.25) * 0.262, (0.5 + 0.5) * 0.262
    image = points(plane, np.array([x]), np.array([y]), np.array([8.0]))
    assert image[95, 96] == pytest.approx(8 * 0.75 * 0.5, rel=1e-5)
    assert image[94, 97] == pytest.approx(8 * 0.25 * 0.5, rel=1e-5)
    assert image.sum() == pytest.approx(8, rel=1e-5)


def test_points_off_the_grid_are_lost():
    assert points(MIDDLE, np.array([1e3]), np.array([0.0]), np.array([1.0])).sum() == 0


def test_adding_points_to_bands_agrees_with_drawing_them():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-26, 26, (2, 50))
    bands = np.zeros((3, GRID_PX, GRID_PX), np.float32)
    add_points(bands, MIDDLE, x, y, np.array([1.0, 2.0, 3.0]))
    drawn = points(MIDDLE, x, y, np.ones(50))
    np.testing.assert_allclose(bands, np.array([1, 2, 3])[:, None, None] * drawn, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_galaxy_holds_about_its_light_and_is_nowhere_negative(kind):
    galaxy = Galaxy(kind, 16.0, 0.08, 2.5, 0.2, 50.0, 0.4, 2, 18.0, "S", 0.2, 0.5)
    light = draw(galaxy, MIDDLE, np.random.default_rng(1))
    assert light.shape == (3, GRID_PX, GRID_PX)
    assert light.dtype == np.float32
    assert light.min() >= 0
    assert light[2].sum() == pytest.approx(1, abs=0.12)
    assert light[0].sum() < light[1].sum() < 1.3 * light[2].sum()


def test_dust_reddens_but_leaves_the_z_magnitude():
    anatomy = Anatomy()
    anatomy.add("young", 1.0, exponential(np.hypot(MIDDLE.x, MIDDLE.y), 1.0, 1.0))
    clean = anatomy.light(0.05, (0, 0)).sum(axis=(1, 2))
    anatomy.optical_depth = np.full((GRID_PX, GRID_PX), 0.5, np.float32)
    dusty = anatomy.light(0.05, (0, 0)).sum(axis=(1, 2))
    assert dusty[2] == pytest.approx(clean[2], rel=1e-3)
    # exp(-0.5 * (1 - 0.42))
    assert dusty[0] / clean[0] == pytest.approx(0.748, abs=0.002)


@pytest.mark.parametrize(("winding", "sign"), [("Z", 1), ("S", -1)])
def test_arms_draw_the_letter_of_their_winding_with_their_pitch(winding, sign):
    # Towards the top right and then left along the bar of a Z the angle grows with the radius.
    galaxy = replace(FIRST_GALAXY, winding=winding, inclination_deg=0.0, pitch_deg=20.0)
    turns = []
    for seed in range(5):
        anatomy = spiral(galaxy, MIDDLE, np.random.default_rng(seed))
        young = next(light for name, light in anatomy.parts if name == "young")
        radius = np.hypot(MIDDLE.x, MIDDLE.y)
        angle = np.arctan2(MIDDLE.y, MIDDLE.x)
        phases = []
        for inner in np.geomspace(6.0, 12.0, 7):
            annulus = (radius > inner) & (radius < 1.05 * inner)
            phases.append(np.angle((young * np.exp(2j * angle))[annulus].sum()) / 2)
        turns.append(np.unwrap(phases, period=np.pi)[-1] - phases[0])
    # ln(2) / tan(20 degrees) radians between a radius and its double.
    assert sign * np.mean(turns) == pytest.approx(1.904, rel=0.15)


def test_a_disk_at_sixty_degrees_is_half_as_wide_as_long():
    galaxy = replace(FIRST_GALAXY, inclination_deg=60.0)
    # sqrt(0.18^2 + (1 - 0.18^2) / 4)
    assert Disk.of(galaxy, MIDDLE).axis_ratio == pytest.approx(0.5237, abs=1e-3)


def test_a_step_goes_from_zero_to_one_through_a_half():
    assert step(np.array([0.0, 1.0, 2.0, 3.0, 9.0]), 1, 3) == pytest.approx([0, 0, 0.5, 1, 1])


def test_knots_form_only_where_there_is_gas():
    density = np.where(MIDDLE.x > 3, 1.0, 0.0)
    knots = star_forming_knots(MIDDLE, density, 0.05, np.random.default_rng(1))
    assert knots.sum() == pytest.approx(1, rel=1e-3)
    assert knots[MIDDLE.x < 2].sum() == 0


def test_a_smooth_field_has_zero_mean_unit_variance_and_the_asked_correlation():
    field = smooth_field(np.random.default_rng(1), 192, 3.0)
    assert field.mean() == pytest.approx(0, abs=1e-5)
    assert field.std() == pytest.approx(1, abs=1e-4)
    # White noise smoothed by a Gaussian s has the autocorrelation exp(-d^2 / (4 s^2)).
    shifted = (field * np.roll(field, 6, axis=1)).mean()
    assert shifted == pytest.approx(np.exp(-1), abs=0.06)


def test_sampling_a_polar_texture_agrees_with_the_slow_way():
    rng = np.random.default_rng(2)
    texture = polar_texture(rng, 0.3, 1, 0.4, 0.1)
    log_radius = rng.uniform(-6, 6, (4, 5)).astype(np.float32)
    angle = rng.uniform(-np.pi, np.pi, (4, 5)).astype(np.float32)
    expected = np.empty((4, 5))
    for i in np.ndindex(4, 5):
        row = float(log_radius[i]) * N_LOG_RADIUS / LOG_RADIUS_RANGE
        column = float(angle[i]) * N_ANGLE / (2 * np.pi)
        total = 0.0
        for dy in (0, 1):
            for dx in (0, 1):
                y, x = int(np.floor(row)) + dy, int(np.floor(column)) + dx
                weight = (1 - abs(row - y)) * (1 - abs(column - x))
                total += weight * texture[y % N_LOG_RADIUS, x % N_ANGLE]
        expected[i] = total
    np.testing.assert_allclose(sample_polar(texture, log_radius, angle), expected, atol=1e-3)


def test_streaks_of_a_polar_texture_follow_their_pitch():
    texture = polar_texture(np.random.default_rng(3), np.pi / 4, 1, 0.6, 0.1)

    # At 45 degrees one step of ln(radius), 0.0625, goes with 1.27 steps of angle.
    def along(sense):
        return (texture * np.roll(texture, (4, sense * 5), axis=(0, 1))).mean()

    assert along(1) > 0.7
    assert along(-1) < 0.3


def test_clumps_are_positive_with_a_mean_of_one():
    field = clumps(smooth_field(np.random.default_rng(4), 192, 1.5), 0.5)
    assert field.min() > 0
    assert field.mean() == pytest.approx(1, abs=0.03)


def test_the_core_of_the_psf_is_galsims_moffat():
    radius2 = MIDDLE.x**2 + MIDDLE.y**2
    image = galsim.Moffat(CORE_BETA, fwhm=1.4).drawImage(
        nx=GRID_PX, ny=GRID_PX, scale=0.262, method="no_pixel"
    )
    np.testing.assert_allclose(_moffat(radius2, CORE_BETA, 1.4), image.array, rtol=2e-3, atol=1e-8)


def test_the_psf_holds_all_light_but_for_its_far_halo():
    assert psf(MIDDLE.x**2 + MIDDLE.y**2, 1.4).sum() == pytest.approx(1, abs=0.01)


def test_a_point_of_light_comes_out_as_the_psf_in_the_middle():
    faint = np.zeros((3, GRID_PX, GRID_PX), np.float32)
    add_points(faint, MIDDLE, np.zeros(1), np.zeros(1), np.array([1.0, 2.0, 4.0]))
    flux = expose(faint, [], CLEAR, np.random.default_rng(1))
    assert flux.shape == (3, 152, 152)
    # The tolerance is the photon noise of so faint a source.
    assert flux.sum(axis=(1, 2)) == pytest.approx([1, 2, 4], rel=0.1)
    bright = expose(
        np.zeros_like(faint), [(0.0, 0.0, np.full(3, 1e6))], CLEAR, np.random.default_rng(1)
    )
    assert centroid(bright[1]) == pytest.approx((75.5, 75.5), abs=0.02)


def test_bright_and_faint_stars_are_drawn_alike():
    faint = np.zeros((3, GRID_PX, GRID_PX), np.float32)
    at_x, at_y = 10.5 * 0.262, -20.5 * 0.262  # the middle of a pixel
    add_points(faint, MIDDLE, np.array([at_x]), np.array([at_y]), np.full(3, 1e6))
    convolved = expose(faint, [], CLEAR, np.random.default_rng(1))
    direct = expose(
        np.zeros_like(faint), [(at_x, at_y, np.full(3, 1e6))], CLEAR, np.random.default_rng(1)
    )
    np.testing.assert_allclose(convolved, direct, rtol=0.01, atol=20)


def test_sky_noise_is_as_strong_as_asked_and_sources_add_to_it():
    conditions = replace(CLEAR, noise_nmgy=(0.003, 0.004, 0.012))
    empty = np.zeros((3, GRID_PX, GRID_PX), np.float32)
    noise = expose(empty, [], conditions, np.random.default_rng(1)).std(axis=(1, 2))
    assert noise == pytest.approx([0.003, 0.004, 0.012], rel=0.02)
    bright = expose(empty + 0.5, [], conditions, np.random.default_rng(1))[0].std()
    assert bright == pytest.approx(np.sqrt(0.003**2 + 0.5 / GAIN_PER_NMGY), rel=0.03)


def test_the_field_holds_galaxies_and_stars_within_reason():
    faint, bright = zip(
        *(draw_field(np.random.default_rng(seed), 1.0, 0.1, 0) for seed in range(30)), strict=True
    )
    assert all(image.min() >= 0 for image in faint)
    assert sum(image.sum() > 0 for image in faint) >= 29
    assert 5 < sum(map(len, bright)) < 45


def test_companions_add_light_of_the_galaxys_own_redshift():
    lonely, _ = draw_field(np.random.default_rng(1), 0.0, 0.3, 0)
    crowded, _ = draw_field(np.random.default_rng(1), 0.0, 0.3, 6)
    assert crowded.sum() > lonely.sum()
