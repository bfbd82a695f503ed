import io
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.addresses import (
    LARGE_PX,
    SMALL_PX,
    Pictures,
    atlas_version,
    picture_hosts,
    register_cutouts,
)
from pipeline.atlas import cutout_parameters
from pipeline.atlas.checked_files import CheckedFile
from pipeline.atlas.manifest import CutoutService, read_manifest, write_content, write_manifest
from pipeline.atlas.thumbnails import Thumbnails, encode_thumbnail, write_thumbnails
from pipeline.atlas.whole_files import file_sha256
from tests.dashboard.small_atlas import small_atlas, unit_rows

SERVICE = "https://www.legacysurvey.org/viewer/jpeg-cutout"


def explorer_of_two(columns=None, **manifest):
    positions = [10.5, 359.999999], [-0.25, 90.0]
    atlas = small_atlas(unit_rows([[1, 0], [0, 1]]), positions, columns)
    return Explorer(replace(atlas, manifest=replace(atlas.manifest, **manifest)))


@pytest.fixture
def with_thumbnails(tmp_path):
    explorer = explorer_of_two()
    pictures = [encode_thumbnail(np.full((8, 8, 3), grey, np.uint8), 90) for grey in (0, 200)]
    data, offsets = tmp_path / "thumbnails.bin", tmp_path / "offsets.npy"
    write_thumbnails(pictures, data, offsets)
    file = CheckedFile(data, data.stat().st_size, file_sha256(data))
    explorer.thumbnails = Thumbnails(file, np.load(offsets), 2)
    return explorer


@pytest.fixture
def client(with_thumbnails):
    server = Flask("test")
    register_cutouts(server, {"small": with_thumbnails})
    return server.test_client()


def test_the_address_of_a_thumbnail_is_served_and_kept_for_ever(with_thumbnails, client):
    answer = client.get(Pictures(with_thumbnails).url(1))
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert np.asarray(Image.open(io.BytesIO(answer.data)))[0, 0] == pytest.approx(200, abs=2)
    assert answer.cache_control.immutable
    assert answer.cache_control.max_age == 31_536_000


def test_a_picture_that_has_not_changed_is_not_sent_again(with_thumbnails, client):
    address = Pictures(with_thumbnails).url(1)
    etag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(Pictures(with_thumbnails).url(0)).headers["ETag"] != etag


def test_a_picture_of_another_version_is_not_kept(client):
    for address in ("/cutouts/small/1.jpg", "/cutouts/small/1.jpg?v=000000000000"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.cache_control.no_cache
        assert not answer.cache_control.immutable


@pytest.mark.parametrize(
    "address",
    [
        "/cutouts/small/2.jpg",
        "/cutouts/small/-1.jpg",
        "/cutouts/small/99999999999999999999999.jpg",
        "/cutouts/small/x.jpg",
        "/cutouts/other/0.jpg",
        "/cutouts/../secrets/0.jpg",
    ],
)
def test_what_is_not_there_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_an_atlas_without_thumbnails_serves_none_and_has_no_addresses():
    explorer = explorer_of_two()
    server = Flask("test")
    register_cutouts(server, {"small": explorer})
    assert server.test_client().get("/cutouts/small/0.jpg").status_code == 404
    assert Pictures(explorer).url(0) is None


def test_a_new_publication_has_a_new_version():
    manifest = explorer_of_two().manifest
    assert atlas_version(manifest) == atlas_version(replace(manifest))
    assert atlas_version(manifest) != atlas_version(replace(manifest, created="2025-02-02"))


def test_a_page_may_load_pictures_of_the_services_of_its_atlases_only():
    service = CutoutService(base_url=SERVICE, layer="ls-dr9")
    with_service, without = explorer_of_two(cutout_service=service), explorer_of_two()
    assert picture_hosts([with_service, without]) == {"www.legacysurvey.org"}
    assert picture_hosts([without]) == set()


def test_a_cutout_service_is_asked_for_the_place_of_the_galaxy():
    explorer = explorer_of_two(cutout_service=CutoutService(base_url=SERVICE, layer="ls-dr9"))
    address = urlsplit(Pictures(explorer).url(0))
    assert (address.scheme, address.netloc) == ("https", "www.legacysurvey.org")
    assert parse_qs(address.query) == {
        "ra": ["10.500000"],
        "dec": ["-0.250000"],
        "size": ["152"],
        "layer": ["ls-dr9"],
        "pixscale": ["0.262"],
    }


def fields_arcsec(diameters_arcmin, size_px, **service):
    explorer = explorer_of_two(
        {"axis": diameters_arcmin},
        pixel_scale_arcsec=None,
        cutout_service=CutoutService(base_url=SERVICE, layer="ls-dr9", **service),
    )
    pictures = Pictures(explorer)
    asked = [parse_qs(urlsplit(pictures.url(row, size_px)).query) for row in (0, 1)]
    assert {one["size"][0] for one in asked} == {str(size_px)}
    return [float(one["pixscale"][0]) * size_px for one in asked]


@pytest.mark.parametrize("size_px", [SMALL_PX, LARGE_PX])
def test_a_picture_spans_its_galaxy_whatever_its_size_in_pixels(size_px):
    fields = fields_arcsec([2.0, 10.0], size_px, field_column="axis", field_diameters=1.5)
    assert fields == pytest.approx([180.0, 900.0], rel=1e-5)


@pytest.mark.parametrize("unknown", [np.nan, 0.0, -1.0, np.inf])
def test_a_diameter_that_is_not_known_has_the_default_field(unknown):
    service = {"field_column": "axis", "default_field_arcsec": 75.0}
    assert fields_arcsec([unknown, 2.0], 192, **service) == pytest.approx([75.0, 192.0], rel=1e-5)


def test_a_field_is_neither_tiny_nor_a_whole_constellation():
    fields = fields_arcsec([0.01, 1e300], 192, field_column="axis", least_field_arcsec=20.0)
    assert fields == pytest.approx([20.0, 3600.0], rel=1e-5)


@pytest.mark.parametrize("column", ["no_such_column", "object_id"])
def test_a_column_without_diameters_gives_every_picture_the_default_field(column, caplog):
    fields = fields_arcsec([2.0, 2.0], 192, field_column=column, default_field_arcsec=60.0)
    assert fields == pytest.approx([60.0, 60.0], rel=1e-5)
    assert column in caplog.text


def test_pictures_say_who_serves_them(with_thumbnails):
    service = CutoutService(base_url=SERVICE, layer="ls-dr9")
    assert Pictures(explorer_of_two(cutout_service=service)).host == "legacysurvey.org"
    assert Pictures(explorer_of_two()).host is None
    assert Pictures(with_thumbnails).host is None


def test_a_manifest_from_before_fields_is_read_as_ever(tmp_path):
    service = CutoutService(base_url=SERVICE, layer="ls-dr9")
    path = tmp_path / "manifest.json"
    write_manifest(replace(explorer_of_two().manifest, cutout_service=service), path)
    content = json.loads(path.read_text())
    content["cutout_service"] = {"base_url": SERVICE, "layer": "ls-dr9"}
    write_content(content, path)
    assert read_manifest(path).cutout_service == service


@pytest.mark.parametrize(
    "base_url",
    [
        "http://www.legacysurvey.org/viewer/jpeg-cutout",
        "https://www.legacysurvey.org.evil.example/jpeg-cutout",
        "https://user@www.legacysurvey.org/jpeg-cutout",
        "https://www.legacysurvey.org/jpeg-cutout?redirect=evil",
        "javascript:alert(1)",
        "//evil.example/",
    ],
)
def test_pictures_are_asked_of_known_hosts_only(base_url, caplog):
    explorer = explorer_of_two(cutout_service=CutoutService(base_url=base_url, layer="ls-dr9"))
    assert Pictures(explorer).url(0) is None
    assert base_url in caplog.text


def test_a_layer_that_is_none_is_not_asked_for(caplog):
    service = CutoutService(base_url=SERVICE, layer="ls-dr9&size=9999")
    assert Pictures(explorer_of_two(cutout_service=service)).url(0) is None
    assert "ls-dr9&size=9999" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"ra_deg": float("nan")},
        {"ra_deg": 360.0},
        {"dec_deg": 90.1},
        {"layer": "ls&size=9999"},
        {"pixel_scale_arcsec": float("inf")},
        {"pixel_scale_arcsec": 0.0},
    ],
)
def test_a_service_is_never_asked_for_nonsense(wrong):
    right = {"ra_deg": 1.0, "dec_deg": 2.0, "layer": "ls-dr9", "pixel_scale_arcsec": 0.262}
    with pytest.raises(ValueError, match="is not"):
        cutout_parameters(**(right | wrong), size_px=152)


def test_the_size_stays_within_what_the_service_serves():
    parameters = cutout_parameters(1.0, 2.0, 4000, "ls-dr9", None)
    assert urlencode(parameters) == "ra=1.000000&dec=2.000000&size=512&layer=ls-dr9"
