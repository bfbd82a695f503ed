"""Regions of the sky: as text, and which galaxies they hold."""

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import FilterError
from dashboard.filters.filters import Filters
from dashboard.filters.region import Region
from dashboard.filters.sky_region import SkyRegion, region_of_text
from dashboard.sky.projections import Projection

SQUARE = Region(((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)))


def circle(radius, n=60):
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return Region(tuple((radius * np.cos(a), radius * np.sin(a)) for a in angles))


def strewn(n=4000):
    rng = np.random.default_rng(5)
    dec_deg = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    return pd.DataFrame({"ra_deg": rng.uniform(0, 360, n), "dec_deg": dec_deg})


@pytest.mark.parametrize(("ra_deg", "dec_deg"), [(0.2, 3), (180, -60), (77, 89)])
def test_a_circle_on_a_tangent_plane_holds_what_is_near_its_middle(ra_deg, dec_deg):
    galaxies = strewn()
    apart = SkyCoord(ra_deg * u.deg, dec_deg * u.deg).separation(
        SkyCoord(galaxies.ra_deg.to_numpy() * u.deg, galaxies.dec_deg.to_numpy() * u.deg)
    )
    region = SkyRegion(Projection("TAN", ra_deg, dec_deg), circle(np.degrees(np.tan(0.5))))
    inside = region.within(galaxies, np.empty(0))
    radius = np.degrees(0.5)
    assert inside[apart.deg < 0.99 * radius].all()
    assert not inside[apart.deg > 1.01 * radius].any()
    assert inside.sum() > 100


def test_a_box_on_the_whole_sky_reaches_across_right_ascension_0():
    galaxies = pd.DataFrame({"ra_deg": [359.5, 0.5, 1.5, 180.0], "dec_deg": [0.0, 0.5, 0.0, 0.0]})
    inside = SkyRegion(Projection("AIT", 0, 0), SQUARE).within(galaxies, np.empty(0))
    assert inside.tolist() == [True, True, False, False]


@given(ra_deg=st.floats(0, 360), dec_deg=st.floats(-90, 90))
def test_text_keeps_a_region(ra_deg, dec_deg):
    region = SkyRegion(Projection("TAN", ra_deg, dec_deg), SQUARE)
    read = region_of_text(region.to_text())
    assert isinstance(read, SkyRegion)
    assert read.polygon == SQUARE
    assert read.projection.ra_deg == pytest.approx(ra_deg, abs=1e-7)
    assert read.projection.dec_deg == pytest.approx(dec_deg, abs=1e-7)
    assert region_of_text(read.to_text()) == read


def test_text_says_which_view_it_was():
    region = SkyRegion(Projection("TAN", 202.5, -0.0), SQUARE)
    assert region.to_text() == "TAN,202.5,0 -1,-1 1,-1 1,1 -1,1"
    assert isinstance(region_of_text("0.1,0.2 0.3,0.2 0.3,0.4"), Region)


@pytest.mark.parametrize(
    "text",
    [
        "TAN,1,2",
        "TAN,1 0,0 1,0 1,1",
        "TAN,1,95 0,0 1,0 1,1",
        "TAN,nan,5 0,0 1,0 1,1",
        "TAN,1,x 0,0 1,0 1,1",
        "TAN,1,2,3 0,0 1,0 1,1",
        "AIT,1,2 0,0 1,0 1,1",
        "AIT,1,0 0,0 1,0",
        "AIT,1,0 0,0 1,0 1,1e9",
    ],
)
def test_what_is_no_region_of_the_sky(text):
    with pytest.raises(FilterError):
        region_of_text(text)


def test_filters_keep_a_region_of_the_sky_in_store_address_and_words():
    region = SkyRegion(Projection("AIT", 180, 0), SQUARE)
    filters = Filters(region=region)
    assert Filters.from_store(filters.to_store()) == filters
    assert filters.to_address() == [("region", "AIT,180,0 -1,-1 1,-1 1,1 -1,1")]
    assert filters.to_words({}).endswith("-1,1 of the sky")
