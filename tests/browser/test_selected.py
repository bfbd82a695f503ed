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


def test_a_simulated_galaxy_has_no_links_and_what_is_once_explained_stays_so(visitor):
    visitor.open()
    page = visitor.page
    expect(page.locator(".selected a")).to_have_count(0)
    expect(page.locator(".selected .links")).to_contain_text("the real sky has none")

    certainty, meaning = page.locator("#certainty"), page.locator("#certainty-meaning")
    expect(certainty).to_contain_text("more similar than")
    expect(meaning).to_be_hidden()
    certainty.focus()
    certainty.press("Enter")
    expect(meaning).to_contain_text("the index had found all nearest")
    expect(meaning).to_be_visible()
    page.get_by_label("Show", exact=True).select_option("36")
    expect(page.locator("button.card")).to_have_count(36)
    expect(certainty).to_contain_text("random pairs")
    expect(meaning).to_be_visible()

    meanings = page.locator(".definitions .meaning")
    expect(meanings.first).to_be_hidden()
    explain = page.get_by_text("What the columns mean")
    explain.focus()
    explain.press("Enter")
    expect(meanings.first).to_be_visible()
    name = page.locator(".selected-name").inner_text()
    page.locator("button.card").first.click()
    expect(page.locator(".selected-name")).not_to_have_text(name)
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
