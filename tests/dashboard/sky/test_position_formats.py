import pytest
from astropy.coordinates import SkyCoord
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.sky.coordinates import (
    SkyPosition,
    format_degrees,
    format_exactly,
    format_sexagesimal,
    galactic_to_icrs,
    iau_name,
    is_galactic,
    parse_position,
)
from dashboard.sky.separations import separation_arcsec

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
    read = parse_position(format_exactly(position))
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


def test_degrees_are_written_exactly_with_4_decimals_or_as_many_as_they_need():
    assert format_exactly(SkyPosition(199.3324, 20.6382)) == "199.3324, +20.6382"
    assert format_exactly(SkyPosition(0.5, -1.0)) == "0.5000, -1.0000"
    assert format_exactly(SkyPosition(1.23456789012, 0.000001)) == "1.23456789, +0.000001"


def test_degrees_are_shown_with_no_more_decimals_than_the_table_has():
    assert format_degrees(SkyPosition(199.3324, 20.6382)) == "199.3324, +20.6382"
    assert format_degrees(SkyPosition(202.469625, 47.195167)) == "202.46963, +47.19517"
    assert format_degrees(SkyPosition(359.9999999, -1e-7)) == "0.0000, +0.0000"


def test_degrees_that_round_up_to_a_full_turn_are_zero():
    assert format_degrees(SkyPosition(359.9999999999, -1e-10)) == "0.0000, +0.0000"


def test_sexagesimal_is_hours_and_degrees():
    # 199.3324 / 15 = 13.28882666 h = 13 h 17 min 19.776 s; 0.6382 deg = 38 min 17.52 s
    assert format_sexagesimal(SkyPosition(199.3324, 20.6382)) == "13:17:19.78 +20:38:17.5"
    assert format_sexagesimal(SkyPosition(0.0, -0.5)) == "00:00:00.00 -00:30:00.0"


def test_sexagesimal_never_shows_60_seconds_or_24_hours_or_a_negative_zero():
    # 14.99999 deg = 0 h 59 min 59.9976 s
    assert format_sexagesimal(SkyPosition(14.99999, 9.999999)) == "01:00:00.00 +10:00:00.0"
    assert format_sexagesimal(SkyPosition(359.99999, -0.000001)) == "00:00:00.00 +00:00:00.0"


@given(position=POSITIONS)
@example(position=SkyPosition(359.99999999999, -1e-12))
@example(position=SkyPosition(199.3325, 20.6382))
def test_a_name_reads_back_as_its_position_cut_towards_zero(position):
    read = parse_position(iau_name(position))
    # A hundredth of a second of time is 0.15 arcsec; rounding errors are forgiven to 1e-4 of it.
    cut_ra_arcsec = ((position.ra_deg - read.ra_deg + 180) % 360 - 180) * 3600
    cut_dec_arcsec = (abs(position.dec_deg) - abs(read.dec_deg)) * 3600
    assert -1.6e-5 < cut_ra_arcsec < 0.15 + 1e-6
    assert -1.1e-5 < cut_dec_arcsec < 0.1 + 1e-6
    assert read.dec_deg * position.dec_deg >= 0


def test_the_digits_of_a_name_are_cut_and_not_rounded():
    # 199.3324 deg = 13 h 17 min 19.776 s; 20.6382 deg = 20 deg 38 min 17.52 s
    assert iau_name(SkyPosition(199.3324, 20.6382)) == "J131719.77+203817.5"
    assert iau_name(SkyPosition(0.0, -0.5)) == "J000000.00-003000.0"
    assert iau_name(SkyPosition(299.41899, 33.564433)) == "J195740.55+333351.9"  # 40.5576, 51.9588
    assert iau_name(SkyPosition(359.99999, -0.00001)) == "J235959.99-000000.0"


def test_a_rounding_error_does_not_change_the_digits_of_a_name():
    # 19.8 s exactly; the product of 199.3325 and 24,000 is a little less or more than it should be
    assert iau_name(SkyPosition(199.3325, 20.0)) == "J131719.80+200000.0"
    assert iau_name(SkyPosition(15 * 0.29 / 3600, 0.3 / 3600)) == "J000000.29+000000.3"


# The galactic north pole in ICRS: 12 h 51 min 26.28 s, +27 deg 7 min 41.7 s.
POLE = SkyPosition(192.85948, 27.12825)


@pytest.mark.parametrize(
    "text",
    [
        "gal 123.4 -45.6",
        "GAL 123.4, -45.6",
        "Gal. 123.4 −45.6",
        "galactic: 123.4 -45.6",
        "123.4 -45.6 galactic",
        "123.4, -45.6 (Galactic)",
        "l=123.4 b=-45.6",
        "l = 123.4°, b = −45.6°",
        "l 123.4 b -45.6",
        "glon 123.4 glat -45.6",
        "gal l=123.4, b=-45.6",
        "l=123d24m b=-45d36m",
        "gal 123:24:00 -45:36:00",
        "gal 123 24 0 -45 36 0",
    ],
)
def test_galactic_coordinates_are_read_where_the_text_says_so(text):
    assert is_galactic(text)
    # astropy 8: SkyCoord(l=123.4, b=-45.6, unit="deg", frame="galactic").icrs
    assert parse_position(text) == pytest.approx((13.20243352, 17.27050082), abs=2e-5)


def test_a_negative_galactic_longitude_counts_from_the_other_side():
    assert parse_position("gal -10 5") == pytest.approx(parse_position("gal 350 5"))


def test_the_galactic_poles_are_where_they_were_put():
    assert separation_arcsec(galactic_to_icrs(0, 90), POLE) < 1e-6
    south = SkyPosition(POLE.ra_deg - 180, -POLE.dec_deg)
    assert separation_arcsec(galactic_to_icrs(77, -90), south) < 1e-6


def test_a_position_that_does_not_say_galactic_is_not():
    assert not is_galactic("123.4 -45.6")
    assert parse_position("123.4 -45.6") == (123.4, -45.6)


@given(longitude=RIGHT_ASCENSIONS, latitude=DECLINATIONS)
def test_galactic_coordinates_are_those_of_astropy(longitude, latitude):
    theirs = SkyCoord(l=longitude, b=latitude, unit="deg", frame="galactic").icrs
    ours = galactic_to_icrs(longitude, latitude)
    assert 0 <= ours.ra_deg < 360
    assert separation_arcsec(ours, SkyPosition(theirs.ra.deg, theirs.dec.deg)) < 0.05
