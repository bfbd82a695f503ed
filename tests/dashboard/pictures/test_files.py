"""Picture files of strangers: what is read, and what is refused with which words."""

import gzip
import io
import struct
import zlib

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dashboard.pictures import files
from dashboard.pictures.files import OwnPictureError, read_planes
from tests.dashboard.own_pictures import SCALE_DEG, encoded, fits_file, galaxy, rgb_galaxy

GRZ, RGB = ("g", "r", "z"), ("R", "G", "B")
FLUX = np.stack([1.0 * galaxy(40, 48), 2.0 * galaxy(40, 48), 3.0 * galaxy(40, 48)]).astype("f4")


def read_rgb(content):
    planes = read_planes(content, RGB)
    assert planes.kind == "colours"
    return planes.values.transpose(1, 2, 0)


def png_of_size(width, height):
    """Return a PNG that claims to be as large, and holds nothing."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_a_png_is_read_as_it_is():
    rgb = rgb_galaxy(40, 50)
    np.testing.assert_array_equal(read_rgb(encoded(rgb)), rgb)


def test_a_jpeg_is_read_to_a_few_levels():
    rgb = rgb_galaxy(40, 50)
    assert np.abs(read_rgb(encoded(rgb, "JPEG", quality=95)).astype(int) - rgb).max() < 12


def test_a_camera_that_was_turned_is_turned_back():
    rgb = rgb_galaxy(40, 50)
    exif = Image.Exif()
    exif[0x0112] = 6  # the first line of the file is the right side of the scene
    turned = read_rgb(encoded(rgb, exif=exif))
    np.testing.assert_array_equal(turned, np.rot90(rgb, -1))


def test_what_can_be_seen_through_lies_on_black_sky():
    rgba = np.dstack([np.full((32, 32, 3), 200, np.uint8), np.zeros((32, 32), np.uint8)])
    rgba[16:, :, 3] = 255
    rgb = read_rgb(encoded(rgba))
    assert (rgb[:16] == 0).all()
    assert (rgb[16:] == 200).all()


def test_grey_and_palette_become_three_channels():
    grey = (galaxy(32) * 250).astype(np.uint8)
    for image in (Image.fromarray(grey), Image.fromarray(grey).convert("P")):
        np.testing.assert_array_equal(read_rgb(encoded(image)), np.dstack([grey] * 3))


def test_sixteen_bits_are_left_to_be_stretched():
    deep = (galaxy(32) * 60_000).astype(np.uint16)
    planes = read_planes(encoded(Image.fromarray(deep)), RGB)
    assert planes.kind == "stretch"
    np.testing.assert_array_equal(planes.values, deep[np.newaxis])


def test_fits_planes_are_fluxes_where_the_atlas_has_fluxes_and_the_last_line_is_the_first():
    planes = read_planes(fits_file(FLUX, SCALE_DEG), GRZ)
    assert planes.kind == "flux"
    np.testing.assert_array_equal(planes.values, FLUX[:, ::-1])
    assert planes.pixel_scale_arcsec == pytest.approx(0.262)


def test_fits_planes_are_colours_where_the_atlas_has_pictures():
    planes = read_planes(fits_file(FLUX.transpose(1, 2, 0)), RGB)
    assert (planes.kind, planes.pixel_scale_arcsec) == ("stretch", None)
    np.testing.assert_array_equal(planes.values, FLUX[:, ::-1])


def test_bands_that_the_header_names_are_fluxes_in_their_order():
    griz = np.stack([FLUX[0], FLUX[1], 9 * FLUX[1], FLUX[2]])
    planes = read_planes(fits_file(griz, BANDS="griz"), RGB)
    assert planes.kind == "flux"
    np.testing.assert_array_equal(planes.values, FLUX[:, ::-1])


def test_eight_bits_in_fits_are_colours_as_they_are():
    rgb = rgb_galaxy(40)
    planes = read_planes(fits_file(rgb.transpose(2, 0, 1)), GRZ)
    assert planes.kind == "colours"
    np.testing.assert_array_equal(planes.values[:, ::-1].transpose(1, 2, 0), rgb)


def test_one_band_is_grey():
    planes = read_planes(fits_file(FLUX[1]), GRZ)
    assert planes.kind == "stretch"
    np.testing.assert_array_equal(planes.values, FLUX[1:2, ::-1])


def test_the_image_may_be_in_an_extension():
    buffer = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(FLUX)]).writeto(buffer)
    assert read_planes(buffer.getvalue(), GRZ).values.shape == (3, 40, 48)


def table():
    buffer = io.BytesIO()
    columns = [fits.Column("a", "E", array=np.arange(3.0))]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(buffer)
    return buffer.getvalue()


def lying_fits(side):
    """Return a FITS file whose header promises a large image that is not there."""
    cards = ["SIMPLE  =                    T", "BITPIX  =                  -64"]
    cards += ["NAXIS   =                    2", f"NAXIS1  = {side:20d}", f"NAXIS2  = {side:20d}"]
    return "".join(card.ljust(80) for card in [*cards, "END"]).ljust(2880).encode() + b"\0" * 2880


def animated():
    frames = [Image.fromarray(rgb_galaxy(40)), Image.fromarray(rgb_galaxy(40)[::-1] // 2)]
    return encoded(frames[0], save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"hello", "not a JPEG, PNG, WebP, TIFF or FITS picture"),
        (encoded(rgb_galaxy(40), "GIF"), "not a JPEG, PNG, WebP, TIFF or FITS picture"),
        (gzip.compress(encoded(rgb_galaxy(40))), "gzip has compressed is not FITS"),
        (gzip.compress(fits_file(FLUX))[:800], "damaged"),
        (encoded(rgb_galaxy(31, 90)), "90 x 31 pixels; at least 32 x 32"),
        (fits_file(FLUX[:, :20]), "48 x 20 pixels; at least 32 x 32"),
        (png_of_size(60_000, 60_000), "more than 25 million pixels"),
        (png_of_size(5_001, 5_000), "more than 25 million pixels"),
        (png_of_size(500, 500), "damaged: it cannot be decoded"),
        (encoded(rgb_galaxy(90))[:400], "damaged: it cannot be decoded"),
        (encoded(rgb_galaxy(90), "JPEG")[:400], "damaged: it cannot be decoded"),
        (animated(), "animated"),
        (fits_file(FLUX)[:6000], "cut off"),
        (lying_fits(5_000), "cut off"),
        (lying_fits(10**9), "cut off"),
        (fits_file(np.zeros((5, 40, 40), "f4")), "holds 5 planes"),
        (fits_file(np.zeros((2, 2, 40, 40), "f4")), "has 4 axes"),
        (table(), "holds no image"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(content, words):
    with pytest.raises(OwnPictureError, match=words):
        read_planes(content, GRZ)


def test_a_fits_image_with_too_many_pixels_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(files, "MOST_PIXELS", 1000)
    with pytest.raises(OwnPictureError, match="million pixels"):
        read_planes(fits_file(FLUX), GRZ)


@pytest.mark.parametrize("cards", [{"CTYPE1": "LINEAR"}, {"CD1_1": 0.0}, {"CUNIT1": "furlong"}])
def test_coordinates_that_make_no_sense_are_no_scale(cards):
    content = fits_file(FLUX, SCALE_DEG, **cards)
    planes = read_planes(content, GRZ)
    assert planes.pixel_scale_arcsec is None
    assert planes.kind == "flux"


@settings(max_examples=40)
@given(st.data())
def test_whatever_is_changed_in_a_file_it_is_read_or_refused(data):
    content = bytearray(data.draw(st.sampled_from([encoded(rgb_galaxy(40)), fits_file(FLUX)])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        planes = read_planes(bytes(content), GRZ)
    except OwnPictureError:
        return
    assert planes.values.shape[0] in (1, 3)
