"""Journeys of a query from one atlas to another, and to the best of both."""

from playwright.sync_api import expect


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
