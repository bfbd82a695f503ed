import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from pipeline.atlas.rgb import stretch
from pipeline.images.pictures import PictureError, read_picture, square_cutout
from tests.pipeline.picture_folder import flux_cube, gradient, write_fits


def test_resampling_leaves_no_aliasing():
    stripes = np.zeros((3, 64, 64), np.uint8)
    stripes[:, :, ::2] = 200
    # Taking every fourth pixel would give all 200; the mean is 100.
    inner = square_cutout(stripes, 16)[:, 2:-2, 2:-2]
    np.testing.assert_allclose(inner, 100, atol=3)


def test_resampling_keeps_the_flux_of_a_galaxy():
    y, x = np.mgrid[:64, :64] - 31.5
    galaxy = np.exp(-(x**2 + y**2) / (2 * 6.0**2)).astype(np.float32)
    for side in (32, 100):
        smaller = square_cutout(np.stack([galaxy] * 3), side)
        np.testing.assert_allclose(smaller.sum(axis=(1, 2)), galaxy.sum(), rtol=1e-3)


def test_transparent_pictures_lie_on_black_sky(tmp_path):
    rgba = np.dstack([gradient(), np.zeros((32, 32), np.uint8)])
    rgba[:, 16:, 3] = 255
    Image.fromarray(rgba).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert picture[:, :, :16].max() == 0
    np.testing.assert_array_equal(picture[:, :, 16:], gradient()[:, 16:].transpose(2, 0, 1))


def test_grey_pictures_have_three_equal_planes_and_16_bits_are_stretched(tmp_path):
    Image.fromarray(gradient()[:, :, 0]).save(tmp_path / "grey.png")
    picture = read_picture(tmp_path / "grey.png")
    np.testing.assert_array_equal(picture, np.stack([gradient()[:, :, 0]] * 3))
    deep = np.arange(1024, dtype=np.uint16).reshape(32, 32) * 60
    Image.fromarray(deep).save(tmp_path / "deep.png")
    picture = read_picture(tmp_path / "deep.png")
    assert (picture.dtype, picture.min(), picture.max()) == (np.uint8, 0, 255)
    np.testing.assert_array_equal(picture[0], stretch(deep))


def test_fits_of_8_bits_is_taken_as_it_is_upper_line_first(tmp_path):
    write_fits(tmp_path / "planes.fits", gradient().transpose(2, 0, 1))
    write_fits(tmp_path / "pixels.fits", gradient())
    upright = gradient()[::-1].transpose(2, 0, 1)
    np.testing.assert_array_equal(read_picture(tmp_path / "planes.fits"), upright)
    np.testing.assert_array_equal(read_picture(tmp_path / "pixels.fits"), upright)


@pytest.mark.parametrize("name", ["a.fits", "a.fits.gz", "a.png"])
def test_fits_is_told_by_content_compressed_or_not_and_beyond_the_first_unit(tmp_path, name):
    data = np.random.default_rng(0).normal(size=(1, 20, 20)).astype(">f4")
    hdus = fits.HDUList(
        [fits.PrimaryHDU(), fits.CompImageHDU(data, None, None, "GZIP_2", quantize_level=0)]
    )
    write = tmp_path / ("a.fits" if name == "a.png" else name)
    hdus.writeto(write)
    write.rename(tmp_path / name)
    picture = read_picture(tmp_path / name)
    np.testing.assert_array_equal(picture[1], stretch(data[0, ::-1]))


def test_stretch_is_that_of_its_formula():
    # x = 0 ... 1 in 1001 steps: black is 0.01, white 0.998.
    x = np.linspace(0, 1, 1001)
    expected = [
        round(255 * np.arcsinh(10 * (v - 0.01) / 0.988) / np.arcsinh(10)) for v in (0.1, 0.5, 0.9)
    ]
    assert stretch(x)[[100, 500, 900]].tolist() == expected
    assert stretch(x)[[0, 10, 1000]].tolist() == [0, 0, 255]


def test_stretch_is_the_same_in_any_unit_and_shrugs_off_bad_pixels():
    values = np.random.default_rng(2).gamma(1, size=(40, 40))
    np.testing.assert_array_equal(stretch(values), stretch(values * 1e-9 - 5e-9))
    values[0, :3] = np.nan, np.inf, -np.inf
    assert stretch(values)[0, :3].tolist() == [0, 0, 0]
    assert len(np.unique(stretch(values))) > 100
    star = np.zeros((40, 40))
    star[7, 7] = 3.0
    assert stretch(star)[7, 7] == 255


def test_damage_that_only_the_compiled_decoder_notices_is_a_sentence_too(tmp_path):
    noise = np.random.default_rng(5).normal(size=(40, 40)).astype(np.float32)
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(noise)]).writeto(tmp_path / "a.fits")
    content = bytearray((tmp_path / "a.fits").read_bytes())
    data_start = len(content) - 2880
    content[data_start + 400 : data_start + 900] = b"\xff" * 500
    (tmp_path / "a.fits").write_bytes(content)
    with pytest.raises(PictureError, match=r"a\.fits cannot be decoded \(decompression error"):
        read_picture(tmp_path / "a.fits")


@pytest.mark.parametrize(
    ("cards", "planes"),
    [
        ({"BANDS": "zrg"}, "z, r, g"),
        ({"BAND0": "B", "BAND1": "G", "BAND2": "R"}, "B, G, R"),
    ],
)
def test_planes_of_other_bands_are_no_picture(tmp_path, cards, planes):
    write_fits(tmp_path / "a.fits", flux_cube(3), **cards)
    with pytest.raises(PictureError, match=rf"its planes are {planes}\. Set bands = \["):
        read_picture(tmp_path / "a.fits")


def test_planes_that_are_named_red_green_and_blue_are_a_picture(tmp_path):
    write_fits(tmp_path / "a.fits", gradient().transpose(2, 0, 1), BANDS="RGB")
    upright = gradient()[::-1].transpose(2, 0, 1)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.fits"), upright)
