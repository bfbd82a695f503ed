import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from pipeline.evaluation.labels import Label
from pipeline.evaluation.neighbourhood import Neighbourhood
from pipeline.evaluation.prediction import knn_figures, macro_f1, majority, r2


def on_a_circle(angle):
    return Neighbourhood(np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32))


def values_of(label, angle):
    estimates = knn_figures(on_a_circle(angle), label, 2, np.random.default_rng(1))
    return {figure: estimate.value for figure, estimate in estimates.items()}


RING = 2 * np.pi * np.arange(12) / 12


def test_a_number_is_predicted_by_the_mean_of_its_neighbours():
    # On the ring each neighbour of a 0 is a 1: always wrong by one, and the variance is 1/4.
    label = Label("x", "number", np.array([0.0, 1.0] * 6))
    assert values_of(label, RING) == pytest.approx({"k-NN RMSE": 1.0, "k-NN R2": -3.0})


def test_galaxies_without_the_label_are_neither_asked_nor_neighbours():
    label = Label("x", "number", np.array([0.0, np.nan, 1.0, np.nan] * 3))
    assert values_of(label, RING) == pytest.approx({"k-NN RMSE": 1.0, "k-NN R2": -3.0})


def test_a_class_is_predicted_by_the_majority_of_its_neighbours():
    # The third sees a and a: wrong. The first two see a and b, of which a is nearer: right.
    angle = np.array([0.0, 0.1, 0.21, 0.5, 0.61, 0.73])
    label = Label("x", "class", np.array(["a", "a", "b", "b", "b", "b"]))
    # F1 of a: 2 right of 3 given and 2 true, 4/5; of b: 3 right of 3 given and 4 true, 6/7.
    assert values_of(label, angle) == pytest.approx(
        {"k-NN accuracy": 5 / 6, "k-NN macro-F1": (4 / 5 + 6 / 7) / 2}
    )


def test_of_classes_as_frequent_the_nearest_wins():
    codes = np.array([[2, 1, 1, 2], [0, 1, 1, 2], [3, 2, 1, 0]])
    assert majority(codes, 4).tolist() == [2, 1, 3]


@given(
    seed=st.integers(0, 2**32 - 1),
    n_classes=st.integers(2, 6),
)
def test_macro_f1_is_that_of_scikit_learn(seed, n_classes):
    rng = np.random.default_rng(seed)
    truth, predicted = rng.integers(n_classes, size=(2, 30))
    expected = f1_score(truth, predicted, average="macro")
    assert macro_f1(truth, predicted, np.ones(30)) == pytest.approx(expected)


def test_weights_are_repetitions():
    truth, predicted = np.array([0.0, 1, 2, 3]), np.array([0.5, 1, 2, 2])
    weights = np.array([2.0, 0, 1, 3])
    repeated = np.repeat(np.arange(4), weights.astype(int))
    assert r2(truth, predicted, weights) == pytest.approx(
        r2(truth[repeated], predicted[repeated], np.ones(6))
    )
    codes, given_codes = truth.astype(int), np.array([0, 0, 2, 2])
    assert macro_f1(codes, given_codes, weights) == pytest.approx(
        macro_f1(codes[repeated], given_codes[repeated], np.ones(6))
    )
