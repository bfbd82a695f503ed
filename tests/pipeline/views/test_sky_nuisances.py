"""Seeing, noise and dust: each a class, each with its physics."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.images.legacy_surveys import FWHM_OVER_SIGMA, PSF_FWHM_ARCSEC
from pipeline.views.nuisances import PsfBlur, SkyNoise, draw, own_psf, reddened
from pipeline.views.tensors import gaussian_blur, noise_level, redden

PX_ARCSEC = 0.262


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def points(n, side=65):
    result = torch.zeros(n, 3, side, side, dtype=torch.float64)
    result[..., side // 2, side // 2] = 1.0
    return result


def sigma_px(pictures):
    """Standard deviation along x of what a point has become, (n, band)."""
    profile = pictures.sum(dim=2)
    offsets = torch.arange(profile.shape[-1]) - profile.shape[-1] // 2
    return ((profile * offsets**2).sum(dim=2) / profile.sum(dim=2)).sqrt()


@settings(max_examples=15)
@given(
    nuisance=st.sampled_from([PsfBlur(0.524), SkyNoise(2), reddened]),
    seed=st.integers(0, 2**31),
    n=st.integers(1, 4),
    side=st.integers(8, 40),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    brightness=st.floats(0, 100),
)
def test_a_nuisance_keeps_shape_and_type_and_its_input(nuisance, seed, n, side, dtype, brightness):
    flux = brightness * torch.rand(n, 3, side, side, generator=generator(seed), dtype=dtype)
    before = flux.clone()
    views = nuisance(flux, generator(seed))
    assert views.shape == flux.shape
    assert views.dtype == dtype
    assert torch.isfinite(views).all()
    assert torch.equal(flux, before)
    assert torch.equal(nuisance(flux, generator(seed)), views)


def test_a_nuisance_does_something():
    flux = torch.rand(16, 3, 32, 32, generator=generator(1))
    for nuisance in (PsfBlur(0.262), SkyNoise(1), reddened):
        assert not torch.allclose(nuisance(0.01 * flux, generator()), 0.01 * flux)


@pytest.mark.parametrize("own_arcsec", [0.1, 0.2, 0.3])
def test_own_and_added_seeing_come_to_the_drawn_one_in_quadrature(own_arcsec):
    own = torch.full((30, 3), own_arcsec)
    seen = gaussian_blur(points(30), own / PX_ARCSEC)
    result = sigma_px(PsfBlur(PX_ARCSEC)(seen, generator(4), own)) * PX_ARCSEC
    # Every seeing that the survey draws is worse than 0.3 arcsec of sigma.
    drawn = draw(PSF_FWHM_ARCSEC, 30, generator(4)).double() / FWHM_OVER_SIGMA
    assert torch.allclose(result, drawn, rtol=5e-3)


def test_a_galaxy_seen_worse_than_drawn_stays_as_it_is():
    views = PsfBlur(PX_ARCSEC)(points(5), generator(), torch.full((5, 3), 3.0))
    assert torch.allclose(views, points(5), atol=1e-7)


def test_seeing_that_is_not_known_is_the_surveys_median():
    own = torch.full((20, 3), torch.nan)
    own[3, 1] = 0.1
    known, unknown = (PsfBlur(PX_ARCSEC)(points(20), generator(2), which) for which in (own, None))
    changed = (known != unknown).flatten(2).any(dim=2)
    assert changed.nonzero().tolist() == [[3, 1]]


def test_own_seeing_is_a_sigma_and_catalogues_have_full_widths():
    catalogue = pd.DataFrame(
        {"psf_fwhm_arcsec_r": [2.3548, 0.0, np.nan, -99.0], "psf_fwhm_arcsec_z": [1.1774, 1, 1, 1]}
    )
    sigma = own_psf(catalogue)
    assert sigma.dtype == np.float32
    assert sigma[:, 1].tolist() == pytest.approx([1.0, np.nan, np.nan, np.nan], nan_ok=True)
    assert sigma[0].tolist() == pytest.approx([np.nan, 1.0, 0.5], nan_ok=True)


@pytest.mark.parametrize("catalogue", [{"mag_r": [17.0]}, {"psf_fwhm_arcsec_g": [0.0]}])
def test_a_catalogue_without_seeing_has_none(catalogue):
    assert own_psf(pd.DataFrame(catalogue)) is None


def test_seeing_is_drawn_as_the_survey_has_it():
    blurred = PsfBlur(PX_ARCSEC)(points(400, 33).float(), generator(1))
    # Half of the drawn seeing is better than the median, which a cutout is taken to have already.
    untouched = (blurred[..., 16, 16] > 0.999).float().mean(dim=0)
    assert untouched.tolist() == pytest.approx([0.5, 0.5, 0.5], abs=0.08)


def test_sky_noise_adds_in_quadrature_up_to_the_drawn_level():
    drawn = noise_level(SkyNoise(1)(torch.zeros(64, 3, 64, 64), generator(5)))
    assert drawn.median(dim=0).values.tolist() == pytest.approx([0.0031, 0.0044, 0.0117], rel=0.15)
    own = 0.005
    noisy = own * torch.randn(64, 3, 64, 64, generator=generator(6))
    result = noise_level(SkyNoise(1)(noisy, generator(5)))
    assert torch.allclose(result, drawn.clamp(min=own), rtol=0.15)


@given(ebv=st.floats(-1, 1), flux=st.floats(1e-3, 100))
def test_reddening_inverts(ebv, flux):
    cutouts = torch.full((1, 3, 2, 2), flux, dtype=torch.float64)
    ebv_mag = torch.tensor([ebv], dtype=torch.float64)
    assert torch.allclose(redden(redden(cutouts, ebv_mag), -ebv_mag), cutouts, rtol=1e-9)


def test_dust_dims_blue_most():
    kept = redden(torch.ones(1, 3, 1, 1), torch.tensor([0.3])).flatten()
    assert kept.tolist() == pytest.approx(
        [10 ** (-1.2856 * 0.3), 10 ** (-0.866 * 0.3), 10 ** (-0.4844 * 0.3)], rel=1e-5
    )


def test_reddening_is_as_often_added_as_removed():
    kept = reddened(torch.ones(2000, 3, 1, 1), generator(8))[:, :, 0, 0]
    assert (kept[:, 0] < 1).float().mean().item() == pytest.approx(0.5, abs=0.04)
    # What dims g dims z, by the ratio of the two coefficients.
    ratio = kept[:, 2].log() / kept[:, 0].log()
    assert torch.allclose(ratio, torch.full_like(ratio, 0.4844 / 1.2856), rtol=0.02)
