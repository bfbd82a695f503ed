"""The crop of a picture: what lies in it, and what a browser may say of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.pictures.crop import MOST_ZOOM, Crop

PLANES = np.arange(100.0).reshape(1, 10, 10)
places = st.floats(-1, 2)


def test_a_frame_in_the_middle_leaves_the_picture_whole_around_it():
    np.testing.assert_array_equal(Crop(zoom=2.0).middle_of(PLANES), PLANES)
    np.testing.assert_array_equal(Crop(zoom=5.0).cut(PLANES), PLANES[:, 4:6, 4:6])


def test_a_frame_at_the_right_holds_what_is_there():
    crop = Crop(0.8, 0.3, 5.0)
    np.testing.assert_array_equal(crop.cut(PLANES), PLANES[:, 2:4, 7:9])
    # The largest square with the same middle: two pixels on each side.
    np.testing.assert_array_equal(crop.middle_of(PLANES), PLANES[:, 1:5, 6:10])


@given(x=places, y=places, zoom=st.floats(0, 100), side=st.integers(32, 320))
def test_a_frame_lies_within_the_picture(x, y, zoom, side):
    crop = Crop(x, y, zoom).within()
    half = 0.5 / crop.zoom - 1e-3
    assert half <= crop.x <= 1 - half
    assert half <= crop.y <= 1 - half
    cut = crop.cut(np.zeros((3, side, side)))
    assert cut.shape == (3, crop.side_px(side), crop.side_px(side))
    assert side // MOST_ZOOM <= cut.shape[-1] <= side


def test_a_store_brings_a_frame_back():
    crop = Crop(0.4, 0.6, 3.0)
    assert Crop.from_store(crop.to_store() | {"n": 3}) == crop


@pytest.mark.parametrize("values", [None, [], {"x": 0.5, "y": 0.5}, {"x": 2, "y": 0, "zoom": 2}])
def test_what_is_no_frame_is_none(values):
    assert Crop.from_store(values) is None
