"""The embedder as ONNX gives the embeddings that torch gives."""

import json

import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F

from pipeline.atlas.whole_files import file_sha256
from pipeline.config import EncoderConfig
from pipeline.encoder.encoder import Embedder, fit_whitening
from pipeline.encoder.onnx_export import export_onnx, is_export_of
from pipeline.encoder.resnet import ResNet
from pipeline.encoder.weights import load_encoder, save_encoder

PX = 32


def pictures(n, seed=0):
    coarse = torch.rand(n, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(coarse, (PX, PX), mode="bilinear")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """The file of a whitened encoder whose batch norms have seen something."""
    torch.manual_seed(1)
    encoder = ResNet(EncoderConfig(width=8))
    with torch.inference_mode():
        encoder(pictures(64))
        encoder.eval()
        fit_whitening(encoder, Embedder(encoder, 8).representations(pictures(100, 3)), 16)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_encoder(encoder, path, {"name": "small-v1", "seed": 1})
    return path


@pytest.fixture(scope="module")
def model(weights):
    path = weights.with_name("small.onnx")
    export_onnx(load_encoder(weights), path, 8, PX, weights)
    return path


def session(model):
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("n", [1, 2, 5])
def test_embeddings_are_torchs_for_any_number_of_pictures(weights, model, n):
    with torch.inference_mode():
        expected = Embedder(load_encoder(weights), 8)(pictures(n)).numpy()
    (embeddings,) = session(model).run(["embeddings"], {"pictures": pictures(n).numpy()})
    assert embeddings.dtype == np.float32
    assert embeddings.shape == (n, 16)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(1, abs=1e-5)
    assert (1 - (embeddings * expected).sum(axis=1)).max() < 2e-3


def test_the_model_takes_half_of_the_space_of_its_numbers(weights, model):
    n_weights = sum(weight.numel() for weight in load_encoder(weights).parameters())
    assert model.stat().st_size < 2.5 * n_weights


def test_the_model_says_what_it_is(weights, model):
    metadata = session(model).get_modelmeta().custom_metadata_map
    assert metadata["name"] == "small-v1"
    assert (metadata["input_px"], metadata["orientations"]) == ("32", "8")
    assert metadata["weights_sha256"] == file_sha256(weights)
    assert json.loads(metadata["training"]) == {"name": "small-v1", "seed": 1}
    assert json.loads(metadata["encoder"])["width"] == 8


def test_a_model_is_known_by_its_weights_its_orientations_and_its_pictures(
    weights, model, tmp_path
):
    assert is_export_of(weights, model, 8, PX)
    assert not is_export_of(weights, model, 4, PX)
    assert not is_export_of(weights, model, 8, 2 * PX)
    assert not is_export_of(model, model, 8, PX)
    assert not is_export_of(weights, tmp_path / "missing.onnx", 8, PX)
    (tmp_path / "broken.onnx").write_bytes(b"\xff" * 100)
    assert not is_export_of(weights, tmp_path / "broken.onnx", 8, PX)


def test_the_same_encoder_gives_the_same_bytes_and_none_of_this_machine(weights, model, tmp_path):
    encoder = load_encoder(weights).train()
    export_onnx(encoder, tmp_path / "again.onnx", 8, PX, weights)
    content = model.read_bytes()
    assert (tmp_path / "again.onnx").read_bytes() == content
    assert encoder.training
    assert b".py" not in content
    assert b"site-packages" not in content
