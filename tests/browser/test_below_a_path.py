"""A journey below /galaxies, through the real nginx with the configuration that ships: whatever a
visitor does, nothing is asked for outside of that path."""

import csv
import io
import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visiting
from tests.browser.proxy import MISSING, find_nginx, proxied
from tests.browser.serving import serving
from tests.browser.test_atlases import switch_to
from tests.browser.test_downloads import downloaded, open_menu
from tests.browser.test_sky import sees_sky
from tests.browser.test_table import show

PATH = "/galaxies"


@pytest.fixture(scope="module")
def observatory(nearby_atlas, tiny_atlas, cutouts, tmp_path_factory):
    """The address of Galaxy Finder on a host where it is one thing among others."""
    if find_nginx() is None:
        pytest.skip(MISSING)
    options = ["--base-path", PATH, "--proxies", "1"]
    with (
        serving(nearby_atlas, tiny_atlas, cutouts=cutouts.address, options=options) as address,
        proxied(tmp_path_factory.mktemp("nginx"), address) as host,
    ):
        yield f"{host}{PATH}"


@pytest.fixture
def guest(browser, observatory):
    """Someone who visits the observatory; nothing outside of its path may be asked for."""
    with visiting(browser, observatory) as guest:
        guest.finds_pictures()
        yield guest


def stored(page):
    """Return the names of all that the browser keeps for this host."""
    (origin,) = page.context.storage_state()["origins"]
    return [item["name"] for item in origin["localStorage"]]


def test_all_that_a_visitor_does_stays_below_the_path(guest, explorer, tmp_path):
    page = guest.page
    guest.open()
    guest.sees_atlas("nearby")
    switch_to(guest, "Mock")
    guest.sees_atlas("tiny")
    guest.search(explorer.galaxy(7).object_id)
    guest.sees_selected(explorer.galaxy(7).object_id)
    guest.sees_address(f"?galaxy={explorer.galaxy(7).object_id}&k=25")
    point = guest.lonely_point()
    guest.point_at(point)
    expect(page.locator("#map-hover .picture.is-loaded")).to_be_visible()
    page.mouse.click(point["x"], point["y"])
    galaxy = explorer.galaxy(point["row"]).object_id
    guest.sees_selected(galaxy)
    guest.wait_until_idle()

    open_menu(page)
    name, content = downloaded(page, "CSV", "The neighbours shown")
    assert name.endswith(".csv")
    row = next(csv.DictReader(io.StringIO(content.decode())))
    address = json.loads(row["provenance"])["page"]
    assert address.startswith(f"{guest.server}/atlas/tiny/?galaxy={galaxy}")

    page.keyboard.press("Escape")
    page.locator("button.card").first.focus()
    page.keyboard.press("v")
    dialog = page.locator("dialog.enlarged")
    expect(dialog.get_by_role("heading", level=2)).to_contain_text("1 of 25")
    expect(dialog.locator("figure .picture.is-loaded")).to_have_count(2)
    page.keyboard.press("Escape")

    show(guest, "Table")
    expect(page.locator("#neighbour-table .picture.is-loaded").first).to_be_visible()
    show(guest, "Gallery")
    page.get_by_role("radio", name="Sky").check()
    sees_sky(guest)
    page.get_by_role("radio", name="Similarity").check()
    guest.sees_map()

    picture = tmp_path / "galaxy.jpg"
    picture.write_bytes(bytes(explorer.thumbnails[42]))
    page.get_by_label("Search with a picture of your own").set_input_files(picture)
    expect(page.locator(".selected-name")).to_have_text("Your picture")
    guest.wait_until_idle()

    page.get_by_role("link", name="How it works").click()
    expect(page.locator(".method-galaxy .picture.is-loaded")).to_have_count(11)
    page.get_by_role("button", name="Light theme").click()
    page.get_by_role("link", name="Back to the galaxies").click()
    guest.sees_atlas("tiny")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.goto(address)
    guest.sees_selected(galaxy)
    guest.wait_until_idle()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"

    # What others on this host keep under the same names is left alone.
    assert {name.split(":")[0] for name in stored(page)} == {PATH}
    assert f"{PATH}:theme" in stored(page)


def test_an_atlas_that_is_not_there_is_said_not_to_be_with_links_below_the_path(guest):
    guest.page.goto(f"{guest.server}/atlas/nope/")
    expect(guest.page.get_by_text("There is no atlas called “nope” here.")).to_be_visible()
    guest.forgives("404")
    guest.page.get_by_role("link", name="Mock").click()
    guest.sees_atlas("tiny")
