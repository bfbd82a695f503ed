"""What is broken in the published cutout files is reported and left out, and costs no more."""

import re

import h5py
import numpy as np
import pytest

from pipeline.sources.decals_h5.config import DecalsH5Config
from tests.pipeline.decals_files import content, write


@pytest.fixture
def folder(tmp_path):
    """Two files of six and four galaxies."""
    write(tmp_path / "south" / "images_npix152_000000000_000000006.h5", content(6))
    write(tmp_path / "south" / "images_npix152_000000006_000000010.h5", content(4, first=6))
    return tmp_path / "south"


def ids(source):
    chunk = source.read(0, len(source))
    return [int(name.split("-")[2]) - 1 for name in chunk.catalogue["object_id"]]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda d: d.update(images=d["images"][:, :2]), r"shape \(6, 2, 20, 20\), not \(n, 3, s"),
        (lambda d: d.update(images=d["images"][..., :-1]), r"shape \(6, 3, 20, 19\), not"),
        (lambda d: d.update(ra=d["ra"][:-1]), r"6 rows, but the shapes of others are ra \(5,\)"),
        (lambda d: d.pop("objid"), "it lacks objid"),
        (lambda d: d.update(content(6, side=18)), "are 18 px wide, those of a.h5 20"),
    ],
)
def test_a_file_of_another_layout_is_reported_and_left_out(tmp_path, spoil, reason):
    write(tmp_path / "south" / "a.h5", content(4))
    datasets = content(6)
    spoil(datasets)
    write(tmp_path / "south" / "b.h5", datasets)
    source = DecalsH5Config(tmp_path / "south").open()
    assert len(source) == 4
    [rejected] = source.rejected
    assert rejected.object_id == "b.h5"
    assert re.search(reason, rejected.reason)


@pytest.mark.parametrize("size", [0, 100, 20_000])
def test_a_truncated_file_is_reported_and_left_out(folder, size):
    path = sorted(folder.iterdir())[0]
    path.write_bytes(path.read_bytes()[:size])
    source = DecalsH5Config(folder).open()
    assert ids(source) == [6, 7, 8, 9]
    assert source.rejected[0].object_id == path.name
    assert source.rejected[0].reason.startswith("The file cannot be used (")


def test_a_column_that_not_all_files_have_is_left_out(folder, caplog):
    datasets = content(4, first=6)
    del datasets["ebv"]
    write(sorted(folder.iterdir())[1], datasets)
    source = DecalsH5Config(folder).open()
    assert "ebv" not in [column.name for column in source.columns]
    assert len(source) == 10
    assert "Left out ebv" in caplog.text


def test_damage_to_one_cutout_costs_one_galaxy(folder):
    path = sorted(folder.iterdir())[0]
    with h5py.File(path) as file:
        place = file["images"].id.get_chunk_info_by_coord((2, 0, 0, 0)).byte_offset
    with path.open("r+b") as file:
        file.seek(place + 50)
        file.write(b"\x55\x55\x55")
    chunk = DecalsH5Config(folder).open().read(0, 10)
    assert len(chunk.catalogue) == len(chunk.cutouts) == 9
    [rejected] = chunk.rejected
    assert rejected.object_id == "9010-300002-3"
    assert rejected.reason.startswith("Its cutout is damaged (")
    np.testing.assert_array_equal(chunk.cutouts[2], content(6)["images"][3][:, ::-1])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda image: image.fill(np.nan), "Its cutout has pixels that are not finite (1,200 of"),
        (lambda image: image[0].__setitem__((3, 4), np.inf), "not finite (1 of them)."),
        (lambda image: image.fill(0), "Its cutout is blank: one value throughout."),
        (lambda image: image[0].fill(0), "Its cutout is blank in g: one value throughout."),
    ],
)
def test_a_cutout_without_a_galaxy_is_left_out(tmp_path, spoil, reason):
    datasets = content(3)
    spoil(datasets["images"][1])
    chunk = DecalsH5Config(write(tmp_path / "a.h5", datasets)).open().read(0, 3)
    assert chunk.catalogue["ra_deg"].tolist() == [10.0, 12.0]
    assert len(chunk.cutouts) == 2
    [rejected] = chunk.rejected
    assert rejected.object_id == "9010-300001-2"
    assert reason in rejected.reason


@pytest.mark.parametrize(
    ("name", "value", "object_id", "reason"),
    [
        ("ra", np.nan, "9010-300001-2", "It has no position."),
        ("dec", 91.0, "9010-300001-2", "Its declination, 91 deg, is not between -90 and 90."),
        ("brickid", -5, "9010--5-2", "It has no identifier."),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_before_its_cutout_is_read(
    tmp_path, name, value, object_id, reason
):
    datasets = content(3)
    datasets[name][1] = value
    source = DecalsH5Config(write(tmp_path / "a.h5", datasets)).open()
    assert [(item.object_id, item.reason) for item in source.rejected] == [(object_id, reason)]
    assert ids(source) == [0, 2]


def test_of_rows_with_one_identifier_the_first_stays(folder):
    datasets = content(4, first=6)
    datasets["brickid"][2], datasets["objid"][2] = 300_001, 2
    write(sorted(folder.iterdir())[1], datasets)
    source = DecalsH5Config(folder).open()
    [rejected] = source.rejected
    assert rejected.object_id == "9010-300001-2"
    assert rejected.reason == "Row 8: Its identifier is that of an earlier row, which is kept."
    assert ids(source) == [0, 1, 2, 3, 4, 5, 6, 7, 9]
