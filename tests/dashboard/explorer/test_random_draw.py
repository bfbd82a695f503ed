"""Galaxies at random: bright or any, and only those that pass the filters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.random_draw import knows_brightness, place_of_rank, random_row
from tests.dashboard.small_atlas import fan


@given(
    passing=st.lists(st.booleans(), min_size=1, max_size=50).filter(any),
    seed=st.integers(0, 100),
    bright=st.booleans(),
)
def test_only_what_passes_is_drawn(passing, seed, bright):
    passing = np.array(passing)
    rng = np.random.default_rng(seed)
    explorer = fan(
        [0] * len(passing),
        columns={"mag": rng.permutation(len(passing))},
        brightness_column="mag",
    )
    assert passing[random_row(explorer, rng, bright=bright, passing=passing)]


@pytest.mark.parametrize("bright", [True, False])
def test_every_galaxy_that_passes_may_be_drawn(bright):
    passing = np.arange(20) % 4 == 0
    explorer = fan([0] * 20, columns={"mag": np.arange(20)[::-1]}, brightness_column="mag")
    rng = np.random.default_rng(0)
    drawn = {random_row(explorer, rng, bright=bright, passing=passing) for _ in range(500)}
    assert drawn == {0, 4, 8, 12, 16}


def test_any_galaxy_is_as_likely_when_bright_ones_are_not_asked_for():
    explorer = fan([0] * 100, columns={"mag": np.arange(100.0)}, brightness_column="mag")
    rng = np.random.default_rng(0)
    of_any = [random_row(explorer, rng, bright=False) for _ in range(2_000)]
    of_bright = [random_row(explorer, rng) for _ in range(2_000)]
    assert np.mean(of_any) == pytest.approx(49.5, abs=3)  # the spread of the mean is 0.65
    assert np.median(of_bright) < 30


def test_bright_is_no_choice_where_brightness_is_not_known():
    assert not knows_brightness(fan([0] * 10))


@given(
    values=st.lists(st.sampled_from([1.0, 2.0, 2.5, np.nan, np.inf]), min_size=1, max_size=30),
    data=st.data(),
)
def test_a_rank_leads_where_sorting_leads(values, data):
    values = np.array(values)
    rank = data.draw(st.integers(0, len(values) - 1))
    assert place_of_rank(values, rank) == np.argsort(values, kind="stable")[rank]
