import numpy as np
import pytest

from pipeline.evaluation.labels import Label
from pipeline.evaluation.prediction import FEWEST_OF_A_CLASS, MOST_DIM, probe_figures, probe_input


def standard_normal(n, dim, seed=1):
    return np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)


def test_a_label_that_is_linear_in_the_representation_is_predicted():
    x = standard_normal(300, 4)
    (r2,) = probe_figures([x], Label("x", "number", 2.0 * x[:, 0] - x[:, 3]), seed=1).values()
    assert r2.value > 0.99
    found = probe_figures([x], Label("x", "class", np.where(x[:, 0] > 0, "a", "b")), seed=1)
    assert found["probe accuracy"].value > 0.95
    assert found["probe macro-F1"].value > 0.95


def test_what_was_fitted_is_not_what_is_judged():
    # As many columns as galaxies: a fit would be perfect, a prediction is worth nothing.
    label = Label("x", "number", np.random.default_rng(2).standard_normal(60))
    (r2,) = probe_figures([standard_normal(60, 60)], label, seed=1).values()
    assert r2.value < 0.1
    assert r2.spread > 0


def test_galaxies_without_the_label_do_not_matter():
    x = standard_normal(100, 3)
    values = np.where(np.arange(100) < 80, x[:, 0], np.nan)
    whole = probe_figures([x], Label("x", "number", values), seed=1)
    spoiled = np.where(np.isnan(values)[:, None], 1e6, x)
    assert probe_figures([spoiled], Label("x", "number", values), seed=1) == whole


def test_too_rare_a_class_is_not_probed():
    values = np.array(["a"] * 50 + ["b"] * (FEWEST_OF_A_CLASS - 1))
    assert probe_figures([standard_normal(len(values), 2)], Label("x", "class", values), 1) == {}


def test_long_representations_are_cut_to_principal_components():
    assert probe_input(standard_normal(300, MOST_DIM + 50)).shape == (300, MOST_DIM)
    short = standard_normal(10, 3)
    assert probe_input(short) is short


def test_random_vectors_take_turns():
    # The first knows the label, the second does not: the mean over seeds lies between.
    x, other = standard_normal(200, 2), standard_normal(200, 2, seed=9)
    (both,) = probe_figures([x, other], Label("x", "number", x[:, 0].astype(float)), 1).values()
    assert both.value == pytest.approx(3 / 5, abs=0.05)
