"""Journeys of a query from one atlas to another, and to the best of both."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect


@pytest.fixture
def own_file(explorer, tmp_path):
    path = tmp_path / "galaxy.png"
    Image.open(io.BytesIO(explorer.thumbnails[42])).save(path)
    return path


def test_a_query_goes_to_another_atlas_and_the_best_of_both_are_one_gallery(traveller):
    traveller.finds_pictures()
    traveller.open("atlas/tiny/?galaxy=MOCK-000007&not=MOCK-000005&k=16")
    page = traveller.page
    page.locator("summary", has_text="Other atlases").click()
    page.locator(".across-menu").get_by_role("link", name="Nearby galaxies").click()
    traveller.sees_atlas("nearby")
    traveller.sees_address("?galaxy.tiny=MOCK-000007&not.tiny=MOCK-000005&k=16")
    traveller.sees_selected("MOCK-000007")
    expect(page.locator("#gallery-heading")).to_contain_text("16 most similar to MOCK-000007 of")
    expect(page.locator(".tray a.is-guest")).to_have_count(2)

    page.locator("summary", has_text="Other atlases").click()
    page.get_by_role("button", name="The best of both atlases together").click()
    expect(page.locator("#gallery-heading")).to_contain_text("in 2 atlases")
    expect(page.locator("ul.cards .card-atlas")).to_have_count(16)
    expect(page.locator("#across-note")).to_contain_text("Table, map and downloads keep to Nearby")
    traveller.wait_until_idle()
    page.reload()  # the address brings it back
    expect(page.locator("ul.cards .card-atlas")).to_have_count(16)
    traveller.wait_until_idle()

    guest = page.locator("ul.cards a.card").first
    guest.locator("xpath=..").locator(".sign.is-positive").dispatch_event("click")
    expect(page.locator(".tray a.is-guest")).to_have_count(3)
    traveller.wait_until_idle()
    page.locator("ul.cards a.card").first.focus()
    name = page.locator("ul.cards a.card .card-name").first.inner_text()
    page.keyboard.press("Enter")
    traveller.sees_atlas("tiny")
    traveller.sees_selected(name)
    expect(page.locator("#gallery-heading")).to_contain_text("in 2 atlases")
    traveller.wait_until_idle()
    page.get_by_role("button", name="This atlas only").click()
    expect(page.locator("ul.cards .card-atlas")).to_have_count(0)
    traveller.sees_cards(16)


def test_a_picture_of_ones_own_is_seen_in_the_other_atlas_too(traveller, own_file):
    traveller.finds_pictures()
    traveller.open("atlas/tiny/")
    page = traveller.page
    page.get_by_label("Search with a picture of your own").set_input_files(own_file)
    expect(page.locator(".selected-name")).to_have_text("Your picture")
    traveller.wait_until_idle()
    source = page.locator("#own-image").get_attribute("src")
    page.locator("summary", has_text="Other atlases").click()
    page.locator(".across-menu").get_by_role("link", name="Nearby galaxies").click()
    traveller.sees_atlas("nearby")
    own = page.locator("#own-image")
    expect(own).to_be_visible()
    expect(own).to_have_attribute("src", source)
    expect(page.locator("#gallery-heading")).to_contain_text("most similar to your picture")
    assert "picture=" in page.url
    assert "data:image" not in page.url
    traveller.wait_until_idle()

    before = page.url
    page.locator(".own-whole").focus()
    page.keyboard.press("+")  # its frame can be changed here, too
    page.wait_for_function("before => location.href !== before", arg=before)
    traveller.wait_until_idle()
    page.locator("ul.cards .sign.is-positive").first.dispatch_event("click")
    seen = page.locator("#own-seen").get_attribute("src")
    expect(page.locator("#tray-own-image")).to_have_attribute("src", seen)
    traveller.wait_until_idle()
    page.locator("nav.atlas-switch a:not([aria-current])").click()
    traveller.sees_atlas("tiny")
    expect(page.locator("#own-image")).to_have_attribute("src", source)
    expect(page.locator("#tray-own-image")).to_have_attribute("src", seen)
    traveller.wait_until_idle()


def test_an_address_of_a_galaxy_that_another_atlas_has_leads_there(traveller):
    traveller.finds_pictures()
    traveller.open("atlas/tiny/?galaxy=PGC0000007")
    notice = traveller.page.locator("#address-notice")
    expect(notice).to_contain_text("has no galaxy called 'PGC0000007'")
    notice.get_by_role("link", name="Nearby galaxies has NGC 7").click()
    traveller.sees_atlas("nearby")
    traveller.sees_selected("NGC 7")
    traveller.wait_until_idle()
