import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.augmentations import (
    Geometry,
    PictureNuisances,
    PsfBlur,
    Reddening,
    SkyNoise,
    Views,
    encoder_input,
)
from pipeline.config import InputConfig, ViewsConfig
from pipeline.rgb import nanomaggies_to_rgb
from pipeline.tensors import binned, flux_to_rgb, gaussian_blur, noise_level, redden

FIELD = InputConfig(binning=2, field_px=32, input_px=24)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def flux(n=4, side=48, seed=0):
    return 0.02 * torch.randn(n, 3, side, side, generator=generator(seed))


def test_rgb_equals_the_viewers_formula_to_the_rounding():
    cutouts = flux(3) + torch.linspace(0, 3, 48)
    exact = nanomaggies_to_rgb(cutouts.numpy())
    ours = flux_to_rgb(cutouts).movedim(1, -1).numpy() * 255
    assert np.abs(ours - exact).max() <= 0.51


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), is_flux=st.booleans())
def test_views_are_finite_pictures_and_leave_the_cutouts_alone(seed, is_flux):
    cutouts = (
        flux(3, 96, seed).half()
        if is_flux
        else torch.randint(0, 256, (3, 3, 96, 96), dtype=torch.uint8, generator=generator(seed))
    )
    pictures = binned(cutouts, FIELD.binning)
    before = pictures.clone()
    views = Views(ViewsConfig(), FIELD, is_flux=is_flux)(pictures, generator(seed))
    assert views.shape == (3, 3, 24, 24)
    assert views.dtype == torch.float32
    assert torch.isfinite(views).all()
    assert views.min() >= 0
    assert views.max() <= 1
    assert torch.equal(pictures, before)


@pytest.mark.parametrize(
    "nuisance", [PsfBlur(0.524), SkyNoise(2), Reddening(), PictureNuisances(ViewsConfig())]
)
def test_a_nuisance_keeps_shape_and_type_and_its_input(nuisance):
    cutouts = 0.01 * flux().abs()
    before = cutouts.clone()
    views = nuisance(cutouts, generator())
    assert views.shape == cutouts.shape
    assert views.dtype == cutouts.dtype
    assert torch.equal(cutouts, before)
    assert not torch.equal(views, before)


def test_two_views_of_a_galaxy_differ_and_the_same_seed_repeats_them():
    views = Views(ViewsConfig(), FIELD, is_flux=True)
    cutouts, stream = flux(2, 48), generator(7)
    first, second = views(cutouts, stream), views(cutouts, stream)
    assert not torch.equal(first, second)
    assert torch.equal(views(cutouts, generator(7)), first)


def test_missing_pixels_become_sky():
    cutouts = flux(1, 96)
    cutouts[:, 2] = float("nan")
    assert torch.isfinite(encoder_input(cutouts, FIELD, is_flux=True)).all()


def test_geometry_without_freedom_only_turns_and_flips():
    config = ViewsConfig(size=(1.0, 1.0), shift_px=0.0)
    field = InputConfig(binning=1, field_px=33, input_px=33)
    disk = torch.zeros(16, 1, 65, 65)
    disk[..., 28:37, 28:37] = 1.0
    turned = Geometry(config, field)(disk, generator(2))
    assert torch.allclose(turned.sum(dim=(1, 2, 3)), torch.full((16,), 81.0), rtol=0.02)


def test_a_magnified_galaxy_covers_the_square_of_the_size():
    field = InputConfig(binning=1, field_px=64, input_px=64)
    disk = torch.zeros(1, 1, 64, 64)
    disk[..., 24:40, 24:40] = 1.0
    config = ViewsConfig(size=(1.5, 1.5), shift_px=0.0)
    assert Geometry(config, field)(disk, generator()).sum().item() == pytest.approx(
        256 * 1.5**2, rel=0.03
    )


def test_blurs_add_in_quadrature_and_keep_the_flux():
    point = torch.zeros(1, 1, 65, 65)
    point[..., 32, 32] = 1.0
    twice = gaussian_blur(gaussian_blur(point, torch.tensor([[3.0]])), torch.tensor([[4.0]]))
    once = gaussian_blur(point, torch.tensor([[5.0]]))
    assert twice.sum().item() == pytest.approx(1, abs=1e-3)
    assert torch.allclose(twice, once, atol=2e-4)


def test_a_blur_of_zero_changes_nothing():
    cutouts = flux()
    assert torch.allclose(gaussian_blur(cutouts, torch.zeros(4, 3)), cutouts, atol=1e-7)


def test_noise_level_is_measured_to_a_few_per_cent():
    cutouts = 0.02 * torch.randn(4, 3, 128, 128, generator=generator())
    assert torch.allclose(noise_level(cutouts), torch.full((4, 3), 0.02), rtol=0.05)


def test_sky_noise_adds_in_quadrature_up_to_the_drawn_level():
    drawn = noise_level(SkyNoise(1)(torch.zeros(64, 3, 64, 64), generator(5)))
    assert drawn.median(dim=0).values.tolist() == pytest.approx([0.0031, 0.0044, 0.0117], rel=0.15)
    own = 0.005
    noisy = own * torch.randn(64, 3, 64, 64, generator=generator(6))
    result = noise_level(SkyNoise(1)(noisy, generator(5)))
    assert torch.allclose(result, drawn.clamp(min=own), rtol=0.15)


def test_reddening_inverts_and_dims_blue_most():
    cutouts = flux().abs() + 0.1
    ebv = torch.full((4,), 0.3)
    reddened = redden(cutouts, ebv)
    assert torch.allclose(redden(reddened, -ebv), cutouts, rtol=1e-5)
    kept = (reddened / cutouts)[0, :, 0, 0]
    assert kept.tolist() == pytest.approx(
        [10 ** (-1.2856 * 0.3), 10 ** (-0.866 * 0.3), 10 ** (-0.4844 * 0.3)], rel=1e-4
    )


def test_binning_is_the_mean_of_the_pixels():
    cutouts = torch.arange(16.0).view(1, 1, 4, 4)
    assert binned(cutouts, 2).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert binned(torch.full((1, 1, 2, 2), 255, dtype=torch.uint8), 1).max() == 1


def test_the_encoder_sees_the_centre():
    cutouts = torch.zeros(1, 3, 96, 96, dtype=torch.uint8)
    cutouts[..., 32:64, 32:64] = 255
    seen = encoder_input(cutouts, InputConfig(binning=1, field_px=32, input_px=16), is_flux=False)
    assert seen.shape == (1, 3, 16, 16)
    assert seen.min() == 1
