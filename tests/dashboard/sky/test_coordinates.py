import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.sky.coordinates import (
    LONGEST_TEXT,
    SkyPosition,
    format_degrees,
    parse_position,
)
from pipeline.atlas import CoordinateError

RIGHT_ASCENSIONS = st.floats(0, 360, exclude_max=True)
DECLINATIONS = st.floats(-90, 90)
POSITIONS = st.builds(SkyPosition, RIGHT_ASCENSIONS, DECLINATIONS)

# 13 h 17 min 19.8 s = 47839.8 s of the 86400 s of 360 deg; 20 deg 38 min 17 s is 2297 s past 20 deg
SEXAGESIMAL = (199.3325, 20 + 2297 / 3600)


@pytest.mark.parametrize(
    "text",
    [
        "199.3324 20.6382",
        "  199.3324   +20.6382  ",
        "199.3324, +20.6382",
        "199.3324,20.6382",
        "199.3324;20.6382",
        "199.3324\t20.6382",
        "199.3324,\t20.6382\n",
        "199.3324 \t \t 20.6382",
        "199.3324\n20.6382",
        "199.3324\u00a0+20.6382",
        "199.3324+20.6382",
        "+199.3324 20.6382",
        "199.3324d +20.6382d",
        "199.3324° +20.6382°",
        "199.3324 deg, 20.6382 deg",
        "199.3324 degrees 20.6382 degrees",
        "199.3324 20.6382 deg",
        "1.993324e+02 2.06382e+01",
        "1.993324E+02+2.06382E+01",
        "１９９.３３２４　２０.６３８２",
        "(199.3324, 20.6382)",
        "[199.3324, 20.6382]",
        "RA=199.3324 Dec=20.6382",
        "RA: 199.3324, Dec: +20.6382",
        "ra 199.3324 dec 20.6382",
        "α = 199.3324°, δ = +20.6382°",
        "ICRS 199.3324 +20.6382",
    ],
)
def test_a_position_in_degrees_is_read_however_it_is_set_apart(text):
    assert parse_position(text) == (199.3324, 20.6382)


@pytest.mark.parametrize(
    "text",
    [
        "13:17:19.8 +20:38:17",
        "13:17:19.8 20:38:17",
        "13:17:19.8, +20:38:17",
        "13:17:19.8,20:38:17",
        "13:17:19.8+20:38:17",
        "13 : 17 : 19.8   +20 : 38 : 17",
        "13h17m19.8s +20d38m17s",
        "13h17m19.8s+20d38m17s",
        "13h17m19.8s20d38m17s",
        "13h 17m 19.8s 20d 38m 17s",
        "13 h 17 m 19.8 s + 20 d 38 m 17 s",
        "13H17M19.8S +20D38M17S",
        "13h17m19.8 +20d38m17",
        "13 17 19.8 +20 38 17",
        "13 17 19.8 20 38 17",
        "13 17 19.8, 20 38 17",
        "13 17 19.8\t+20 38 17",
        "13\t17\t19.8\t+20\t38\t17",
        "13ʰ17ᵐ19ˢ.8 +20°38′17″",
        "13h17m19.8s +20º38'17\"",
        "13h17m19.8s +20° 38’ 17”",
        "13h17m19.8s +20d38m17''",
        "13h17min19.8sec +20deg38arcmin17arcsec",
        "RA 13:17:19.8 Dec +20:38:17 (J2000)",
        "J2000 13:17:19.8 +20:38:17",
        "199d19m57s +20d38m17s",
        "199.3325, +20:38:17",
        "199.3325 20d38m17s",
        "13h17m19.8s 20.638055555555555",
        "13.288833333333333h, +20:38:17",
    ],
)
def test_a_sexagesimal_position_is_read_in_every_notation(text):
    assert parse_position(text) == pytest.approx(SEXAGESIMAL, abs=1e-10)


def test_colons_mean_hours_in_right_ascension_and_degrees_in_declination():
    assert parse_position("13:17 20:30") == (199.25, 20.5)  # 13 h 17 min = 13 * 15 + 4.25 deg


def test_minutes_may_have_decimals_when_there_are_no_seconds():
    assert parse_position("13h17.5m +20d38.5m") == pytest.approx((199.375, 20 + 38.5 / 60))


def test_two_whole_numbers_are_degrees():
    assert parse_position("13 17") == (13.0, 17.0)


def test_four_whole_numbers_are_hours_degrees_and_minutes():
    assert parse_position("13 17 20 30") == (199.25, 20.5)


@pytest.mark.parametrize(
    "text",
    [
        "00:00:00 -00:30:00",
        "00:00:00, -00:30:00",
        "0 -0.5",
        "0h0m0s -0d30m0s",
        "00 00 00 -00 30 00",
        "00 00 00 - 00 30 00",
        "0h0m0s −0°30′",
        "0h0m0s –00d30m00s",
    ],
)
def test_declination_keeps_its_sign_when_the_degrees_are_zero(text):
    assert parse_position(text) == (0.0, -0.5)


@pytest.mark.parametrize("text", ["360 0", "24:00:00, 0", "24h 0d", "360d0m0s 0d0m0s", "-0 -0"])
def test_a_full_turn_is_right_ascension_zero(text):
    position = parse_position(text)
    assert position == (0.0, 0.0)
    assert format_degrees(position) == "0.0000, +0.0000"


@pytest.mark.parametrize(
    ("text", "read", "allowed"),
    [
        ("400 20", "'400'", "0 and 360 degrees"),
        ("360.0001 20", "'360.0001'", "0 and 360 degrees"),
        ("1e999 20", "'1e999'", "0 and 360 degrees"),
        ("-10 20", "'-10'", "Add 360 degrees"),
        ("24:00:00.1 20:00:00", "'24:00:00.1'", "0h and 24h"),
        ("199:19:56 20:38:17", "'199:19:56'", "0h and 24h"),
        ("10 91", "'91'", "-90 and +90 degrees"),
        ("10 -90.001", "'-90.001'", "-90 and +90 degrees"),
        ("0:0:0 90:00:00.1", "'90:00:00.1'", "-90 and +90 degrees"),
        ("20.6382 199.3324", "'199.3324'", "Right ascension comes first"),
        ("20d38m17s 13h17m19.8s", "'13h17m19.8s'", "in hours"),
        ("13:60:00 20:00:00", "60 minutes", "below 60"),
        ("13:17:61 20:00:00", "61 seconds", "below 60"),
        ("13:17:19.8 +20:38:61", "61 seconds", "below 60"),
        ("13 17 19.8 +20 99 17", "99 minutes", "below 60"),
        ("nan 20", "'nan'", "degrees, nor sexagesimal"),
        ("20 nan", "'nan'", "degrees, nor sexagesimal"),
        ("inf 20", "'inf'", "such as"),
        ("20 -inf", "'-inf'", "such as"),
        ("", "No position", "such as"),
        (" \t\n", "No position", "such as"),
        (",", "No position", "such as"),
        ("199.3324", "'199.3324' is one value", "such as"),
        ("13:17:19.8", "'13:17:19.8' is one value", "such as"),
        ("1 2 3", "'1 2 3' has 3 parts", "comma"),
        ("1 2 3 4 5", "'1 2 3 4 5' has 5 parts", "comma"),
        ("13h17m 19.8", "'13h17m 19.8' has 2 parts", "comma"),
        ("13h 17m 19.8", "'13h 17m 19.8' has 3 parts", "comma"),
        ("13h17 20", "'13h17 20' has 2 parts", "comma"),
        ("199d 20.6", "'199d 20.6' has 2 parts", "comma"),
        ("199,3324 20,6382", "more than one comma", "points in decimal numbers"),
        ("19,33 20", "more than one way", "colons"),
        ("199.3324 +20 38", "more than one way", "colons"),
        ("hello world", "'hello world'", "words"),
        ("M 31", "'M 31'", "words"),
        ("Dec 20 RA 199", "'Dec 20 RA 199'", "Write right ascension and declination"),
        ("l=120", "'l=120'", "such as"),
        ("gal 120", "'gal 120'", "longitude, then latitude"),
        ("gal 361 0", "'361'", "0 and 360"),
        ("gal -181 0", "'-181'", "-180 and 180"),
        ("gal 20 91", "'91'", "longitude, then latitude"),
        ("gal 13h20m 5d", "'13h20m'", "in degrees"),
        ("gal 13 5h", "'5h'", "in degrees"),
        ("l=1.2.3 b=4", "'1.2.3'", "such as"),
        ("1 --2", "'--2'", "such as"),
        ("1:2:3:4 5", "'1:2:3:4'", "such as"),
        ("13.5:17:19 20:00:00", "'13.5:17:19'", "such as"),
        ("١٩٩ ٢٠", "'١٩٩'", "such as"),
        ("199.3 20.6²", "'20.6^'", "such as"),
        ("12½ 20", "'121⁄2'", "such as"),
        ("1_0 20", "'1_0'", "such as"),
        ("0x10 20", "'0x10'", "such as"),
        ("1" * (LONGEST_TEXT + 1), f"{LONGEST_TEXT + 1} characters", f"{LONGEST_TEXT}"),
    ],
)
def test_a_text_that_is_not_a_position_is_answered_with_what_was_read_and_what_is_allowed(
    text, read, allowed
):
    with pytest.raises(CoordinateError) as error:
        parse_position(text)
    assert read in str(error.value)
    assert allowed in str(error.value)
    assert str(error.value).endswith((".", "'."))


def test_a_long_wrong_text_is_shown_shortened():
    with pytest.raises(CoordinateError) as error:
        parse_position("x" * 150)
    assert "x" * 39 + "…" in str(error.value)
    assert "x" * 40 not in str(error.value)


# Pieces of positions, put together at random, reach more of the grammar than any letters do.
WORDS = (
    "0 1 9 13 59 60 90 199.3324 .5 20. 1e2 1e999 nan inf + - − ° ′ ″ ' \" '' h d m s : , ; . "
    "ra dec = ( ) j2000 deg gal l b galactic ʰ ᵐ ˢ ² ½ ﷺ"
)
PIECES = st.lists(
    st.sampled_from([*WORDS.split(), " ", "  ", "\t", "\n", "\u00a0", "\x00"]), max_size=14
).map("".join)


@settings(deadline=2_000)  # ms: a pattern that backtracks needs many seconds for the first example
@given(text=PIECES | st.text(max_size=30) | st.text("0123456789+-.: hdms,", max_size=25))
@example(text="ra " + " " * 190 + "x")
@example(text="ra" + "\t " * 95 + "x")
@example(text="ra " + "," * 190 + "x")
@example(text="ﷺ" * LONGEST_TEXT)
@example(text="h" * 100 + "1 " * 50)
@example(text="9" * LONGEST_TEXT)
@example(text="\ud800 20")
@example(text="gal" + " " * 190 + "x")
@example(text="l " + "1 ," * 65)
@example(text="l=" + "1" * 190 + " b")
@example(text="1 " * 98 + "gal")
def test_any_text_is_a_valid_position_or_a_coordinate_error(text):
    try:
        position = parse_position(text)
    except CoordinateError:
        return
    assert 0 <= position.ra_deg < 360
    assert -90 <= position.dec_deg <= 90
    assert {type(value) for value in position} == {float}


@settings(deadline=None)
@given(
    h=st.integers(0, 23),
    d=st.integers(-89, 89),
    m=st.integers(0, 59),
    s=st.decimals(0, "59.999", places=3),
    style=st.sampled_from(["{}:{:02}:{}", "{} {:02} {}", "{}U{:02}m{}s"]),
)
def test_sexagesimal_is_read_as_astropy_reads_it(h, d, m, s, style):
    ra, dec = style.format(h, m, s).replace("U", "h"), style.format(d, m, s).replace("U", "d")
    expected = SkyCoord(f"{h}h{m}m{s}s", f"{d}d{m}m{s}s")
    read = parse_position(f"{ra}, {dec}")
    assert np.allclose(read, (expected.ra.deg, expected.dec.deg), atol=1e-9)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("J131719.8+203817", (199.3325, 20.638055555)),
        ("SDSS J131719.80+203817.0", (199.3325, 20.638055555)),
        ("132952.7+471142", (202.469583333, 47.195)),
        ("0123-0043", (20.75, -0.716666667)),
    ],
)
def test_a_name_that_is_made_of_a_position_is_read(text, position):
    assert parse_position(text) == pytest.approx(position, abs=1e-8)


def test_a_sign_on_the_first_of_two_sexagesimal_values_means_that_they_are_swapped():
    with pytest.raises(CoordinateError, match="Right ascension comes first"):
        parse_position("+20:38:17 13:17:19.8")


def test_sixty_seconds_are_what_rounding_up_makes_of_them():
    assert parse_position("12:34:60 +10:59:60") == pytest.approx((188.75, 11.0))
