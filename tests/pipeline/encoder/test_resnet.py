"""The network: its size, its names, what it does to a picture first."""

import pytest
import torch
from torch import nn

from pipeline.config import EncoderConfig
from pipeline.encoder.encoder import ProjectionHead
from pipeline.encoder.resnet import ResNet


def what_the_first_filters_see(config, pictures):
    seen = []
    encoder = ResNet(config).eval()
    encoder.conv1.register_forward_pre_hook(lambda _module, arguments: seen.append(arguments[0]))
    encoder(pictures)
    return seen[0]


@pytest.mark.parametrize(
    ("depth", "dim", "n_weights"), [(18, 512, 11_176_512), (50, 2048, 23_508_032)]
)
def test_encoder_has_the_size_of_torchvisions_network_without_its_classifier(depth, dim, n_weights):
    encoder = ResNet(EncoderConfig(depth=depth, width=64))
    assert encoder.last_dim == dim
    assert sum(weight.numel() for weight in encoder.parameters()) == n_weights


def test_parameters_have_torchvisions_names():
    names = set(ResNet(EncoderConfig(depth=50, width=8)).state_dict())
    assert {
        "conv1.weight",
        "bn1.running_mean",
        "layer1.0.conv3.weight",
        "layer1.0.downsample.0.weight",
        "layer3.5.bn2.bias",
        "layer4.2.conv1.weight",
    } <= names
    # How pictures are normalised is configuration; a published file could not have it.
    assert not names & {"mean", "std"}


def test_encoder_returns_one_representation_for_each_picture():
    encoder = ResNet(EncoderConfig(width=8)).eval()
    # Mean and standard deviation of 16 maps of the second stage and 32 of the third.
    assert encoder(torch.rand(3, 3, 64, 64)).shape == (3, 96)
    assert encoder.last(torch.rand(3, 3, 64, 64)).shape == (3, 64)


def test_the_last_stage_alone_is_what_training_compares_at_unit_length():
    encoder = ResNet(EncoderConfig(width=8, export_stages=(4,), export_spread=False)).eval()
    pictures = torch.rand(3, 3, 64, 64)
    expected = torch.nn.functional.normalize(encoder.last(pictures), dim=1)
    torch.testing.assert_close(encoder(pictures), expected)


def test_each_part_of_a_representation_counts_alike():
    encoder = ResNet(EncoderConfig(width=8)).eval()
    parts = encoder(torch.rand(3, 3, 64, 64)).split([16, 16, 32, 32], dim=1)
    for part in parts:
        torch.testing.assert_close(part.norm(dim=1), torch.ones(3))


def test_stages_that_are_not_exported_have_no_part_in_a_representation():
    encoder = ResNet(EncoderConfig(width=8)).eval()
    pictures = torch.rand(3, 3, 64, 64)
    before = encoder(pictures)
    for parameter in encoder.layer4.parameters():
        torch.nn.init.constant_(parameter, torch.nan)
    torch.testing.assert_close(encoder(pictures), before)


def test_pictures_are_spread_over_minus_one_to_one_unless_told_otherwise():
    pictures = torch.rand(2, 3, 32, 32)
    assert torch.equal(
        what_the_first_filters_see(EncoderConfig(width=8), pictures), 2 * pictures - 1
    )


def test_a_published_networks_normalisation_is_applied_channel_by_channel():
    config = EncoderConfig(width=8, mean=(0.4, 0.5, 0.1), std=(0.2, 0.25, 0.3))
    seen = what_the_first_filters_see(config, torch.full((1, 3, 32, 32), 0.7))
    assert seen[0, :, 4, 5].tolist() == pytest.approx([1.5, 0.8, 2.0])


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_projection_head_is_as_deep_as_asked_for(layers):
    head = ProjectionHead(24, 8, layers)
    assert [type(part) for part in head].count(nn.Linear) == layers
    assert [type(part) for part in head].count(nn.BatchNorm1d) == layers - 1
    assert isinstance(head[-1], nn.Linear)
    assert head(torch.rand(5, 24)).shape == (5, 8)
