import inspect
import pickle
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table
from PIL import Image

from pipeline.atlas.catalogue import REQUIRED, Column
from pipeline.atlas.rgb import LuptonColours
from pipeline.sources import Source, SourceError
from pipeline.sources.folder.config import FolderConfig
from tests.pipeline.picture_folder import gradient, write_png, write_survey

ROOT = Path(__file__).parents[4]
GRZ = ["g", "r", "z"]
IRG = {"red": "i", "green": "r", "blue": "g"}
EFIGI = ROOT.parent / "shared/data/sdss_efigi"


@pytest.fixture
def folder(tmp_path):
    return write_survey(tmp_path / "survey")


def with_row(folder: Path, row: str) -> Source:
    with (folder / "catalogue.csv").open("a") as file:
        file.write(row + "\n")
    return FolderConfig(folder).open()


def test_a_folder_yields_rows_and_cutouts_in_the_order_of_its_catalogue(folder):
    source = FolderConfig(folder).open()
    chunk = source.read(1, 3)
    assert len(source) == 3
    assert list(chunk.catalogue.columns) == ["object_id", "ra_deg", "dec_deg", "mag"]
    assert chunk.catalogue["object_id"].tolist() == ["b", "c"]
    assert chunk.catalogue["ra_deg"].tolist() == [2.0, 3.0]
    assert chunk.catalogue.index.tolist() == [0, 1]
    assert (chunk.cutouts.shape, chunk.cutouts.dtype) == ((2, 3, 32, 32), np.uint8)
    np.testing.assert_array_equal(chunk.cutouts[0], gradient().transpose(2, 0, 1))
    assert source.columns == (*REQUIRED, Column("mag"))
    assert source.survey.name == source.survey.title == "survey"
    assert source.survey.bands == ("R", "G", "B")
    assert source.survey.cutout_px == 32
    assert source.survey.pixel_scale_arcsec is None
    assert not source.survey.north_up  # who knows
    assert FolderConfig(folder, north_up=True).open().survey.north_up


def test_reading_in_pieces_or_in_another_process_changes_nothing(folder):
    source = FolderConfig(folder).open()
    whole = source.read(0, 3)
    copy = pickle.loads(pickle.dumps(source))
    pieces = [copy.read(start, start + 1) for start in range(5)]
    np.testing.assert_array_equal(np.concatenate([p.cutouts for p in pieces]), whole.cutouts)
    pd.testing.assert_frame_equal(
        pd.concat([p.catalogue for p in pieces], ignore_index=True), whole.catalogue
    )
    assert pieces[4].cutouts.shape == (0, 3, 32, 32)
    assert pieces[4].cutouts.dtype == np.uint8


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("d,a.png,,,15", "Row 4: It has no position."),
        ("d,a.png,-1,0,15", "Row 4: Its right ascension, -1 deg, is not at least 0 and below 360."),
        ("d,a.png,1,-91,15", "Row 4: Its declination, -91 deg, is not between -90 and 90."),
        ("d,a.png,unknown,0,15", "Row 4: It has no position."),
        ("b,a.png,1,1,15", "Row 4: Its identifier is that of row 2, which is kept."),
    ],
)  # fmt: skip
def test_unusable_row_is_left_out_before_any_picture_is_read(folder, row, sentence):
    source = with_row(folder, row)
    assert [(item.object_id, item.reason) for item in source.rejected] == [(row[0], sentence)]
    assert len(source) == 3
    assert source.read(0, 9).rejected == ()


def test_row_without_an_identifier_is_named_by_its_number(folder):
    source = with_row(folder, ",a.png,1,1,15")
    assert source.rejected[0].object_id == "row 4"
    assert source.rejected[0].reason == "Row 4: It has no identifier."


def test_of_a_repeated_identifier_the_first_row_with_a_position_is_kept(folder):
    (folder / "catalogue.csv").write_text(
        "id,file,ra,dec\na,a.png,,\na,b.png,2,0\na,c.png,3,0\nb,b.png,4,0\n"
    )
    source = FolderConfig(folder).open()
    assert source.read(0, 9).catalogue["ra_deg"].tolist() == [2.0, 4.0]
    assert [item.reason for item in source.rejected] == [
        "Row 1: It has no position.",
        "Row 3: Its identifier is that of row 2, which is kept.",
    ]


@pytest.mark.parametrize("suffix", ["fits", "vot", "ecsv", "parquet"])
def test_catalogue_may_come_in_any_format(folder, suffix):
    (folder / "catalogue.csv").unlink()
    table = Table({"ID": [587724197202165859, 2], "RA": [1.0, 2.0], "DEC": [3.0, 4.0]})
    table["File"] = ["a.png", "b.png"]
    if suffix == "parquet":
        table.to_pandas().to_parquet(folder / "catalogue.parquet")
    else:
        kind = {"vot": "votable", "ecsv": "ascii.ecsv"}.get(suffix)
        table.write(folder / f"catalogue.{suffix}", format=kind)
    catalogue = FolderConfig(folder).open().read(0, 2).catalogue
    assert catalogue["object_id"].tolist() == ["587724197202165859", "2"]
    assert catalogue["dec_deg"].tolist() == [3.0, 4.0]


def test_sexagesimal_positions_and_positions_in_radians_become_degrees(folder):
    (folder / "catalogue.csv").write_text("id,ra,dec\na,13:17:20,-00:30:00\n")
    row = FolderConfig(folder).open().read(0, 1).catalogue.iloc[0]
    assert (row["ra_deg"], row["dec_deg"]) == pytest.approx((199.333333, -0.5), abs=1e-6)
    (folder / "catalogue.csv").write_text("id,coord_ra,coord_dec\na,3.14159265,-0.5235987756\n")
    units = {"coord_ra": {"unit": "rad"}, "coord_dec": {"unit": "rad"}}
    row = FolderConfig(folder, columns=units).open().read(0, 1).catalogue.iloc[0]
    assert (row["ra_deg"], row["dec_deg"]) == pytest.approx((180.0, -30.0), abs=1e-6)


def test_columns_are_described_cleaned_and_chosen_by_the_config(folder):
    source = FolderConfig(
        folder,
        columns={"mag": {"unit": "mag", "description": "r magnitude", "missing": [-99, 99]}},
        brightness_column="mag",
    ).open()
    np.testing.assert_array_equal(source.read(0, 3).catalogue["mag"], [15.0, np.nan, 17.0])
    assert source.columns[3] == Column("mag", "mag", "r magnitude")
    assert source.survey.brightness_column == "mag"
    few = FolderConfig(folder, keep=[]).open()
    assert few.columns == REQUIRED
    assert list(few.read(0, 1).catalogue.columns) == ["object_id", "ra_deg", "dec_deg"]


def test_column_that_only_looks_like_a_required_one_keeps_its_values(folder):
    (folder / "catalogue.csv").write_text("id,pgc,ra_deg,dec_deg,x,y\na,77,0,0,12,13\n")
    source = FolderConfig(folder, ra_column="x", dec_column="y").open()
    row = source.read(0, 1).catalogue.iloc[0].to_dict()
    assert row["ra_deg"] == 12
    assert row["catalogue_ra_deg"] == 0
    assert [c.name for c in source.columns] == list(source.read(0, 1).catalogue.columns)


def test_blank_text_stays_text(folder):
    (folder / "catalogue.csv").write_text("id,ra,dec,name\na,1,1,\nb,2,2,NGC 1\nc,3,3,-\n")
    source = FolderConfig(folder, columns={"name": {"missing": "-"}}).open()
    assert source.read(0, 3).catalogue["name"].tolist() == ["", "NGC 1", ""]


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"catalogue": "x.csv"}, r"There is no catalogue .*x\.csv"),
        ({"images": "pictures"}, "There is no folder .*pictures"),
        ({"ra_column": "alpha"}, "ra_column = 'alpha'"),
        ({"columns": {"magg": {}}}, "columns in .* names magg, but"),
        ({"columns": {"mag": {"units": "mag"}}}, "says units of column mag"),
        ({"keep": ["z"]}, "keep in .* names z, but"),
        ({"brightness_column": "object_id"}, "brightness_column = 'object_id' is no numeric"),
        ({"bands": ["u", "g", "r"]}, r"lacks one of g, r, z, .*\[source\.rgb\]"),
        ({"rgb": IRG, "bands": ["g", "r"]}, "lacks one of i, r, g"),
        ({"zero_point_mag": 27.0}, "mean nothing for pictures"),
        ({"file_pattern": "{object_id}-{band}.fits"}, "mean nothing for pictures"),
        ({"file_column": "x", "file_pattern": "{object_id}{band}"}, "both say how"),
        ({"file_column": "file_{band}", "bands": GRZ}, "file_column in .* names file_g, file_r"),
        ({"cutout_px": 8}, "cutout_px = 8 is not between"),
        ({"pixel_scale_arcsec": 0}, "pixel_scale_arcsec = 0 is not positive"),
        ({"file_pattern": "a.png"}, "gives every galaxy the same picture"),
    ],
)
def test_wrong_knob_is_a_sentence(folder, knobs, sentence):
    with pytest.raises(SourceError, match=sentence):
        FolderConfig(folder, **knobs).open()


def test_folder_without_a_usable_row_says_what_is_wrong_with_the_first(folder):
    (folder / "catalogue.csv").write_text("id,ra,dec\na,,\nb,400,1\n")
    with pytest.raises(SourceError, match=r"None of the 2 rows .* Row 1: It has no position\."):
        FolderConfig(folder).open()
    (folder / "catalogue.csv").write_text("id,ra,dec\nx,1,1\ny,2,2\n")
    with pytest.raises(SourceError, match=r"No row .* There is no picture x\.\*\. Check images"):
        FolderConfig(folder).open()


def test_cutouts_are_the_central_square_at_one_size(folder):
    # Left and right thirds red, the central square of 32 x 32 green: after the crop all green.
    wide = np.zeros((32, 96, 3), np.uint8)
    wide[:, :, 0], wide[:, 32:64] = 255, (0, 255, 0)
    wide[0, 32] = 0
    Image.fromarray(wide).save(folder / "images/a.png")
    write_png(folder / "images/b.png", 100)
    source = FolderConfig(folder, cutout_px=16, pixel_scale_arcsec=0.25).open()
    cutouts = source.read(0, 3).cutouts
    assert cutouts.shape == (3, 3, 16, 16)
    assert cutouts[0, 0].max() == 0
    assert cutouts[0, 1].min() > 190
    # 32 pixels of 0.25 arcsec became 16 of 0.5.
    assert source.survey.pixel_scale_arcsec == 0.5


def test_default_size_is_that_of_the_first_picture_that_can_be_read_at_most_256(folder):
    (folder / "images/a.png").unlink()
    write_png(folder / "images/b.png", 40)
    assert FolderConfig(folder).open().survey.cutout_px == 40
    write_png(folder / "images/b.png", 300)
    assert FolderConfig(folder).open().survey.cutout_px == 256


def test_knobs_of_the_efigi_config_are_those_of_the_source():
    config = tomllib.loads((ROOT / "pipeline/configs/efigi.toml").read_text())
    assert set(config["source"]) <= {field.name for field in fields(FolderConfig)}


def test_the_template_names_every_knob():
    text = (ROOT / "pipeline/configs/folder.toml").read_text()
    uncommented = re.sub(r"^# ?(?=[a-z_]+ = |\[[a-z])", "", text, flags=re.MULTILINE)
    source = tomllib.loads(uncommented)["source"]
    assert set(source) == {field.name for field in fields(FolderConfig)}
    assert set(source["rgb"]) == set(inspect.signature(LuptonColours).parameters)


@pytest.mark.skipif(not EFIGI.is_dir(), reason=f"the real galaxies are not at {EFIGI}")
def test_of_the_4458_galaxies_of_efigi_the_106_without_a_position_are_left_out(monkeypatch):
    monkeypatch.chdir(ROOT)
    with (ROOT / "pipeline/configs/efigi.toml").open("rb") as file:
        knobs = tomllib.load(file)["source"]
    assert knobs.pop("kind") == "folder"
    source = FolderConfig(**knobs).open()
    assert len(source) == 4352
    assert len(source.rejected) == 106
    assert {item.reason.split(": ")[1] for item in source.rejected} == {"It has no position."}
    assert all(column.description for column in source.columns)
    chunk = source.read(0, 4352)
    assert chunk.rejected == ()
    assert chunk.cutouts.shape == (4352, 3, 88, 88)
    catalogue = chunk.catalogue.set_index("object_id")
    # M 51 is PGC 47404.
    assert catalogue.loc["PGC0047404", ["ra_deg", "dec_deg"]].tolist() == pytest.approx(
        [202.4696, 47.1952], abs=0.01
    )
    assert catalogue["t_type"].min() == -6
    assert catalogue.loc[:, "bulge_to_total":"contamination"].min().min() == 0
    assert catalogue["mag_b"].notna().sum() == 4348


def test_galaxies_without_a_position_are_kept_where_none_is_needed(folder):
    (folder / "catalogue.csv").write_text("id,file,ra,dec\na,a.png,,\nb,b.png,2,0\nc,c.png,2,95\n")
    source = FolderConfig(folder, needs_position=False).open()
    assert source.read(0, 9).catalogue["object_id"].tolist() == ["a", "b"]
    assert [item.reason for item in source.rejected] == [
        "Row 3: Its declination, 95 deg, is not between -90 and 90."
    ]


def test_a_catalogue_needs_no_columns_of_positions_where_none_is_needed(folder):
    (folder / "catalogue.csv").write_text("id,file,label\na,a.png,spiral\n")
    with pytest.raises(SourceError, match="right ascension"):
        FolderConfig(folder).open()
    catalogue = FolderConfig(folder, needs_position=False).open().read(0, 1).catalogue
    assert catalogue["ra_deg"].isna().all()
    assert catalogue["label"].tolist() == ["spiral"]
