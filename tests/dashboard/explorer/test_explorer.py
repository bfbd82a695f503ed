import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from dashboard.explorer.explorer import Explorer, UnknownColumnError, UnknownGalaxyError
from dashboard.explorer.random_draw import CATALOGUE_LENGTH, random_rank, random_row
from dashboard.sky.coordinates import SkyPosition
from tests.dashboard.small_atlas import fan, random_positions, random_unit_rows, small_atlas

ROOT = Path(__file__).parents[3]
ARCSEC = 1 / 3600


# Positions


def test_the_nearest_galaxy_comes_with_its_separation():
    explorer = fan([0, 0, 0], (np.array([10.0, 20, 30]), np.array([0.0, 5, 0])))
    row, separation = explorer.nearest_on_sky(SkyPosition(20, 5 - 2 * ARCSEC))
    assert row == 1
    assert separation == pytest.approx(2)


def test_the_nearest_galaxy_is_found_across_right_ascension_0_and_over_the_pole():
    explorer = fan([0, 0, 0], (np.array([359.9, 1, 90]), np.array([0.0, 0, 89])))
    assert explorer.nearest_on_sky(SkyPosition(0.1, 0)) == (0, pytest.approx(720))
    assert explorer.nearest_on_sky(SkyPosition(270, 89)) == (2, pytest.approx(7200))


def test_the_first_galaxy_shown_is_the_nearest_to_the_ancestors_first_query():
    explorer = fan([0, 0, 0], (np.array([10, 199.3324, 300]), np.array([0, 20.6382, 0])))
    assert explorer.default_row() == 1


def test_an_atlas_may_say_itself_which_galaxy_is_shown_first():
    atlas = small_atlas(np.eye(3, dtype=np.float32))
    shown = replace(atlas, manifest=replace(atlas.manifest, first_object_id="G2"))
    assert Explorer(shown).default_row() == 2


@settings(deadline=None)
@given(
    ra=st.floats(0, 360, exclude_max=True) | st.sampled_from([0.0, 1e-9, 359.9999999]),
    dec=st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 89.9999999]),
    seed=st.integers(0, 3),
)
@example(ra=0.0, dec=90.0, seed=0)
def test_the_nearest_galaxy_is_the_one_of_a_full_scan_by_astropy(ra, dec, seed):
    positions = random_positions(200, seed)
    explorer = Explorer(small_atlas(random_unit_rows(200, 2), positions, n_trees=1))
    row, separation = explorer.nearest_on_sky(SkyPosition(ra, dec))
    scan = SkyCoord(ra, dec, unit="deg").separation(SkyCoord(*positions, unit="deg")).arcsec
    assert scan[row] == pytest.approx(scan.min(), abs=1e-6)
    assert separation == pytest.approx(scan.min(), rel=1e-9, abs=1e-6)


# Random galaxies


@settings(deadline=None, max_examples=200)
@given(n=st.integers(1, 10_000) | st.integers(1, 10**9), seed=st.integers(0, 2**32))
@example(n=1, seed=0)
@example(n=2, seed=0)
def test_a_random_rank_is_never_out_of_range(n, seed):
    rng = np.random.default_rng(seed)
    assert all(0 <= random_rank(rng, n) < n for _ in range(10))


def test_random_ranks_of_a_whole_survey_are_the_ancestors():
    rng = np.random.default_rng(0)
    draws = np.random.default_rng(1).lognormal(12, 3, 30_000)
    expected = draws[(draws >= 2_500) & (draws < CATALOGUE_LENGTH)]
    found = [random_rank(rng, CATALOGUE_LENGTH) for _ in range(20_000)]
    assert min(found) >= 2_500
    assert ks_2samp(found, expected).pvalue > 0.01


def test_random_galaxies_of_a_small_atlas_are_bright_yet_varied():
    rng = np.random.default_rng(0)
    ranks = np.array([random_rank(rng, 3_000) for _ in range(5_000)])
    assert 150 < np.median(ranks) < 300  # uniform ones would have 1,500
    assert (ranks > 1_500).mean() > 0.03
    assert np.bincount(ranks).max() < 0.02 * len(ranks)


def test_bright_galaxies_are_those_of_small_magnitude_and_unknown_ones_come_last():
    n = 1_000
    mag_z = np.arange(n, 0, -1.0)  # the last row is the brightest
    mag_z[n // 2 :: 2] = np.nan
    explorer = fan([0] * n, columns={"mag_z": mag_z}, brightness_column="mag_z")
    rng = np.random.default_rng(0)
    rows = np.array([random_row(explorer, rng) for _ in range(2_000)])
    assert (rows >= n // 2).mean() > 0.6  # 250 of 1,000, the bright ones
    unknown = np.isnan(mag_z[rows]).mean()
    assert 0 < unknown < 0.2


@pytest.mark.parametrize("brightness_column", [None, "lost", "kind"])
def test_without_a_brightness_any_galaxy_is_as_likely(brightness_column):
    explorer = fan([0] * 10, columns={"kind": ["x"] * 10}, brightness_column=brightness_column)
    rng = np.random.default_rng(0)
    counts = np.bincount([random_row(explorer, rng) for _ in range(2_000)], minlength=10)
    assert counts.min() > 150


def test_one_generator_state_gives_one_galaxy():
    explorer = fan([0] * 100, columns={"mag": np.arange(100)}, brightness_column="mag")
    first, second = (random_row(explorer, np.random.default_rng(5)) for _ in range(2))
    assert first == second


# The catalogue


def table():
    n = 40
    return {
        "mag_z": np.linspace(14, 20, n).astype(np.float32),
        "photo_z": np.r_[np.nan, np.inf, np.full(n - 2, 0.1)],
        "n_arms": pd.array([None, 2, 3, 4] * 10, dtype="Int64"),
        "brickid": np.arange(500_000, 500_000 + n),
        "kind": ["spiral", "lens", "", None] * 10,
        "named": [f"NGC {row}" for row in range(n)],
        "same": ["x"] * n,
        "faulty": [True, False] * 20,
        "grade": pd.Categorical([1, 2] * 20),
        "nothing": np.full(n, np.nan),
    }


@pytest.fixture(scope="module")
def catalogued():
    return fan(np.arange(40), columns=table())


def test_a_galaxy_is_told_in_plain_values_with_none_where_missing(catalogued):
    galaxy = catalogued.galaxy(np.int64(0))
    assert (galaxy.row, galaxy.object_id, galaxy.position) == (0, "G0", (0.0, 0.0))
    values = {column.name: value for column, value in galaxy.values}
    assert values == {
        "mag_z": 14.0,
        "photo_z": None,
        "n_arms": None,
        "brickid": 500_000,
        "kind": "spiral",
        "named": "NGC 0",
        "same": "x",
        "faulty": True,
        "grade": 1,
        "nothing": None,
    }
    assert type(galaxy.row) is int
    assert type(values["mag_z"]) is float
    assert type(values["brickid"]) is int
    assert type(values["faulty"]) is bool
    assert dict(catalogued.galaxy(1).values)[catalogued.columns["photo_z"]] is None
    assert dict(catalogued.galaxy(2).values)[catalogued.columns["kind"]] is None


@pytest.mark.parametrize("row", [-1, 40])
def test_a_galaxy_outside_the_atlas_is_unknown(catalogued, row):
    with pytest.raises(UnknownGalaxyError, match="its rows are 0 to 39"):
        catalogued.galaxy(row)


def test_an_object_id_leads_to_its_row(catalogued):
    assert [catalogued.row_of(f"G{row}") for row in range(40)] == list(range(40))


@pytest.mark.parametrize("object_id", ["", "G40", "g1", "\ud800", "\0", "x" * 10_000])
def test_an_unknown_object_id_is_said_to_be_so(catalogued, object_id):
    with pytest.raises(UnknownGalaxyError, match="Small atlas has no galaxy called") as error:
        catalogued.row_of(object_id)
    assert len(str(error.value)) < 200


def test_categories_are_words_and_truth_values(catalogued):
    categories = {name for name in catalogued.catalogue if catalogued.is_category(name)}
    assert categories == {"object_id", "kind", "named", "same", "faulty", "grade"}


def test_numbers_are_floats_with_nan_where_missing(catalogued):
    assert catalogued.values("photo_z")[:3].tolist() == pytest.approx(
        [np.nan] * 2 + [0.1], nan_ok=True
    )
    assert catalogued.values("n_arms")[:4].tolist() == pytest.approx([np.nan, 2, 3, 4], nan_ok=True)
    assert {catalogued.values(n).dtype for n in ("mag_z", "n_arms", "brickid")} == {np.dtype(float)}


def test_categories_are_words_with_none_where_missing(catalogued):
    assert catalogued.values("kind")[:4].tolist() == ["spiral", "lens", None, None]
    assert catalogued.values("faulty")[:2].tolist() == ["yes", "no"]
    assert catalogued.values("grade")[:2].tolist() == ["1", "2"]


def test_an_unknown_column_is_said_to_be_so(catalogued):
    with pytest.raises(UnknownColumnError, match=r"no column 'mag_u'\. It has object_id, ra"):
        catalogued.values("mag_u")
    with pytest.raises(UnknownColumnError):
        catalogued.is_category("mag_u")


def test_opening_the_explorer_loads_no_training_library():
    code = (
        "import sys, dashboard.explorer.explorer, dashboard.query.query; "
        "print([m for m in ('torch', 'umap', 'numba', 'sklearn', 'astropy', 'dash') "
        "if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(("scale", "near"), [(0.262, 2.62), (1.0, 10.0), (None, 2.62)])
def test_near_is_ten_pixels_of_the_survey(scale, near):
    atlas = small_atlas(random_unit_rows(3, 4))
    manifest = replace(atlas.manifest, pixel_scale_arcsec=scale)
    assert Explorer(replace(atlas, manifest=manifest)).near_arcsec == pytest.approx(near)


def sized(ra_deg, arcsec):
    """Galaxies on the equator with these half major axes."""
    columns = {"major_axis_arcmin": np.array(arcsec) / 30}
    positions = np.array(ra_deg), np.zeros(len(ra_deg))
    return Explorer(small_atlas(random_unit_rows(len(ra_deg), 4), positions, columns))


def test_a_galaxy_reaches_as_far_as_half_its_major_axis_and_ten_pixels_at_least():
    explorer = sized([10.0, 20.0, 30.0], [100.0, 1.0, np.nan])
    for ra_deg, row, arcsec in ((10.0, 0, 100), (20.0, 1, 2.62), (30.0, 2, 2.62)):
        inside = explorer.galaxy_at(SkyPosition(ra_deg + 0.99 * arcsec * ARCSEC, 0))
        assert inside == (row, pytest.approx(0.99 * arcsec))
        assert explorer.galaxy_at(SkyPosition(ra_deg + 1.01 * arcsec * ARCSEC, 0)) is None
    assert explorer.galaxy_at(SkyPosition(10 + 99 * ARCSEC, 0), share=0.1) is None
    assert explorer.galaxy_at(SkyPosition(10 + 9 * ARCSEC, 0), share=0.1) == (0, pytest.approx(9))


def test_what_lies_in_a_large_galaxy_is_not_the_small_one_that_is_nearer_and_does_not_reach():
    explorer = sized([10.0, 10 + 60 * ARCSEC], [100.0, 5.0])
    assert explorer.galaxy_at(SkyPosition(10 + 50 * ARCSEC, 0)) == (0, pytest.approx(50))
    assert explorer.galaxy_at(SkyPosition(10 + 58 * ARCSEC, 0)) == (1, pytest.approx(2))


@given(ra=st.floats(9.9, 10.1), dec=st.floats(-0.1, 0.1), seed=st.integers(0, 5))
def test_the_galaxy_of_a_position_is_that_of_a_full_scan(ra, dec, seed):
    rng = np.random.default_rng(seed)
    positions = rng.uniform(9.9, 10.1, 50), rng.uniform(-0.1, 0.1, 50)
    half_arcsec = rng.exponential(30, 50)
    atlas = small_atlas(random_unit_rows(50, 2), positions, {"major_axis_arcmin": half_arcsec / 30})
    found = Explorer(atlas).galaxy_at(SkyPosition(ra, dec))
    away = SkyCoord(*positions, unit="deg").separation(SkyCoord(ra, dec, unit="deg")).arcsec
    parts = away / np.maximum(2.62, half_arcsec)
    nearest = int(np.argmin(away))
    row = nearest if parts[nearest] <= 1 else int(np.argmin(parts))
    expected = None if parts[row] > 1 else (row, pytest.approx(away[row], abs=1e-6))
    assert found == expected
