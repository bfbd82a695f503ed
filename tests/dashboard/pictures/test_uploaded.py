"""Pictures of one's own: how they are framed, what the browser keeps, and what is refused."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from dashboard.pictures.crop import Crop
from dashboard.pictures.files import OwnPictureError
from dashboard.pictures.uploaded import (
    SIDE_PX,
    planes_from_url,
    planes_to_url,
    png_url,
    read_own_picture,
    rgb_of,
)
from pipeline.atlas import EncoderInput, nanomaggies_to_rgb, stretch
from tests.dashboard.own_pictures import SCALE_DEG, encoded, fits_file, galaxy, rgb_galaxy
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

# Cutouts of 152 px of 0.262 arcsec, of which the model sees 96 px, 25.152 arcsec.
FLUX_ATLAS = replace(
    small_atlas(random_unit_rows(4, 3)).manifest,
    encoder_input=EncoderInput(field_px=96, input_px=64),
)
PICTURE_ATLAS = replace(FLUX_ATLAS, bands=("R", "G", "B"), pixel_scale_arcsec=None, cutout_px=96)
FLUX = np.stack([galaxy(200)] * 3).astype("f4")


def radius(side, sigma=0.12):
    """Return the radius of the circle that holds 80 % of the light of `galaxy`."""
    return sigma * side * np.sqrt(2 * np.log(5))


def with_galaxy_at(x, y, small=60, side=240):
    rgb = np.full((side, side, 3), 20, np.uint8)
    top, left = y - small // 2, x - small // 2
    rgb[top : top + small, left : left + small] = rgb_galaxy(small)
    return rgb


def test_a_picture_without_a_scale_begins_around_its_source_with_some_sky():
    picture = read_own_picture(encoded(with_galaxy_at(150, 100)), FLUX_ATLAS, share=0.3)
    assert picture.crop.x == pytest.approx(150 / 240, abs=0.01)
    assert picture.crop.y == pytest.approx(100 / 240, abs=0.01)
    # What is fainter than the noise is not seen, and smoothing widens.
    assert 240 / picture.crop.zoom == pytest.approx(1.25 * radius(60) / 0.3, rel=0.15)
    assert "with a little more sky than this atlas has" in picture.framing


def test_a_picture_that_the_proposal_would_hardly_change_is_seen_whole():
    content = encoded(with_galaxy_at(120, 120, 180))
    small, large = (read_own_picture(content, FLUX_ATLAS, share) for share in (0.3, 0.22))
    assert 240 / small.crop.zoom == pytest.approx(1.25 * radius(180) / 0.3, rel=0.1)  # 0.7 of it
    assert large.crop == Crop()
    assert "about as large in it as those of this atlas" in large.framing


def test_a_source_that_fills_its_picture_is_seen_whole():
    rgb = rgb_galaxy(100, 140)
    picture = read_own_picture(encoded(rgb), FLUX_ATLAS, share=0.15)
    np.testing.assert_array_equal(rgb_of(picture.planes), rgb[:, 20:120])
    assert picture.crop == Crop(0.5, 0.5, 1.0)


def test_a_picture_without_a_source_begins_with_its_largest_central_square():
    rgb = np.random.default_rng(1).integers(40, 60, (100, 140, 3), dtype=np.uint8)
    picture = read_own_picture(encoded(rgb), FLUX_ATLAS)
    assert (picture.crop, picture.framing) == (Crop(), "")
    assert picture.planes.shape == (3, 100, 100)


def test_of_a_large_picture_the_surroundings_of_a_small_source_are_kept():
    picture = read_own_picture(encoded(with_galaxy_at(300, 500, 150, 1000)), FLUX_ATLAS)
    field_px = 1.25 * radius(150) / 0.3
    assert picture.planes.shape == (3, SIDE_PX, SIDE_PX)
    assert picture.crop.zoom == pytest.approx(4, rel=0.1)
    # Four fields around it, shrunk to what is kept: the galaxy is that much wider there.
    levels = picture.planes[0, SIDE_PX // 2].astype(float) - 20
    sigma_px = 0.12 * 150 * SIDE_PX / (4 * field_px)
    assert (levels > 100).sum() == pytest.approx(2 * sigma_px * np.sqrt(2 * np.log(2)), rel=0.2)


def test_a_picture_of_the_size_of_the_cutouts_begins_with_what_the_model_sees_of_them():
    picture = read_own_picture(encoded(rgb_galaxy(152)), FLUX_ATLAS)
    assert picture.crop.side_px(152) == 96
    assert "as the pictures of this atlas" in picture.framing


def test_a_scale_frames_the_field_that_the_model_is_used_to():
    picture = read_own_picture(fits_file(FLUX, SCALE_DEG), FLUX_ATLAS)
    assert picture.planes.shape == (3, 200, 200)
    assert picture.crop.side_px(200) == 96
    assert "25 arcsec" in picture.framing


def test_of_a_picture_much_larger_than_the_field_four_fields_are_kept():
    flux = np.stack([galaxy(700)] * 3).astype("f4")
    picture = read_own_picture(fits_file(flux, SCALE_DEG), FLUX_ATLAS)
    # 4 x 96 = 384 px, as means of 2 x 2
    assert picture.planes.shape == (3, 192, 192)
    assert picture.crop.side_px(192) == 48


def test_a_picture_smaller_than_the_field_is_seen_whole_and_says_so():
    picture = read_own_picture(fits_file(FLUX[:, :60, :60], SCALE_DEG), FLUX_ATLAS)
    assert picture.crop.zoom == 1.0
    assert "The model sees 16 arcsec of it; in this atlas it saw 25." in picture.framing


def test_flux_is_that_of_the_pixels_of_the_atlas():
    # Pixels of half the side collect a quarter of the light.
    picture = read_own_picture(fits_file(FLUX, SCALE_DEG / 2), FLUX_ATLAS)
    assert picture.planes.max() == pytest.approx(4 * FLUX.max(), rel=1e-3)


def test_a_large_picture_is_shrunk_to_what_is_kept():
    picture = read_own_picture(encoded(rgb_galaxy(900, 1000)), FLUX_ATLAS)
    assert picture.planes.shape == (3, SIDE_PX, SIDE_PX)
    middle = picture.planes[:, SIDE_PX // 2, SIDE_PX // 2].astype(int)
    assert np.abs(middle - (220, 180, 140)).max() < 4


def test_fluxes_on_an_atlas_of_pictures_that_are_named_keep_the_viewers_colours():
    picture = read_own_picture(fits_file(FLUX[:, :90, :90], BANDS="grz"), PICTURE_ATLAS)
    np.testing.assert_array_equal(rgb_of(picture.planes), nanomaggies_to_rgb(FLUX[:, 89::-1, :90]))


def test_a_few_dead_pixels_do_no_harm_and_are_without_flux():
    flux = FLUX.copy()
    flux[:, 100, 100] = np.nan
    picture = read_own_picture(fits_file(flux, SCALE_DEG), FLUX_ATLAS)
    assert (picture.planes[:, 99, 100] == 0).all()
    assert np.isfinite(picture.planes).all()


def test_what_lies_outside_of_the_crop_may_be_missing():
    flux = np.full_like(FLUX, np.nan)
    flux[:, 50:150, 50:150] = FLUX[:, 50:150, 50:150]
    assert np.isfinite(read_own_picture(fits_file(flux, SCALE_DEG), FLUX_ATLAS).planes).all()


def test_a_large_deep_picture_is_stretched_as_small_as_it_is_kept():
    """Stretching all of its pixels once took gigabytes for a file of some kilobytes."""
    deep = encoded(Image.fromarray((galaxy(1300) * 60_000).astype(np.uint16)))
    with mock.patch("dashboard.pictures.uploaded.stretch", wraps=stretch) as stretched:
        picture = read_own_picture(deep, FLUX_ATLAS)
    # Means of 3 x 3.
    assert stretched.call_args.args[0].shape == (1, 433, 433)
    assert picture.planes.shape == (3, SIDE_PX, SIDE_PX)
    assert picture.planes[:, SIDE_PX // 2, SIDE_PX // 2].min() > 240


def test_of_a_large_picture_with_dead_pixels_the_others_are_seen():
    plane = galaxy(1300)
    dead = plane.copy()
    dead[::6, ::6] = np.nan
    whole = read_own_picture(fits_file(plane), FLUX_ATLAS).planes.astype(int)
    assert np.abs(read_own_picture(fits_file(dead), FLUX_ATLAS).planes - whole).max() < 8


@pytest.mark.parametrize("number", [1e300, -1e300, 1.7e308])
def test_numbers_beyond_those_of_32_bits_are_read_without_a_warning(number):
    for shape in [(200, 200), (3, 200, 200), (1300, 1300)]:
        planes = np.broadcast_to(galaxy(shape[-1]), shape).astype(float)
        planes[..., 0, :3] = number, -number, number
        read = read_own_picture(fits_file(planes), FLUX_ATLAS).planes
        assert np.isfinite(read).all()


def half_missing():
    flux = FLUX.copy()
    flux[:, :100] = np.nan
    return fits_file(flux, SCALE_DEG)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (encoded(np.full((60, 60, 3), 90, np.uint8)), "blank: its middle shows nothing"),
        (encoded(np.eye(2, dtype=np.uint8).repeat(30, 0).repeat(30, 1) + 90), "blank"),
        (fits_file(np.full((50, 50), 7.0)), "blank"),
        (fits_file(FLUX * 1e-6), "blank.*Fluxes are to be in nanomaggies"),
        (half_missing(), "25% of what the model would see has no value"),
        (fits_file(np.full_like(FLUX, np.nan)), "100% of what the model would see has no value"),
        (b"GIF89a", "not a JPEG, PNG, WebP, TIFF or FITS picture"),
    ],
)
def test_what_shows_nothing_is_refused_with_the_reason(content, words):
    with pytest.raises(OwnPictureError, match=words):
        read_own_picture(content, FLUX_ATLAS)


def test_the_browser_gives_back_the_colours_that_it_was_given():
    planes = rgb_galaxy(40).transpose(2, 0, 1)
    np.testing.assert_array_equal(planes_from_url(planes_to_url(planes)), planes)


def test_the_browser_gives_back_fluxes_to_a_thousandth():
    planes = np.stack([FLUX[0], -3 * FLUX[0], 5e4 * FLUX[0]])
    np.testing.assert_allclose(planes_from_url(planes_to_url(planes)), planes, 1e-3, 1e-7)


FLUX_URL = planes_to_url(FLUX[:, :40, :40])


@pytest.mark.parametrize(
    "url",
    [
        None,
        3,
        "",
        "data:image/png;base64,",
        "data:image/png;base64,aGVsbG8=",
        png_url(rgb_galaxy(40, 41)),
        png_url(rgb_galaxy(8)),
        png_url(rgb_galaxy(SIDE_PX + 1)),
        FLUX_URL[:-4],
        FLUX_URL + "A" * 10_000_000,
    ],
)
def test_what_the_browser_made_up_is_refused(url):
    with pytest.raises(OwnPictureError, match="has lost your picture"):
        planes_from_url(url)


def test_fluxes_that_are_not_finite_are_none():
    planes = FLUX[:, :40, :40].copy()
    planes[0, 0, :3] = np.nan, np.inf, -np.inf
    assert (planes_from_url(planes_to_url(planes))[0, 0, :3] == 0).all()


def test_a_file_with_coordinates_knows_where_its_frame_is():
    picture = read_own_picture(fits_file(FLUX, SCALE_DEG), FLUX_ATLAS)
    # The first pixel from below is at RA 10, Dec 5; the galaxy 99.5 pixels from there.
    position = picture.sky.position(picture.crop.x, picture.crop.y)
    east = 10 - 99.5 * SCALE_DEG / np.cos(np.radians(5))
    assert position == pytest.approx((east, 5 + 99.5 * SCALE_DEG), abs=0.2 * SCALE_DEG)


def test_a_picture_without_coordinates_knows_no_place():
    assert read_own_picture(encoded(rgb_galaxy(90)), FLUX_ATLAS).sky is None
