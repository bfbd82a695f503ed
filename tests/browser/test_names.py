"""Names in the search field, with a stand-in for Sesame, in a real browser."""

import re

from playwright.sync_api import expect

from tests.browser.sesame_stand_in import SLOW


def test_names_are_found_in_any_spelling_and_echoed_with_their_positions(visitor, explorer):
    visitor.open()
    identifier = explorer.galaxy(7).object_id
    visitor.search(f" {identifier.lower().replace('-0', ' ')} ")
    visitor.sees_selected(identifier)
    visitor.sees_message(f"{identifier}, ")
    visitor.sees_message("(this atlas)")
    visitor.sees_address(f"?galaxy={identifier}&k=25")
    visitor.search("messier 051")
    visitor.sees_message("M 51 = NGC 5194, 13:29:52.71 +47:11:42.6 (bundled NGC/IC catalogue)")
    expect(visitor.page.locator("#search-message.is-far")).to_contain_text("The nearest galaxy is")


def test_a_misspelled_name_has_suggestions_and_hostile_ones_are_shown_as_they_are(visitor):
    visitor.open()
    visitor.search("whirpool")
    visitor.sees_message("Did you mean")
    field = visitor.page.get_by_label("Name or position")
    expect(field).to_have_class(re.compile("is-invalid"))
    visitor.page.get_by_role("button", name="Whirlpool", exact=True).click()
    expect(field).to_have_value("Whirlpool")
    visitor.sees_message("Whirlpool = NGC 5194")
    expect(visitor.page.get_by_role("button", name="Whirlpool", exact=True)).to_have_count(0)
    visitor.search("whirpool")  # the same buttons again are not clicked by themselves
    expect(visitor.page.locator(".suggestion")).to_have_count(1)
    visitor.wait_until_idle()
    visitor.sees_message("Did you mean")
    visitor.page.get_by_role("button", name="Random").click()
    expect(visitor.page.locator(".suggestion")).to_have_count(0)
    expect(visitor.page.locator("#search-message")).to_be_hidden()
    for text in ("<img src=x onerror=alert(1)>", "'; DROP TABLE objects; --"):
        visitor.search(text)
        visitor.sees_message(text)
        assert visitor.page.locator("#search-message img").count() == 0


def test_a_long_question_to_sesame_is_said_to_be_under_way(visitor, explorer, sesame):
    visitor.open()
    asking = visitor.page.locator(".search-asking")
    expect(asking).to_be_hidden()
    visitor.search(SLOW)
    expect(asking).to_be_visible()
    expect(visitor.page.locator(".search-help")).to_be_hidden()
    sesame.may_answer.set()
    visitor.sees_selected(explorer.galaxy(42).object_id)
    visitor.sees_message(f"{SLOW}, ")
    visitor.sees_message("(Sesame). Found 0.0 arcsec off.")
    expect(asking).to_be_hidden()
    expect(visitor.page.locator(".search-help")).to_be_visible()
