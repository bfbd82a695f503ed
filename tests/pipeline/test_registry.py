import os
from pathlib import Path

import pytest

from pipeline.sources import SourceError
from pipeline.sources.registry import source_state


@pytest.fixture
def options(tmp_path):
    folder = tmp_path / "galaxies"
    (folder / "images" / "south").mkdir(parents=True)
    (folder / "catalogue.csv").write_text("id,ra,dec\n1,2,3\n")
    (folder / "images" / "south" / "1.jpg").write_bytes(b"picture")
    return {"kind": "folder", "folder": str(folder)}


def test_a_file_that_is_not_read_changes_nothing(options, tmp_path):
    before = source_state(options)
    (tmp_path / "galaxies" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "galaxies" / "notes.txt~").write_text("x")
    assert source_state(options) == before


@pytest.mark.parametrize("name", ["catalogue.csv", "images/south/1.jpg"])
def test_a_file_that_is_replaced_is_noticed(options, tmp_path, name):
    before = source_state(options)
    path = tmp_path / "galaxies" / name
    path.write_bytes(b"0123456")
    os.utime(path, ns=(1, 1))
    assert source_state(options) != before


def test_a_picture_that_is_added_is_noticed(options, tmp_path):
    before = source_state(options)
    (tmp_path / "galaxies" / "images" / "2.PNG").write_bytes(b"x")
    assert source_state(options) != before


def test_the_mock_survey_has_no_files():
    assert source_state({"kind": "mock", "n_objects": 3}) == []


def test_a_folder_that_is_not_there_is_named(options):
    with pytest.raises(SourceError, match="There is no folder gone"):
        source_state({**options, "folder": "gone"})


def test_a_sweep_catalogue_that_is_added_to_a_folder_is_noticed(tmp_path):
    sweeps = {"kind": "legacysurvey", "catalogue": str(tmp_path), "photo_z": str(tmp_path)}
    (tmp_path / "sweep-a.fits").write_bytes(b"x")
    (tmp_path / "sweep-a-pz.fits").write_bytes(b"x")
    before = source_state(sweeps)
    (tmp_path / "sweep-b-pz.fits").write_bytes(b"x")
    after = source_state(sweeps)
    assert [Path(path).name for path, *_ in before] == ["sweep-a.fits", "sweep-a-pz.fits"]
    assert [Path(path).name for path, *_ in after][1:] == ["sweep-a-pz.fits", "sweep-b-pz.fits"]
