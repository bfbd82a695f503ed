import numpy as np
import pandas as pd
import pytest

from pipeline.config import Config, EvaluateConfig
from pipeline.evaluate import EvaluationError, _figures, leave_one_out
from pipeline.figures_of_merit import table


def ring(n):
    angle = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def config(**labels):
    return Config(name="a", source={}, evaluate=EvaluateConfig(k=2, **labels))


def test_a_galaxy_is_never_its_own_neighbour():
    neighbours = leave_one_out(ring(12), 2)
    assert [sorted(pair) for pair in neighbours.tolist()] == [
        sorted([(i - 1) % 12, (i + 1) % 12]) for i in range(12)
    ]


def test_twins_do_not_make_a_galaxy_its_own_neighbour():
    same = np.tile(np.array([[1, 0]], np.float32), (6, 1))
    neighbours = leave_one_out(same, 2)
    assert neighbours.shape == (6, 2)
    assert (neighbours != np.arange(6)[:, None]).all()


def test_a_number_is_predicted_by_the_mean_of_its_neighbours():
    values = pd.Series([0.0, 1.0] * 6)
    # On the ring each neighbour of a 0 is a 1: always wrong by one.
    figures = _figures(ring(12), values, "x", config(numbers=("x",)))
    assert figures == pytest.approx({"n": 12, "RMSE": 1.0, "R2": -3.0})


def test_a_class_is_predicted_by_the_majority_of_its_neighbours():
    values = pd.Series(["a"] * 6 + ["b"] * 6)
    figures = _figures(ring(12), values, "x", config(classes=("x",)))
    # At the two borders neighbours disagree; the first class in the alphabet wins: 2 of 12 wrong.
    assert figures["accuracy"] == pytest.approx(10 / 12)


def test_galaxies_without_the_label_are_left_out():
    values = pd.Series([1.0, np.nan] * 6)
    assert _figures(ring(12), values, "x", config(numbers=("x",)))["n"] == 6


def test_a_label_of_too_few_galaxies_is_named():
    values = pd.Series([1.0, 2.0] + [np.nan] * 10)
    with pytest.raises(EvaluationError, match="Only 2 galaxies have a x"):
        _figures(ring(12), values, "x", config(numbers=("x",)))


def test_the_table_has_a_line_for_each_figure():
    lines = table(
        {
            "k": 10,
            "n_galaxies": 50,
            "labels": {
                "t_type": {
                    "embedding": {"n": 40, "RMSE": 1.5, "R2": 0.8},
                    "random": {"n": 40, "RMSE": 4.4, "R2": -0.1},
                }
            },
        }
    ).splitlines()
    assert "k = 10" in lines[0]
    assert lines[1].split() == ["label", "n", "figure", "embedding", "random"]
    assert lines[2].split() == ["t_type", "40", "RMSE", "1.500", "4.400"]
    assert lines[3].split() == ["t_type", "40", "R2", "0.800", "-0.100"]
