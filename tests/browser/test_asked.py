"""What was asked for and is not there: nothing else is shown before the visitor wants it."""

import re

from playwright.sync_api import expect

FAR = "13:17:19.8 +20:48:17.5"  # ten arcmin from the galaxy that is shown first
FIRST = "MOCK-000000"
FETCH = "Fetch this position and search with its picture"


def offer(visitor, name):
    return visitor.page.locator("#search-suggestions").get_by_role("button", name=name)


def beside(galaxy, arcsec):
    """Return a position so far north of a galaxy."""
    return f"{galaxy.position.ra_deg:.6f} {galaxy.position.dec_deg + arcsec / 3600:+.6f}"


def test_a_galaxy_that_is_not_there_leaves_the_query_until_another_one_is_chosen(visitor, explorer):
    visitor.open("?galaxy=MOCK-000005&k=16")
    visitor.search("M 51")
    visitor.sees_message("Nothing in this atlas lies there. The nearest galaxy is")
    visitor.wait_until_idle()
    visitor.sees_selected("MOCK-000005")
    visitor.sees_address("?galaxy=MOCK-000005&k=16")
    visitor.sees_cards(16)
    nearest = offer(visitor, "Search from")
    name = re.match(r"Search from (\S+), ", nearest.inner_text())[1]
    nearest.focus()
    visitor.page.keyboard.press("Enter")
    visitor.sees_selected(name)
    visitor.sees_address(f"?galaxy={name}&k=16")
    visitor.sees_message("The nearest galaxy is")  # what was asked for is still said
    expect(visitor.page.locator(".suggestion")).to_have_count(0)
    visitor.search(FAR)
    expect(offer(visitor, f"Search from {FIRST}, 10.0 arcmin away")).to_be_visible()
    visitor.page.get_by_role("button", name="Random").click()
    expect(visitor.page.locator(".suggestion")).to_have_count(0)
    expect(visitor.page.locator("#search-message")).to_be_hidden()


def test_an_entry_of_a_list_that_is_only_near_something_is_searched_for(visitor):
    visitor.open("?galaxy=MOCK-000005&k=25")
    visitor.page.locator("#list-open").click()
    visitor.page.get_by_label("Names or positions").fill(FAR)
    visitor.page.get_by_role("button", name="Match", exact=True).click()
    visitor.page.locator(".ag-center-cols-container [row-id='1']").click()
    expect(visitor.page.get_by_role("dialog")).to_be_hidden()
    expect(visitor.page.get_by_label("Name or position")).to_have_value(FAR)
    expect(offer(visitor, f"Search from {FIRST}, 10.0 arcmin away")).to_be_visible()
    visitor.sees_selected("MOCK-000005")


def test_another_open_atlas_that_has_it_is_one_click_away(traveller, explorer):
    traveller.finds_pictures()
    traveller.open("atlas/tiny/?galaxy=MOCK-000005&k=16")
    # Within the two arcmin that the other atlas knows the galaxy to have, and not within 10 px.
    traveller.search(beside(explorer.galaxy(12), 30))
    traveller.sees_message("Nothing in this atlas lies at")
    traveller.sees_selected("MOCK-000005")
    link = traveller.page.get_by_role("link", name="Nearby galaxies has NGC 12, 30.0 arcsec off")
    link.click()
    traveller.sees_atlas("nearby")
    traveller.sees_selected("NGC 12")
    traveller.search(beside(explorer.galaxy(12), 30))
    traveller.sees_message("is in NGC 12, 30.0 arcsec from its centre.")
    traveller.search("MOCK-000005")
    traveller.sees_selected("NGC 5")
    traveller.sees_message("(Mock DECaLS survey). Found 0.0 arcsec off.")


def test_a_list_says_how_many_of_it_another_atlas_has_and_goes_there(traveller, explorer):
    traveller.finds_pictures()
    traveller.open("atlas/tiny/")
    entries = [beside(explorer.galaxy(row), 30) for row in (12, 13)]
    traveller.page.locator("#list-open").click()
    traveller.page.get_by_label("Names or positions").fill("\n".join(entries))
    traveller.page.get_by_role("button", name="Match", exact=True).click()
    expect(traveller.page.locator("#list-summary")).to_contain_text("0 of 2 entries matched; 2 far")
    traveller.page.get_by_role("link", name="Nearby galaxies has 2 more.").click()
    traveller.sees_atlas("nearby")
    expect(traveller.page.locator("#list-open")).to_have_text("Your list: 2 of 2 matched")


def test_a_position_that_the_atlas_lacks_is_fetched_and_searched_with(traveller, cutouts, explorer):
    traveller.finds_pictures()
    traveller.open("atlas/nearby/")
    traveller.search("M 51")
    cutouts.is_broken = True
    offer(traveller, FETCH).click()
    trouble = "legacysurvey.org has no picture of this position (404)."
    expect(traveller.page.locator("#own-message")).to_have_text(trouble)
    cutouts.is_broken = False
    offer(traveller, FETCH).click()
    expect(traveller.page.locator(".selected-name")).to_have_text("Your picture")
    expect(traveller.page.locator("#own-note")).to_contain_text("M 51, from legacysurvey.org.")
    first = traveller.page.locator("button.card").first
    expect(first).to_have_attribute("title", re.compile(r"^1\. NGC 42"))
    traveller.page.wait_for_function("() => location.search.startsWith('?picture=')")
    assert "ra=202.46" in cutouts.asked[-1]
    expect(traveller.page.locator(".suggestion")).to_have_count(0)
