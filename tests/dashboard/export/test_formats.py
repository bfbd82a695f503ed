import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboard.explorer.explorer import UnknownGalaxyError
from dashboard.export.formats import FORMATS, Export, download
from dashboard.export.provenance import ascii_text
from dashboard.export.table import ExportError
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from pipeline.atlas import Column
from pipeline.atlas.manifest import CutoutService
from tests.dashboard.exported import (
    MADE,
    MAGNITUDE,
    explorer_of,
    export_of,
    read_back,
    read_csv,
    without_apostrophe,
    written,
)

WITH_UNITS = ["ecsv", "fits", "votable", "parquet"]
KINDS = {"kind": ["disk", "", "Sérsic"], "mag_z": [14.5, np.nan, 20.0]}


@pytest.fixture
def neighbours():
    """Three galaxies of four, from the last one to the first."""
    columns = {"kind": ["a", "b", "c", "d"], "mag_z": [14.5, np.nan, 20.0, 21.0]}
    explorer = explorer_of(columns, about=[MAGNITUDE], citations=("A et al. 2025", "B 2026"))
    return Export(
        explorer,
        np.array([3, 1, 0]),
        "neighbours",
        similarity=np.array([0.9, 0.5, -0.25], dtype=np.float32),
        query=Query((2,)),
        filters="mag_z 14 to 22 mag",
        made=MADE,
    )


# Columns and rows


@pytest.mark.parametrize("kind", WITH_UNITS)
def test_rank_similarity_and_position_come_first_and_rows_keep_their_order(neighbours, kind):
    table = read_back(written(neighbours, kind), kind)
    assert table.colnames == [
        *("rank", "similarity", "object_id", "ra_deg", "dec_deg"),
        *("kind", "mag_z"),
    ]
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["similarity"].tolist() == [pytest.approx(s) for s in (0.9, 0.5, -0.25)]
    assert table["object_id"].tolist() == ["G3", "G1", "G0"]
    assert table["ra_deg"].tolist() == [3, 1, 0]
    assert table["dec_deg"].tolist() == [1, pytest.approx(-1 / 3), -1]
    assert table["kind"].tolist() == ["d", "b", "a"]


@pytest.mark.parametrize("kind", WITH_UNITS)
def test_every_column_keeps_its_unit_and_its_description(neighbours, kind):
    table = read_back(written(neighbours, kind), kind)
    assert (table["mag_z"].unit, table["mag_z"].description) == ("mag", "Magnitude in z")
    assert table["similarity"].description == "Cosine between the embeddings of query and galaxy"
    assert (table["kind"].unit, table["kind"].description) == (None, "kind")


def test_without_similarity_there_is_no_rank():
    names, rows = read_csv(written(export_of(KINDS), "csv"))
    assert names == ["object_id", "ra_deg", "dec_deg", "kind", "mag_z", "provenance"]
    assert len(rows) == 3


def test_a_column_of_the_catalogue_may_be_called_like_one_of_ours():
    export = export_of({"Rank": [7, 8]}, similarity=np.array([1.0, 0.5]))
    for kind in WITH_UNITS:
        table = read_back(written(export, kind), kind)
        assert (table["rank"].tolist(), table["Rank_2"].tolist()) == ([1, 2], [7, 8])


def test_addresses_of_pictures_are_those_of_the_cutout_service(neighbours):
    service = CutoutService(base_url="https://www.legacysurvey.org/viewer/jpeg-cutout", layer="dr9")
    explorer = explorer_of({"kind": ["a", "b"]}, cutout_service=service)
    pictures = Pictures(explorer)
    export = Export(explorer, np.array([1, 0]), "selection", pictures=pictures)
    table = read_back(written(export, "fits"), "fits")
    assert table["picture_url"].tolist() == [pictures.url(1), pictures.url(0)]
    own = neighbours.explorer
    without_service = Export(own, np.array([1]), "selection", pictures=Pictures(own))
    assert "picture_url" not in read_back(written(without_service, "fits"), "fits").colnames


# Any values, there and back

numbers = st.floats(allow_nan=True, allow_infinity=True)
integers = st.integers(-(2**63), 2**63 - 1)
# Every character that is one: no halves of pairs, no NUL.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@st.composite
def catalogues(draw):
    n = draw(st.integers(1, 5))
    column = lambda values: draw(st.lists(values, min_size=n, max_size=n))  # noqa: E731
    return {
        "words": column(texts | st.sampled_from(["=1+1", "-", "+12", "'=x", "'", " a ", "#", '"'])),
        "real": np.array(column(numbers)),
        "small": np.array(column(st.floats(width=32)), dtype=np.float32),
        "whole": np.array(column(integers), dtype=np.int64),
        "some_whole": pd.array(column(st.none() | integers), dtype="Int64"),
        "yes": np.array(column(st.booleans())),
        # Of a column without any value nobody knows what it would be.
        "some_yes": pd.Series([*column(st.none() | st.booleans())[1:], True], dtype=object),
    }


def same_numbers(read, expected):
    filled = np.ma.filled(np.ma.asarray(read).astype(np.asarray(expected).dtype), np.nan)
    return np.array_equal(filled, expected, equal_nan=True)


def same_optional(read, expected):
    """Compare a column with missing values, which Parquet hands to astropy as NaN or None."""
    found = [None if value is np.ma.masked or value is None else value for value in read]
    wanted = [None if value is pd.NA or value is None else value for value in expected]
    if any(isinstance(value, float) for value in found):
        return np.array_equal(
            np.array(found, dtype=float), np.array(wanted, dtype=float), equal_nan=True
        )
    return found == wanted


@pytest.mark.parametrize("kind", WITH_UNITS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(columns=catalogues())
def test_astropy_reads_back_what_was_in_the_catalogue(kind, columns):
    table = read_back(written(export_of(columns), kind), kind)
    words = columns["words"]
    if kind == "fits":
        words = [ascii_text(word).rstrip(" ") for word in words]
    read = ["" if word is np.ma.masked else word for word in table["words"]]
    if kind == "ecsv":  # where a text has one line, and astropy strips blanks and tabs
        words = [" ".join(f"{word}.".splitlines())[:-1].strip(" \t") for word in words]
    assert read == words
    assert same_numbers(table["real"], columns["real"])
    assert same_numbers(table["small"], columns["small"])
    assert table["small"].dtype.itemsize == 4
    assert table["whole"].tolist() == columns["whole"].tolist()
    assert table["yes"].tolist() == columns["yes"].tolist()
    assert same_optional(table["some_whole"], columns["some_whole"])
    assert same_optional(table["some_yes"], columns["some_yes"])


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(columns=catalogues())
def test_a_csv_file_holds_the_catalogue_too(columns):
    names, rows = read_csv(written(export_of(columns), "csv"))
    cells = dict(zip(names, zip(*rows, strict=True), strict=True))
    assert [without_apostrophe(cell) for cell in cells["words"]] == columns["words"]
    real = np.array([float(cell or "nan") for cell in cells["real"]])
    assert np.array_equal(real, columns["real"], equal_nan=True)
    assert [int(cell) for cell in cells["whole"]] == columns["whole"].tolist()
    assert [cell == "True" for cell in cells["yes"]] == columns["yes"].tolist()
    told = {None: "", True: "True", False: "False"}
    assert list(cells["some_yes"]) == [told[value] for value in columns["some_yes"]]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (np.array([1, 200], "u1"), "uint8", [1, 200]),
        (np.array([-5, 100], "i1"), "int16", [-5, 100]),
        (np.array([1, 60_000], "u2"), "int32", [1, 60_000]),
        (np.array([1, 2**32 - 1], "u4"), "int64", [1, 2**32 - 1]),
        (np.array([1, 2**63 - 1], "u8"), "int64", [1, 2**63 - 1]),
        (np.array([1, 2**64 - 1], "u8"), "str", ["1", "18446744073709551615"]),
        (np.array([0.5, 2], "f2"), "float32", [0.5, 2]),
        (pd.Categorical(["S", "E"]), "str", ["S", "E"]),
        (pd.Categorical([3, 4]), "int64", [3, 4]),
        (pd.Series([None, None], dtype=object), "str", ["", ""]),
        (pd.Series(["a", 1], dtype=object), "str", ["a", "1"]),
        (pd.Series([1, 2**70], dtype=object), "str", ["1", "1180591620717411303424"]),
    ],
)
def test_types_that_a_format_lacks_become_larger_ones_or_text(values, dtype, expected):
    export = export_of({"values": values})
    for kind in WITH_UNITS:
        column = read_back(written(export, kind), kind)["values"]
        assert ["" if value is np.ma.masked else value for value in column] == expected
        assert column.dtype.newbyteorder("=").name.startswith(dtype) or dtype == "str"


@pytest.mark.parametrize("kind", FORMATS)
def test_more_rows_than_a_block_holds_are_whole_and_in_order(kind, monkeypatch):
    export = export_of({"kind": list("abcdefg"), "n": range(7)})
    at_once = written(export, kind)
    monkeypatch.setattr("dashboard.export.table.BLOCK_ROWS", 3)
    in_blocks = written(export, kind)
    if kind == "csv":
        assert in_blocks == at_once
    else:
        table = read_back(in_blocks, kind)
        assert (table["kind"].tolist(), table["n"].tolist()) == (list("abcdefg"), list(range(7)))


# Names and units


@pytest.mark.parametrize("unit", ["furlong of sky", "Å", "nmgy", "mag(AB)", "1e-10 W/m²"])
def test_units_that_astropy_or_a_format_does_not_know_are_kept(unit, recwarn):
    export = export_of({"flux": [1.0]}, about=[Column("flux", unit, "Flux")])
    contents = {kind: written(export, kind) for kind in WITH_UNITS}
    assert not recwarn.list
    ascii_unit = {"Å": "Angstrom", "1e-10 W/m²": "1e-10 W / m2"}.get(unit, unit)
    assert f"TUNIT4  = '{ascii_unit:8}'".encode() in contents["fits"]
    assert f'unit="{ascii_unit}"'.encode() in contents["votable"]
    assert str(read_back(contents["ecsv"], "ecsv")["flux"].unit) in (unit, ascii_unit)


@pytest.mark.parametrize("name", ["größe", "a b", "2mass", "mag-z", "x" * 80, "ra_deg ", "<&>"])
def test_any_name_of_a_column_can_be_written(name):
    export = export_of({name: [1.5]})
    for kind in WITH_UNITS:
        table = read_back(written(export, kind), kind)
        assert table[table.colnames[3]].tolist() == [1.5]


@settings(max_examples=10)
@given(description=texts | st.just("d" * 300))
@example("")
def test_any_description_can_be_written(description):
    export = export_of({"kind": ["a"]}, about=[Column("kind", "", description)])
    for kind in ("ecsv", "parquet"):
        assert (read_back(written(export, kind), kind)["kind"].description or "") == description
    read = read_back(written(export, "fits"), "fits")["kind"].description or ""
    assert read == ascii_text(description).strip()


# Files


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_export_made_at_the_same_time_is_the_same_file(neighbours, kind):
    assert written(neighbours, kind) == written(neighbours, kind)


def test_a_file_is_called_after_what_is_in_it(neighbours):
    assert download(neighbours, "votable").name == "small_neighbours_G2_2026-11-24.vot"
    assert download(neighbours, "votable").mime_type == "application/x-votable+xml"
    assert download(export_of(KINDS), "csv").name == "small_catalogue_2026-11-24.csv"


def test_what_cannot_be_taken_away_is_said(neighbours):
    explorer = neighbours.explorer
    with pytest.raises(ExportError, match=r"no galaxy to take away\.$"):
        Export(explorer, np.array([], dtype=int), "selection")
    with pytest.raises(ExportError, match=r"away\. Widen the filters\."):
        Export(explorer, np.array([], dtype=int), "catalogue", filters="mag_z: 90 or more")
    with pytest.raises(UnknownGalaxyError, match="rows are 0 to 3"):
        Export(explorer, np.array([4]), "selection")
    with pytest.raises(ExportError, match="CSV, ECSV, FITS, VOTable, Parquet"):
        download(neighbours, "xlsx")


def test_one_long_text_for_many_rows_is_refused_before_the_first_byte(monkeypatch):
    export = export_of({"note": ["x" * 1000, "", ""]})
    monkeypatch.setattr("dashboard.export.packed_rows._MOST_TEXT_BYTES", 3000)
    for kind in ("fits", "votable"):
        with pytest.raises(ExportError, match="'note', 1,000 bytes"):
            download(export, kind)
    assert read_back(written(export, "parquet"), "parquet")["note"].tolist() == ["x" * 1000, "", ""]
