"""The selected galaxy and how sure its neighbours are, in a real browser."""

from playwright.sync_api import expect

REFUSES = """
navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""


def test_a_position_is_copied_by_keyboard_and_its_name_searches_for_it_again(visitor, explorer):
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open()
    visitor.page.get_by_role("button", name="Copy the name").press("Enter")
    expect(visitor.page.locator(".copy-answer")).to_contain_text("Copied J")
    expect(visitor.page.locator(".copy.is-copied")).to_have_count(1)
    name = visitor.page.evaluate("() => navigator.clipboard.readText()")
    expect(visitor.page.locator(".copy-answer")).to_be_empty()  # after a while
    visitor.search(name)
    visitor.sees_message("arcsec off")
    visitor.sees_selected(explorer.galaxy(explorer.default_row()).object_id)


def test_where_pages_may_not_copy_the_position_is_selected_for_who_may(visitor):
    visitor.page.add_init_script(REFUSES)
    visitor.open()
    position = visitor.page.locator(".position").first.inner_text()
    visitor.page.get_by_role("button", name="Copy the position in degrees").click()
    expect(visitor.page.locator(".copy-answer")).to_contain_text("Press Ctrl+C")
    assert visitor.page.evaluate("() => String(getSelection())") == position


def test_a_simulated_galaxy_has_no_links_and_columns_once_explained_stay_so(visitor):
    visitor.open()
    expect(visitor.page.locator(".selected a")).to_have_count(0)
    expect(visitor.page.locator(".selected .links")).to_contain_text("the real sky has none")
    meanings = visitor.page.locator(".definitions .meaning")
    expect(meanings.first).to_be_hidden()
    explain = visitor.page.get_by_text("What the columns mean")
    explain.focus()
    explain.press("Enter")
    expect(meanings.first).to_be_visible()
    name = visitor.page.locator(".selected-name").inner_text()
    visitor.page.locator("button.card").first.click()
    expect(visitor.page.locator(".selected-name")).not_to_have_text(name)
    visitor.wait_until_idle()
    expect(meanings.first).to_be_visible()


def test_a_real_galaxy_is_linked_to_five_services_in_new_tabs(traveller):
    traveller.finds_pictures()
    traveller.open("atlas/nearby/")
    links = traveller.page.get_by_role("list", name="This position elsewhere").get_by_role("link")
    expect(links).to_have_text(["Legacy Surveys", "SIMBAD", "NED", "SDSS", "Aladin"])
    for link in links.all():
        assert link.get_attribute("href").startswith("https://")
        assert link.get_attribute("target") == "_blank"


def test_how_sure_the_neighbours_are_is_said_and_explained_by_keyboard(visitor):
    visitor.open()
    line = visitor.page.locator("#certainty")
    expect(line).to_contain_text("of the 25 nearest found · the last is more similar than")
    meaning = visitor.page.locator("#certainty-meaning")
    expect(meaning).to_be_hidden()
    line.focus()
    line.press("Enter")
    expect(meaning).to_contain_text("Neighbours come from an index")
    expect(meaning).to_be_visible()
    visitor.page.get_by_label("Show", exact=True).select_option("36")
    expect(line).to_contain_text("of the 36 nearest found")
    expect(meaning).to_be_visible()


def test_on_a_phone_the_positions_can_be_copied_and_nothing_is_too_wide(phone):
    phone.open()
    expect(phone.page.locator("button.copy")).to_have_count(3)
    expect(phone.page.locator("#certainty")).to_contain_text("nearest found")
    width = phone.page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 390
