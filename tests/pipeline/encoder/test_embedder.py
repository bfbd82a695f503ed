"""From pictures to embeddings."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import EncoderConfig
from pipeline.encoder.encoder import Embedder, fit_whitening
from pipeline.encoder.resnet import ResNet


def pictures(n, seed=0, side=32):
    coarse = torch.rand(n, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(coarse, (side, side), mode="bilinear")


@pytest.fixture(scope="module", params=["plain", "whitened"])
def encoder(request):
    torch.manual_seed(1)
    encoder = ResNet(EncoderConfig(width=8)).eval()
    if request.param == "whitened":
        with torch.inference_mode():
            fit_whitening(encoder, Embedder(encoder, 8).representations(pictures(100, 3)), 16)
    return encoder


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), turns=st.integers(0, 3), mirrored=st.booleans())
def test_the_embedding_does_not_depend_on_how_the_galaxy_is_turned(encoder, seed, turns, mirrored):
    embed = Embedder(encoder, 8)
    upright = pictures(2, seed)
    turned = torch.rot90(upright, turns, (2, 3))
    if mirrored:
        turned = turned.flip(2)
    with torch.inference_mode():
        assert torch.allclose(embed(turned), embed(upright), atol=2e-4)


def test_four_orientations_know_a_galaxy_from_its_mirror_image(encoder):
    embed, upright = Embedder(encoder, 4), pictures(2)
    with torch.inference_mode():
        assert torch.allclose(embed(torch.rot90(upright, 1, (2, 3))), embed(upright), atol=2e-4)
        assert not torch.allclose(embed(upright.flip(3)), embed(upright), atol=1e-3)


@pytest.mark.parametrize("orientations", [1, 4, 8])
def test_embeddings_are_what_one_orientation_after_the_other_gives(encoder, orientations):
    upright = pictures(3)
    with torch.inference_mode():
        single = []
        for which in range(orientations):
            turned = torch.rot90(upright, which % 4, (2, 3))
            single.append(F.normalize(encoder(turned.flip(3) if which >= 4 else turned)))
        expected = F.normalize(sum(single))
        if encoder.whitening is not None:
            centred = expected - encoder.whitening.mean
            expected = F.normalize(centred @ encoder.whitening.matrix)
        embeddings = Embedder(encoder, orientations)(upright)
    assert torch.allclose(embeddings, expected, atol=1e-4)
    assert torch.allclose(embeddings.norm(dim=1), torch.ones(3))
    assert embeddings.shape == (3, Embedder(encoder, orientations).dim)
