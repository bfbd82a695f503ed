import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from PIL import Image

from pipeline.sources import SourceError
from pipeline.sources.folder.config import FolderConfig
from tests.pipeline.picture_folder import write_fits, write_png, write_survey


@pytest.fixture
def folder(tmp_path):
    return write_survey(tmp_path / "survey")


def write_png_header(path: Path, side: int) -> None:
    """A picture that claims to be large; a real one would take a while to write."""
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = struct.pack(">I", 9) + b"IDAT" + zlib.compress(b"") + b"...."
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + data)


def broken_pictures(images: Path) -> dict[str, str]:
    """Write pictures that cannot be used; return a part of the sentence for each."""
    for name in ("truncated.png", "truncated.jpg"):
        Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)).save(
            images / name
        )
        (images / name).write_bytes((images / name).read_bytes()[:-2000])
    write_fits(images / "truncated.fits", np.random.default_rng(1).normal(size=(64, 64)))
    (images / "truncated.fits").write_bytes((images / "truncated.fits").read_bytes()[:6000])
    (images / "header.fits").write_bytes(b"SIMPLE  = not really")
    (images / "noise.fits.gz").write_bytes(b"\x1f\x8b" + bytes(50))
    (images / "empty.png").touch()
    (images / "text.jpg").write_text("<html>404 not found</html>")
    Image.new("L", (32, 32), 90).save(images / "blank.jpg")
    write_fits(images / "nan.fits", np.full((32, 32), np.nan))
    write_png(images / "small.png", 15)
    write_png_header(images / "large.png", 8193)
    write_png_header(images / "bomb.png", 20000)
    Table({"id": [1]}).write(images / "table.fits")
    write_fits(images / "cube.fits", np.zeros((5, 32, 32)))
    (images / "folder.png").mkdir()
    return {
        "truncated.png": "truncated.png cannot be decoded (",
        "truncated.jpg": "truncated.jpg cannot be decoded (image file is truncated",
        "truncated.fits": "truncated.fits cannot be decoded (",
        "header.fits": "header.fits cannot be decoded (",
        "noise.fits.gz": "noise.fits.gz cannot be decoded (",
        "empty.png": "empty.png is empty.",
        "text.jpg": "text.jpg is not a JPEG, PNG or FITS picture.",
        "blank.jpg": "blank.jpg is blank: one value throughout.",
        "nan.fits": "nan.fits is blank: one value throughout.",
        "small.png": "small.png has 15 x 15 pixels; at least 16 x 16 are",
        "large.png": "large.png has more than 67,108,864 pixels and was not decoded.",
        "bomb.png": "bomb.png has more than 67,108,864 pixels and was not decoded.",
        "table.fits": "table.fits holds no image.",
        "cube.fits": "cube.fits holds an image of shape (5, 32, 32); a picture has",
        "folder.png": "There is no picture folder.png.",
        "absent.png": "There is no picture absent.png.",
        "": "The catalogue names no picture for it.",
    }


def test_pictures_that_cannot_be_used_are_listed_and_left_out(folder):
    sentences = broken_pictures(folder / "images")
    rows = [f"bad{i},{name},5,5,\n" for i, name in enumerate(sentences)]
    with (folder / "catalogue.csv").open("a") as file:
        file.writelines(rows)
    source = FolderConfig(folder).open()
    assert (len(source), source.rejected) == (3 + len(sentences), ())
    chunk = source.read(0, len(source))
    assert chunk.catalogue["object_id"].tolist() == ["a", "b", "c"]
    assert len(chunk.cutouts) == 3
    assert [item.object_id for item in chunk.rejected] == [f"bad{i}" for i in range(len(rows))]
    for item, sentence in zip(chunk.rejected, sentences.values(), strict=True):
        assert item.reason.startswith(sentence)
        assert item.reason.endswith(".")
        assert str(folder) not in item.reason


def test_pictures_outside_the_folder_are_never_read(folder):
    outside = folder.parent / "secret.png"
    write_png(outside)
    (folder / "images/link.png").symlink_to(outside)
    names = ["../../secret.png", str(outside), "link.png", "x/../../../secret.png", "a" * 999]
    with (folder / "catalogue.csv").open("a") as file:
        file.writelines(f"bad{i},{name},5,5,\n" for i, name in enumerate(names))
    chunk = FolderConfig(folder).open().read(3, 99)
    assert len(chunk.catalogue) == 0
    reasons = [item.reason for item in chunk.rejected]
    assert all("lies outside the folder of the catalogue" in reasons[i] for i in (0, 1, 3))
    assert reasons[2] == "The picture link.png is a link to outside the folder."
    assert reasons[4].startswith("There is no picture aaa")


def test_identifiers_cannot_lead_out_of_the_folder_either(folder):
    write_png(folder.parent / "secret.png")
    (folder / "catalogue.csv").write_text("id,ra,dec\na,1,1\n../../secret,2,2\n/etc/x,3,3\n*,4,4\n")
    source = FolderConfig(folder).open()
    chunk = source.read(0, 9)
    assert chunk.catalogue["object_id"].tolist() == ["a"]
    assert ["outside" in item.reason for item in chunk.rejected] == [True, True, False]
    starred = FolderConfig(folder, file_pattern="{object_id}*.png").open().read(0, 9)
    assert starred.catalogue["object_id"].tolist() == ["a"]


def test_pictures_are_found_by_identifier_where_the_catalogue_names_none(folder):
    (folder / "images/b.png").rename(folder / "images/b.PNG")
    write_png(folder / "images/c_grz.png")
    (folder / "images/c.png").unlink()
    (folder / "catalogue.csv").write_text("id,ra,dec\na,1,1\nb,2,2\nc,3,3\n")
    assert FolderConfig(folder).open().read(0, 3).catalogue["object_id"].tolist() == ["a", "b"]
    starred = FolderConfig(folder, file_pattern="{object_id}_*.png").open()
    assert starred.read(0, 3).catalogue["object_id"].tolist() == ["c"]


def test_pictures_may_lie_in_the_folder_or_be_named_from_it(folder):
    (folder / "catalogue.csv").write_text(
        "id,path,ra,dec\na,images/a.png,1,1\nb,b.png,2,2\nd,d.png,3,3\n"
    )
    write_png(folder / "d.png")
    assert len(FolderConfig(folder).open().read(0, 3).catalogue) == 3


def test_file_names_identify_galaxies_that_have_no_other_identifier(folder):
    (folder / "catalogue.csv").write_text("filename,ra,dec\na.png,1,1\nimages/b.png,2,2\n")
    assert FolderConfig(folder).open().read(0, 2).catalogue["object_id"].tolist() == ["a", "b"]


def test_link_to_another_folder_is_followed_only_if_the_config_says_so(folder):
    (folder / "images").rename(folder.parent / "elsewhere")
    (folder / "images").symlink_to(folder.parent / "elsewhere")
    with pytest.raises(SourceError, match="leads out of its folder"):
        FolderConfig(folder).open()
    assert len(FolderConfig(folder, images="images").open().read(0, 3).catalogue) == 3


def test_folder_that_is_absent_or_has_no_catalogue_is_said_to_be_so(tmp_path):
    with pytest.raises(SourceError, match=r"There is no folder .*absent"):
        FolderConfig(tmp_path / "absent").open()
    with pytest.raises(SourceError, match="has no catalogue"):
        FolderConfig(tmp_path).open()


def test_several_catalogues_are_named_and_one_is_chosen_by_hand(folder):
    (folder / "catalogue.csv").rename(folder / "first.csv")
    (folder / "second.csv").write_text("id,ra,dec\na,1,1\n")
    write_fits(folder / "picture.fits", np.zeros((20, 20)))
    with pytest.raises(SourceError, match=r"2 possible catalogues: first\.csv, second\.csv\. Name"):
        FolderConfig(folder).open()
    assert len(FolderConfig(folder, catalogue="second.csv").open()) == 1
