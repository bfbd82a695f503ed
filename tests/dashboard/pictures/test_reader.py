"""Pictures are read in a process of their own, which may fall without the server."""

import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from dashboard.pictures.files import OwnPictureError
from dashboard.pictures.reader import Reader
from dashboard.pictures.reader_process import from_message, to_message
from dashboard.pictures.uploaded import read_own_picture
from pipeline.atlas import EncoderInput
from tests.dashboard.own_pictures import SCALE_DEG, encoded, fits_file, galaxy, rgb_galaxy
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

MANIFEST = replace(
    small_atlas(random_unit_rows(4, 3)).manifest,
    encoder_input=EncoderInput(field_px=96, input_px=64),
)
FLUX = np.stack([galaxy(200)] * 3).astype("f4")


@pytest.fixture(scope="module")
def reader():
    reader = Reader(deadline_s=60)
    yield reader
    reader.close()


@pytest.mark.parametrize("content", [encoded(rgb_galaxy(152)), fits_file(FLUX, SCALE_DEG)])
def test_a_picture_is_read_there_as_it_would_be_here(reader, content):
    there, here = reader.read(content, MANIFEST, 0.3), read_own_picture(content, MANIFEST, 0.3)
    np.testing.assert_array_equal(there.planes, here.planes)
    assert there.planes.dtype == here.planes.dtype
    assert (there.crop, there.note, there.framing) == (here.crop, here.note, here.framing)
    assert there.sky == here.sky


def test_what_is_wrong_with_a_picture_is_said_by_the_same_words(reader):
    with pytest.raises(OwnPictureError, match="at least 32 x 32 are needed"):
        reader.read(encoded(rgb_galaxy(20)), MANIFEST, 0.3)


def test_after_a_fall_the_next_picture_gets_another_process(reader):
    reader.read(encoded(rgb_galaxy(96)), MANIFEST, 0.3)
    os.kill(reader._process.pid, signal.SIGSTOP)  # lest it answers before it falls
    killer = threading.Timer(0.3, os.kill, (reader._process.pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(OwnPictureError, match="damaged, or made to do damage"):
        reader.read(encoded(rgb_galaxy(96)), MANIFEST, 0.3)
    killer.join()
    assert reader.read(encoded(rgb_galaxy(96)), MANIFEST, 0.3).planes.shape == (3, 96, 96)


def test_a_picture_that_takes_too_long_is_given_up_and_so_is_who_waits_behind_it():
    reader = Reader(deadline_s=60)
    reader.read(encoded(rgb_galaxy(96)), MANIFEST, 0.3)
    reader._deadline_s = 1.0
    os.kill(reader._process.pid, signal.SIGSTOP)
    said = []

    def read():
        with pytest.raises(OwnPictureError) as refused:
            reader.read(encoded(rgb_galaxy(96)), MANIFEST, 0.3)
        said.append(str(refused.value)[:20])

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(said) == ["Other pictures are b"] * 5 + ["The picture takes to"]
    reader.close()


def test_a_picture_that_takes_too_much_memory_is_given_up():
    reader = Reader(deadline_s=60, most_mb=20)
    with pytest.raises(OwnPictureError, match="more memory"):
        reader.read(fits_file(np.ones((1500, 1500), "f4")), MANIFEST, 0.3)
    assert reader.read(encoded(rgb_galaxy(96)), MANIFEST, 0.3).planes.shape == (3, 96, 96)
    reader.close()


@pytest.mark.parametrize(
    "change",
    [{"side": -1}, {"side": 10**6}, {"side": 95}, {"crop": 3}, {"crop": {"x": "a"}}],
)
def test_an_answer_that_was_tampered_with_is_no_picture(change):
    said, content = to_message(read_own_picture(encoded(rgb_galaxy(96)), MANIFEST))
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_message(said | change, content)
