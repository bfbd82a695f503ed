import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import MaskedColumn, Table
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.atlas.catalogue import (
    REQUIRED,
    CatalogueError,
    Column,
    identifier_text,
    read_atlas_catalogue,
    read_catalogue,
    write_catalogue,
)

SDSS_ID = 587724197202165859  # 2^53 is 9007199254740992: as float64 this would end in ...888


def published_table() -> Table:
    return Table(
        {
            "objid": np.array([SDSS_ID, 2]),
            "ra": [199.3324, 0.0] * u.deg,
            "mag": MaskedColumn([15.5, 99.0], mask=[False, True], unit="mag", description="r band"),
            "n": MaskedColumn([3, 0], mask=[False, True]),
            "type": MaskedColumn([b"Sb", b"E"], mask=[False, True]),
        }
    )


@pytest.mark.parametrize("name", ["c.fits", "c.fits.gz", "c.vot", "c.xml", "c.ecsv"])
def test_values_units_and_descriptions_survive_every_format_of_astropy(tmp_path, name):
    kind = {"ecsv": "ascii.ecsv", "vot": "votable", "xml": "votable"}.get(name.split(".")[1])
    table = published_table()
    if kind:
        table["type"] = table["type"].astype(str)
    table.write(tmp_path / name, format=kind)
    frame, columns = read_catalogue(tmp_path / name)
    assert frame["objid"].tolist() == [SDSS_ID, 2]
    assert frame["ra"].tolist() == [199.3324, 0.0]
    np.testing.assert_array_equal(frame["mag"], [15.5, np.nan])
    np.testing.assert_array_equal(frame["n"], [3.0, np.nan])
    assert frame["type"].tolist() == ["Sb", ""]
    assert columns["mag"] == Column("mag", "mag", "r band")
    assert columns["ra"].unit == "deg"
    assert list(columns) == list(frame.columns)


def test_columns_of_a_fits_table_have_native_byte_order_and_text_is_str(tmp_path):
    published_table().write(tmp_path / "c.fits")
    frame, _ = read_catalogue(tmp_path / "c.fits")
    assert all(dtype.isnative for dtype in frame.dtypes if isinstance(dtype, np.dtype))
    assert frame["type"].dtype == "str"


def test_vector_column_becomes_one_column_per_element(tmp_path):
    Table({"id": [7], "flux": [[1.0, 2.0, 3.0]], "profile": [np.zeros(99)]}).write(
        tmp_path / "c.fits"
    )
    frame, _ = read_catalogue(tmp_path / "c.fits")
    assert list(frame.columns) == ["id", "flux_0", "flux_1", "flux_2"]
    assert frame["flux_2"].tolist() == [3.0]


def test_sky_coordinates_of_an_ecsv_table_become_degrees(tmp_path):
    Table({"id": ["m51"], "where": SkyCoord([202.4696], [47.1952], unit="deg")}).write(
        tmp_path / "c.ecsv"
    )
    frame, columns = read_catalogue(tmp_path / "c.ecsv")
    assert frame.loc[0, ["ra_deg", "dec_deg"]].tolist() == pytest.approx([202.4696, 47.1952])
    assert columns["dec_deg"].unit == "deg"


def test_first_table_of_a_fits_file_is_read_although_pictures_precede_it(tmp_path):
    hdus = [fits.PrimaryHDU(np.zeros((4, 4))), fits.BinTableHDU(Table({"id": [5]}))]
    fits.HDUList(hdus).writeto(tmp_path / "c.fits")
    assert read_catalogue(tmp_path / "c.fits")[0]["id"].tolist() == [5]


def test_csv_keeps_identifiers_digit_for_digit(tmp_path):
    (tmp_path / "c.csv").write_text(f"ObjID,other,x\n007,{SDSS_ID},1\n{SDSS_ID},,\n")
    frame, _ = read_catalogue(tmp_path / "c.csv", text=["objid"])
    assert frame["ObjID"].tolist() == ["007", str(SDSS_ID)]
    # A blank cell would have pushed this column through float64.
    assert frame["other"].tolist() == [str(SDSS_ID), ""]
    np.testing.assert_array_equal(frame["x"], [1.0, np.nan])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.csv", b"\xef\xbb\xbf id , ra\nNGC 1, 1.5\n"),
        ("c.csv", b"id;ra\nNGC 1;1.5\n"),
        ("c.tsv", b"id\tra\nNGC 1\t1.5\n"),
        ("c.CSV.gz", gzip.compress(b'"id","ra"\n"NGC 1",1.5\n')),
        ("c.csv", b'# %ECSV 1.0\n# ---\n# datatype:\n# - {name: id, datatype: string}\n'
                  b'# - {name: ra, datatype: float64}\nid ra\n"NGC 1" 1.5\n'),
    ],
    ids=["byte order mark and spaces", "semicolons", "tabs", "compressed", "ECSV in disguise"],
)  # fmt: skip
def test_dialects_of_csv_are_understood(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    frame, _ = read_catalogue(tmp_path / name)
    assert frame.to_dict("list") == {"id": ["NGC 1"], "ra": [1.5]}


def test_parquet_of_pandas_keeps_index_large_integers_and_categories(tmp_path):
    frame = pd.DataFrame(
        {"id": pd.array([SDSS_ID, None], "Int64"), "type": pd.Categorical(["Sb", None])},
        index=pd.Index([10, 20], name="healpix"),
    )
    frame.to_parquet(tmp_path / "c.parquet")
    read, _ = read_catalogue(tmp_path / "c.parquet")
    assert read.to_dict("list") == {
        "healpix": [10, 20],
        "id": [str(SDSS_ID), ""],
        "type": ["Sb", ""],
    }


def test_parquet_of_other_writers_keeps_large_integers_beside_blanks(tmp_path):
    pq.write_table(pa.table({"id": [SDSS_ID, None]}), tmp_path / "c.parquet")
    assert read_catalogue(tmp_path / "c.parquet")[0]["id"].tolist() == [str(SDSS_ID), ""]


def test_lists_in_parquet_are_left_out_not_fatal(tmp_path):
    pq.write_table(pa.table({"id": [1, 2], "spectrum": [[1.0], [2.0, 3.0]]}), tmp_path / "c.pq")
    assert list(read_catalogue(tmp_path / "c.pq")[0].columns) == ["id"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("c.doc", b"x", "suffix that no catalogue format uses"),
        ("c.csv", b"", "cannot be read as CSV"),
        ("c.csv", b"id,ra\n", "has no rows"),
        ("c.csv", b"id,ra\n1,2,3\n", "cannot be read as CSV"),
        ("c.csv", b"id,ra\n\xff\xfe,1\n", "cannot be read as CSV"),
        ("c.csv.gz", b"\x1f\x8b not gzip", "cannot be read as CSV"),
        ("c.fits", b"SIMPLE  = no", "cannot be read as FITS"),
        ("c.vot", b"<VOTABLE><RESOURCE>", "cannot be read as VOTable"),
        ("c.xml", b"<html></html>", "cannot be read as VOTable"),
        ("c.ecsv", b"# %ECSV 1.0\n# ---\nx", "cannot be read as ECSV"),
        ("c.parquet", b"PAR1", "cannot be read as Parquet"),
    ],
)
def test_catalogue_that_cannot_be_read_gives_a_sentence_with_its_name(
    tmp_path, name, content, sentence
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CatalogueError, match=sentence) as caught:
        read_catalogue(tmp_path / name)
    assert name in str(caught.value)


def test_missing_catalogue_and_fits_without_a_table_are_said_to_be_so(tmp_path):
    with pytest.raises(CatalogueError, match=r"There is no catalogue .*c\.csv"):
        read_catalogue(tmp_path / "c.csv")
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(tmp_path / "c.fits")
    with pytest.raises(CatalogueError, match="holds no table"):
        read_catalogue(tmp_path / "c.fits")


def test_damaged_header_of_a_fits_table_is_a_sentence(tmp_path):
    published_table().write(tmp_path / "c.fits")
    content = (tmp_path / "c.fits").read_bytes()
    (tmp_path / "c.fits").write_bytes(content.replace(b"TFORM1  = 'K", b"TFORM1  = K "))
    with pytest.raises(CatalogueError, match=r"cannot be read as FITS .*TFORM1"):
        read_catalogue(tmp_path / "c.fits")


def test_identifiers_that_lost_digits_as_floats_are_refused():
    assert identifier_text(pd.Series([12.0, np.nan], name="id")).tolist() == ["12", ""]
    assert identifier_text(pd.Series([" a ", None])).tolist() == ["a", ""]
    with pytest.raises(CatalogueError, match="lost digits"):
        identifier_text(pd.Series([float(SDSS_ID)], name="id"))


def atlas_frame() -> tuple[pd.DataFrame, list[Column]]:
    frame = pd.DataFrame(
        {
            "object_id": ["007", str(SDSS_ID)],
            "ra_deg": [199.3324, 0.0],
            "dec_deg": [20.6382, -0.5],
            "mag_z": np.array([15.5, np.nan], "float32"),
            "label": pd.Categorical(["spiral", None], categories=["spiral", "lens"], ordered=True),
            "name": ["NGC 1", ""],
            "n_arms": [2, 0],
        }
    )
    columns = [*REQUIRED, Column("mag_z", "mag", "z magnitude, dérougie")]
    return frame, [*columns, Column("label"), Column("name"), Column("n_arms", "", "Arms")]


def test_catalogue_of_an_atlas_is_read_as_it_was_written(tmp_path):
    frame, columns = atlas_frame()
    write_catalogue([frame], columns, tmp_path / "catalogue.parquet")
    read, described = read_atlas_catalogue(tmp_path / "catalogue.parquet")
    pd.testing.assert_frame_equal(read, frame)
    assert list(described.values()) == columns
    assert read["object_id"].dtype == "str"


def test_a_catalogue_in_pieces_is_that_of_one_piece_in_several_row_groups(tmp_path):
    frame, columns = atlas_frame()
    whole, pieces = tmp_path / "whole.parquet", tmp_path / "pieces.parquet"
    write_catalogue([frame], columns, whole)
    write_catalogue((frame.iloc[[row]] for row in range(len(frame))), columns, pieces)
    assert pq.read_metadata(pieces).num_row_groups == len(frame)
    assert pq.read_schema(pieces).equals(pq.read_schema(whole), check_metadata=True)
    pd.testing.assert_frame_equal(read_atlas_catalogue(pieces)[0], frame)


@settings(max_examples=25)
@given(st.lists(st.text(min_size=1).filter(str.isprintable), min_size=1, unique=True))
def test_any_identifier_survives_writing(tmp_path_factory, ids):
    path = tmp_path_factory.mktemp("atlas") / "catalogue.parquet"
    ids = [text.strip() for text in ids]
    write_catalogue(
        [pd.DataFrame({"object_id": ids, "ra_deg": 1.0, "dec_deg": 2.0})], REQUIRED, path
    )
    assert read_atlas_catalogue(path)[0]["object_id"].tolist() == ids


def test_other_readers_find_unit_and_description_in_the_field_metadata(tmp_path):
    frame, columns = atlas_frame()
    write_catalogue([frame], columns, tmp_path / "catalogue.parquet")
    field = pq.read_schema(tmp_path / "catalogue.parquet").field("ra_deg")
    assert field.metadata[b"unit"] == b"deg"
    assert field.metadata[b"description"] == b"Right ascension (ICRS)"
    assert read_catalogue(tmp_path / "catalogue.parquet")[1]["mag_z"] == columns[3]


def test_integer_identifiers_are_written_as_text(tmp_path):
    frame = pd.DataFrame({"object_id": [SDSS_ID], "ra_deg": [1.0], "dec_deg": [2.0]})
    write_catalogue([frame], REQUIRED, tmp_path / "catalogue.parquet")
    read, _ = read_atlas_catalogue(tmp_path / "catalogue.parquet")
    assert read["object_id"].tolist() == [str(SDSS_ID)]


def test_column_without_a_description_is_not_written(tmp_path):
    frame, columns = atlas_frame()
    with pytest.raises(CatalogueError, match="differ in n_arms"):
        write_catalogue([frame], columns[:-1], tmp_path / "catalogue.parquet")
    with pytest.raises(CatalogueError, match="lacks dec_deg"):
        write_catalogue([frame.drop(columns="dec_deg")], REQUIRED[:2], tmp_path / "c.parquet")


def test_broken_catalogue_of_an_atlas_gives_a_sentence(tmp_path):
    path = tmp_path / "catalogue.parquet"
    with pytest.raises(CatalogueError, match="Rebuild the atlas"):
        read_atlas_catalogue(path)
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(CatalogueError, match="Rebuild the atlas"):
        read_atlas_catalogue(path)
    pd.DataFrame({"object_id": [1], "ra_deg": [1.0], "dec_deg": [2.0]}).to_parquet(path)
    with pytest.raises(CatalogueError, match="object_id as int64, not as text"):
        read_atlas_catalogue(path)
    pd.DataFrame({"object_id": ["1"], "ra_deg": [1.0]}).to_parquet(path)
    with pytest.raises(CatalogueError, match="lacks dec_deg"):
        read_atlas_catalogue(path)
