"""What people do with Galaxy Finder, in a real browser. The fixture `visitor` ends each journey by
asserting that the console is empty and that no request failed."""

import numpy as np
from playwright.sync_api import expect

from dashboard.explorer.explorer import Explorer

# The first galaxy of the mock survey, and the place of the ancestor's first query.
FIRST = "MOCK-000000"


def object_id(explorer: Explorer, row: int) -> str:
    return explorer.galaxy(row).object_id


def test_the_first_page_shows_a_galaxy_its_neighbours_and_the_map(visitor, explorer):
    visitor.open()
    row = explorer.row_of(FIRST)
    visitor.sees_selected(FIRST)
    visitor.sees_cards(25)
    visitor.sees_rings(explorer.map_xy[row, 0], 25)
    visitor.sees_address("")
    page = visitor.page
    expect(page.locator("#selected")).to_contain_text("199.3324, +20.6382")
    expect(page.locator("#selected")).to_contain_text("13:17:19.78 +20:38:17.5")
    expect(page.get_by_text("Simulated sky")).to_be_visible()
    expect(page.get_by_text("Truth of the simulation")).to_be_visible()
    expect(page).to_have_title(f"{FIRST} · Galaxy Finder")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    loaded = """() => [...document.images]
      .filter((image) => image.offsetParent !== null)
      .every((image) => image.complete && image.naturalWidth > 0)"""
    page.wait_for_function(loaded)


def test_positions_are_found_far_ones_said_to_be_so_and_nonsense_changes_nothing(visitor, explorer):
    visitor.open()
    galaxy = explorer.galaxy(7)
    visitor.search(f"{galaxy.position.ra_deg} {galaxy.position.dec_deg}")
    visitor.sees_selected(galaxy.object_id)
    visitor.sees_message("Found at")
    visitor.sees_address(f"?galaxy={galaxy.object_id}&k=25")
    visitor.sees_rings(explorer.map_xy[7, 0], 25)
    field = visitor.page.get_by_label("Name or position")
    field.fill("13:17:19.8 +20:38:17.5")
    visitor.page.get_by_role("button", name="Search", exact=True).click()
    visitor.sees_selected(FIRST)
    visitor.sees_message("Found at 199.3325")
    visitor.search("400 +20")
    expect(visitor.page.locator("#search-message.is-error")).to_contain_text("400")
    expect(visitor.page.locator("#search-text.is-invalid")).to_be_visible()
    visitor.sees_selected(FIRST)
    visitor.search("199.3324 +20.7382")  # 6 arcmin north of the first galaxy
    expect(visitor.page.locator("#search-message.is-far")).to_contain_text("6.0 arcmin away")
    expect(visitor.page.locator("#search-text.is-invalid")).to_have_count(0)
    visitor.sees_selected(FIRST)


def double_click_slowly(visitor, card, name):
    """Click for a second time, at the same place, when the first click has led to a galaxy."""
    box = card.bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 40)  # no sign of its corners
    visitor.sees_selected(name)
    visitor.wait_until_idle()
    visitor.page.mouse.down(click_count=2)
    visitor.page.mouse.up(click_count=2)
    visitor.wait_until_idle()


def test_a_card_goes_on_from_there_k_changes_all_panels_and_random_is_another_one(
    visitor, explorer
):
    visitor.open()
    page, third = visitor.page, int(explorer.neighbours([explorer.row_of(FIRST)], 25).rows[2])
    name = object_id(explorer, third)
    double_click_slowly(visitor, page.locator("button.card").nth(2), name)
    visitor.sees_selected(name)  # one galaxy on, not two
    visitor.sees_address(f"?galaxy={name}&k=25")

    nearest = int(explorer.neighbours([third], 25).rows[0])
    name = object_id(explorer, nearest)
    page.locator("button.card").first.click()
    visitor.sees_selected(name)
    visitor.sees_address(f"?galaxy={name}&k=25")
    visitor.sees_rings(explorer.map_xy[nearest, 0], 25)
    expect(page.locator("#gallery-heading")).to_contain_text(name)
    page.get_by_label("Show", exact=True).select_option("49")
    visitor.sees_cards(49)
    visitor.sees_rings(explorer.map_xy[nearest, 0], 49)
    visitor.sees_address(f"?galaxy={name}&k=49")
    for kind in ("bright", "any"):
        before = page.url
        page.get_by_label("Which galaxies to draw").select_option(kind)
        page.get_by_role("button", name="Random").click()
        page.wait_for_function("before => location.href !== before", arg=before)
        page.wait_for_function("() => location.search.startsWith('?galaxy=MOCK')")
        visitor.wait_until_idle()
    visitor.sees_cards(49)


def test_a_point_of_the_map_shows_its_galaxy_and_a_click_selects_or_adds_it(visitor, explorer):
    visitor.open()
    page = visitor.page
    page.get_by_label("Colour").select_option("mag_z")
    expect(page.locator("#map-legend .colour-bar")).to_be_visible()
    point = visitor.lonely_point()
    name = object_id(explorer, point["row"])
    visitor.point_at(point)
    card = page.locator("#map-hover")
    expect(card).to_contain_text(name)
    magnitude = explorer.values("mag_z")[point["row"]]
    expect(card).to_contain_text(
        "z magnitude –" if np.isnan(magnitude) else f"z magnitude {magnitude:.4g} mag"
    )
    page.mouse.move(10, 10)
    expect(card).to_be_hidden()
    for key, side in (("Shift", "galaxy"), ("Alt", "not")):
        visitor.point_at(point)
        page.keyboard.down(key)
        page.mouse.click(point["x"], point["y"])
        page.keyboard.up(key)
        visitor.sees_address(f"?galaxy={FIRST}&{side}={name}&k=25&colour=mag_z")
        visitor.sees_selected(FIRST)
        visitor.wait_until_idle()
    page.keyboard.down("Shift")  # both count, however quickly one follows on the other
    page.mouse.click(point["x"], point["y"])
    page.locator("ul.cards .sign.is-positive").first.click()
    page.keyboard.up("Shift")
    expect(page.locator("#tray-like > li")).to_have_count(3)
    visitor.wait_until_idle()
    for _ in range(2):  # also for a second time
        visitor.point_at(point)
        page.mouse.click(point["x"], point["y"])
        visitor.sees_selected(name)
        visitor.sees_rings(explorer.map_xy[point["row"], 0], 25)
        page.locator("button.card").first.click()
        expect(page.locator(".selected-name")).not_to_have_text(name)
        visitor.wait_until_idle()


def test_back_and_forward_walk_through_the_queries(visitor, explorer):
    visitor.open()
    visitor.page.locator("button.card").first.click()
    first = explorer.neighbours([explorer.row_of(FIRST)], 25).rows[0]
    visitor.sees_selected(object_id(explorer, int(first)))
    second = int(explorer.neighbours([int(first)], 25).rows[2])
    visitor.sees_address(f"?galaxy={object_id(explorer, int(first))}&k=25")
    visitor.wait_until_idle()
    visitor.page.locator("button.card").nth(2).click()
    visitor.sees_selected(object_id(explorer, second))
    visitor.sees_address(f"?galaxy={object_id(explorer, second)}&k=25")
    visitor.page.go_back()
    visitor.sees_selected(object_id(explorer, int(first)))
    visitor.page.go_back()
    visitor.sees_selected(FIRST)
    visitor.sees_address("")
    visitor.page.go_forward()
    visitor.sees_selected(object_id(explorer, int(first)))
    visitor.page.go_forward()
    visitor.sees_selected(object_id(explorer, second))
    visitor.sees_rings(explorer.map_xy[second, 0], 25)


def test_a_reload_and_a_shared_address_bring_the_query_back(visitor, explorer):
    visitor.open(f"?galaxy={object_id(explorer, 42)}&k=36")
    for _ in range(2):
        visitor.sees_selected(object_id(explorer, 42))
        visitor.sees_cards(36)
        expect(visitor.page.get_by_label("Show", exact=True)).to_have_value("36")
        visitor.wait_until_idle()  # a reload cuts off what is still under way
        visitor.page.reload()
    visitor.sees_address(f"?galaxy={object_id(explorer, 42)}&k=36")
    visitor.sees_cards(36)


def test_an_address_that_asks_for_nonsense_is_answered_and_forgotten(visitor):
    for search in ("?galaxy=NO-SUCH-GALAXY&k=-1", "?galaxy=%ff%fe"):
        visitor.open(search)
        expect(visitor.page.locator("#address-notice")).to_contain_text("Here is another galaxy")
        visitor.sees_selected(FIRST)
        visitor.sees_cards(25)
    visitor.page.get_by_role("button", name="Random").click()
    expect(visitor.page.locator("#address-notice")).to_be_hidden()


def test_the_theme_turns_the_page_and_the_map_and_is_remembered(visitor):
    visitor.open()
    switch = visitor.page.get_by_role("button", name="Light theme")
    dark, ground = visitor.map(), "getComputedStyle(document.documentElement).backgroundColor"
    assert visitor.page.evaluate(ground) == "rgb(10, 13, 20)"
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    visitor.sees_ring_colour_other_than(dark["ring"])
    light = visitor.map()
    assert visitor.page.evaluate(ground) == "rgb(247, 248, 250)"
    assert light["scale"] != dark["scale"]
    assert light["query"] == dark["query"]
    visitor.wait_until_idle()
    visitor.page.reload()
    expect(switch).to_have_attribute("aria-pressed", "true")
    visitor.sees_selected(FIRST)
    visitor.wait_until_idle()
    assert visitor.map()["scale"] == light["scale"]
    visitor.page.get_by_label("Colour").select_option("mag_z")
    expect(visitor.page.locator("#map-legend .colour-bar")).to_be_visible()
    visitor.wait_until_idle()
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")


def test_a_picture_that_is_missing_has_a_placeholder(visitor):
    visitor.page.route("**/cutouts/**", lambda route: route.fulfill(status=404))
    visitor.open()
    expect(visitor.page.locator(".picture.is-missing")).to_have_count(26)
    expect(visitor.page.locator(".selected .picture")).to_contain_text(
        "No picture: it could not be loaded"
    )
    visitor.page.unroute("**/cutouts/**")
    visitor.page.locator("button.card").first.click()
    expect(visitor.page.locator(".selected-name")).not_to_have_text(FIRST)
    expect(visitor.page.locator(".picture.is-missing")).to_have_count(0)
    visitor.forgives("404")


def test_a_server_that_has_stopped_is_said_to_have_stopped(visitor):
    visitor.open()
    visitor.page.route("**/_dash-update-component*", lambda route: route.abort())
    visitor.page.get_by_role("button", name="Random").click()
    expect(visitor.page.locator("#notice")).to_contain_text("The server does not answer")
    visitor.forgives("ERR_FAILED")
    visitor.forgives("Callback failed")
