import numpy as np
import pytest

from pipeline.evaluation.estimate import (
    Estimate,
    bootstrapped,
    combined,
    macro,
    over_galaxies,
    over_seeds,
)


def test_seeds_are_told_by_their_standard_deviation():
    assert over_seeds([1.0, 2.0, 3.0]) == (2, 1)
    assert over_seeds([1.0]) == (1, 0)


def test_galaxies_are_told_by_the_standard_error_of_their_mean():
    assert over_galaxies(np.array([0.0, 2.0, 0.0, 2.0])) == pytest.approx((1, np.sqrt(4 / 3) / 2))


def test_the_bootstrap_gives_the_standard_error_of_a_mean():
    values = np.random.default_rng(1).standard_normal(400)
    estimate = bootstrapped(lambda w: w @ values / w.sum(), 400, np.random.default_rng(2))
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.spread == pytest.approx(over_galaxies(values).spread, rel=0.15)


def test_variances_within_and_between_repetitions_add():
    assert combined([Estimate(1, 2), Estimate(3, 2)]) == pytest.approx((2, np.sqrt(4 + 2)))
    assert combined([Estimate(1, 2)]) == (1, 2)


def test_errors_of_classes_average_out():
    assert macro([Estimate(1, 3), Estimate(0, 4)]) == (0.5, 2.5)
