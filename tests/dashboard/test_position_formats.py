import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.coordinates import (
    SkyPosition,
    format_degrees,
    format_sexagesimal,
    parse_position,
)

RIGHT_ASCENSIONS = st.floats(0, 360, exclude_max=True)
DECLINATIONS = st.floats(-90, 90)
POSITIONS = st.builds(SkyPosition, RIGHT_ASCENSIONS, DECLINATIONS)


@given(ra=RIGHT_ASCENSIONS, dec=DECLINATIONS)
def test_parsing_inverts_plain_formatting(ra, dec):
    read = parse_position(f"{ra:.9f} {dec:.9f}")
    assert (read.ra_deg - ra + 180) % 360 - 180 == pytest.approx(0, abs=1e-8)
    assert read.dec_deg == pytest.approx(dec, abs=1e-8)


@given(position=POSITIONS)
@example(position=SkyPosition(359.999999999, -1e-12))
def test_parsing_inverts_degrees(position):
    read = parse_position(format_degrees(position))
    assert (read.ra_deg - position.ra_deg + 180) % 360 - 180 == pytest.approx(0, abs=1e-8)
    assert read.dec_deg == pytest.approx(position.dec_deg, abs=1e-8)


@given(position=POSITIONS)
@example(position=SkyPosition(359.99999, 89.99999))
@example(position=SkyPosition(14.9999, -0.00001))
def test_parsing_inverts_sexagesimal_to_its_printed_precision(position):
    text = format_sexagesimal(position)
    read = parse_position(text)
    # Half a tenth of a second of time is 0.75 arcsec, half a tenth of an arcsec 0.05.
    assert abs((read.ra_deg - position.ra_deg + 180) % 360 - 180) <= 0.75001 / 3600
    assert abs(read.dec_deg - position.dec_deg) <= 0.05001 / 3600
    assert format_sexagesimal(read) == text


def test_degrees_are_written_with_4_decimals_or_as_many_as_they_need():
    assert format_degrees(SkyPosition(199.3324, 20.6382)) == "199.3324, +20.6382"
    assert format_degrees(SkyPosition(0.5, -1.0)) == "0.5000, -1.0000"
    assert format_degrees(SkyPosition(1.23456789012, 0.000001)) == "1.23456789, +0.000001"


def test_degrees_that_round_up_to_a_full_turn_are_zero():
    assert format_degrees(SkyPosition(359.9999999999, -1e-10)) == "0.0000, +0.0000"


def test_sexagesimal_is_hours_and_degrees():
    # 199.3324 / 15 = 13.28882666 h = 13 h 17 min 19.776 s; 0.6382 deg = 38 min 17.52 s
    assert format_sexagesimal(SkyPosition(199.3324, 20.6382)) == "13:17:19.8 +20:38:17.5"
    assert format_sexagesimal(SkyPosition(0.0, -0.5)) == "00:00:00.0 -00:30:00.0"


def test_sexagesimal_never_shows_60_seconds_or_24_hours_or_a_negative_zero():
    # 14.99999 deg = 0 h 59 min 59.9976 s
    assert format_sexagesimal(SkyPosition(14.99999, 9.999999)) == "01:00:00.0 +10:00:00.0"
    assert format_sexagesimal(SkyPosition(359.99999, -0.000001)) == "00:00:00.0 +00:00:00.0"
