import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from pipeline.atlas.angles import degrees, position_faults


def test_positions_in_every_usual_spelling_become_degrees():
    spellings = ["13:17:20", "13h17m20s", "13 17 20", "199d20m00s", "199.5", "", "n/a", "25:00:00"]
    # 13 h 17 min 20 s = 15 * (13 + 17 / 60 + 20 / 3600) = 199.3333 deg; 199 d 20 m the same.
    expected = [199.333333, 199.333333, 199.333333, 199.333333, 199.5, np.nan, np.nan, np.nan]
    np.testing.assert_allclose(degrees(pd.Series(spellings), hours=True), expected, atol=1e-6)
    south = degrees(pd.Series(["-00:30:00", "+20 38 18", "-0d30m"]))
    np.testing.assert_allclose(south, [-0.5, 20.638333, -0.5], atol=1e-6)
    np.testing.assert_allclose(degrees(pd.Series([np.pi]), "rad"), [180.0])
    np.testing.assert_allclose(degrees(pd.Series([12.0]), "hourangle"), [180.0])


@given(ra=st.floats(0, 359.999), dec=st.floats(-90, 90))
def test_sexagesimal_text_is_read_as_it_was_written(ra, dec):
    position = SkyCoord(ra, dec, unit="deg")
    ra_text = pd.Series([position.ra.to_string(unit="hour", sep=":", precision=7)])
    dec_text = pd.Series([position.dec.to_string(unit="deg", sep=" ", precision=7)])
    assert degrees(ra_text, hours=True) == pytest.approx([ra], abs=1e-8)
    assert degrees(dec_text) == pytest.approx([dec], abs=1e-8)


def test_faults_of_positions_are_named():
    ra = np.array([0.0, 359.9, 360.0, -0.1, 10.0, np.nan, 10.0, np.inf])
    dec = np.array([90.0, -90.0, 0.0, 0.0, 90.1, 0.0, np.nan, 0.0])
    faults = position_faults(ra, dec)
    assert faults[:2].tolist() == ["", ""]
    assert all("right ascension" in fault for fault in faults[2:4])
    assert "declination, 90.1" in faults[4]
    assert faults[5:].tolist() == ["It has no position."] * 3


def test_rare_spellings_and_those_of_papers_become_degrees():
    spellings = ["1:2:60", "1:60:00", "20d38m17sS", "30m", "13ʰ17ᵐ19ˢ.8", "−00°30′00″", "400:00:00"]
    # 20 d 38 m 17 s is 20.638056 deg, 13 h 17 min 19.8 s is 199.3325 deg.
    expected = [1.05, 2.0, -20.638056, 0.5, 199.3325, -0.5, 400.0]
    np.testing.assert_allclose(degrees(pd.Series(spellings)), expected, atol=1e-6)
    hours = degrees(pd.Series(["24:00:00", "24:00:01", "23:59:60", "-1:00:00"]), hours=True)
    np.testing.assert_allclose(hours, [360.0, np.nan, 360.0, -15.0])
