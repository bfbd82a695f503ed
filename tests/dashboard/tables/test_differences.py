from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer, UnknownGalaxyError
from dashboard.tables.differences import (
    ALIKE,
    BETWEEN,
    UNKNOWN,
    UNLIKE,
    compared_columns,
    differences,
    error_name,
    values_of,
    verdict,
)
from pipeline.atlas import Column
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

N = 101


@pytest.fixture(scope="module")
def explorer():
    """Magnitudes from 0 to 100, a redshift with errors, a rare kind, a column with gaps."""
    columns = {
        "name": [f"NGC {row}" for row in range(N)],
        "mag_z": np.arange(N, dtype=float),
        "redshift": np.arange(N) / 100,
        "redshift_err": [0.03, 0.04, *[0.3] * (N - 2)],
        "kind": ["ring", "ring", *["disk"] * (N - 2)],
        "bar": [0.5, *[np.nan] * (N - 1)],
    }
    atlas = small_atlas(random_unit_rows(N, 4), columns=columns)
    units = {"mag_z": Column("mag_z", "mag", "Magnitude in z")}
    return Explorer(replace(atlas, columns=atlas.columns | units))


def by_name(found):
    return {one.column.name: one for one in found}


def test_names_positions_and_errors_are_not_compared(explorer):
    assert [column.name for column in compared_columns(explorer)] == [
        "mag_z",
        "redshift",
        "kind",
        "bar",
    ]


def test_a_difference_is_said_in_its_unit_and_in_errors_where_they_are_known(explorer):
    found = by_name(differences(explorer, 0, 1))
    assert found["redshift"].first == "0 ± 0.03"
    assert found["redshift"].second == "0.01 ± 0.04"
    assert found["redshift"].difference == "+0.01"
    assert found["redshift"].errors == pytest.approx(0.01 / 0.05)
    assert found["redshift"].to_page()["errors"] == "0.2 σ"
    assert (found["mag_z"].difference, found["mag_z"].errors) == ("+1", None)
    assert found["mag_z"].to_page()["unit"] == "mag"
    assert by_name(differences(explorer, 1, 0))["mag_z"].difference == "−1"


def test_how_alike_is_how_many_pairs_of_the_atlas_are_more_so(explorer):
    for size in (1, 10, 50, 100):
        steps = np.abs(np.subtract.outer(np.arange(N), np.arange(N)))[~np.eye(N, dtype=bool)]
        truth = (steps < size).mean() + (steps == size).mean() / 2
        share = by_name(differences(explorer, 0, size))["mag_z"].share
        assert share == pytest.approx(truth, abs=0.03), size


def test_a_common_word_says_little_and_another_word_says_that_they_are_unlike(explorer):
    same = by_name(differences(explorer, 2, 3))["kind"]
    assert (same.difference, same.verdict) == ("same", BETWEEN)
    other = by_name(differences(explorer, 0, 3))["kind"]
    assert (other.difference, other.verdict) == ("other", UNLIKE)


def test_what_is_most_alike_comes_first_and_what_is_not_known_last(explorer):
    found = differences(explorer, 0, 60)
    assert [one.verdict for one in found] == [BETWEEN, UNLIKE, UNLIKE, UNKNOWN]
    # Not unlike, since it is within two errors, although few pairs differ more.
    assert found[0].column.name == "redshift"
    assert found[0].errors < 2
    assert found[-1].column.name == "bar"
    assert found[-1].difference == ""
    assert [one.verdict for one in differences(explorer, 0, 1)][:2] == [ALIKE, ALIKE]


def test_errors_make_nothing_alike_that_only_few_pairs_are():
    assert verdict(0.2, 99.0) == ALIKE
    assert verdict(0.9, 1.9) == BETWEEN
    assert verdict(0.9, 2.1) == UNLIKE
    assert verdict(0.5, None) == BETWEEN


@pytest.mark.parametrize("error", ["mag_r_err", "e_mag_r", "mag_r_std", "mag_r_ivar"])
def test_errors_are_found_under_their_usual_names(error):
    assert error_name("mag_r", ["mag_r", error]) == error
    assert error_name("mag", ["mag_r", error]) is None


def test_an_inverse_variance_is_read_as_an_error():
    columns = {"flux": [1.0, 4.0, 2.0], "flux_ivar": [4.0, 0.25, 0.0]}
    explorer = Explorer(small_atlas(random_unit_rows(3, 2), columns=columns))
    (found,) = differences(explorer, 0, 1)
    assert (found.first, found.second) == ("1 ± 0.5", "4 ± 2")
    assert found.errors == pytest.approx(3 / np.hypot(0.5, 2))
    (found,) = differences(explorer, 0, 2)  # 0: not measured
    assert (found.second, found.errors) == ("2", None)


def test_one_galaxy_has_its_values_and_a_row_that_is_not_there_is_named(explorer):
    assert [one.first for one in values_of(explorer, 0)] == ["0", "0 ± 0.03", "ring", "0.5"]
    with pytest.raises(UnknownGalaxyError):
        differences(explorer, 0, N)
