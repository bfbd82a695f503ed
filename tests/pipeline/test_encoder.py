import json

import pytest
import torch
from safetensors.torch import save_file

from pipeline.config import EncoderConfig
from pipeline.encoder import Encoder, WeightsError, load_encoder, read_training, save_encoder


@pytest.mark.parametrize(
    ("depth", "dim", "n_weights"), [(18, 512, 11_176_512), (50, 2048, 23_508_032)]
)
def test_encoder_has_the_size_of_torchvisions_network_without_its_classifier(depth, dim, n_weights):
    encoder = Encoder(EncoderConfig(depth=depth, width=64))
    assert encoder.dim == dim
    assert sum(weight.numel() for weight in encoder.parameters()) == n_weights


def test_parameters_have_torchvisions_names():
    names = set(Encoder(EncoderConfig(depth=50, width=8)).state_dict())
    assert {
        "conv1.weight",
        "bn1.running_mean",
        "layer1.0.conv3.weight",
        "layer1.0.downsample.0.weight",
        "layer3.5.bn2.bias",
        "layer4.2.conv1.weight",
    } <= names


def test_encoder_returns_one_representation_for_each_picture():
    encoder = Encoder(EncoderConfig(width=8)).eval()
    assert encoder(torch.rand(3, 3, 64, 64)).shape == (3, 64)


def test_weights_survive_the_file_and_know_their_configuration(tmp_path):
    encoder = Encoder(EncoderConfig(width=8)).eval()
    pictures = torch.rand(2, 3, 32, 32)
    path = tmp_path / "encoder.safetensors"
    save_encoder(encoder, path, {"seed": 7})
    loaded = load_encoder(path)
    assert loaded.config == encoder.config
    assert read_training(path) == {"seed": 7}
    # 16 bits a filter weight: three digits, and hardly more than two bytes each.
    assert torch.allclose(loaded(pictures), encoder(pictures), rtol=0.02, atol=0.02)
    assert path.stat().st_size < 2.5 * sum(weight.numel() for weight in encoder.parameters())


def test_weights_that_are_not_there_are_named(tmp_path):
    with pytest.raises(WeightsError, match=r"no encoder weights at .*gone"):
        load_encoder(tmp_path / "gone.safetensors")


def test_weights_that_are_damaged_say_so(tmp_path):
    (tmp_path / "bad.safetensors").write_bytes(b"not weights at all")
    with pytest.raises(WeightsError, match="is not a safetensors file"):
        load_encoder(tmp_path / "bad.safetensors")


def test_weights_of_unknown_origin_say_so(tmp_path):
    save_file({"conv1.weight": torch.zeros(8, 3, 7, 7)}, tmp_path / "bare.safetensors")
    with pytest.raises(WeightsError, match="does not say which encoder"):
        load_encoder(tmp_path / "bare.safetensors")


def test_weights_of_another_shape_say_so(tmp_path):
    weights = Encoder(EncoderConfig(width=8)).state_dict()
    metadata = {"encoder": json.dumps({"depth": 18, "width": 16})}
    save_file(weights, tmp_path / "other.safetensors", metadata=metadata)
    with pytest.raises(WeightsError, match="does not fit its own configuration"):
        load_encoder(tmp_path / "other.safetensors")
