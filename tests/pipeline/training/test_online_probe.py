import numpy as np
import pytest
import torch
from torch import nn

from pipeline.training.online_probe import OnlineProbe, accuracy_of, nearest, r2_of
from pipeline.training.training_set import Galaxies
from tests.pipeline.small_store import training_set, write_store

CPU = torch.device("cpu")


class Colours(nn.Module):
    """Stands in for an encoder: the mean colour, which rotation and blur leave alone."""

    def forward(self, pictures):
        colours = pictures.mean((2, 3))
        return colours - colours.mean(dim=1, keepdim=True)


class Blind(nn.Module):
    def forward(self, pictures):
        return torch.ones(len(pictures), 4)


@pytest.fixture(scope="module")
def galaxies(tmp_path_factory):
    kinds = ["disk"] * 20 + ["ball"] * 15 + [""] * 5
    store = write_store(tmp_path_factory.mktemp("store"), 40, kind=kinds)
    return Galaxies([training_set(store, name="small", label="kind", is_class=True)])


def test_an_encoder_that_sees_finds_more_galaxies_again_than_one_that_does_not(galaxies):
    probe = OnlineProbe(galaxies, 1, CPU)
    assert probe.figures(Colours())["probe_recall"] > 0.2
    assert probe.figures(Blind())["probe_recall"] == 1 / 40


def test_galaxies_without_a_label_are_left_out_of_it(galaxies):
    places, values, is_class = OnlineProbe(galaxies, 1, CPU).labels["small kind"]
    assert (len(places), len(values), is_class) == (35, 35, True)
    # All alike: ten neighbours of any kind. The majority of 35 is 20.
    assert 0 <= OnlineProbe(galaxies, 1, CPU).figures(Blind())["small kind accuracy"] <= 20 / 35


def test_the_probe_is_asked_so_seldom_that_it_costs_little(galaxies):
    assert OnlineProbe(galaxies, 1, CPU).every == 5  # a sample as large as the survey


def test_the_probe_puts_the_encoder_back_into_training(galaxies):
    encoder = Colours()
    OnlineProbe(galaxies, 1, CPU).figures(encoder)
    assert encoder.training


def test_nearest_rows_leave_out_the_row_itself():
    angle = torch.linspace(0, 1.5, 24)
    circle = torch.stack([angle.cos(), angle.sin()], dim=1)
    found = nearest(circle)
    assert found.shape == (24, 10)
    assert found[0].tolist() == list(range(1, 11))


def test_r2_is_1_for_the_truth_and_0_for_the_mean():
    values = np.array([0.0, 0.0, 4.0, 4.0])
    twins = np.array([[1], [0], [3], [2]])
    everyone = np.tile(np.arange(4), (4, 1))
    assert r2_of(twins, values) == 1
    assert r2_of(everyone, values) == 0
    assert r2_of(twins, np.ones(4)) == 0


def test_accuracy_is_the_share_whose_neighbours_agree():
    values = np.array(["a", "a", "a", "b"])
    neighbours = np.array([[1, 2], [0, 2], [0, 1], [0, 1]])
    assert accuracy_of(neighbours, values) == 0.75
