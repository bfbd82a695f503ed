"""Where a picture is on the sky."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from dashboard.pictures.sky_plane import SkyPlane


def header_at(ra_deg, dec_deg, turned_deg=0.0, **cards):
    c, s = np.cos(np.radians(turned_deg)) * 1e-3, np.sin(np.radians(turned_deg)) * 1e-3
    header = fits.Header()
    header.update(
        CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRVAL1=ra_deg, CRVAL2=dec_deg, CRPIX1=30.0,
        CRPIX2=80.0, CD1_1=-c, CD1_2=s, CD2_1=s, CD2_2=c,
    )  # fmt: skip
    header.update(cards)
    return header


@pytest.mark.parametrize("dec_deg", [-89.99, -30.0, 0.0, 60.0])
@pytest.mark.parametrize("turned_deg", [0.0, 77.0])
def test_places_are_where_astropy_has_them(dec_deg, turned_deg):
    header = header_at(359.99, dec_deg, turned_deg)
    plane = SkyPlane.of(header, 120, (20, 10, 90))
    for x, y in ((0.5, 0.5), (0.1, 0.2), (0.9, 0.3)):
        # From the upper left corner of the square, in pixels; FITS counts lines from below.
        column, line = 20 + 90 * x - 0.5, 120 - (10 + 90 * y) - 0.5
        expected = SkyCoord.from_pixel(column, line, WCS(header))
        found = SkyCoord(*plane.position(x, y), unit="deg")
        assert expected.separation(found).arcsec < 0.02


def test_galactic_coordinates_become_icrs():
    header = header_at(0.0, 0.0, CTYPE1="GLON-TAN", CTYPE2="GLAT-TAN", CRPIX1=50.5, CRPIX2=50.5)
    position = SkyPlane.of(header, 100, (0, 0, 100)).position(0.5, 0.5)
    assert position == pytest.approx((266.40499, -28.93617), abs=1e-4)


@pytest.mark.parametrize(
    "cards", [{"CTYPE1": "LINEAR"}, {"CD1_1": 0.0, "CD2_2": 0.0}, {"CRVAL2": 1e9}]
)
def test_coordinates_that_make_no_sense_are_no_place(cards):
    assert SkyPlane.of(header_at(10.0, 5.0, **cards), 120, (20, 10, 90)) is None


def test_a_store_brings_a_plane_back():
    plane = SkyPlane.of(header_at(10.0, 5.0), 120, (20, 10, 90))
    assert SkyPlane.from_store(plane.to_store()) == plane


@pytest.mark.parametrize(
    "values",
    [
        None,
        3,
        [1, 2, 3],
        [0, 0, 0, 0, 0, "x"],
        [400, 0, 0, 0, 0, 0],
        [0, 0, 9, 0, 0, 0],
        [True] * 6,
    ],
)
def test_what_is_no_plane_is_none(values):
    assert SkyPlane.from_store(values) is None
