"""Brightness, colour balance, blur and noise of pictures."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.views.nuisances import Gain, PictureBlur, PictureNoise

ALL = [Gain(0.15, 1), Gain(0.03, 3), PictureBlur(1.0), PictureNoise(0.03)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@settings(max_examples=20)
@given(
    nuisance=st.sampled_from(ALL),
    seed=st.integers(0, 2**31),
    n=st.integers(1, 4),
    side=st.integers(4, 40),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_a_nuisance_keeps_shape_and_type_and_its_input(nuisance, seed, n, side, dtype):
    pictures = torch.rand(n, 3, side, side, generator=generator(seed), dtype=dtype)
    before = pictures.clone()
    views = nuisance(pictures, generator(seed))
    assert views.shape == pictures.shape
    assert views.dtype == dtype
    assert torch.isfinite(views).all()
    assert torch.equal(pictures, before)
    assert torch.equal(nuisance(pictures, generator(seed)), views)


@pytest.mark.parametrize(
    "nuisance", [Gain(0.0, 1), Gain(0.0, 3), PictureBlur(0.0), PictureNoise(0.0)]
)
def test_a_nuisance_of_strength_zero_changes_nothing(nuisance):
    pictures = torch.rand(4, 3, 16, 16, generator=generator())
    assert torch.allclose(nuisance(pictures, generator()), pictures, atol=1e-6)


def test_brightness_is_one_factor_for_all_channels_and_log_normal():
    factor = Gain(0.2, 1)(torch.full((4000, 3, 2, 2), 0.5), generator()) / 0.5
    assert torch.allclose(factor, factor[:, :1, :1, :1].expand_as(factor))
    logarithm = factor[:, 0, 0, 0].log()
    assert logarithm.mean().item() == pytest.approx(0, abs=0.02)
    assert logarithm.std().item() == pytest.approx(0.2, rel=0.05)


def test_colour_balance_is_a_factor_for_each_channel():
    logarithm = Gain(0.05, 3)(torch.ones(4000, 3, 1, 1), generator())[..., 0, 0].log()
    assert logarithm.std(dim=0).tolist() == pytest.approx([0.05] * 3, rel=0.05)
    correlation = torch.corrcoef(logarithm.T) - torch.eye(3)
    assert correlation.abs().max() < 0.06


def test_half_of_the_views_stay_as_sharp_and_none_is_blurred_more_than_asked_for():
    points = torch.zeros(1000, 1, 21, 21)
    points[..., 10, 10] = 1.0
    profile = PictureBlur(1.5)(points, generator(2))[:, 0].sum(dim=1)
    sigma_px = (profile * (torch.arange(21.0) - 10) ** 2).sum(dim=1).clamp(min=0).sqrt()
    assert (sigma_px < 1e-3).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert sigma_px.max().item() == pytest.approx(1.5, rel=0.02)


def test_blurs_of_a_picture_add_in_quadrature():
    points = torch.zeros(50, 1, 41, 41)
    points[..., 20, 20] = 1.0

    def variance(pictures):
        return (pictures[:, 0].sum(dim=1) * (torch.arange(41.0) - 20) ** 2).sum(dim=1)

    once = PictureBlur(2.0)(points, generator(1))
    twice = PictureBlur(2.0)(once, generator(1))
    assert torch.allclose(variance(twice), 2 * variance(once), rtol=0.01, atol=1e-3)


def test_noises_of_a_picture_add_in_quadrature():
    noisy = 0.03 * torch.randn(40, 3, 64, 64, generator=generator(9))
    added = PictureNoise(0.05)(torch.zeros_like(noisy), generator(1)).std(dim=(1, 2, 3))
    result = PictureNoise(0.05)(noisy, generator(1)).std(dim=(1, 2, 3))
    assert torch.allclose(result, (added**2 + 0.03**2).sqrt(), rtol=0.03)
    assert added.max() < 0.051
    assert (added == 0).float().mean().item() == pytest.approx(0.5, abs=0.2)
