"""Distances, colours, populations, positions, measurements of the mock survey."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.images.legacy_surveys import PIXEL_NOISE_NMGY, PSF_FWHM_ARCSEC
from pipeline.sources.mock.camera import RATES, draw_fault, spoil
from pipeline.sources.mock.catalogue import measure
from pipeline.sources.mock.colours import (
    G_MINUS_R,
    REDSHIFTS,
    apparent_minus_absolute,
    arcsec_per_kpc,
    flux_ratios,
    redshift_at,
)
from pipeline.sources.mock.population import (
    FIRST_GALAXY,
    KINDS,
    draw_galaxy,
    draw_magnitude,
    half_light_radius_kpc,
)
from pipeline.sources.mock.sky import (
    Conditions,
    draw_conditions,
    draw_position,
    galactic_latitude_deg,
    in_footprint,
    star_flux,
)


def test_the_distance_modulus_at_redshift_a_tenth_is_that_of_the_textbook():
    # Luminosity distance 460.3 Mpc for H0 = 70, Omega_m = 0.3, flat; k-correction 0.04.
    assert apparent_minus_absolute(0.1) == pytest.approx(38.315 + 0.04, abs=0.003)


def test_a_kiloparsec_at_redshift_a_tenth_is_half_an_arcsecond():
    assert arcsec_per_kpc(0.1) == pytest.approx(1 / 1.844, abs=0.001)


@given(redshift=st.floats(0.005, 1.0), absolute=st.floats(-24, -18))
def test_the_redshift_of_a_magnitude_inverts_the_distance_modulus(redshift, absolute):
    mag = float(absolute + apparent_minus_absolute(redshift))
    assert redshift_at(mag, absolute) == pytest.approx(redshift, rel=0.01)


def test_old_stars_are_redder_than_young_ones_and_everything_reddens_with_redshift():
    for redshift in (0.0, 0.15, 0.6):
        g_over_z = [flux_ratios(p, redshift)[0] for p in ("old", "mixed", "young", "burst")]
        assert g_over_z == sorted(g_over_z)
    assert all(np.all(np.diff(G_MINUS_R[p]) > 0) for p in G_MINUS_R)
    assert len(REDSHIFTS) == len(G_MINUS_R["old"])


def test_a_colour_is_turned_into_a_flux_ratio_by_hand():
    # At z = 0 old stars have g - r = 0.76, r - z = 0.60, so g - z = 1.36.
    assert flux_ratios("old", 0.0) == pytest.approx([10**-0.544, 10**-0.24, 1], rel=1e-5)


def test_a_milky_way_like_disk_has_a_half_light_radius_of_a_few_kiloparsec():
    # Shen et al. 2003, table 1: M_r = -20.91 gives 10^(2.1746 + 0.0753 - 1.71) = 3.5 kpc.
    assert half_light_radius_kpc(-21.41, early_type=False) == pytest.approx(3.47, abs=0.02)


def test_there_are_more_faint_galaxies_than_bright_ones():
    rng = np.random.default_rng(1)
    mags = np.array([draw_magnitude(rng, 14, 19, slope=0.06) for _ in range(2000)])
    assert 14 <= mags.min() <= mags.max() <= 19
    # 0.06 dex per mag over half the range: 10^0.15
    assert (mags > 16.5).sum() / (mags < 16.5).sum() == pytest.approx(1.41, abs=0.15)


def test_every_kind_of_galaxy_is_about_as_common_as_it_says():
    rng = np.random.default_rng(2)
    counts = Counter(draw_galaxy(rng).kind for _ in range(4000))
    total = sum(kind.share for kind in KINDS.values())
    assert total == pytest.approx(1)
    for name, kind in KINDS.items():
        assert counts[name] / 4000 == pytest.approx(kind.share, abs=0.025)
        assert counts[name] > 0


def test_only_spirals_have_arms_and_both_windings_are_as_common():
    rng = np.random.default_rng(3)
    galaxies = [draw_galaxy(rng) for _ in range(3000)]
    assert {g.kind for g in galaxies if g.winding} == {
        "spiral",
        "flocculent spiral",
        "barred spiral",
    }
    windings = Counter(g.winding for g in galaxies if g.winding)
    assert windings["S"] / windings["Z"] == pytest.approx(1, abs=0.15)
    assert {g.n_arms for g in galaxies} == {0, 2, 3, 4}


def test_the_galactic_pole_and_centre_have_latitudes_90_and_0():
    assert galactic_latitude_deg(192.85948, 27.12825) == pytest.approx(90, abs=1e-3)
    assert galactic_latitude_deg(266.405, -28.936) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("ra_deg", "dec_deg", "inside"),
    [
        (199.3324, 20.6382, True),
        (266.4, -28.9, False),  # galactic centre
        (180.0, -30.0, False),  # north galactic cap, too far south for it
        (0.0, 0.0, True),  # south galactic cap
        (30.0, -70.0, False),
        (200.0, 86.0, False),
    ],
)
def test_the_footprint_holds_the_two_galactic_caps(ra_deg, dec_deg, inside):
    assert in_footprint(ra_deg, dec_deg) is inside


def test_positions_are_drawn_in_both_caps():
    rng = np.random.default_rng(4)
    latitudes = [galactic_latitude_deg(*draw_position(rng)) for _ in range(200)]
    assert min(np.abs(latitudes)) > 20
    assert min(latitudes) < 0 < max(latitudes)


def test_the_median_seeing_and_noise_are_those_of_the_survey():
    # Sigma in px 1.081 + 1.315, times 2.3548 * 0.262 arcsec.
    rng = np.random.default_rng(5)
    nights = [draw_conditions(rng) for _ in range(1500)]
    seeing = np.median([night.psf_fwhm_arcsec for night in nights], axis=0)
    assert seeing == pytest.approx([1.478, 1.330, 1.244], rel=0.03)
    noise = np.median([night.noise_nmgy for night in nights], axis=0)
    assert noise == pytest.approx([0.00309, 0.00437, 0.01174], rel=0.04)
    ebvs = [night.ebv for night in nights]
    assert np.median(ebvs) == pytest.approx(0.0345, rel=0.1)
    assert max(ebvs) <= 1


@pytest.mark.parametrize("distribution", PSF_FWHM_ARCSEC + PIXEL_NOISE_NMGY)
def test_no_value_lies_beyond_the_limits(distribution):
    rng = np.random.default_rng(6)
    values = [distribution.draw(rng) for _ in range(300)]
    assert distribution.low <= min(values) <= max(values) <= distribution.high


def test_a_tenth_of_reddening_takes_a_quarter_of_the_green_light():
    # 10^(-0.12856), 10^(-0.0866), 10^(-0.04844)
    transmission = Conditions((1, 1, 1), (1, 1, 1), 0.1).transmission
    assert transmission == pytest.approx([0.7438, 0.8192, 0.8945], abs=1e-4)


def test_stars_have_the_z_magnitude_asked_for():
    flux = star_flux(np.random.default_rng(1), 20.0)
    assert flux[2] == pytest.approx(10, rel=1e-5)
    assert (flux > 0).all()


def measured(seed, missing=(False, False, False)):
    conditions = Conditions((1.5, 1.3, 1.2), (0.003, 0.004, 0.012), 0.03)
    flux = np.array([500.0, 900.0, 1300.0])
    rng = np.random.default_rng(seed)
    return measure(FIRST_GALAXY, flux, conditions, np.array(missing), rng)


def test_quoted_photo_z_errors_are_honest_but_for_a_few_outliers():
    found = [measured(seed) for seed in range(2000)]
    pulls = np.array([(m["photo_z"] - FIRST_GALAXY.redshift) / m["photo_z_err"] for m in found])
    # Redshifts do not go below 0.001, so only the upper side is a whole Gaussian.
    assert np.percentile(pulls, 84) == pytest.approx(1, abs=0.12)
    assert 0.005 < np.mean(np.abs(pulls) > 5) < 0.03


def test_magnitudes_scatter_by_a_hundredth_for_bright_galaxies():
    mags = np.array([measured(seed)["mag_z"] for seed in range(500)])
    assert mags.mean() == pytest.approx(22.5 - 2.5 * np.log10(1300), abs=0.003)
    assert mags.std() == pytest.approx(0.011, abs=0.002)


def test_a_band_without_data_has_no_magnitude():
    entries = measured(1, missing=(False, True, False))
    assert [bool(np.isnan(entries[f"mag_{band}"])) for band in "grz"] == [False, True, False]


def test_faults_are_as_rare_as_they_say():
    rng = np.random.default_rng(8)
    counts = Counter(draw_fault(rng) for _ in range(20000))
    for name, rate in RATES.items():
        assert counts[name] / 20000 == pytest.approx(rate, rel=0.35)
    assert counts[""] / 20000 == pytest.approx(1 - sum(RATES.values()), abs=0.01)


def cutout(seed=0):
    return np.random.default_rng(seed).normal(0, 0.01, (3, 152, 152)).astype(np.float32)


def test_no_fault_changes_nothing():
    flux = cutout()
    assert spoil(flux, "", 0.0, np.random.default_rng(1)) is flux


@pytest.mark.parametrize("fault", RATES)
def test_a_fault_leaves_its_input_alone_and_keeps_the_type(fault):
    flux = cutout()
    spoiled = spoil(flux, fault, 40.0, np.random.default_rng(1))
    np.testing.assert_array_equal(flux, cutout())
    assert spoiled.dtype == np.float32
    assert not np.array_equal(spoiled, flux)


def test_a_missing_band_is_zero_and_the_others_are_whole():
    flux = cutout()
    spoiled = spoil(flux, "missing band", 0.0, np.random.default_rng(2))
    assert sum((band == 0).all() for band in spoiled) == 1
    assert sum(np.array_equal(*bands) for bands in zip(spoiled, flux, strict=True)) == 2


def test_a_satellite_crosses_one_band_in_a_straight_line():
    flux = cutout()
    added = spoil(flux, "satellite trail", 0.0, np.random.default_rng(3)) - flux
    assert sum(bool(band.any()) for band in added) == 1
    bright_y, bright_x = np.nonzero(added.max(axis=0) > added.max() / 2)
    _, widths, _ = np.linalg.svd(
        np.stack([bright_x, bright_y]).T - [bright_x.mean(), bright_y.mean()]
    )
    assert widths.shape == (2,)
    assert widths[0] > 8 * widths[1]


def test_an_edge_of_coverage_blanks_one_side():
    spoiled = spoil(cutout(), "brick edge", 0.0, np.random.default_rng(4))
    blank = (spoiled == 0).any(axis=0)
    assert 0.05 < blank.mean() < 0.5
    assert not blank[76, 76]


@pytest.mark.parametrize(("dec_deg", "axis"), [(0.0, 0), (60.0, 1)])
def test_stars_bleed_east_west_in_the_south_and_north_south_in_the_north(dec_deg, axis):
    spoiled = spoil(cutout(), "bleed trail", dec_deg, np.random.default_rng(5))
    # Masked or saturated pixels of one band are all equal: count them along rows and columns.
    values, counts = np.unique(spoiled, return_counts=True)
    trail = (spoiled == values[counts.argmax()]).any(axis=0)
    assert trail.any(axis=1 - axis).sum() < trail.any(axis=axis).sum()
