"""Parts of HATS catalogues against a look at every row."""

import os
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord

from pipeline.sources import SourceError
from pipeline.sources.hats import HatsPart, hats_file, read_hats
from pipeline.sources.registry import open_source, source_state
from tests.pipeline.hats_files import galaxies, write_hats

needs_lsdb = pytest.mark.skipif(
    find_spec("lsdb") is None, reason="lsdb is not installed: pipeline/requirements-optional.txt"
)
INF = float("inf")


@pytest.fixture(scope="module")
def frame():
    return galaxies()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, frame):
    return write_hats(tmp_path_factory.mktemp("hats") / "small", frame)


def read(folder, **part):
    return read_hats(str(folder), HatsPart(**part)).to_pandas()


def within(frame, ra, dec, radius_deg):
    separation = SkyCoord(frame["ra"], frame["dec"], unit="deg").separation(
        SkyCoord(ra, dec, unit="deg")
    )
    return frame["source_id"][separation.deg <= radius_deg]


def test_the_catalogue_has_cells_of_two_orders(folder):
    orders = pd.read_csv(folder / "partition_info.csv")["Norder"].value_counts()
    assert orders.to_dict() == {0: 11, 1: 4}


@needs_lsdb
@pytest.mark.parametrize(
    ("ra", "dec", "radius"), [(0.5, 1.0, 15.0), (45.0, 30.0, 20.0), (123.0, 90.0, 12.0)]
)
def test_a_cone_has_the_rows_within_its_radius(folder, frame, ra, dec, radius):
    found = read(folder, cone={"ra_deg": ra, "dec_deg": dec, "radius_deg": radius})
    expected = within(frame, ra, dec, radius)
    assert 3 < len(expected) < 60
    assert set(found["source_id"]) == set(expected)


@needs_lsdb
def test_a_box_across_right_ascension_0_has_both_sides(folder, frame):
    found = read(folder, box={"ra_deg": (340, 15), "dec_deg": (-20, 25)})
    ra, dec = frame["ra"], frame["dec"]
    expected = frame["source_id"][((ra >= 340) | (ra <= 15)) & (dec >= -20) & (dec <= 25)]
    assert set(found["source_id"]) == set(expected)
    assert (found["ra"] > 180).any()
    assert (found["ra"] < 180).any()


@needs_lsdb
@pytest.mark.parametrize(("least", "most"), [(13.0, 14.0), (19.5, INF), (-INF, 12.2)])
def test_limits_hold_for_every_row_and_leave_out_those_without_a_value(folder, frame, least, most):
    found = read(folder, limits={"mag_r": (least, most)}, columns=["source_id"])
    expected = frame["source_id"][(frame["mag_r"] >= least) & (frame["mag_r"] <= most)]
    assert set(found["source_id"]) == set(expected)


@needs_lsdb
def test_a_region_and_limits_hold_together(folder, frame):
    cone = {"ra_deg": 45, "dec_deg": 30, "radius_deg": 40}
    found = read(folder, cone=cone, limits={"mag_r": (12, 16)})
    expected = set(within(frame, 45, 30, 40)) & set(frame["source_id"][frame["mag_r"] <= 16])
    assert set(found["source_id"]) == expected


@needs_lsdb
def test_only_the_cells_and_the_columns_that_are_wanted_are_read(tmp_path, frame):
    folder = write_hats(tmp_path / "damaged", frame)
    # Cell 4 of order 0 is around (0, 0).
    for path in folder.glob("dataset/Norder=*/Dir=*/*.parquet"):
        if path.parts[-3:] != ("Norder=0", "Dir=0", "Npix=4.parquet"):
            path.write_bytes(b"not read")
    found = read(folder, cone={"ra_deg": 0, "dec_deg": 0, "radius_deg": 10}, columns=["kind"])
    assert list(found.columns) == ["ra", "dec", "kind"]
    assert len(found) == len(within(frame, 0, 0, 10))
    with pytest.raises(SourceError, match="cannot be read as a HATS catalogue"):
        read(folder, cone={"ra_deg": 180, "dec_deg": 0, "radius_deg": 10})


@needs_lsdb
def test_the_position_is_what_the_catalogue_says_it_is(tmp_path, frame):
    renamed = frame.rename(columns={"ra": "lon", "dec": "lat"}).assign(ra=1.0)
    found = read(write_hats(tmp_path / "lonlat", renamed, "lon", "lat"))
    assert len(found) == len(frame)
    assert sorted(found["ra"]) == sorted(frame["ra"])
    assert "lon" not in found


@needs_lsdb
def test_a_collection_stands_for_its_main_catalogue(tmp_path, frame):
    write_hats(tmp_path / "main", frame)
    (tmp_path / "collection.properties").write_text(
        "obs_collection=both\nhats_primary_table_url=main\n"
    )
    assert len(read(tmp_path)) == len(frame)


@needs_lsdb
@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"limits": {"mag_q": (1, 2)}}, "no column mag_q. It has source_id, ra, dec, mag_r, kind"),
        ({"columns": ["redshift"]}, "no column redshift"),
        ({"limits": {"mag_r": (1, 2)}}, r"within what \[source.hats\] asks for"),
    ],
)
def test_a_part_that_is_not_there_is_named(folder, part, words):
    with pytest.raises(SourceError, match=words):
        read(folder, **part)


@needs_lsdb
def test_a_folder_without_a_catalogue_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="cannot be read as a HATS catalogue"):
        read(tmp_path)


def test_without_lsdb_the_error_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "lsdb", None)
    with pytest.raises(SourceError, match=r"pip install -r pipeline/requirements-optional\.txt"):
        read(folder)


@needs_lsdb
def test_what_was_read_is_kept_until_the_catalogue_changes(tmp_path, frame):
    folder, part = write_hats(tmp_path / "small", frame), HatsPart(columns=("source_id",))
    kept = hats_file(str(folder), part, tmp_path / "cache")
    before = kept.read_bytes()
    for path in folder.glob("dataset/Norder=*/Dir=*/*.parquet"):
        path.write_bytes(b"not read")
    assert hats_file(str(folder), part, tmp_path / "cache") == kept
    assert kept.read_bytes() == before
    os.utime(folder / "partition_info.csv", ns=(1, 1))
    with pytest.raises(SourceError):
        hats_file(str(folder), part, tmp_path / "cache")


def source(folder, tmp_path, **more):
    options = {"kind": "legacysurvey", "catalogue": str(folder), "cache": str(tmp_path / "cache")}
    return options | more


@needs_lsdb
def test_a_source_takes_its_rows_from_a_hats_catalogue(folder, frame, tmp_path):
    part = {"box": {"ra_deg": [0, 90], "dec_deg": [0, 60]}, "limits": {"mag_r": [12.0, INF]}}
    opened = open_source(source(folder, tmp_path, hats=part, brightness_column="mag_r"))
    inside = frame["ra"].between(0, 90) & frame["dec"].between(0, 60) & frame["mag_r"].notna()
    assert len(opened) == inside.sum()
    columns = {column.name: column for column in opened.columns}
    assert (columns["mag_r"].unit, columns["mag_r"].description) == ("mag", "Model magnitude")
    assert "object_id" in columns
    assert opened.survey.brightness_column == "mag_r"


@needs_lsdb
def test_a_hats_catalogue_of_the_legacy_surveys_is_understood_as_a_sweep(frame, tmp_path):
    survey = frame[["ra", "dec"]].assign(
        RELEASE=10000, BRICKID=7, OBJID=np.arange(len(frame)), flux_z=100.0, type="EXP"
    )
    folder = write_hats(tmp_path / "survey", survey)
    opened = open_source(source(folder, tmp_path, hats={"limits": {"OBJID": [5, 5]}}))
    # 22.5 - 2.5 log10(100)
    assert opened._catalogue["mag_z"].tolist() == pytest.approx([17.5])
    assert opened._catalogue["object_id"].tolist() == ["10000-7-5"]


def test_a_cone_and_a_box_at_once_are_refused(folder, tmp_path):
    cone = {"ra_deg": 1, "dec_deg": 2, "radius_deg": 3}
    both = {"cone": cone, "box": {"ra_deg": [0, 1], "dec_deg": [0, 1]}}
    with pytest.raises(SourceError, match="leave one of them out"):
        open_source(source(folder, tmp_path, hats=both))
    with pytest.raises(SourceError, match="radius_deg"):
        open_source(source(folder, tmp_path, hats={"cone": cone | {"radius_deg": 0}}))


def test_a_catalogue_that_changes_is_noticed(frame, tmp_path):
    folder = write_hats(tmp_path / "small", frame[:50])
    options = source(folder, tmp_path, hats={})
    before = source_state(options)
    os.utime(folder / "hats.properties", ns=(1, 1))
    assert source_state(options) != before
    assert source_state(source("https://example.org/hats", tmp_path, hats={})) == []


def test_a_hats_catalogue_without_its_table_is_a_sentence(folder, tmp_path):
    for ask in (open_source, source_state):
        with pytest.raises(
            SourceError, match=r"holds a HATS catalogue\. Add a table \[source\.hats"
        ):
            ask(source(folder, tmp_path))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"limits": {"mag_r": [18, 14]}}, r"mag_r = \[18, 14\] has least and most swapped"),
        (
            {"box": {"ra_deg": [350, 10], "dec_deg": [5, -5]}},
            r"dec_deg = \[5, -5\] has least and most swapped",
        ),
    ],
)
def test_swapped_limits_are_named(folder, tmp_path, part, words):
    with pytest.raises(SourceError, match=words):
        open_source(source(folder, tmp_path, hats=part))


@needs_lsdb
def test_limits_of_text_are_refused(folder):
    with pytest.raises(SourceError, match="name kind, which holds text"):
        read(folder, limits={"kind": (1, 2)})
