import math

import pytest

from dashboard import formatting
from dashboard.explorer.galaxy import Galaxy
from dashboard.labels import label
from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import Column


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.0235678, "0.02357"),
        (-6.0, "−6"),
        (17.0, "17"),
        (123456.7, "123457"),
        (1.5e-7, "1.5e-07"),
        (-2.5e12, "−2.5e+12"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_numbers_have_four_significant_digits(value, text):
    assert formatting.format_number(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "mag", "–"),
        (math.nan, "mag", "–"),
        (17.25, "mag", "17.25 mag"),
        (-3, "", "−3"),
        (1237648720693755918, "", "1237648720693755918"),
        (True, "", "yes"),
        (False, "", "no"),
        ("SBc", "", "SBc"),
    ],
)
def test_values_carry_their_unit_and_missing_ones_are_dashes(value, unit, text):
    assert formatting.format_value(value, unit) == text


@pytest.mark.parametrize(
    ("arcsec", "text"),
    [
        (0.0, "0.0 arcsec"),
        (2.62, "2.6 arcsec"),
        (59.9, "59.9 arcsec"),
        (59.96, "1.0 arcmin"),
        (3596.0, "59.9 arcmin"),
        (3598.0, "1.0 deg"),
        (648_000.0, "180.0 deg"),
    ],
)
def test_separations_have_the_unit_that_fits(arcsec, text):
    assert formatting.format_separation(arcsec) == text


def test_a_suffix_goes_only_where_it_is_the_unit():
    assert label(Column("bar_length_px", "")) == "bar length px"
    assert label(Column("psf_fwhm_arcsec_r", "arcsec")) == "PSF FWHM in r"


@pytest.mark.parametrize(("name", "called"), [("M 51", "M 51"), ("  ", "X1"), (None, "X1")])
def test_a_galaxy_goes_by_its_common_name_if_it_has_one(name, called):
    galaxy = Galaxy(0, "X1", SkyPosition(0.0, 0.0), ((Column("name"), name),))
    assert formatting.name_of(galaxy) == called


@pytest.mark.parametrize(
    ("column", "called"),
    [
        (Column("mag_b", "mag", "B magnitude"), "B magnitude"),
        (Column("mag_g_dereddened", "mag"), "g magnitude dereddened"),
        (Column("depth_mag_r", "mag"), "depth in r"),
        (Column("photo_z_err"), "photometric redshift error"),
        (Column("ra_deg", "deg"), "RA"),
        (Column("n_votes"), "number of votes"),
        (Column("Sersic_N"), "Sersic N"),
        (Column("redshift"), "redshift"),
        (Column("p_spiral"), "P(spiral)"),
        (Column("p_edge_on"), "P(edge-on)"),
        (Column("p_value"), "p value"),
        (Column("merger", ucd="stat.probability;src.morph"), "P(merger)"),
        (Column("Bmag", "mag", "B-band magnitude, extinction-corrected"), "B-band magnitude"),
        (Column("cz", "km/s", "Heliocentric velocity (optical)"), "heliocentric velocity"),
        (Column("cz", "km/s"), "cz"),
        (Column("bulge_to_total", "", "Share of the bulge"), "bulge to total"),
        (Column("ra_deg", "deg", "Right ascension (ICRS)"), "RA"),
    ],
)
def test_columns_are_called_as_people_call_them(column, called):
    assert label(column) == called


def test_identifiers_break_after_what_joins_and_before_a_declination():
    assert formatting.pieces_of("MOCK-000001") == ["MOCK-", "000001"]
    assert formatting.pieces_of("J174839.12-644218.3") == ["J174839.12", "-644218.3"]
    assert formatting.pieces_of("-2720584641682350003") == ["-2720584641682350003"]
