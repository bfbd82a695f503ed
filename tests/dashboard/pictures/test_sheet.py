"""Small pictures of several galaxies come in one answer."""

import io
import struct

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.addresses import Pictures, register_cutouts
from dashboard.pictures.sheet import CARD_PX, MOST_ROWS, sheet, small_picture
from pipeline.atlas import ChangedError
from pipeline.atlas.thumbnails import encode_thumbnail
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

N = 40


def noise(size_px, seed=0):
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(60, 10, (size_px, size_px, 3)), 0, 255).astype(np.uint8)


@pytest.fixture
def explorer():
    explorer = Explorer(small_atlas(random_unit_rows(N, 4)))
    explorer.thumbnails = [encode_thumbnail(noise(64, row), 88) for row in range(N)]
    return explorer


@pytest.fixture
def client(explorer):
    server = Flask("test")
    register_cutouts(server, {"small": explorer})
    return server.test_client()


def taken_apart(content):
    pictures = []
    while content:
        (length,) = struct.unpack(">I", content[:4])
        pictures.append(content[4 : 4 + length])
        content = content[4 + length :]
    return pictures


def test_pictures_come_in_the_order_in_which_they_were_asked_for(explorer, client):
    answer = client.get(Pictures(explorer).sheet(CARD_PX) + "7,0,39")
    assert answer.status_code == 200
    assert answer.cache_control.immutable
    pictures = taken_apart(answer.data)
    assert pictures == [small_picture(explorer, row) for row in (7, 0, 39)]
    for picture, row in zip(pictures, (7, 0, 39), strict=True):
        assert len(picture) < len(explorer.thumbnails[row]) / 2
        drawn = np.asarray(Image.open(io.BytesIO(picture)), dtype=float)
        assert abs(drawn - noise(64, row)).mean() < 12  # noise of 10 in each colour


def test_what_is_larger_than_a_card_on_a_fine_screen_gets_smaller(explorer):
    explorer.thumbnails[3] = encode_thumbnail(noise(424), 88)
    assert Image.open(io.BytesIO(small_picture(explorer, 3))).size == (CARD_PX, CARD_PX)


@pytest.mark.parametrize(
    "picture", [b"no picture", encode_thumbnail(noise(32), 88)[:300], b"\xff\xd8"]
)
def test_what_cannot_be_read_is_sent_as_it_is(explorer, picture):
    explorer.thumbnails[5] = picture
    assert small_picture(explorer, 5) == picture


def test_what_says_that_it_is_huge_is_not_decoded(explorer):
    file = io.BytesIO()
    Image.new("L", (4000, 3000)).save(file, "JPEG")
    explorer.thumbnails[5] = file.getvalue()
    assert small_picture(explorer, 5) == file.getvalue()


def test_a_picture_that_is_gone_is_empty_and_the_others_come(explorer):
    class Torn(list):
        def __getitem__(self, row):
            if row == 4:
                raise ChangedError("The file was cut off.")
            return super().__getitem__(row)

    explorer.thumbnails = Torn(explorer.thumbnails)
    first, gone, last = taken_apart(sheet(explorer, [3, 4, 5]))
    assert (bool(first), gone, bool(last)) == (True, b"", True)


@pytest.mark.parametrize(
    "rows", ["", "x", "1,", "-1", str(N), "1" * 30, "1.5", "٣", ",".join(["1"] * (MOST_ROWS + 1))]
)
def test_what_is_not_there_is_not_found(client, rows):
    assert client.get("/cutouts/small/sheet", query_string={"rows": rows}).status_code == 404


def test_another_atlas_or_one_without_thumbnails_has_none(explorer, client):
    assert client.get("/cutouts/other/sheet?rows=1").status_code == 404
    assert client.get("/cutouts/small/sheet").status_code == 404
    assert client.get("/cutouts/small/sheet?rows=1").cache_control.no_cache
    assert Pictures(explorer).sheet(CARD_PX + 1) is None
    explorer.thumbnails = None
    assert Pictures(explorer).sheet(CARD_PX) is None
    assert client.get("/cutouts/small/sheet?rows=1").status_code == 404
