"""What pages load comes from the same addresses for all of them, and is kept by browsers."""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from dashboard.app import create_app
from dashboard.web import assets
from dashboard.web.assets import asset_address
from tests.dashboard.test_app import explorer_called

LOADED = r'(?:src|data-address|rel="stylesheet" href)="([^"]+)"'


@pytest.fixture(scope="module")
def client():
    return create_app({name: explorer_called(name) for name in ("one", "two")}).test_client()


def cache_of(client, address):
    with client.get(address) as answer:
        assert answer.status_code == 200, address
        return answer.cache_control


def test_pages_of_all_atlases_load_the_same_files_and_each_may_be_kept(client):
    one, two = (re.findall(LOADED, client.get(f"/atlas/{name}/").text) for name in ("one", "two"))
    assert one == two
    assert any("dash_ag_grid" in address for address in one)
    for address in one:
        cache = cache_of(client, address)
        assert (cache.max_age, cache.immutable) == (31_536_000, True), address


def test_a_file_without_its_version_or_with_a_former_one_is_asked_for_each_time(client):
    assert cache_of(client, asset_address("ui.css")).immutable
    for address in ("/assets/ui.css", "/assets/0123456789ab/ui.css"):
        cache = cache_of(client, address)
        assert cache.no_cache
        assert cache.max_age is None
        etag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_what_a_module_or_a_page_names_beside_its_own_is_kept_as_well(client):
    for name in ("spiral.svg", "sky_view.js", "enlarged.css"):
        assert cache_of(client, asset_address(name)).immutable, name


def test_icons_are_a_part_of_the_style_and_nothing_is_fetched_for_them(client):
    style = client.get(asset_address("page.css")).text
    icons = re.findall(r'url\("([^"]*)"\)', style)
    assert len(icons) > 10
    for icon in icons:
        kind, packed = icon.split(",", 1)
        assert kind == "data:image/svg+xml"
        assert ElementTree.fromstring(unquote(packed)).tag.endswith("svg")
    assert len(icons) == style.count("url(")
    page = client.get("/atlas/one/").text
    assert '<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,' in page


def test_the_libraries_are_one_file_which_is_kept_and_holds_them_in_their_order(client):
    page = client.get("/atlas/one/").text
    own, together = re.findall(r'<script src="([^"]+)"', page)
    assert own == asset_address("page.js")
    assert cache_of(client, together).immutable
    scripts = client.get(together).text
    names = ("* react.prod", "* react-dom.prod", "dash_bootstrap_components", "DashRenderer")
    places = [scripts.index(name) for name in names]
    assert places == sorted(places)
    assert "//# sourceMappingURL" not in scripts
    # Another server, or a worker of this one, knows it, too, before it has made a page.
    other = create_app({"one": explorer_called("one")}).test_client()
    assert other.get(together).text == scripts
    name = together.rsplit(".", 2)[1]
    assert other.get(together.replace(name, "0" * len(name))).status_code == 404


def test_whoever_edits_a_file_sees_it_at_a_new_address(tmp_path, monkeypatch):
    for name in ("early.js", "ui.css"):
        (tmp_path / name).write_text("/* before */")
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    before = asset_address("ui.css")
    (tmp_path / "ui.css").write_text("/* and after */")
    assert asset_address("ui.css") != before


def test_plotly_is_the_same_file_for_all_atlases(client):
    script = "_dash-component-suites/plotly/package_data/plotly.min.js"
    # A script that another one loads by its bare name is kept, too: its folder has the version.
    found = {client.get(f"/atlas/{name}/{script}").location for name in ("one", "two")}
    (address,) = found
    assert cache_of(client, address).max_age == 31_536_000


def test_files_that_no_page_loads_are_not_served(client):
    page = client.get("/atlas/one/").text
    (folder,) = set(re.findall(r'src="(/_dash-component-suites/\w+)/', page))
    for file in ("dash/dash.py", "dashboard/app.py", "dash/../../x.js", "nobody/x.js"):
        assert client.get(f"{folder}/{file}").status_code == 404
    assert client.get("/assets/../pyproject.toml").status_code == 404
