"""Weights in files: our own, and published checkpoints."""

import json
import logging
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from pipeline.config import EncoderConfig
from pipeline.encoder.encoder import fit_whitening
from pipeline.encoder.resnet import ResNet
from pipeline.encoder.weights import (
    WeightsError,
    load_encoder,
    load_start,
    read_training,
    save_encoder,
)

SHIPPED = Path(__file__).parents[3] / "pipeline" / "weights" / "galaxy-finder-v1.safetensors"


def network(depth=18, width=8):
    """An encoder whose batch norms have seen something."""
    torch.manual_seed(depth)
    encoder = ResNet(EncoderConfig(depth=depth, width=width))
    with torch.no_grad():
        encoder.train()(torch.rand(8, 3, 32, 32))
    return encoder.eval()


def features(encoder, pictures):
    """What published networks call features: the mean of the last stage, here at unit length."""
    return torch.nn.functional.normalize(encoder.last(pictures), dim=1)


def with_prefix(prefix, weights):
    return {prefix + name: value for name, value in weights.items()}


def torchvision(weights):
    return {**weights, "fc.weight": torch.zeros(1000, 64), "fc.bias": torch.zeros(1000)}


def moco_v2(weights):
    """As MoCo's training script, and that of Stein et al. 2021, save them."""
    return {
        "epoch": 800,
        "arch": "resnet50",
        "state_dict": {
            **with_prefix("module.encoder_q.", weights),
            "module.encoder_q.fc.0.weight": torch.zeros(64, 64),
            "module.encoder_q.fc.2.bias": torch.zeros(128),
            **with_prefix("module.encoder_k.", {n: w + 1 for n, w in weights.items()}),
            "module.queue": torch.zeros(128, 16),
            "module.queue_ptr": torch.zeros(1, dtype=torch.long),
        },
        "optimizer": {"state": {}, "param_groups": [{"lr": 0.03}]},
    }


def trainers_checkpoint(weights):
    return {"model": with_prefix("encoder.", weights), "epochs_done": 3}


FORMS = {
    "plain": dict,
    "torchvision": torchvision,
    "state_dict": lambda weights: {"state_dict": weights},
    "module": lambda weights: {"state_dict": with_prefix("module.", torchvision(weights))},
    "moco": moco_v2,
    "ours": trainers_checkpoint,
}


def test_the_same_weights_are_the_same_file(tmp_path):
    encoder, files = network(), set()
    for i in range(12):  # safetensors itself would order two entries of metadata by chance
        save_encoder(encoder, tmp_path / f"{i}.safetensors", {"name": "small-v1", "unit": "Å"})
        files.add((tmp_path / f"{i}.safetensors").read_bytes())
    assert len(files) == 1
    assert read_training(tmp_path / "0.safetensors") == {"name": "small-v1", "unit": "Å"}
    loaded = load_encoder(tmp_path / "0.safetensors").state_dict()
    for name, value in encoder.state_dict().items():
        torch.testing.assert_close(loaded[name], value, rtol=1e-3, atol=1e-6)


def test_weights_survive_the_file_and_know_their_configuration(tmp_path):
    encoder = network()
    pictures = torch.rand(2, 3, 32, 32)
    path = tmp_path / "encoder.safetensors"
    save_encoder(encoder, path, {"seed": 7})
    loaded = load_encoder(path)
    assert loaded.config == encoder.config
    assert loaded.whitening is None
    assert read_training(path) == {"seed": 7}
    # 16 bits a filter weight: three digits, and hardly more than two bytes each.
    assert torch.allclose(loaded(pictures), encoder(pictures), rtol=0.02, atol=0.02)
    assert path.stat().st_size < 2.5 * sum(weight.numel() for weight in encoder.parameters())


def test_the_whitening_survives_the_file_to_the_last_bit(tmp_path):
    encoder, path = network(), tmp_path / "encoder.safetensors"
    fit_whitening(encoder, torch.rand(100, encoder.dim), 12)
    save_encoder(encoder, path, {})
    loaded = load_encoder(path)
    assert torch.equal(loaded.whitening.matrix, encoder.whitening.matrix)
    assert torch.equal(loaded.whitening.mean, encoder.whitening.mean)
    assert loaded.whitening.dim == 12


def test_a_whitening_of_another_network_is_refused(tmp_path):
    weights = network().state_dict()
    weights |= {"whitening.mean": torch.zeros(32), "whitening.matrix": torch.zeros(32, 8)}
    metadata = {"encoder": json.dumps({"depth": 18, "width": 8})}
    save_file(weights, tmp_path / "odd.safetensors", metadata=metadata)
    with pytest.raises(WeightsError, match=r"whitening of shapes \(32,\) and \(32, 8\)"):
        load_encoder(tmp_path / "odd.safetensors")


def test_the_model_that_ships_is_whitened_and_says_what_it_was_trained_on():
    encoder = load_encoder(SHIPPED)
    assert encoder.config == EncoderConfig(depth=18, width=32)
    assert encoder.whitening is not None
    assert encoder.whitening.dim == 128
    training = read_training(SHIPPED)
    assert training["name"] == "galaxy-finder-v1"
    assert set(training["surveys"]) == {"efigi", "gz1", "mock"}


def test_weights_that_are_not_there_are_named(tmp_path):
    for name in ("gone.safetensors", "gone.pth"):
        with pytest.raises(WeightsError, match=r"no encoder weights at .*gone"):
            load_encoder(tmp_path / name)


def test_weights_that_are_damaged_say_so(tmp_path):
    (tmp_path / "bad.safetensors").write_bytes(b"not weights at all")
    for read in (load_encoder, read_training):
        with pytest.raises(WeightsError, match="is not a safetensors file"):
            read(tmp_path / "bad.safetensors")


def test_weights_of_unknown_origin_say_so(tmp_path):
    save_file({"conv1.weight": torch.zeros(8, 3, 7, 7)}, tmp_path / "bare.safetensors")
    with pytest.raises(WeightsError, match="does not say which encoder"):
        load_encoder(tmp_path / "bare.safetensors")


def test_weights_of_another_shape_say_so(tmp_path):
    metadata = {"encoder": json.dumps({"depth": 18, "width": 16})}
    save_file(network().state_dict(), tmp_path / "other.safetensors", metadata=metadata)
    with pytest.raises(WeightsError, match="does not fit its own configuration"):
        load_encoder(tmp_path / "other.safetensors")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("depth", [18, 50])
def test_published_checkpoints_load(tmp_path, form, depth):
    published, path = network(depth), tmp_path / "checkpoint.pth.tar"
    torch.save(FORMS[form](published.state_dict()), path)
    pictures = torch.rand(2, 3, 32, 32)
    encoder = ResNet(EncoderConfig(depth=depth, width=8)).eval()
    load_start(encoder, path)
    assert torch.equal(encoder(pictures), published(pictures))
    found = load_encoder(path)
    assert (found.config.depth, found.config.width) == (depth, 8)
    assert not found.training
    assert torch.equal(found(pictures), features(published, pictures))
    assert read_training(path) == {}


def test_published_weights_without_batch_counts_load(tmp_path):
    published, path = network(), tmp_path / "old.pth"
    weights = published.state_dict()
    torch.save({n: w for n, w in weights.items() if not n.endswith("num_batches_tracked")}, path)
    pictures = torch.rand(2, 3, 32, 32)
    assert torch.equal(load_encoder(path)(pictures), features(published, pictures))


def test_what_a_checkpoint_has_beyond_the_encoder_is_named_in_the_log(tmp_path, caplog):
    path = tmp_path / "moco.pth.tar"
    torch.save(moco_v2(network(50).state_dict()), path)
    with caplog.at_level(logging.INFO):
        load_start(ResNet(EncoderConfig(depth=50, width=8)), path)
    assert "ignored encoder_k, fc, queue, queue_ptr, which" in caplog.text


def test_training_starts_from_our_own_weights_without_their_whitening(tmp_path, caplog):
    encoder, path = network(), tmp_path / "encoder.safetensors"
    fit_whitening(encoder, torch.rand(100, 64), 12)
    save_encoder(encoder, path, {})
    start = ResNet(EncoderConfig(width=8, mean=(0.4, 0.4, 0.4)))
    load_start(start, path)
    assert start.whitening is None
    assert torch.equal(start.bn1.running_mean, encoder.bn1.running_mean)
    assert "trained with encoder.mean (0.5, 0.5, 0.5)" in caplog.text


def test_a_configuration_says_how_published_weights_want_their_pictures(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save(network().state_dict(), path)
    config = EncoderConfig(width=8, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    assert load_encoder(path, config).config == config


@pytest.mark.parametrize(
    ("published", "ours", "reason"),
    [
        ((18, 16), (18, 8), r"conv1\.weight has shape \(16, 3, 7, 7\) where \(8, 3, 7, 7\) is exp"),
        ((34, 8), (18, 8), r"layer1\.2\.bn1\.bias has no place"),
        ((18, 8), (34, 8), r"layer1\.2\.conv1\.weight is missing"),
        ((50, 8), (18, 8), r"layer1\.0\.conv1\.weight has shape \(8, 8, 1, 1\)"),
    ],
)
def test_weights_that_do_not_fit_say_which_network_they_are_of(tmp_path, published, ours, reason):
    path = tmp_path / "checkpoint.pth"
    torch.save(network(*published).state_dict(), path)
    encoder = ResNet(EncoderConfig(depth=ours[0], width=ours[1]))
    fitting = f"would fit encoder.depth = {published[0]} and encoder.width = {published[1]}"
    with pytest.raises(WeightsError, match=reason) as error:
        load_start(encoder, path)
    assert fitting in str(error.value)
    assert f"does not fit [encoder], depth {ours[0]} and width {ours[1]}" in str(error.value)


def test_a_network_that_we_do_not_have_is_refused(tmp_path):
    path = tmp_path / "resnet101.pth"
    weights = network(50).state_dict()
    deeper = {n.replace("layer3.5", "layer3.9"): w for n, w in weights.items() if "layer3.5" in n}
    torch.save(weights | deeper, path)
    with pytest.raises(WeightsError, match="must be a ResNet of 18, 34, 50 layers"):
        load_start(ResNet(EncoderConfig(depth=50, width=8)), path)
    with pytest.raises(WeightsError, match="not those of a ResNet of 18, 34, 50 layers"):
        load_encoder(path)


class Trap:
    def __reduce__(self):
        return (Path("trapped").touch, ())


def test_a_file_that_would_run_code_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": network().state_dict(), "trap": Trap()}, "trap.pth")
    with pytest.raises(WeightsError, match=r"trap\.pth is not a torch file of nothing but weights"):
        load_encoder(Path("trap.pth"))
    assert not Path("trapped").exists()


def test_a_torch_file_without_weights_says_what_it_holds(tmp_path):
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(WeightsError, match="holds a list, not a state_dict"):
        load_encoder(tmp_path / "list.pt")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), as_pickle=st.booleans())
def test_whatever_a_torch_file_holds_the_error_is_ours(tmp_path, content, as_pickle):
    path = tmp_path / "any.pth"
    path.write_bytes((b"\x80\x02" if as_pickle else b"") + content)
    with pytest.raises(WeightsError):
        load_encoder(path)
