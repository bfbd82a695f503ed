"""Whitening: unit variance in every direction that galaxies differ in, and no other."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import EncoderConfig
from pipeline.encoder.encoder import fit_whitening
from pipeline.encoder.resnet import ResNet
from pipeline.encoder.whitening import Whitening, WhiteningError


def representations(n=200, dim=16, rank=16, seed=0):
    """At unit length, with variances that fall off, in a subspace of ``rank`` dimensions."""
    generator = torch.Generator().manual_seed(seed)
    scales = 0.8 ** torch.arange(rank, dtype=torch.float64)
    inside = scales * torch.randn(n, rank, generator=generator, dtype=torch.float64)
    basis = torch.linalg.qr(
        torch.randn(dim, rank, generator=generator, dtype=torch.float64)
    ).Q.T.contiguous()
    return F.normalize(inside @ basis, dim=1).float()


@settings(max_examples=25)
@given(seed=st.integers(0, 2**31), dim=st.integers(1, 16))
def test_what_is_whitened_has_the_identity_as_its_covariance(seed, dim):
    z = representations(seed=seed)
    whitened = Whitening.of(z, dim)(z)
    assert whitened.shape == (200, dim)
    assert whitened.mean(dim=0).abs().max() < 1e-3
    assert torch.allclose(torch.cov(whitened.T).view(dim, dim), torch.eye(dim), atol=5e-3)


def test_components_come_by_their_variance():
    z = representations()
    whitening = Whitening.of(z, 4)
    # A column of the matrix is an eigenvector over the standard deviation along it.
    sigma = 1 / whitening.matrix.norm(dim=0)
    assert (sigma.diff() < 0).all()
    eigenvalues = torch.linalg.eigvalsh(torch.cov(z.T)).flip(0)[:4]
    assert torch.allclose(sigma**2, eigenvalues, rtol=1e-3)


@pytest.mark.parametrize(("n", "rank", "expected"), [(200, 5, 5), (4, 16, 3), (200, 16, 16)])
def test_no_direction_in_which_galaxies_do_not_differ_is_blown_up(n, rank, expected):
    z = representations(n, rank=rank)
    whitening = Whitening.of(z, 100)
    assert whitening.dim == expected
    assert torch.isfinite(whitening.matrix).all()


def test_the_whitening_does_not_depend_on_the_order_of_the_galaxies():
    z = representations()
    ours, other = (Whitening.of(which, 8).matrix for which in (z, z.flip(0)))
    assert torch.allclose(ours, other, atol=1e-4)


def test_galaxies_that_are_all_the_same_cannot_be_whitened():
    with pytest.raises(WhiteningError, match=r"3 representations .* all the same"):
        Whitening.of(representations(1).expand(3, -1), 4)


def test_representations_that_are_not_finite_are_refused():
    broken = representations()
    broken[3, 4] = torch.nan
    with pytest.raises(WhiteningError, match="not finite"):
        Whitening.of(broken, 4)


def test_an_encoder_keeps_the_last_whitening_that_was_fitted():
    encoder = ResNet(EncoderConfig(width=8))
    assert encoder.whitening is None
    z = representations(dim=64, rank=16)
    fit_whitening(encoder, z, 8)
    fit_whitening(encoder, z, 6)
    assert encoder.whitening.matrix.shape == (64, 6)
    assert {"whitening.mean", "whitening.matrix"} <= set(encoder.state_dict())
    fit_whitening(encoder, z, 0)
    assert encoder.whitening is None
    assert not [name for name in encoder.state_dict() if name.startswith("whitening")]
