"""The mock survey as the pipeline sees it."""

import math
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import SourceError
from pipeline.sources.mock.config import MockConfig
from pipeline.sources.mock.population import KINDS
from pipeline.sources.mock.sky import in_footprint


@pytest.fixture(scope="module")
def chunk():
    return MockConfig(40, seed=3).open().read(0, 40)


@settings(max_examples=8, deadline=None)
@given(
    row=st.integers(0, 29), before=st.integers(0, 2), after=st.integers(1, 3), n=st.integers(33, 99)
)
def test_a_galaxy_does_not_depend_on_the_size_of_the_survey_or_the_range_read(
    row, before, after, n
):
    alone = MockConfig(row + 1, seed=5).open().read(row, row + 1)
    start = max(0, row - before)
    together = MockConfig(n, seed=5).open().read(start, row + after)
    np.testing.assert_array_equal(together.cutouts[row - start], alone.cutouts[0])
    pd.testing.assert_frame_equal(
        together.catalogue.iloc[[row - start]].reset_index(drop=True), alone.catalogue
    )


def test_another_seed_is_another_sky():
    first, second = (MockConfig(2, seed=seed).open().read(1, 2) for seed in (1, 2))
    assert not np.array_equal(first.cutouts, second.cutouts)
    assert first.catalogue.ra_deg[0] != second.catalogue.ra_deg[0]


def test_a_pickled_survey_is_small_and_shows_the_same_galaxies():
    source = MockConfig(10, seed=4).open()
    pickled = pickle.dumps(source)
    assert len(pickled) < 500
    np.testing.assert_array_equal(
        pickle.loads(pickled).read(3, 4).cutouts, source.read(3, 4).cutouts
    )


def test_the_first_galaxy_is_the_face_on_spiral_of_the_ancestors_first_query():
    first = MockConfig(1, seed=9).open().read(0, 1).catalogue.iloc[0]
    assert (first.ra_deg, first.dec_deg) == (199.3324, 20.6382)
    assert first.object_id == "MOCK-000000"
    assert (first.truth_class, first.truth_n_arms, first.truth_fault) == ("spiral", 2, "")
    assert first.truth_inclination_deg < 30


def test_the_first_galaxy_is_the_same_in_every_survey():
    first, second = (MockConfig(1, seed=seed).open().read(0, 1).cutouts for seed in (1, 2))
    np.testing.assert_array_equal(first, second)


def test_cutouts_are_finite_fluxes_of_the_declared_shape(chunk):
    survey = MockConfig(1).open().survey
    assert chunk.cutouts.shape == (40, 3, survey.cutout_px, survey.cutout_px)
    assert chunk.cutouts.dtype == np.float32
    assert np.isfinite(chunk.cutouts).all()
    assert survey.simulated
    assert survey.is_flux


def test_the_catalogue_has_the_declared_columns_in_order_each_described(chunk):
    columns = MockConfig(1).open().columns
    assert list(chunk.catalogue.columns) == [column.name for column in columns]
    assert all(column.description for column in columns)
    assert chunk.catalogue.object_id.is_unique
    assert all(isinstance(name, str) for name in chunk.catalogue.object_id)


def test_missing_truth_is_nan_or_an_empty_text(chunk):
    armless = ~chunk.catalogue.truth_class.str.contains("spiral")
    assert chunk.catalogue.truth_pitch_deg[armless].isna().all()
    assert chunk.catalogue.truth_n_arms[armless].isna().all()
    assert (chunk.catalogue.truth_winding[armless] == "").all()
    assert set(chunk.catalogue.truth_winding[~armless]) == {"S", "Z"}
    assert set(chunk.catalogue.truth_class) <= set(KINDS)


def test_the_columns_keep_their_types_in_any_chunk(chunk):
    kinds = [column.dtype.kind for _, column in chunk.catalogue.items()]
    one = MockConfig(40, seed=3).open().read(7, 8).catalogue
    assert [column.dtype.kind for _, column in one.items()] == kinds


def test_every_galaxy_lies_in_the_footprint(chunk):
    assert all(map(in_footprint, chunk.catalogue.ra_deg, chunk.catalogue.dec_deg))


def test_bright_galaxies_hold_the_light_that_the_catalogue_says(chunk):
    # Compact and bright, so that neighbours and light off the cutout hardly count.
    table = chunk.catalogue
    clean = (table.mag_z < 16.5) & (table.half_light_radius_arcsec < 4) & (table.truth_fault == "")
    assert clean.sum() >= 3
    inner = chunk.cutouts[clean.to_numpy(), 2, 28:124, 28:124].sum(axis=(1, 2))
    difference = 22.5 - 2.5 * np.log10(inner) - table.mag_z[clean]
    assert np.abs(np.median(difference)) < 0.15


def test_an_empty_range_gives_an_empty_chunk():
    chunk = MockConfig(3).open().read(2, 2)
    assert len(chunk.catalogue) == 0
    assert chunk.cutouts.shape == (0, 3, 152, 152)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 4), (3, 2)])
def test_a_range_outside_the_survey_is_refused_with_the_remedy(start, stop):
    with pytest.raises(SourceError, match="has rows 0 to 3"):
        MockConfig(3).open().read(start, stop)


@pytest.mark.parametrize(("n_objects", "seed"), [(0, 1), (5, -1)])
def test_a_survey_that_cannot_be_is_refused_with_the_remedy(n_objects, seed):
    with pytest.raises(SourceError, match="at least 1 object and a seed of 0 or more"):
        MockConfig(n_objects, seed)


def test_importing_the_survey_does_not_load_galsim():
    code = "import sys, pipeline.sources.mock.source; sys.exit('galsim' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_magnitudes_of_a_missing_band_are_nan():
    source = MockConfig(3000, seed=1).open()
    # Rows are independent, so look for the fault in the truth alone.
    from pipeline.sources.mock.source import _draw_truth

    def fault(row):
        stream = np.random.SeedSequence(1, spawn_key=(row,)).spawn(5)[2]
        return _draw_truth(row, np.random.default_rng(stream))[3]

    row = next(row for row in range(1, 3000) if fault(row) == "missing band")
    chunk = source.read(row, row + 1)
    missing = [bool((band == 0).all()) for band in chunk.cutouts[0]]
    mags = chunk.catalogue.loc[0, ["mag_g", "mag_r", "mag_z"]]
    assert sum(missing) == 1
    assert [math.isnan(mag) for mag in mags] == missing
