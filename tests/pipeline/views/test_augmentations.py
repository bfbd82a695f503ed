import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.atlas.rgb import nanomaggies_to_rgb
from pipeline.config import ConfigError, ViewsConfig
from pipeline.views.augmentations import Geometry, Views
from pipeline.views.field import Field
from pipeline.views.nuisances import PsfBlur, SkyNoise, reddened
from pipeline.views.tensors import binned, flux_to_rgb, gaussian_blur, noise_level

FLUX = Field(96, 64, 32, is_flux=True, pixel_scale_arcsec=0.262)
PICTURES = Field(96, 64, 32, is_flux=False)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def flux(n=4, side=48, seed=0):
    return 0.02 * torch.randn(n, 3, side, side, generator=generator(seed))


def test_rgb_equals_the_viewers_formula_to_the_rounding():
    cutouts = flux(3) + torch.linspace(0, 3, 48)
    exact = nanomaggies_to_rgb(cutouts.numpy())
    ours = flux_to_rgb(cutouts).movedim(1, -1).numpy() * 255
    assert np.abs(ours - exact).max() <= 0.51


@given(
    fluxes=st.lists(
        st.floats(-1, 10, width=32).filter(lambda x: abs(x) > 1e-6), min_size=3, max_size=3
    )
)
def test_a_pixels_colour_is_the_viewers_formula(fluxes):
    scaled = [flux * scale + 0.03 for flux, scale in zip(fluxes, (6.0, 3.4, 2.2), strict=True)]
    mean = sum(max(0, value) for value in scaled) / 3
    expected = [
        min(1, max(0, value * math.asinh(20 * mean) / math.sqrt(20) / mean)) if mean > 1e-9 else 0
        for value in scaled
    ]
    blue, green, red = expected
    colour = flux_to_rgb(torch.tensor(fluxes).view(1, 3, 1, 1)).flatten().tolist()
    assert colour == pytest.approx([red, green, blue], abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), is_flux=st.booleans())
def test_views_are_finite_pictures_and_leave_the_cutouts_alone(seed, is_flux):
    cutouts = (
        flux(3, 96, seed).half()
        if is_flux
        else torch.randint(0, 256, (3, 3, 96, 96), dtype=torch.uint8, generator=generator(seed))
    )
    field = FLUX if is_flux else PICTURES
    pictures = field.prepare(cutouts)
    before = pictures.clone()
    views = Views(ViewsConfig(), field)(pictures, generator(seed))
    assert views.shape == (3, 3, 32, 32)
    assert views.dtype == torch.float32
    assert torch.isfinite(views).all()
    assert views.min() >= 0
    assert views.max() <= 1
    assert torch.equal(pictures, before)


def test_two_views_of_a_galaxy_differ_and_the_same_seed_repeats_them():
    views = Views(ViewsConfig(), FLUX)
    cutouts, stream = flux(2, 48), generator(7)
    first, second = views(cutouts, stream), views(cutouts, stream)
    assert not torch.equal(first, second)
    assert torch.equal(views(cutouts, generator(7)), first)


def test_missing_pixels_become_sky():
    cutouts = flux(1, 96)
    cutouts[:, 2] = float("nan")
    assert torch.isfinite(FLUX.encoder_input(cutouts)).all()


def test_geometry_without_freedom_only_turns_and_flips():
    config = ViewsConfig(size=(1.0, 1.0), shift_px=0.0)
    field = Field(65, 33, 33, is_flux=True)
    disk = torch.zeros(16, 1, 65, 65)
    disk[..., 28:37, 28:37] = 1.0
    turned = Geometry(config, field)(disk, generator(2))
    assert torch.allclose(turned.sum(dim=(1, 2, 3)), torch.full((16,), 81.0), rtol=0.02)


def test_a_magnified_galaxy_covers_the_square_of_the_size():
    field = Field(64, 64, 64, is_flux=True)
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


def test_binning_is_the_mean_of_the_pixels():
    cutouts = torch.arange(16.0).view(1, 1, 4, 4)
    assert binned(cutouts, 2).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert binned(torch.full((1, 1, 2, 2), 255, dtype=torch.uint8), 1).max() == 1


def test_a_view_is_shifted_by_no_more_than_asked_for_along_the_cutouts_axes():
    point = torch.zeros(200, 1, 65, 65)
    point[..., 31:34, 31:34] = 1.0
    config = ViewsConfig(size=(1.0, 1.0), shift_px=6.0)
    views = Geometry(config, Field(65, 65, 65, is_flux=True))(point, generator(1))[:, 0]
    y, x = torch.meshgrid(torch.arange(65.0), torch.arange(65.0), indexing="ij")
    total = views.sum(dim=(1, 2))
    away = torch.hypot((views * y).sum((1, 2)) / total - 32, (views * x).sum((1, 2)) / total - 32)
    # Six along both axes is 8.5 along the diagonal, whichever way it is turned afterwards.
    assert away.max() < 8.5 + 0.1
    assert away.max() > 7
    assert 3.5 < away.mean() < 5.5


def test_a_turn_keeps_the_winding_and_a_flip_reverses_it():
    letter = torch.zeros(64, 1, 33, 33)
    letter[..., 8:25, 12:14] = 1.0
    letter[..., 8:10, 12:22] = 1.0
    config = ViewsConfig(size=(1.0, 1.0), shift_px=0.0)
    views = Geometry(config, Field(33, 33, 33, is_flux=True))(letter, generator(3))[:, 0]
    y, x = torch.meshgrid(torch.arange(33.0) - 16, torch.arange(33.0) - 16, indexing="ij")
    # The third moment that changes sign in a mirror, for a shape about its own centre.
    handed = []
    for view in views:
        mass = view.sum()
        dy, dx = y - (view * y).sum() / mass, x - (view * x).sum() / mass
        z = torch.complex(dx, dy)
        second = (view * z * z).sum()
        third = (view * z**3).sum()
        handed.append(torch.sign((third**2 * second.conj() ** 3).imag).item())
    assert 20 < handed.count(1.0) < 44
    assert handed.count(1.0) + handed.count(-1.0) == 64


@pytest.mark.parametrize("sigma", [0.1, 0.3, 0.5, 1.0, 2.2])
def test_a_blur_has_the_variance_that_was_asked_for_also_below_a_pixel(sigma):
    point = torch.zeros(1, 1, 65, 65, dtype=torch.float64)
    point[..., 32, 32] = 1.0
    profile = gaussian_blur(point, torch.tensor([[sigma]]))[0, 0].sum(dim=0)
    offsets = torch.arange(65.0, dtype=torch.float64) - 32
    assert (profile * offsets**2).sum().item() == pytest.approx(sigma**2, rel=2e-3)
    assert profile.sum().item() == pytest.approx(1, abs=1e-5)


def test_views_of_flux_need_the_pixel_scale():
    unknown = Field(96, 64, 32, is_flux=True)
    with pytest.raises(ConfigError, match="need the pixel scale"):
        Views(ViewsConfig(), unknown)
    assert Views(ViewsConfig(psf=False, noise=False), unknown).nuisances


def test_each_nuisance_of_the_sky_can_be_left_out():
    def parts(**left_out):
        views = Views(ViewsConfig(**left_out), FLUX)
        blurs = [] if views.psf_blur is None else [PsfBlur]
        return blurs + [SkyNoise if isinstance(n, SkyNoise) else n for n in views.nuisances]

    assert parts() == [PsfBlur, SkyNoise, reddened]
    assert parts(psf=False) == [SkyNoise, reddened]
    assert parts(noise=False) == [PsfBlur, reddened]
    assert parts(reddening=False) == [PsfBlur, SkyNoise]


def test_a_galaxy_seen_sharply_is_blurred_more_than_one_of_unknown_seeing():
    point = torch.zeros(64, 3, 48, 48)
    point[..., 24, 24] = 0.1
    views = Views(ViewsConfig(noise=False, reddening=False), FLUX)
    unknown = views(point, generator(3))
    sharp = views(point, generator(3), torch.full((64, 3), 0.1))
    poor = views(point, generator(3), torch.full((64, 3), 2.0))
    brightest = [which.amax(dim=(1, 2, 3)) for which in (sharp, unknown, poor)]
    assert (brightest[0] < brightest[2]).all()
    assert (brightest[0] < brightest[1] + 1e-6).all()
    assert brightest[1].mean() < brightest[2].mean()


@given(x=st.floats(0, 1e8, width=32))
def test_the_stretch_is_the_inverse_hyperbolic_sine(x):
    # A grey pixel of intensity I in all bands is asinh(Q I) / sqrt(Q), below white.
    intensity = min(x / 20, 2.0)
    flux = torch.tensor([(intensity - 0.03) / scale for scale in (6.0, 3.4, 2.2)]).double()
    colour = flux_to_rgb(flux.view(1, 3, 1, 1)).flatten().tolist()
    assert colour == pytest.approx(
        [min(1, math.asinh(20 * intensity) / math.sqrt(20))] * 3, abs=1e-6
    )
