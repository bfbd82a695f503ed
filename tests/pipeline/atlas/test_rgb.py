"""Colours, against slow versions that do one pixel at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.atlas.rgb import LuptonColours, nanomaggies_to_rgb


def slow_rgb(g, r, z):
    scaled = [flux * scale + 0.03 for flux, scale in ((z, 2.2), (r, 3.4), (g, 6.0))]
    intensity = sum(max(0.0, s) for s in scaled) / 3
    if intensity == 0:
        return (0, 0, 0)
    factor = math.asinh(20 * intensity) / math.sqrt(20) / intensity
    return tuple(round(255 * min(1.0, max(0.0, s * factor))) for s in scaled)


def one_pixel(g, r, z):
    return tuple(int(v) for v in nanomaggies_to_rgb(np.array([g, r, z]).reshape(3, 1, 1))[0, 0])


def test_empty_sky_is_the_grey_level_32():
    assert one_pixel(0, 0, 0) == (32, 32, 32)


def test_a_tenth_of_a_nanomaggy_in_every_band_is_blue():
    # s = 0.25, 0.37, 0.63; I = 0.41667; asinh(8.3333) / sqrt(20) / I = 1.5116
    assert one_pixel(0.1, 0.1, 0.1) == (96, 143, 243)


@pytest.mark.parametrize(("band", "channel"), [(0, 2), (1, 1), (2, 0)])
def test_g_is_shown_blue_r_green_and_z_red(band, channel):
    flux = np.zeros((3, 1, 1))
    flux[band] = 0.2
    assert nanomaggies_to_rgb(flux)[0, 0].argmax() == channel


flux = st.floats(-0.5, 50)


@settings(max_examples=200)
@given(g=flux, r=flux, z=flux)
def test_every_pixel_is_within_one_level_of_the_slow_version(g, r, z):
    # One level, because single precision may round a half the other way.
    assert np.abs(np.subtract(one_pixel(g, r, z), slow_rgb(g, r, z))).max() <= 1


def test_nan_looks_like_a_pixel_that_no_exposure_saw():
    assert one_pixel(np.nan, 0.1, 0.1) == one_pixel(0, 0.1, 0.1)


def test_infinities_give_white_and_black_without_a_warning():
    assert one_pixel(np.inf, np.inf, np.inf)[2] == 255
    assert one_pixel(-np.inf, -np.inf, -np.inf) == (0, 0, 0)


def test_a_stack_of_cutouts_becomes_a_stack_of_pictures_with_the_rows_in_order():
    flux = np.random.default_rng(1).normal(0, 0.1, (2, 4, 3, 5, 6))
    rgb = nanomaggies_to_rgb(flux)
    assert rgb.shape == (2, 4, 5, 6, 3)
    assert rgb.dtype == np.uint8
    np.testing.assert_array_equal(rgb[1, 2], nanomaggies_to_rgb(flux[1, 2]))
    np.testing.assert_array_equal(rgb[0, 0, 4, 5], one_pixel(*flux[0, 0, :, 4, 5]))


def test_the_input_is_left_alone():
    flux = np.full((3, 2, 2), 0.1, np.float32)
    nanomaggies_to_rgb(flux)
    assert (flux == np.float32(0.1)).all()


def test_bands_on_the_wrong_axis_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match="Put the bands on the third axis from the end"):
        nanomaggies_to_rgb(np.zeros((5, 5, 3)))


def slow_lupton(flux, q, stretch, minimum, scales):
    """The pixel of Lupton et al. 2004, equations 1 and 2, with the slope of astropy's asinh."""
    above = [value * scale - minimum for value, scale in zip(flux, scales, strict=True)]
    intensity = sum(above) / 3
    if intensity <= 0:
        return (0, 0, 0)
    # A tenth of the range is where the scale would be linear.
    shown = 0.1 * math.asinh(q * intensity / stretch) / math.asinh(0.1 * q)
    channels = [max(0.0, value * shown / intensity) for value in above]
    brightest = max(1.0, *channels)
    return tuple(int(255 * channel / brightest) for channel in channels)


@settings(max_examples=200)
@given(
    flux=st.tuples(*[st.floats(-0.5, 50)] * 3),
    q=st.floats(1, 20),
    stretch=st.floats(0.01, 5),
    minimum=st.floats(-0.1, 0.1),
    scales=st.tuples(*[st.floats(0.5, 4)] * 3),
)
def test_lupton_colours_are_those_of_the_slow_version(flux, q, stretch, minimum, scales):
    colours = LuptonColours(
        red="i", green="r", blue="g", q=q, stretch=stretch, minimum=minimum, scales=scales
    )
    found = colours.rgb(np.array(flux, np.float64).reshape(3, 1, 1))
    assert (found.dtype, found.shape) == (np.uint8, (3, 1, 1))
    slow = slow_lupton(flux, q, stretch, minimum, scales)
    assert np.abs(np.subtract(found[:, 0, 0].astype(int), slow)).max() <= 1


def test_lupton_colours_keep_the_hue_of_what_is_bright():
    colours = LuptonColours(red="i", green="r", blue="g")
    bright = np.array([4e5, 2e5, 1e5], np.float32).reshape(3, 1, 1)
    # Whatever the brightness: 255 times 1, 1/2 and 1/4, cut to integers.
    assert colours.rgb(bright)[:, 0, 0].tolist() == [255, 127, 63]
    assert colours.rgb(np.zeros((3, 2, 2), np.float32)).max() == 0
