"""Journeys with two atlases: "real" galaxies, whose pictures come from a service that journeys
stand in for, and simulated ones, which bring their own."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

NO_PICTURE = "No picture: legacysurvey.org cannot be reached"
PLACES = ".selected .picture, button.card .picture"
SHOWN = "getComputedStyle(document.querySelector('.selected .picture img')).opacity"
PLACE_BOXES = f"""
() => [...document.querySelectorAll("{PLACES}")].map((place) => {{
  const box = place.getBoundingClientRect();
  return [box.x, box.y, box.width, box.height].map(Math.round).join(" ");
}})
"""


# What came over the line, among scripts and styles; what comes from the cache weighs nothing.
DOWNLOADED = """
() => performance.getEntriesByType("resource")
  .filter(({ name, transferSize }) => /[.](js|css)([?]|$)/.test(name) && transferSize > 0)
  .map(({ name }) => name)
"""


def note_of(traveller):
    return traveller.page.locator(".start-note")


def switch_to(traveller, title):
    traveller.page.get_by_role("navigation", name="Atlases").get_by_role("link", name=title).click()


def test_a_visit_begins_with_real_galaxies_if_their_pictures_come_and_says_so_until_dismissed(
    traveller,
):
    traveller.finds_pictures()
    traveller.open()
    traveller.sees_atlas("nearby")
    expect(note_of(traveller)).to_have_text(
        "Showing Nearby galaxies: legacysurvey.org, where the pictures come from, can be reached.×"
    )
    expect(traveller.page.get_by_text("Simulated sky")).to_have_count(0)
    expect(traveller.page.locator(".picture.is-loaded")).to_have_count(26)
    expect(traveller.page.locator(".picture.is-missing")).to_have_count(0)
    assert traveller.page.evaluate(SHOWN) == "1"
    assert traveller.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    traveller.page.get_by_role("button", name="Dismiss").click()
    expect(note_of(traveller)).to_be_hidden()
    traveller.wait_until_idle()
    traveller.page.reload()
    traveller.sees_atlas("nearby")
    expect(note_of(traveller)).to_be_hidden()  # it stays away


def test_without_pictures_a_visit_begins_with_simulated_galaxies_says_why_and_asks_once(traveller):
    traveller.finds_no_pictures()
    traveller.open()
    traveller.sees_atlas("tiny")
    expect(note_of(traveller)).to_contain_text(
        "since the pictures of Nearby galaxies come from legacysurvey.org, which could not be "
        "reached in time."
    )
    expect(traveller.page.get_by_text("Simulated sky")).to_be_visible()
    expect(traveller.page.locator(".picture.is-loaded")).to_have_count(26)
    assert len(traveller.pictures_asked) == 1
    traveller.open()
    traveller.sees_atlas("tiny")
    assert len(traveller.pictures_asked) == 1
    traveller.forgives_missing_pictures()


def test_a_service_that_does_not_answer_is_not_waited_for_for_ever(traveller):
    traveller.waits_for_pictures()
    traveller.page.goto(f"{traveller.server}/", wait_until="commit")
    expect(traveller.page.get_by_text("Looking whether legacysurvey.org can show")).to_be_visible()
    traveller.sees_atlas("tiny")
    expect(note_of(traveller)).to_contain_text("could not be reached in time")
    traveller.lets_pictures_go()


def test_nobody_who_does_not_want_to_wait_has_to(traveller):
    traveller.waits_for_pictures()
    traveller.page.goto(f"{traveller.server}/", wait_until="commit")
    traveller.page.locator(".start-page").get_by_role("link", name="simulated").click()
    traveller.sees_atlas("tiny")
    expect(note_of(traveller)).to_be_hidden()
    traveller.lets_pictures_go()


def switch_by_keyboard(traveller, title):
    tabs = traveller.page.get_by_role("navigation", name="Atlases")
    link = tabs.get_by_role("link", name=title)
    for _ in range(3):
        traveller.page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    traveller.page.keyboard.press("Enter")


def test_the_switch_leads_there_and_by_keyboard_back_and_so_does_the_browser(
    traveller, nearby, explorer
):
    traveller.finds_pictures()
    traveller.open("atlas/tiny/")
    traveller.page.locator("button.card").first.click()
    nearest = explorer.galaxy(int(explorer.neighbours([explorer.default_row()], 25).rows[0]))
    traveller.sees_selected(nearest.object_id)
    traveller.wait_until_idle()
    switch_to(traveller, "Nearby galaxies")
    traveller.sees_atlas("nearby")
    first = f"A galaxy of {explorer.title}."  # the query goes along
    traveller.sees_selected(nearest.object_id)
    expect(traveller.page.locator("#selected")).to_contain_text(first)
    traveller.sees_address(f"?galaxy.tiny={nearest.object_id}&k=25")
    expect(note_of(traveller)).to_be_hidden()
    traveller.page.go_back()
    traveller.sees_atlas("tiny")
    traveller.sees_selected(nearest.object_id)
    traveller.page.go_forward()
    traveller.sees_atlas("nearby")
    expect(traveller.page.locator("#selected")).to_contain_text(first)
    switch_by_keyboard(traveller, "Mock")
    traveller.sees_atlas("tiny")
    traveller.sees_selected(nearest.object_id)
    expect(traveller.page.locator(".card-name")).to_have_count(0)  # simulated ones have no names


def test_another_atlas_is_opened_without_downloading_a_script_or_a_style_again(traveller):
    traveller.finds_pictures()
    traveller.open("atlas/tiny/")
    switch_to(traveller, "Nearby galaxies")
    traveller.sees_atlas("nearby")
    loaded = traveller.page.evaluate("performance.getEntriesByType('resource').length")
    assert loaded > 30  # the page does load something
    assert traveller.page.evaluate(DOWNLOADED) == []


def test_an_address_brings_back_atlas_galaxy_and_k(traveller, nearby):
    traveller.finds_pictures()
    galaxy = nearby.galaxy(12)
    traveller.open(f"atlas/nearby/?galaxy={galaxy.object_id}&k=16")
    for _ in range(2):
        traveller.sees_atlas("nearby")
        traveller.sees_selected("NGC 12")
        traveller.sees_cards(16)
        traveller.wait_until_idle()
        traveller.page.reload()
    traveller.sees_atlas("nearby")
    traveller.sees_rings(nearby.map_xy[12, 0], 16)
    traveller.open("?galaxy=MOCK-000005&k=36")
    traveller.sees_atlas("tiny")
    traveller.sees_selected("MOCK-000005")


def test_a_galaxy_or_an_atlas_that_is_not_there_is_said_not_to_be_with_a_way_out(traveller):
    traveller.finds_pictures()
    traveller.open("atlas/nearby/?galaxy=MOCK-000005&k=25")  # not looked for by its row
    notice = traveller.page.locator("#address-notice")
    expect(notice).to_contain_text("Nearby galaxies has no galaxy called 'MOCK-000005'")
    traveller.sees_cards(25)
    traveller.wait_until_idle()
    traveller.page.goto(f"{traveller.server}/atlas/nope/?galaxy=X")
    expect(traveller.page.get_by_text("There is no atlas called “nope” here.")).to_be_visible()
    traveller.forgives("404")
    traveller.page.get_by_role("link", name="Mock").click()
    traveller.sees_atlas("tiny")


def test_without_pictures_each_place_says_so_and_all_else_works(traveller, nearby):
    traveller.finds_no_pictures()
    traveller.open(f"atlas/nearby/?galaxy={nearby.galaxy(12).object_id}&k=25")
    places = traveller.page.locator(PLACES)
    expect(traveller.page.locator(".picture.is-missing")).to_have_count(26)
    for place in (places.first, places.last):
        expect(place).to_contain_text(NO_PICTURE + "Waiting for legacysurvey.org")
        expect(place.locator(".ruler:visible")).to_have_count(0)
        expect(place.get_by_text("No picture", exact=True)).to_be_visible()
        expect(place.get_by_text("Waiting")).to_be_hidden()
    expect(traveller.page.get_by_role("img", name="Picture of NGC 12")).to_have_count(1)
    card = traveller.page.locator("button.card").nth(2)
    third = nearby.galaxy(int(nearby.neighbours([12], 25).rows[2]))
    card.click()
    expect(traveller.page.locator("#selected")).to_contain_text(third.object_id)
    traveller.sees_rings(nearby.map_xy[third.row, 0], 25)
    traveller.search(f"{nearby.galaxy(7).position.ra_deg} {nearby.galaxy(7).position.dec_deg}")
    traveller.sees_message("Found at")
    point = traveller.lonely_point()
    traveller.point_at(point)
    hover = traveller.page.locator("#map-hover")
    expect(hover).to_contain_text(NO_PICTURE)
    expect(hover.locator(".picture.is-missing")).to_be_visible()
    traveller.wait_until_idle()
    traveller.forgives_missing_pictures()


def test_a_slow_picture_has_a_place_that_says_so_and_nothing_moves_when_it_fails(traveller):
    traveller.waits_for_pictures()
    traveller.open("atlas/nearby/")
    place = traveller.page.locator(".selected .picture")
    expect(place.get_by_text("Waiting for legacysurvey.org")).to_be_visible()
    expect(place.get_by_text("No picture")).to_be_hidden()
    assert traveller.page.evaluate(SHOWN) == "0"
    before = traveller.page.evaluate(PLACE_BOXES)
    assert len(before) == 26
    while traveller.page.locator(".picture.is-missing").count() < 26:
        traveller.lets_pictures_go()
        traveller.page.wait_for_timeout(50)  # the browser asks for six at a time
    expect(place.get_by_text("Waiting")).to_be_hidden()
    assert traveller.page.evaluate(PLACE_BOXES) == before
    traveller.forgives_missing_pictures()


def test_pictures_are_as_large_as_their_galaxies_and_none_stays_under_the_next_name(
    traveller, nearby
):
    traveller.finds_pictures()
    traveller.open(f"atlas/nearby/?galaxy={nearby.galaxy(12).object_id}&k=16")
    page = traveller.page
    expect(page.locator(".picture.is-loaded")).to_have_count(17)
    asked = [parse_qs(urlsplit(address).query) for address in traveller.pictures_asked]
    fields = {float(one["pixscale"][0]) * int(one["size"][0]) for one in asked}
    expected = {2.0 * 60 * 1.6, 90.0}  # two arcmin; not known
    assert all(min(abs(field - one) for one in expected) < 0.1 for field in fields)
    assert {one["size"][0] for one in asked} == {"480", "192"}
    rows = nearby.neighbours([12], 16).rows
    names = [f"NGC {row}" if row % 10 else f"PGC{row:07d}" for row in rows]
    expect(page.locator(".card-name")).to_have_text(names)

    traveller.waits_for_pictures()
    page.locator("button.card").nth(1).click()
    expect(page.locator(".selected-name")).not_to_have_text("NGC 12")
    traveller.wait_until_idle()
    expect(page.locator(".selected .picture.is-loaded")).to_have_count(0)
    assert page.evaluate(SHOWN) == "0"
    traveller.finds_pictures()
    traveller.lets_pictures_go()
    traveller.wait_until_idle()


@pytest.mark.parametrize("found", [True, False])
def test_a_phone_shows_switch_and_note_without_scrolling_sideways(traveller_with_phone, found):
    if found:
        traveller_with_phone.finds_pictures()
    else:
        traveller_with_phone.finds_no_pictures()
    traveller_with_phone.open()
    traveller_with_phone.sees_atlas("nearby" if found else "tiny")
    expect(note_of(traveller_with_phone)).to_be_visible()
    page = traveller_with_phone.page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for link in page.locator(".atlas-switch a").all():
        box = link.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    traveller_with_phone.forgives_missing_pictures()
