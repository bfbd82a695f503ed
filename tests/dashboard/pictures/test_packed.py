"""Packed pictures: what is unpacked, and what would be a bomb."""

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

from dashboard.pictures import packed
from dashboard.pictures.files import OwnPictureError, read_planes
from dashboard.pictures.packed import n_scans
from tests.dashboard.own_pictures import SCALE_DEG, encoded, fits_file, galaxy, rgb_galaxy

GRZ = ("g", "r", "z")
FLUX = np.stack([1.0 * galaxy(40, 48), 2.0 * galaxy(40, 48), 3.0 * galaxy(40, 48)]).astype("f4")


def tiled(data, kind="RICE_1", **options):
    buffer = io.BytesIO()
    image = fits.CompImageHDU(data, compression_type=kind, **options)
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(buffer)
    return buffer.getvalue()


def changed(content, card, value):
    """Return a FITS file with another value in a card."""
    start = content.index(card.ljust(8).encode() + b"=")
    return content[: start + 10] + str(value).rjust(20).encode() + content[start + 30 :]


def test_fits_in_gzip_is_read_as_without():
    planes = read_planes(gzip.compress(fits_file(FLUX, SCALE_DEG)), GRZ)
    assert planes.kind == "flux"
    np.testing.assert_array_equal(planes.values, FLUX[:, ::-1])


@pytest.mark.parametrize("kind", ["RICE_1", "GZIP_1", "GZIP_2"])
def test_tiles_are_read(kind):
    counts = np.rint(1000 * FLUX).astype("i2")
    planes = read_planes(tiled(counts, kind), GRZ)
    np.testing.assert_array_equal(planes.values, counts[:, ::-1])
    planes = read_planes(gzip.compress(tiled(FLUX, kind)), GRZ)
    np.testing.assert_allclose(planes.values, FLUX[:, ::-1], atol=0.1)


@pytest.mark.parametrize("form", ["WEBP", "TIFF"])
def test_webp_and_tiff_are_read(form):
    rgb = rgb_galaxy(40, 50)
    planes = read_planes(encoded(rgb, form, **({"lossless": True} if form == "WEBP" else {})), GRZ)
    np.testing.assert_array_equal(planes.values.transpose(1, 2, 0), rgb)


def test_numbers_in_tiff_are_left_to_be_stretched():
    planes = read_planes(encoded(Image.fromarray(FLUX[0]), "TIFF"), GRZ)
    assert planes.kind == "stretch"
    np.testing.assert_array_equal(planes.values, FLUX[:1])


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*"}])
def test_the_size_of_webp_is_read_before_it_is_decoded(options):
    assert packed.webp_size(encoded(rgb_galaxy(40, 50), "WEBP", **options)) == (50, 40)


def large_webp():
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16_000).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", len(canvas) + 4) + b"WEBP" + canvas


def moving_webp():
    frames = [Image.fromarray(rgb_galaxy(40)), Image.fromarray(rgb_galaxy(40)[::-1] // 2)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


def tiff_with_a_large_tile():
    """Return 40 x 40 pixels in one tile that claims to be 60,000 wide and high."""
    tags = [(256, 40), (257, 40), (258, 8), (259, 8), (262, 1), (277, 1), (322, 60_000)]
    tags += [(323, 60_000), (324, 200), (325, 20)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return head.ljust(200, b"\0") + zlib.compress(bytes(1000))


def gzip_bomb():
    """Return tiles of gzip of which the first unpacks to a hundred times what it should."""
    line = np.zeros((40, 48), "i2")
    content = tiled(line, "GZIP_1")
    with fits.open(io.BytesIO(content), disable_image_compression=True) as hdus:
        table = hdus[1]
        column = list(table.data["COMPRESSED_DATA"])
        column[0] = np.frombuffer(gzip.compress(bytes(96 * 5000)), np.uint8)
        columns = [fits.Column("COMPRESSED_DATA", "PB()", array=np.array(column, object))]
        new = fits.BinTableHDU.from_columns(columns)
        cards = [card for card in table.header.cards if card.keyword.startswith("Z")]
        new.header.extend(cards)
        buffer = io.BytesIO()
        fits.HDUList([fits.PrimaryHDU(), new]).writeto(buffer)
    return buffer.getvalue()


TILED = tiled(np.rint(1000 * FLUX).astype("i2"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(bytes(packed.MOST_BYTES + 1)), "more than 100 MB"),
        (gzip.compress(gzip.compress(fits_file(FLUX))), "not FITS"),
        (changed(TILED, "ZNAXIS1", 100_000), "more than 100 MB|compressed in a way"),
        (changed(TILED, "ZNAXIS3", 10**9), "more than 100 MB"),
        (changed(TILED, "ZTILE1", 10**9), "compressed in a way"),
        (changed(TILED, "ZNAXIS2", 400), "compressed in a way"),
        (TILED[:-2880], "damaged"),
        (tiled(FLUX[0], "HCOMPRESS_1"), "compressed in a way that is not read here"),
        (gzip_bomb(), "more than 100 MB"),
        (large_webp(), "more than 25 million pixels"),
        (large_webp()[:20], "damaged|compressed"),
        (encoded(rgb_galaxy(90), "WEBP")[:200], "damaged"),
        (moving_webp(), "animated"),
        (tiff_with_a_large_tile(), "more than 25 million pixels"),
    ],
)
def test_bombs_and_what_is_not_read_are_refused_with_the_reason(content, words):
    with pytest.raises(OwnPictureError, match=words):
        read_planes(content, GRZ)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_changed_in_a_packed_file_it_is_read_or_refused(data):
    forms = [TILED, tiled(FLUX, "GZIP_2"), gzip.compress(fits_file(FLUX))]
    forms += [encoded(rgb_galaxy(40), form) for form in ("WEBP", "TIFF")]
    content = bytearray(data.draw(st.sampled_from(forms)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        planes = read_planes(bytes(content), GRZ)
    except OwnPictureError:
        return
    assert planes.values.shape[0] in (1, 3)


def test_scans_of_a_jpeg_are_counted_without_decoding_and_no_further_than_is_asked():
    plain = encoded(rgb_galaxy(96), "JPEG")
    progressive = encoded(rgb_galaxy(96), "JPEG", progressive=True)
    last = progressive.rindex(b"\xff\xda")
    longer = progressive[:last] + progressive[last:-2] * 40 + b"\xff\xd9"
    assert n_scans(plain, 64) == 1
    n = n_scans(progressive, 64)
    assert 2 < n < 20
    assert n_scans(longer, 64) == n + 39
    assert n_scans(longer, 20) == 21
    assert n_scans(b"\xff" * 10, 64) == 0
