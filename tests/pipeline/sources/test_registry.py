import os
import re
from pathlib import Path

import pytest

from pipeline.sources import SourceError
from pipeline.sources.registry import SOURCES, open_source, source_state


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


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"cutout_px": "64"}, "source.cutout_px is '64', which is not a whole number."),
        ({"cutout_px": True}, "source.cutout_px is True, which is not a whole number."),
        ({"pixel_scale_arcsec": "x"}, "source.pixel_scale_arcsec is 'x', which is not a number."),
        ({"simulated": "no"}, "source.simulated is 'no', which is not true or false."),
        ({"keep": "mag"}, "source.keep is 'mag', which is not a list of text."),
        ({"columns": 3}, "source.columns is 3, which is not a table."),
        ({"kind": "decals_h5", "rows": [0.5, 2]}, "is [0.5, 2], which is not a list of whole"),
        ({"colour": 1}, "source.colour is unknown. The knobs of kind 'folder' are folder, catal"),
    ],
)
def test_a_wrong_knob_is_a_sentence(options, knobs, words):
    options = {**options, **knobs}
    if options["kind"] == "decals_h5":
        options["path"] = options.pop("folder")
    for ask in (open_source, source_state):
        with pytest.raises(SourceError, match=re.escape(words)):
            ask(options)


def test_a_knob_that_is_needed_is_named():
    for ask in (open_source, source_state):
        with pytest.raises(SourceError, match=r"^source\.folder is missing; it is text\.$"):
            ask({"kind": "folder"})


@pytest.mark.parametrize("kind", SOURCES)
def test_every_knob_of_every_source_has_a_type_that_can_be_said(kind):
    with pytest.raises(SourceError, match=r"is unknown\. The knobs of") as caught:
        open_source({"kind": kind, "no_knob": 1})
    knobs = str(caught.value).split(" are ")[-1].rstrip(".").split(", ")
    with pytest.raises(SourceError) as caught:
        open_source({"kind": kind} | dict.fromkeys(knobs, object()))
    assert str(caught.value).count(", which is not ") == len(knobs)


def test_a_footprint_that_changes_is_noticed(tmp_path):
    footprint = tmp_path / "survey.moc.fits"
    footprint.write_bytes(b"x")
    options = {"kind": "legacysurvey", "catalogue": "ngc", "footprint": str(footprint)}
    assert [Path(path).name for path, *_ in source_state(options)][-1] == "survey.moc.fits"
