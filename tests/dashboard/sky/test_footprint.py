"""How far beyond the edge of a footprint a position lies."""

import math

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC

from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.separations import Footprint, Sky

ARCMIN, DEGREE = 60.0, 3600.0
# Sides of the 12 cells of HEALPix order 0 meet at these: sin(dec) = 2/3, and right ascension 45.
CORNER_DEC_DEG = math.degrees(math.asin(2 / 3))

positions = st.builds(SkyPosition, st.floats(0, 360, exclude_max=True), st.floats(-90, 90))


@pytest.fixture(scope="module")
def equatorial():
    """The cell of order 0 around (0, 0), across right ascension 0."""
    return Footprint(MOC.from_string("0/4"))


@pytest.fixture(scope="module")
def polar():
    """The cell of order 0 from the pole to the equator, whose sides follow meridians 0 and 90."""
    return Footprint(MOC.from_string("0/0"))


@pytest.fixture(scope="module")
def strewn_inside(ragged):
    """Positions inside the ragged survey, about 0.1 degrees apart."""
    rng = np.random.default_rng(0)
    ra_deg, dec_deg = rng.uniform(0, 360, 2_000_000), rng.uniform(-90, 90, 2_000_000)
    inside = ragged.contains_lonlat(ra_deg * u.deg, dec_deg * u.deg)
    return Sky(ra_deg[inside], dec_deg[inside])


@pytest.fixture(scope="module")
def ragged():
    """A survey with a hole, and a field apart from it, across right ascension 0."""
    deg = u.deg
    survey = MOC.from_cone(0 * deg, 40 * deg, radius=20 * deg, max_depth=6)
    hole = MOC.from_cone(5 * deg, 40 * deg, radius=4 * deg, max_depth=6)
    field = MOC.from_cone(200 * deg, -70 * deg, radius=1 * deg, max_depth=6)
    return survey.difference(hole).union(field)


def test_the_area_is_in_square_degrees(equatorial):
    # The sphere has 4 pi steradians, a twelfth of them in each cell of order 0.
    assert equatorial.area_deg2 == pytest.approx(41252.96 / 12, rel=1e-6)


@pytest.mark.parametrize("ra_deg", [0.0, 44.0, 316.0])
def test_a_position_inside_is_not_outside(equatorial, ra_deg):
    assert equatorial.separation_arcsec(SkyPosition(ra_deg, 0.0)) == 0


def test_nothing_is_outside_a_footprint_of_the_whole_sky():
    whole = Footprint(MOC.from_string("0/0-11"))
    assert whole.separation_arcsec(SkyPosition(12.0, -90.0)) == 0


@pytest.mark.parametrize(
    ("position", "separation_deg"),
    [
        (SkyPosition(90.0, 0.0), 45.0),  # from the corner at right ascension 45
        (SkyPosition(270.0, 0.0), 45.0),
        (SkyPosition(0.0, 60.0), 60 - CORNER_DEC_DEG),
        (SkyPosition(0.0, -90.0), 90 - CORNER_DEC_DEG),
    ],
)
def test_the_separation_from_a_corner_is_worked_out_by_hand(equatorial, position, separation_deg):
    assert equatorial.separation_arcsec(position) / 3600 == pytest.approx(separation_deg, abs=1e-6)


@pytest.mark.parametrize("ra_deg", [350.0, 100.0])
def test_the_separation_from_the_middle_of_a_side_is_right_to_an_arcmin(polar, ra_deg):
    # 10 degrees from a meridian at declination 60: sin d = sin 10 cos 60.
    expected = math.degrees(math.asin(math.sin(math.radians(10)) * 0.5)) * 3600
    found = polar.separation_arcsec(SkyPosition(ra_deg, 60.0))
    assert expected <= found < expected + ARCMIN


def test_just_outside_is_less_than_an_arcmin(polar):
    position = SkyPosition(360 - 1e-4, 60.0)  # 0.18 arcsec from meridian 0
    assert 0 < polar.separation_arcsec(position) < ARCMIN


@given(position=positions)
def test_the_edge_is_nearer_than_what_lies_inside(ragged, strewn_inside, position):
    separation = Footprint(ragged).separation_arcsec(position)
    nearest = strewn_inside.nearest(position)[1]
    if separation > 0:
        assert nearest - 0.7 * DEGREE < separation < nearest + ARCMIN


@pytest.mark.parametrize("cells", ["0/4", "0/0", "1/0-3 5 44", "2/0-191", "3/17 19 33-60 500-520"])
def test_the_outline_has_the_footprint_on_one_side_and_none_on_the_other(cells):
    moc = MOC.from_string(cells)
    ra_deg, dec_deg = Footprint(moc).outline()
    ends = np.flatnonzero(np.isnan(ra_deg))
    assert (np.isnan(ra_deg) == np.isnan(dec_deg)).all()
    if moc.sky_fraction == 1:
        assert len(ra_deg) == 0
    first = 0
    for end in ends:
        ra, dec = ra_deg[first:end], dec_deg[first:end]
        first = end + 1
        middle = len(ra) // 2  # somewhere along the side, and not at its ends
        ra0, dec0 = (ra[middle - 1] + ra[middle]) / 2, (dec[middle - 1] + dec[middle]) / 2
        if abs(ra[middle] - ra[middle - 1]) > 180:
            continue
        along = np.array(
            [
                (ra[middle] - ra[middle - 1]) * math.cos(math.radians(dec0)),
                dec[middle] - dec[middle - 1],
            ]
        )
        across = np.array([-along[1], along[0]]) / np.hypot(*along) * 0.3
        aside = [
            (ra0 + sign * across[0] / math.cos(math.radians(dec0)), dec0 + sign * across[1])
            for sign in (1, -1)
        ]
        inside = [moc.contains_lonlat([a] * u.deg, [d] * u.deg)[0] for a, d in aside]
        assert sorted(inside) == [False, True], (ra0, dec0)


def test_the_outline_of_a_square_is_its_four_sides(equatorial):
    ra_deg, dec_deg = equatorial.outline()
    assert np.isnan(ra_deg).sum() == 4
    assert np.nanmax(dec_deg) == pytest.approx(CORNER_DEC_DEG)
    assert np.nanmin(dec_deg) == pytest.approx(-CORNER_DEC_DEG)


def test_the_outline_of_a_large_ragged_footprint_is_that_of_larger_cells():
    everywhere = np.arange(0, 12 * 4**8, 2)  # every other cell of order 8, on half of the sky
    ragged = MOC.from_healpix_cells(everywhere, np.full(len(everywhere), 8), max_depth=8)
    ra_deg, _ = Footprint(ragged).outline()
    assert len(ra_deg) < 500_000
