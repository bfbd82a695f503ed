import csv
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from dashboard.export.formats import Export
from dashboard.export.pictures import NoPicturesError, picture_archive
from dashboard.export.stream import ChunkStream
from dashboard.export.table import ExportError
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from pipeline.atlas.manifest import CutoutService
from tests.dashboard.exported import MADE, MAGNITUDE, explorer_of

SERVICE = CutoutService(base_url="https://www.legacysurvey.org/viewer/jpeg-cutout", layer="ls-dr9")


@pytest.fixture
def export():
    """The pictures of twelve galaxies from the last to the first; one has an evil identifier."""
    explorer = explorer_of(
        {
            "object_id": [*(f"G{row}" for row in range(11)), "../../M 51"],
            "mag_z": np.linspace(14, 20, 12),
        },
        about=[MAGNITUDE],
        citations=("A et al. 2025",),
    )
    explorer.thumbnails = [f"picture {row}".encode() * 100 for row in range(12)]
    return Export(
        explorer,
        np.arange(11, -1, -1),
        "neighbours",
        similarity=np.linspace(1, 0, 12),
        query=Query((0,)),
        made=MADE,
    )


def opened(export):
    return zipfile.ZipFile(io.BytesIO(b"".join(picture_archive(export).chunks)))


def test_pictures_are_called_by_rank_and_identifier_and_are_whole(export):
    archive = opened(export)
    assert archive.testzip() is None
    assert archive.namelist() == [
        *("README.txt", "galaxies.csv", "01_M_51.jpg", "02_G10.jpg"),
        *(f"{rank:02d}_G{12 - rank}.jpg" for rank in range(3, 13)),
    ]
    assert archive.read("01_M_51.jpg") == b"picture 11" * 100
    assert archive.read("12_G0.jpg") == b"picture 0" * 100


def test_pictures_are_stored_as_they_are_and_readable_by_programs_that_only_read_forward(export):
    for entry in opened(export).infolist():
        assert entry.compress_type == zipfile.ZIP_STORED
        assert not entry.flag_bits & 0x08  # sizes before the content, not behind it
        assert entry.date_time == (2026, 11, 24, 18, 55, 6)  # ZIP counts every other second


def test_the_table_says_which_picture_is_whose(export):
    text = opened(export).read("galaxies.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (rows[0]["object_id"], rows[0]["picture"]) == ("../../M 51", "01_M_51.jpg")
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 13)]


def test_the_readme_says_where_the_pictures_come_from_and_whom_to_cite(export):
    text = opened(export).read("README.txt").decode()
    assert "galaxies: 12 simulated galaxies\n" in text
    assert "please cite\n  A et al. 2025\n" in text
    assert "  mag_z: Magnitude in z [mag]\n" in text


def test_an_archive_is_made_picture_by_picture(export):
    chunks = picture_archive(export).chunks
    assert max(map(len, chunks)) < 4000  # of 12 pictures of 1,000 bytes, a table and a README


def test_the_same_archive_is_the_same_file(export):
    once, again = (b"".join(picture_archive(export).chunks) for _ in range(2))
    assert once == again
    assert picture_archive(export).name == "small_neighbours_G0_2026-11-24_pictures.zip"


def test_pictures_of_a_cutout_service_are_not_fetched_but_pointed_at():
    explorer = explorer_of({"kind": ["a"]}, cutout_service=SERVICE)
    assert Pictures(explorer).host == "legacysurvey.org"
    with pytest.raises(NoPicturesError, match=r"with legacysurvey\.org.*picture_url"):
        picture_archive(Export(explorer, np.array([0]), "neighbours"))


def test_an_atlas_without_any_picture_says_so():
    export = Export(explorer_of({"kind": ["a"]}), np.array([0]), "neighbours")
    with pytest.raises(NoPicturesError, match="Small atlas has no pictures"):
        picture_archive(export)


def test_too_many_pictures_are_refused(export):
    many = replace(export, rows=np.zeros(1001, dtype=int), similarity=None)
    with pytest.raises(ExportError, match="at most 1,000 pictures, these are 1,001"):
        picture_archive(many)


def test_what_was_taken_out_of_an_outbox_cannot_be_changed_any_more():
    stream = ChunkStream()
    stream.write(b"abc")
    assert stream.take() == b"abc"
    stream.write(b"defg")
    stream.seek(4)
    stream.write(b"E")
    stream.seek(7)
    assert (stream.take(), stream.tell()) == (b"dEfg", 7)
    with pytest.raises(ValueError, match="negative"):
        stream.seek(3)
