"""FITS and VOTable files with a list: units, missing values, and what no server should read."""

import base64
import io

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.table import MaskedColumn, Table

from dashboard.search.list_reading import read_file
from dashboard.search.list_tables import TableFileError, read_table
from dashboard.search.target_list import TargetListError


def table():
    return Table(
        {
            "mag": [17.0, 18.0, 19.0],
            "Name": MaskedColumn(["M 51", "", "NGC 1"]),
            "RA_ICRS": MaskedColumn([202.469575, 10.5, np.nan], unit=u.deg),
            "DE_ICRS": MaskedColumn([47.1952583, -0.25, np.nan], unit=u.deg),
        }
    )


def written(table, **options):
    file = io.BytesIO()
    table.write(file, **options)
    return file.getvalue()


def votable(rows="<TR><TD>1</TD><TD>2</TD></TR>", *, fields=None, table="", head="", data=None):
    fields = fields or '<FIELD name="ra" datatype="double"/><FIELD name="dec" datatype="double"/>'
    data = f"<TABLEDATA>{rows}</TABLEDATA>" if data is None else data
    text = (
        f'<?xml version="1.0"?>{head}<VOTABLE version="1.4" '
        f'xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE {table}>{fields}'
        f"<DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>"
    )
    return text.encode()


def stream(n_bytes):
    rows = base64.b64encode(bytes(n_bytes)).decode()
    return f'<BINARY><STREAM encoding="base64">{rows}</STREAM></BINARY>'


FORMATS = [{"format": "fits"}] + [
    {"format": "votable", "tabledata_format": kind} for kind in ("tabledata", "binary", "binary2")
]


@pytest.mark.parametrize("options", FORMATS, ids=str)
def test_names_and_positions_are_read_from_every_format(options):
    brought = read_file(written(table(), **options), "mine")
    assert (brought.kind, brought.name, brought.n_left_out) == ("row", "mine", 0)
    assert [(e.number, e.label, e.text) for e in brought.entries] == [
        (1, "M 51", "202.469575, 47.1952583"),
        (2, "10.5 -0.25", "10.5, -0.25"),
        (3, "NGC 1", "NGC 1"),
    ]


@pytest.mark.parametrize("options", FORMATS, ids=str)
def test_hours_and_radians_become_degrees(options):
    positions = Table({"ra": [13.5] * u.hour, "dec": [-0.5] * u.rad})
    (entry,) = read_file(written(positions, **options)).entries
    ra, dec = map(float, entry.text.split(","))
    assert (ra, dec) == (202.5, pytest.approx(-28.6478897565))


@pytest.mark.parametrize("options", FORMATS, ids=str)
def test_sexagesimal_text_and_large_identifiers_stay_as_they_are(options):
    rows = Table({"RAJ2000": ["13 17 19.8"], "DEJ2000": ["+20 38 17"], "objid": [2**60 + 1]})
    (entry,) = read_file(written(rows, **options)).entries
    assert (entry.label, entry.text) == (str(2**60 + 1), "13 17 19.8, +20 38 17")


@pytest.mark.parametrize("options", FORMATS, ids=str)
def test_only_the_first_rows_are_taken_and_all_are_counted(options):
    rows = Table({"ra": np.arange(50.0), "dec": np.arange(50.0)})
    kind = "FITS" if options["format"] == "fits" else "VOTable"
    found, n_rows = read_table(written(rows, **options), kind, 20)
    assert (len(found), n_rows, found[-1]) == (20, 50, ("", "19.0", "19.0"))


@pytest.mark.parametrize("options", FORMATS, ids=str)
def test_a_table_without_usual_names_lists_those_that_it_has(options):
    with pytest.raises(TargetListError, match=r"mine cannot be read as .*columns are x, y\.$"):
        read_file(written(Table({"x": [1], "y": [2]}), **options), "mine")


def test_a_picture_is_no_table():
    file = io.BytesIO()
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(file)
    with pytest.raises(TableFileError, match="it holds no table"):
        read_table(file.getvalue(), "FITS", 10)


@pytest.mark.parametrize("n_bytes", [80, 2880, 5000, 5760])
def test_a_cut_off_fits_file_is_refused(n_bytes):
    with pytest.raises(TableFileError):
        read_table(written(table(), format="fits")[:n_bytes], "FITS", 10)


def test_a_fits_header_that_promises_more_rows_than_there_are_is_refused():
    data = written(table(), format="fits")
    promised = data.replace(b"NAXIS2  =                    3", b"NAXIS2  =        3000000000000")
    assert promised != data
    with pytest.raises(TableFileError):
        read_table(promised, "FITS", 10)


def test_fits_rows_without_bytes_are_refused_before_they_are_made():
    data = written(Table({"name": ["abcd"]}), format="fits")
    for card, value in {"NAXIS1  =": 0, "NAXIS2  =": 2_000_000_000}.items():
        start = data.rindex(card.encode())
        data = data[:start] + f"{card}{value:>21}".encode() + data[start + 30 :]
    data = data[:-2880].replace(b"'4A      '", b"'0A      '")
    with pytest.raises(TableFileError, match="its rows are empty"):
        read_table(data, "FITS", 10)


def test_whole_numbers_that_stand_for_nothing_are_missing():
    columns = [
        fits.Column("objid", "K", null=999_999, array=np.array([999_999, 7])),
        fits.Column("ra", "J", null=-1, bzero=2**31, array=np.array([2**31 - 1, 5], np.uint32)),
        fits.Column("dec", "D", array=[1.0, 2.0]),
    ]
    file = io.BytesIO()
    fits.BinTableHDU.from_columns(columns).writeto(file)
    assert read_table(file.getvalue(), "FITS", 10)[0] == [("", "", "1.0"), ("7", "5", "2.0")]


@pytest.mark.parametrize("options", FORMATS, ids=str)
def test_arrays_of_positions_are_refused(options):
    pairs = Table({"ra": [[1.0, 2.0]], "dec": [[3.0, 4.0]]})
    with pytest.raises(TargetListError, match="has arrays in its cells"):
        read_file(written(pairs, **options))


def test_fits_arrays_of_variable_length_are_refused():
    cells = np.array([np.arange(2.0), np.arange(3.0)], dtype=object)
    columns = [fits.Column("ra", "PD()", array=cells), fits.Column("dec", "D", array=[1.0, 2.0])]
    file = io.BytesIO()
    fits.BinTableHDU.from_columns(columns).writeto(file)
    with pytest.raises(TableFileError, match="has arrays in its cells"):
        read_table(file.getvalue(), "FITS", 10)


@pytest.mark.parametrize("options", FORMATS, ids=str)
def test_hours_that_only_the_name_of_a_column_tells_become_degrees(options):
    rows = Table({"RA_hours": [13.5, 2.0], "dec": [2.5, 1.5]})
    assert [e.text for e in read_file(written(rows, **options)).entries] == [
        *("202.5, 2.5", "30.0, 1.5")
    ]
    whole = Table({"RA_hours": [2], "dec": [1]})
    assert read_file(written(whole, **options)).entries[0].text == "30.0, 1"


def test_a_stream_of_as_many_rows_as_are_allowed_is_read():
    found, n_rows = read_table(
        votable(data=stream(20_000 * 16)), "VOTable", 10
    )  # two doubles a row
    assert (len(found), n_rows) == (10, 20_000)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (votable(head="<!DOCTYPE VOTABLE [<!ENTITY a 'b'>]>"), "entities of its own"),
        (votable(data='<BINARY><STREAM href="file:///etc/passwd"/></BINARY>'), "elsewhere"),
        (
            votable(data='<BINARY2><v:STREAM xmlns:v="x" a=">" href="http://x/"/></BINARY2>'),
            "elsewhere",
        ),
        (votable(data='<BINARY><STREAM encoding="gzip">AA</STREAM></BINARY>'), "compressed"),
        (votable(data="<FITS><STREAM>AA</STREAM></FITS>"), "wraps a FITS file"),
        (votable(table='nrows="999999999999"'), "longer than 20,000 rows"),
        (votable(table='nrows="-1"'), "longer than 20,000 rows"),
        (votable("<TR/>" * 20_001), "longer than 20,000 rows"),
        (votable(fields='<FIELD name="ra" datatype="double" arraysize="0"/>'), "arrays of '0'"),
        (votable(fields='<FIELD name="ra" datatype="char" arraysize="99x99"/>'), "arrays of"),
        (votable(fields='<FIELD name="ra" datatype="char" arraysize="99999"/>'), "arrays of"),
        (votable(fields='<FIELD name="ra" datatype="int"/>' * 1_001), "more than 1000 columns"),
        (votable(data=stream(480_000)), "longer than 20,000 rows"),
        (votable("<TR>" + "<TD/>" * 1_000_001), "longer than 20,000 rows"),
        (b"<VOTABLE>" + b"<RESOURCE>" * 5_000, "no element found"),
        (b"<html><body><p>Not found</p></body></html>", "its columns are none"),
        (b"<VOTABLE", "unclosed token"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_votable_that_is_not_safe_or_not_whole_is_refused_with_its_reason(data, reason):
    with pytest.raises(TableFileError, match=reason):
        read_table(data, "VOTable", 10)


def test_entities_cannot_hide_in_another_encoding():
    data = votable(head="<!DOCTYPE VOTABLE [<!ENTITY a 'b'>]>").decode().encode("utf-16")
    with pytest.raises(TableFileError, match="entities of its own"):
        read_table(data, "VOTable", 10)


def test_a_cell_that_is_no_number_costs_only_its_own_row():
    rows = "<TR><TD>x</TD><TD>2</TD></TR><TR><TD>1</TD><TD>2</TD></TR>"
    entries = read_file(votable(rows)).entries
    assert [entry.problem for entry in entries] == ["It has neither a name nor a position.", ""]


def test_a_votable_with_everything_that_is_allowed_is_read():
    fields = (
        '<FIELD name="main_id" datatype="char" arraysize="20*"/>'
        '<FIELD name="ra" datatype="double" unit="deg"/><FIELD name="dec" datatype="double"/>'
        '<FIELD name="pair" datatype="int" arraysize="2x3"/>'
        '<FIELD name="notes" datatype="char" arraysize="*"/>'
    )
    row = "<TR><TD>M 51</TD><TD>1.5</TD><TD>-2</TD><TD>1 2 3 4 5 6</TD><TD/></TR>"
    data = votable(row, fields=fields, table='nrows="1"')
    assert read_table(data, "VOTable", 10) == ([("M 51", "1.5", "-2.0")], 1)
