"""The source in the middle of a picture."""

import io
from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.central_source import TYPICAL_SHARE, central_source, usual_share
from pipeline.atlas import open_atlas
from tests.dashboard.own_pictures import encoded, rgb_galaxy


def sky(side=160, seed=0):
    return np.random.default_rng(seed).normal(30, 3, (side, side, 3)).clip(0, 255).astype(np.uint8)


def with_sources(*sources):
    """Return sky with round glows, each given by x, y, sigma in pixels, and brightness."""
    levels = sky().astype(float)
    y, x = np.mgrid[:160, :160]
    for at_x, at_y, sigma, brightness in sources:
        glow = np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / (2 * sigma**2))
        levels += brightness * glow[..., np.newaxis]
    return levels.clip(0, 255).astype(np.uint8)


def test_a_source_is_where_it_is_and_as_large_as_it_is():
    source = central_source(with_sources((90, 70, 8, 200)))
    assert (source.x_px, source.y_px) == pytest.approx((90, 70), abs=0.5)
    # 80 % of the light of a Gaussian are within sqrt(2 ln 5) sigma.
    assert source.radius_px == pytest.approx(8 * np.sqrt(2 * np.log(5)), rel=0.12)


def test_of_several_the_one_nearest_to_the_middle_is_meant():
    source = central_source(with_sources((20, 20, 12, 220), (95, 85, 6, 120), (140, 80, 3, 200)))
    assert (source.x_px, source.y_px) == pytest.approx((95, 85), abs=1)


def test_a_hot_pixel_in_the_middle_is_no_source():
    rgb = with_sources((60, 80, 8, 150))
    rgb[80, 80] = 255
    source = central_source(rgb)
    assert (source.x_px, source.y_px) == pytest.approx((60, 80), abs=1)


@pytest.mark.parametrize("rgb", [sky(), np.zeros((50, 70, 3), np.uint8)])
def test_where_nothing_stands_out_there_is_no_source(rgb):
    assert central_source(rgb) is None


def test_an_atlas_says_how_large_its_galaxies_are(tiny_atlas):
    explorer = Explorer(open_atlas(tiny_atlas))
    assert 0.15 <= usual_share(explorer) <= 0.45
    thumbnail = encoded(rgb_galaxy(100), "JPEG", quality=95)
    alike = SimpleNamespace(
        memory={},
        thumbnails=[thumbnail] * 5,
        manifest=SimpleNamespace(encoder_input=SimpleNamespace(field_px=70), cutout_px=100),
    )
    # 80 % of the light of a Gaussian of 0.12 of 100 pixels, in a field of 70.
    assert usual_share(alike) == pytest.approx(12 * np.sqrt(2 * np.log(5)) / 70, rel=0.1)


def test_an_atlas_without_pictures_says_what_is_typical():
    manifest = SimpleNamespace(encoder_input=None, cutout_px=100)
    bare = SimpleNamespace(memory={}, thumbnails=None, manifest=manifest)
    assert usual_share(bare) == TYPICAL_SHARE
    black = io.BytesIO(encoded(np.zeros((40, 40, 3), np.uint8), "JPEG")).getvalue()
    asked = SimpleNamespace(encoder_input=SimpleNamespace(field_px=40), cutout_px=40)
    dark = SimpleNamespace(memory={}, thumbnails=[black], manifest=asked)
    assert usual_share(dark) == TYPICAL_SHARE
