"""The files by which one of very many galaxies is found: written, mapped, refused if damaged."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import AtlasError, ChangedError, condition, files, open_atlas
from pipeline.atlas.atlas import verify_atlas
from pipeline.atlas.lookup_files import (
    LOOKUP_FILES,
    NAMES,
    SKY_BOXES,
    SKY_ROWS,
    write_lookup_files,
)
from pipeline.atlas.names import NAME_COLUMNS
from pipeline.atlas.private_copies import MEMORY
from pipeline.config import ThumbnailConfig
from pipeline.stages import publish as publish_stage
from tests.pipeline.damage import change_manifest, make_manifest_true


@pytest.fixture(scope="module")
def published(tiny_build, tmp_path_factory):
    """The small atlas, published as one with very many galaxies is."""
    folder = tmp_path_factory.mktemp("large") / "tiny"
    config = replace(tiny_build.config, thumbnails=ThumbnailConfig(keep=False))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files, "MAPPED_FROM", 100)
        publish_stage.run(config, tiny_build.workspace, folder)
    return folder


@pytest.fixture
def large(published, tmp_path):
    """One of our own to damage."""
    return shutil.copytree(published, tmp_path / "tiny")


def rewrite(folder, name, change):
    array = np.load(folder / name)
    np.save(folder / name, change(array))
    make_manifest_true(folder)


def test_only_atlases_of_very_many_galaxies_have_them(tiny_atlas, large):
    assert not {path.name for path in tiny_atlas.iterdir()} & set(LOOKUP_FILES)
    assert set(LOOKUP_FILES) <= {path.name for path in large.iterdir()}
    assert set(LOOKUP_FILES) <= json.loads((large / files.MANIFEST).read_text())["files"].keys()
    verify_atlas(large)


@pytest.mark.parametrize("gigabytes", ["2", "0"])
def test_galaxies_are_found_as_in_an_atlas_without(tiny_atlas, large, monkeypatch, gigabytes):
    monkeypatch.setenv(MEMORY, gigabytes)  # in a private copy, or in their place
    atlas = open_atlas(large)
    assert atlas.names is not None
    assert atlas.sky is not None
    ours, theirs = Explorer(atlas), Explorer(open_atlas(tiny_atlas))
    assert theirs.default_row() == ours.default_row()
    for row in range(0, 300, 13):
        galaxy = theirs.galaxy(row)
        assert ours.row_of(galaxy.object_id) == row
        name = galaxy.object_id.lower().replace("-", " ")
        assert ours.rows_called(name) == theirs.rows_called(name) == [row]
        near = SkyPosition(galaxy.position.ra_deg, galaxy.position.dec_deg * 0.999)
        assert ours.nearest_on_sky(near) == theirs.nearest_on_sky(near)
        assert ours.galaxy_at(near) == theirs.galaxy_at(near)
    assert not ours.has("MOCK-1")


def test_what_is_mapped_in_its_place_and_cut_off_is_not_read(large, monkeypatch):
    monkeypatch.setenv(MEMORY, "0")
    monkeypatch.setattr(condition, "_LOOK_EVERY_S", 0.0)
    explorer = Explorer(open_atlas(large))
    assert explorer.rows_called("mock 7") == [7]
    with (large / SKY_ROWS).open("r+b") as stream:
        stream.truncate(200)
    for ask in (lambda: explorer.rows_called("mock 8"), explorer.default_row):
        with pytest.raises(ChangedError, match="changed or cut off"):
            ask()


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        (NAMES, lambda table: table[:, ::-1], "not a table of the names"),
        (NAMES, lambda table: table + np.uint64(300 << 2), "not a table of the names"),
        (NAMES, lambda table: table.astype(np.int64), "holds int64"),
        (NAMES, lambda table: table.T.copy(), "holds uint64"),
        (SKY_ROWS, lambda rows: rows * 0, "does not have every galaxy once"),
        (SKY_ROWS, lambda rows: rows + np.uint32(1), "does not have every galaxy once"),
        (SKY_ROWS, lambda rows: rows[1:], "holds uint32"),
        (SKY_BOXES, lambda boxes: boxes * np.float32("nan"), "boxes that are none"),
        (SKY_BOXES, lambda boxes: -boxes, "boxes that are none"),
        (SKY_BOXES, lambda boxes: boxes[1:], "holds float32"),
    ],
)
def test_what_was_damaged_before_it_was_published_is_refused(large, name, change, why):
    rewrite(large, name, change)
    with pytest.raises(AtlasError, match=why):
        open_atlas(large)


def test_an_atlas_that_lacks_one_of_them_does_without(large):
    content = json.loads((large / files.MANIFEST).read_text())["files"]
    for name in (SKY_ROWS, NAMES):
        (large / name).unlink()
        del content[name]
    change_manifest(large, files=content)
    atlas = open_atlas(large)
    assert atlas.sky is atlas.names is None
    assert Explorer(atlas).row_of("MOCK-000007") == 7


def test_they_are_written_from_pieces_of_the_catalogue(large, tmp_path):
    catalogue = open_atlas(large).catalogue
    named = catalogue.take(slice(None), [name for name in NAME_COLUMNS if name in catalogue])
    positions = (catalogue[name].to_numpy(np.float64) for name in ("ra_deg", "dec_deg"))
    write_lookup_files(tmp_path, [named[:7], named[7:]], *positions)
    for name in (SKY_ROWS, SKY_BOXES):
        assert (tmp_path / name).read_bytes() == (large / name).read_bytes()
    assert np.load(tmp_path / NAMES)[0].tolist() == np.load(large / NAMES)[0].tolist()
