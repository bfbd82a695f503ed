"""Journeys: the method page, and the hints of a first visit."""

from playwright.sync_api import expect


def hints_of(visitor):
    return visitor.page.get_by_role("region", name="Hints for a first visit")


def sees_no_sideways_scrolling(visitor):
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_someone_wants_to_know_how_it_works_and_goes_on_from_a_galaxy(visitor):
    visitor.open()
    visitor.page.get_by_role("link", name="How it works").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("How it works")
    expect(visitor.page.locator(".method-galaxy .picture.is-loaded")).to_have_count(11)
    expect(visitor.page.locator(".method-view .picture.is-loaded")).to_have_count(10)
    expect(visitor.page.locator(".method-drawn")).to_be_hidden()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = visitor.page.evaluate(ground)
    visitor.page.get_by_role("button", name="Light theme").click()
    assert visitor.page.evaluate(ground) != dark
    visitor.page.get_by_text("All figures, with their errors").click()
    expect(visitor.page.get_by_role("region", name="Labels, all figures")).to_be_visible()
    similar = visitor.page.locator(".method-examples a").nth(1)
    name = similar.locator(".method-name").inner_text()
    similar.click()
    visitor.sees_selected(name)
    assert visitor.page.evaluate("document.documentElement.dataset.theme") == "light"


def test_without_pictures_views_are_drawn_and_the_page_says_so(traveller_with_phone):
    traveller_with_phone.finds_no_pictures()
    traveller_with_phone.page.goto(f"{traveller_with_phone.server}/atlas/nearby/method")
    expect(traveller_with_phone.page.locator(".method-view .picture.is-loaded")).to_have_count(9)
    titles = traveller_with_phone.page.locator(".method-view strong")
    expect(titles.filter(has_text="Blurred")).to_have_count(0)  # no seeing without a scale
    expect(traveller_with_phone.page.locator(".method-drawn")).to_have_text(
        "This is a drawing, since legacysurvey.org cannot be reached."
    )
    expect(traveller_with_phone.page.locator(".method-galaxy .is-missing")).to_have_count(11)
    sees_no_sideways_scrolling(traveller_with_phone)
    traveller_with_phone.forgives_missing_pictures()
    switch = traveller_with_phone.page.get_by_role("navigation", name="Atlases")
    switch.get_by_role("link").nth(1).click()
    expect(traveller_with_phone.page.locator(".method-view .picture.is-loaded")).to_have_count(10)
    expect(titles.filter(has_text="Blurred")).to_have_count(1)
    traveller_with_phone.page.get_by_role("link", name="Back to the galaxies").click()
    traveller_with_phone.sees_atlas("tiny")


def test_a_first_visit_has_three_hints_once_and_they_can_be_brought_back(newcomer):
    newcomer.open()
    hints = hints_of(newcomer)
    for n, panel in ((1, ".gallery-panel"), (2, ".gallery-panel"), (3, ".map-panel")):
        expect(hints).to_contain_text(f"{n} of 3")
        expect(newcomer.page.locator(".is-hinted")).to_have_count(1)
        expect(newcomer.page.locator(f"{panel}.is-hinted")).to_be_visible()
        assert_apart(newcomer, f"{panel}.is-hinted")
        hints.get_by_role("button", name="Next" if n < 3 else "Got it").click()
    expect(hints).to_be_hidden()
    expect(newcomer.page.locator(".is-hinted")).to_have_count(0)
    newcomer.wait_until_idle()
    newcomer.open()
    expect(hints).to_be_hidden()
    newcomer.page.get_by_role("link", name="How it works").click()
    newcomer.page.get_by_role("button", name="Show the hints again").click()
    expect(hints).to_contain_text("1 of 3")
    newcomer.search("MOCK-000007")  # they are in nobody's way
    newcomer.sees_selected("MOCK-000007")
    newcomer.page.keyboard.press("Escape")
    expect(hints).to_be_hidden()
    newcomer.wait_until_idle()
    newcomer.open()
    expect(hints).to_be_hidden()


def assert_apart(visitor, selector):
    """Check that the hint does not cover what it points at."""
    hint, panel = (visitor.page.locator(name).bounding_box() for name in (".hints", selector))
    assert hint["x"] + hint["width"] <= panel["x"]
