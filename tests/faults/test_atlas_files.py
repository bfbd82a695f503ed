"""Files that cannot be read, changed while they are used, and are whole again."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.opening import open_all
from dashboard.panels.page.requests import respond
from pipeline.atlas import (
    AtlasError,
    ChangedError,
    condition,
    files,
    list_atlases,
    open_atlas,
    opening,
)
from pipeline.atlas.private_copies import FOLDER, MEMORY
from pipeline.atlas.strict_json import strict_json


@pytest.fixture
def copy(tiny_atlas, tmp_path, monkeypatch):
    """An atlas of our own to damage, whose disk is looked at whenever somebody asks."""
    monkeypatch.setattr(condition, "_LOOK_EVERY_S", 0.0)
    return shutil.copytree(tiny_atlas, tmp_path / "tiny")


def settled(explorer):
    """Return the condition once nothing is being checked any more."""
    ends_s = time.monotonic() + 30
    while (now := explorer.condition()).status == "checking":
        assert time.monotonic() < ends_s
        time.sleep(0.01)
    return now


def damage(file):
    whole = file.read_bytes()
    with file.open("r+b") as stream:
        stream.truncate(len(whole) // 2)
    return whole


def test_what_is_damaged_is_said_and_when_it_is_whole_again_all_is_well(copy):
    explorer = Explorer(open_atlas(copy))
    client = create_app(
        {"tiny": explorer}, closed={"lost": f"{copy}/lost/index.ann is gone."}
    ).test_client()
    picture = client.get("/cutouts/tiny/299.jpg").data
    assert client.get("/health/tiny").get_json()["status"] == "ok"
    whole = damage(copy / files.THUMBNAILS)
    answer = client.get("/cutouts/tiny/299.jpg")
    assert answer.status_code == 503
    assert "thumbnails.bin of this atlas was changed or cut off" in answer.text
    health = client.get("/health/tiny")
    assert health.status_code == 503
    assert health.get_json()["status"] == "damaged"
    assert health.get_json()["why"].startswith("thumbnails.bin has ")
    told = []
    _, notice = respond(explorer, [], told.append, {"atlas": "tiny", "log": []}, None)
    assert told == []
    assert "Files of this atlas were damaged" in notice
    new = copy / "new"
    new.write_bytes(whole)
    new.replace(copy / files.THUMBNAILS)
    assert client.get("/cutouts/tiny/299.jpg").data == picture
    assert client.get("/health/tiny").status_code == 200


def test_an_atlas_that_could_not_be_opened_is_said_to_be_so_without_its_folder(copy):
    explorer = Explorer(open_atlas(copy))
    client = create_app(
        {"tiny": explorer}, closed={"lost": f"{copy}/index.ann is gone."}
    ).test_client()
    health = client.get("/health")
    assert health.status_code == 503
    assert health.get_json()["atlases"][1] == {
        "name": "lost",
        "status": "closed",
        "why": "index.ann is gone.",
    }
    assert client.get("/health/lost").status_code == 503
    assert client.get("/health/tiny").status_code == 200
    page = client.get("/atlas/lost/")
    assert page.status_code == 503
    assert "cannot be opened" in page.text
    assert str(copy) not in page.text


def test_an_atlas_that_is_published_anew_is_well_and_asks_for_a_restart(copy, tmp_path):
    from tests.pipeline.damage import change_manifest

    explorer = Explorer(open_atlas(copy))
    new = shutil.copytree(copy, tmp_path / "new")
    change_manifest(new, title="Second edition")
    copy.rename(tmp_path / "former")
    new.rename(copy)
    assert explorer.condition().status == "replaced"
    assert "Restart the server" in explorer.condition().why
    assert len(explorer.neighbours([5], 3).rows) == 3


def test_nobody_can_write_into_a_private_copy(copy):
    vectors = open_atlas(copy).vectors
    before = vectors[3].copy()
    (copy / files.EMBEDDINGS).write_bytes(b"")
    assert (vectors[3] == before).all()
    with pytest.raises(ValueError, match="read-only"):
        vectors._array[0] = 0


def test_copies_can_go_to_a_folder_and_leave_no_name(copy, tmp_path, monkeypatch):
    folder = tmp_path / "copies"
    folder.mkdir()
    monkeypatch.setenv(MEMORY, "0")
    monkeypatch.setenv(FOLDER, str(folder))
    explorer = Explorer(open_atlas(copy))
    before = explorer.neighbours([5], 3).rows.tolist()
    damage(copy / files.EMBEDDINGS)
    damage(copy / files.INDEX)
    assert explorer.neighbours([5], 3).rows.tolist() == before
    assert list(folder.iterdir()) == []


def test_what_is_mapped_in_its_place_is_refused_until_it_is_whole(copy, monkeypatch):
    monkeypatch.setenv(MEMORY, "0")
    explorer = Explorer(open_atlas(copy))
    before = explorer.neighbours([5], 3).rows.tolist()
    whole = damage(copy / files.INDEX)
    with pytest.raises(ChangedError, match=r"index\.ann of this atlas was changed"):
        explorer.neighbours([5], 3)
    assert settled(explorer).status == "damaged"
    with (copy / files.INDEX).open("r+b") as stream:
        stream.write(whole)
    assert settled(explorer).status == "ok"
    assert explorer.neighbours([5], 3).rows.tolist() == before


def test_a_large_atlas_is_compared_in_the_background_and_answers_meanwhile(copy, monkeypatch):
    before = Explorer(open_atlas(copy)).neighbours([5], 9).rows.tolist()
    monkeypatch.setattr(opening, "_MOST_BYTES_AT_ONCE", 1000)
    monkeypatch.setenv(MEMORY, "0")
    atlas = open_atlas(copy)
    assert atlas.engine._index is None
    explorer = Explorer(atlas)
    assert explorer.neighbours([5], 9).rows.tolist() == before
    assert settled(explorer).status == "ok"
    assert atlas.engine._index is not None
    assert explorer.neighbours([5], 9).rows.tolist() == before


def test_damage_that_the_background_finds_is_said(copy, monkeypatch):
    monkeypatch.setattr(opening, "_MOST_BYTES_AT_ONCE", 1000)
    with (copy / files.THUMBNAILS).open("r+b") as stream:
        stream.write(b"nothing")
    explorer = Explorer(open_atlas(copy))
    found = settled(explorer)
    assert found.status == "damaged"
    assert "thumbnails.bin has changed since it was published" in found.why
    with pytest.raises(ChangedError):
        explorer.thumbnails[0]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("what", ["", files.MANIFEST, files.INDEX])
def test_what_the_user_may_not_read_is_named_with_the_remedy(tiny_atlas, what):
    with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
        Path(folder).chmod(0o755)
        atlas = shutil.copytree(tiny_atlas, Path(folder) / "tiny")
        (atlas / what).chmod(0)
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.setuid(65534)
            listed = list_atlases(Path(folder))
            closed = open_all(listed).closed
            os.write(writing, repr(closed).encode())
            os._exit(0)
        os.close(writing)
        os.wait()
        with os.fdopen(reading) as stream:
            said = stream.read()
    assert "may not be read (permission denied). Let the user who runs Galaxy Finder" in said
    assert "chmod -R a+rX" in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "a": 2}', "'a' is there twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": [1e999]}', "1e999 is too large"),
        ("[" * 100_000, "nested too deeply"),
        ('"\\ud800"', "surrogates"),
        ("{", "Expecting"),
    ],
)
def test_json_that_could_mean_two_things_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        strict_json(text)


def test_a_manifest_that_somebody_changed_says_so_and_how_to_vouch_for_it(copy):
    manifest = copy / files.MANIFEST
    manifest.write_text(manifest.read_text().replace("Mock DECaLS", "Fake DECaLS"))
    with pytest.raises(AtlasError, match="take out the line manifest_sha256"):
        open_atlas(copy)
    lines = [line for line in manifest.read_text().splitlines() if "manifest_sha256" not in line]
    lines[-2] = lines[-2].rstrip(",")
    manifest.write_text("\n".join(lines))
    assert open_atlas(copy).manifest.title.startswith("Fake DECaLS")


def test_an_array_header_that_promises_more_than_there_is(copy):
    content = (copy / files.MAP_XY).read_bytes()
    with pytest.raises(AtlasError, match="cannot be read"):
        files.read_array(copy / files.MAP_XY, content[:-8], (300, 2), "float32")
    array = files.read_array(copy / files.MAP_XY, content, (300, 2), "float32")
    assert (array == np.load(copy / files.MAP_XY)).all()
