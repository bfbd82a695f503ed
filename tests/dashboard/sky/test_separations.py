import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.separations import separation_arcsec

RIGHT_ASCENSIONS = st.floats(0, 360, exclude_max=True)
DECLINATIONS = st.floats(-90, 90)
POSITIONS = st.builds(SkyPosition, RIGHT_ASCENSIONS, DECLINATIONS)


def test_separations_worked_out_by_hand():
    assert separation_arcsec(SkyPosition(10, 0), SkyPosition(10, 1)) == pytest.approx(3600)
    assert separation_arcsec(SkyPosition(359.5, 0), SkyPosition(0.5, 0)) == pytest.approx(3600)
    # At declination 60 a degree of right ascension is half a degree of sky (less 4e-5 of it).
    assert separation_arcsec(SkyPosition(0, 60), SkyPosition(0.1, 60)) == pytest.approx(
        180, rel=1e-5
    )
    assert separation_arcsec(SkyPosition(0, 90), SkyPosition(180, 90)) == pytest.approx(0, abs=1e-9)
    assert separation_arcsec(SkyPosition(0, -90), SkyPosition(77, 90)) == pytest.approx(180 * 3600)


@settings(deadline=None)
@given(a=POSITIONS, b=POSITIONS, towards=st.sampled_from([1.0, 1e-3, 1e-7]))
def test_separation_is_that_of_astropy(a, b, towards):
    b = SkyPosition(a.ra_deg + (b.ra_deg - a.ra_deg) * towards, a.dec_deg * (1 - towards))
    expected = SkyCoord(*a, unit="deg").separation(SkyCoord(*b, unit="deg")).to_value(u.arcsec)
    assert separation_arcsec(a, b) == pytest.approx(expected, rel=1e-9, abs=1e-8)
