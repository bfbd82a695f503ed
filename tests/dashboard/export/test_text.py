"""CSV for spreadsheets, and what the other text formats and Parquet say to whom."""

import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from dashboard.export.text import defused
from tests.dashboard.exported import (
    MAGNITUDE,
    export_of,
    read_back,
    read_csv,
    without_apostrophe,
    written,
)


def defused_text(text):
    return defused(pa.array([text], pa.large_string())).to_pylist()[0]


@pytest.mark.parametrize(
    "formula",
    [
        *("=1+1", "+12", "-", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"),
        '=HYPERLINK("http://example.org?"&A1,"M 51")',
        "=cmd|' /C calc'!A0",
        "-12:30:00",
    ],
)
def test_a_text_that_spreadsheets_compute_gets_an_apostrophe(formula):
    assert defused_text(formula) == f"'{formula}"
    _, rows = read_csv(written(export_of({"note": [formula]}), "csv"))
    assert rows[0][3] == f"'{formula}"


@pytest.mark.parametrize("text", ["", "NGC 1", "a=b", "'tis", "1-2", " =1", "S0-", "'"])
def test_other_texts_stay_as_they_are(text):
    assert defused_text(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r\n＝ab"), max_size=6))
def test_taking_the_apostrophe_away_gives_the_text_again(text):
    assert without_apostrophe(defused_text(text)) == text
    assert defused_text(text)[:1] not in set("=+-@\t\r\n＝")


def test_negative_numbers_are_no_formulas():
    export = export_of({"redshift": [-0.001, 0.5], "t_type": [-6, 11]})
    names, rows = read_csv(written(export, "csv"))
    cells = dict(zip(names, rows[0], strict=True))
    assert (cells["dec_deg"], cells["redshift"], cells["t_type"]) == ("-1", "-0.001", "-6")


def test_names_of_columns_are_defused_too():
    names, _ = read_csv(written(export_of({"=1+1": [0]}), "csv"))
    assert names[3] == "'=1+1"


def test_pandas_reads_a_csv_file_without_being_told_anything():
    columns = {
        "name": ['say "M 51", or #51', "two\nlines", ""],
        "mag_z": [14.5, np.nan, np.inf],
        "barred": [True, False, True],
    }
    frame = pd.read_csv(io.BytesIO(written(export_of(columns), "csv")))
    assert frame["name"].tolist()[:2] == columns["name"][:2]
    assert frame["mag_z"].tolist() == [14.5, pytest.approx(np.nan, nan_ok=True), np.inf]
    assert frame["barred"].tolist() == columns["barred"]
    assert frame["barred"].dtype == bool


def test_astropy_and_pandas_find_the_provenance_of_a_csv_file_in_its_first_row():
    content = written(export_of({"kind": ["a", "b"]}), "csv")
    frame = pd.read_csv(io.BytesIO(content))
    told = json.loads(frame["provenance"][0])
    assert (told["atlas"], told["made"]) == ("small", "2026-11-24T18:55:07+00:00")
    assert frame["provenance"][1:].isna().all()
    table = Table.read(io.BytesIO(content), format="ascii.csv")
    assert json.loads(table["provenance"][0]) == told


def test_ecsv_does_not_change_texts():
    table = read_back(written(export_of({"note": ["=1+1", "-"]}), "ecsv"), "ecsv")
    assert table["note"].tolist() == ["=1+1", "-"]


def test_parquet_tells_units_to_astropy_to_topcat_and_to_whom_reads_an_atlas():
    content = written(export_of({"mag_z": [14.5, np.nan]}, about=[MAGNITUDE]), "parquet")
    schema = pq.read_schema(io.BytesIO(content))
    assert schema.field("mag_z").metadata == {b"unit": b"mag", b"description": b"Magnitude in z"}
    assert schema.metadata[b"atlas"] == b"small"
    # VOParquet is what TOPCAT reads; astropy has a reader for it.
    table = Table.read(io.BytesIO(content), format="parquet.votable")
    assert (table["mag_z"].unit, table["mag_z"].description) == ("mag", "Magnitude in z")
    assert table["mag_z"][0] == 14.5
    assert np.isnan(table["mag_z"][1])


def test_missing_numbers_are_null_in_parquet():
    columns = {"mag_z": [14.5, np.nan], "n": pd.array([1, None], dtype="Int64")}
    table = pq.read_table(io.BytesIO(written(export_of(columns), "parquet")))
    assert table["mag_z"].to_pylist() == [14.5, None]
    assert table["n"].to_pylist() == [1, None]
