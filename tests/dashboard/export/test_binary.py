"""FITS and VOTable, beyond what all formats have in common."""

import io

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits, votable
from astropy.table import QTable

from dashboard.export.packed_rows import ucd, unit_text
from pipeline.atlas import Column
from tests.dashboard.exported import MAGNITUDE, export_of, read_back, written

LEAST = -(2**63)


def fits_of(export):
    with fits.open(io.BytesIO(written(export, "fits"))) as hdus:
        hdus.verify("exception")
        return hdus[1].header.copy(), hdus[1].data.copy()


def fields_of(export):
    document = votable.parse(io.BytesIO(written(export, "votable")), verify="exception")
    return {field.name: field for field in document.get_first_table().fields}


# FITS


def test_topcat_finds_descriptions_and_ucds_in_the_header_of_a_fits_file():
    header, _ = fits_of(export_of({"mag_z": [14.5]}, about=[MAGNITUDE]))
    assert [header[f"TTYPE{i}"] for i in range(1, 5)] == ["object_id", "ra_deg", "dec_deg", "mag_z"]
    assert (header["TUNIT4"], header["TUCD4"], header["TCOMM4"]) == (
        *("mag", "phot.mag"),
        "Magnitude in z",
    )
    assert header["TUCD1"] == "meta.id;meta.main"


def test_a_fits_file_is_a_whole_number_of_blocks():
    assert len(written(export_of({"kind": ["a"]}), "fits")) % 2880 == 0
    assert len(written(export_of({"kind": ["a" * 2848]}), "fits")) % 2880 == 0


def test_fits_says_that_letters_beyond_ascii_were_changed_and_only_then():
    header, data = fits_of(export_of({"name": ["Sérsic", "α", "a\tb"]}))
    assert data["name"].tolist() == ["Sersic", r"\u03b1", r"a\tb"]
    assert "accents are left out" in str(header["COMMENT"])
    header, _ = fits_of(export_of({"name": ["Sersic"]}))
    assert "accents" not in str(header["COMMENT"])


def test_missing_whole_numbers_have_a_value_that_no_other_has():
    columns = {"n": pd.array([LEAST, None, LEAST + 1], dtype="Int64")}
    header, data = fits_of(export_of(columns))
    assert header["TNULL4"] == LEAST + 2
    assert data["n"].tolist() == [LEAST, LEAST + 2, LEAST + 1]


def test_missing_truth_values_are_not_false_in_fits():
    columns = {"barred": pd.Series([True, None, False], dtype=object), "round": [True, False, True]}
    table = read_back(written(export_of(columns), "fits"), "fits")
    assert table["barred"].tolist() == [1, None, 0]
    assert table["barred"].description == "barred (1 is yes, 0 is no)"
    assert (table["round"].dtype, table["round"].tolist()) == (bool, [True, False, True])


def test_a_name_that_fits_does_not_like_is_told_in_the_description():
    header, _ = fits_of(export_of({"a b": [1], "a-b": [2], "x" * 70: [3]}))
    assert [header["TTYPE4"], header["TTYPE5"], header["TTYPE6"]] == ["a_b", "a_b_2", "x" * 60]
    assert header["TCOMM5"] == "a-b (column 'a-b')"


def test_quantities_of_a_fits_file_have_units():
    table = QTable.read(
        io.BytesIO(
            written(
                export_of({"psf_arcsec": [1.5]}, about=[Column("psf_arcsec", "arcsec")]), "fits"
            )
        ),
        format="fits",
    )
    assert table["psf_arcsec"].to("arcmin").value.tolist() == [0.025]


# VOTable


def test_fields_of_a_votable_have_ucds_and_the_smallest_type_that_holds_them():
    fields = fields_of(
        export_of(
            {"name": ["M 51", "α"], "kind": ["S", "E"], "mag_z": [1.0, 2.0]}, about=[MAGNITUDE]
        )
    )
    assert fields["ra_deg"].ucd == "pos.eq.ra;meta.main"
    assert (fields["mag_z"].ucd, str(fields["mag_z"].unit)) == ("phot.mag", "mag")
    assert (fields["kind"].datatype, fields["kind"].arraysize) == ("char", "1")
    assert (fields["name"].datatype, fields["name"].arraysize) == ("unicodeChar", "4")


def test_missing_values_of_a_votable_are_masked():
    columns = {
        "n": pd.array([7, None], dtype="Int64"),
        "barred": pd.Series([None, True], dtype=object),
    }
    table = read_back(written(export_of(columns), "votable"), "votable")
    assert table["n"].tolist() == [7, None]
    assert table["barred"].tolist() == [None, True]


def test_flags_of_more_than_eight_columns_take_two_bytes():
    columns = {f"n{i}": pd.array([None if i == 7 else i], dtype="Int64") for i in range(12)}
    table = read_back(written(export_of(columns), "votable"), "votable")
    assert [table[f"n{i}"][0] for i in (6, 8, 11)] == [6, 8, 11]
    assert table["n7"].mask.tolist() == [True]


@pytest.mark.parametrize("evil", ["<&>\"'", "a\x0bb", "]]>", "@"])
def test_no_text_breaks_the_document(evil):
    export = export_of({"kind": [evil]}, about=[Column("kind", "", evil)], filters=evil)
    table = read_back(written(export, "votable"), "votable")
    assert table["kind"].tolist() == [evil]
    assert table.meta["filters"] == evil.replace("\x0b", " ")


# Units and meanings


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("deg", "deg"),
        ("", ""),
        ("Å", "Angstrom"),
        ("µm", "um"),
        ("Lichtjahre ☉", r"Lichtjahre \u2609"),
    ],
)
def test_units_are_written_in_ascii(unit, text):
    assert unit_text(unit) == text


def test_only_plain_meanings_are_given():
    assert ucd(Column("redshift")) == "src.redshift"
    assert ucd(Column("mag_z", "mag")) == "phot.mag"
    assert ucd(Column("mag_ratio")) == ""
    assert ucd(Column("arm_strength")) == ""


def test_infinite_numbers_stay_infinite():
    table = read_back(written(export_of({"x": [np.inf, -np.inf]}), "votable"), "votable")
    assert table["x"].tolist() == [np.inf, -np.inf]
