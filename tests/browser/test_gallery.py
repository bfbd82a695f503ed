"""The gallery by keyboard, and its options, in a real browser."""

from playwright.sync_api import expect

from dashboard.query.query import Query

FIRST = "MOCK-000000"
WIDTH = "() => document.querySelector('ul.cards .picture').getBoundingClientRect().width"


def test_the_keyboard_walks_the_gallery_by_what_lies_where(visitor, explorer):
    visitor.open()
    page, cards = visitor.page, visitor.page.locator("button.card")
    first = explorer.row_of(FIRST)
    found = [int(row) for row in explorer.neighbours([first], 25).rows]
    cards.nth(6).focus()
    expect(page.locator("#gallery-keys")).to_be_visible()
    for key, place in [
        ("ArrowRight", 7),
        ("ArrowDown", 12),
        ("ArrowLeft", 11),
        ("ArrowUp", 6),
        ("End", 24),
        ("ArrowRight", 24),
        ("Home", 0),
        ("ArrowUp", 0),
        ("ArrowDown", 5),
        ("ArrowLeft", 4),  # on over the end of the line
    ]:
        page.keyboard.press(key)
        expect(cards.nth(place)).to_be_focused()
    page.keyboard.press("Tab")  # one stop for all cards
    expect(page.locator("ul.cards :focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(cards.nth(4)).to_be_focused()
    page.keyboard.press(" ")
    visitor.sees_address(f"?galaxy={FIRST}&galaxy={explorer.galaxy(found[4]).object_id}&k=25")
    expect(cards.nth(4)).to_be_focused()
    rows = Query((first, found[4])).neighbours(explorer).rows
    expect(cards.nth(4)).to_have_attribute("title", f"5. {explorer.galaxy(int(rows[4])).object_id}")
    page.keyboard.press("-")
    expect(page.get_by_role("list", name="Not like these").locator("li")).to_have_count(1)
    expect(cards.nth(4)).to_be_focused()
    visitor.wait_until_idle()
    three = Query((first, found[4]), negatives=(int(rows[4]),))
    name = explorer.galaxy(int(three.neighbours(explorer).rows[4])).object_id
    expect(cards.nth(4)).to_have_attribute("title", f"5. {name}")
    page.keyboard.press("Enter")
    visitor.sees_selected(name)
    expect(cards.first).to_be_focused()
    visitor.wait_until_idle()
    page.go_back()  # and the same galaxy once more, which is news to the page
    expect(cards.nth(4)).to_have_attribute("title", f"5. {name}")
    visitor.wait_until_idle()
    cards.nth(4).press("Enter")
    visitor.sees_selected(name)


def test_how_pictures_look_is_remembered_and_what_counts_is_in_the_address(visitor, explorer):
    visitor.open()
    page, menu = visitor.page, visitor.page.locator(".options-menu")
    square = page.evaluate(WIDTH)
    page.locator("summary", has_text="Options").click()
    menu.get_by_label("152").check()
    page.wait_for_function(f"({WIDTH})() === 152")
    menu.get_by_label("Crosshair").check()
    expect(page.locator("html")).to_have_attribute("data-crosshair", "")
    menu.get_by_label("Least similar first").check()
    visitor.sees_address(f"?galaxy={FIRST}&k=25&order=least")
    expect(page.locator("#gallery-heading")).to_have_text(f"25 least similar to {FIRST}")
    field = menu.get_by_label("Least separation in arcsec")
    field.fill("61")
    expect(menu.get_by_role("alert")).to_have_text("Choose from 0 to 60 arcsec.")
    field.fill("40.5")
    visitor.sees_address(f"?galaxy={FIRST}&k=25&apart=40.5&order=least")
    expect(page.locator("#options-message")).to_be_empty()
    found = Query((explorer.row_of(FIRST),), min_separation_arcsec=40.5, least_similar=True)
    last = explorer.galaxy(int(found.neighbours(explorer).rows[0])).object_id
    expect(page.locator("button.card").first).to_have_attribute("title", f"1. {last}")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    visitor.wait_until_idle()
    page.add_init_script(
        "new MutationObserver((_, me) => document.querySelector('.card.is-bone') && me.disconnect("
        "window.boneWidth = document.querySelector('.card.is-bone').getBoundingClientRect().width))"
        ".observe(document, { subtree: true, childList: true })"
    )
    page.reload()
    visitor.sees_cards(25)
    assert page.evaluate("window.boneWidth") == 152  # from the first moment on
    assert page.evaluate(WIDTH) == 152
    page.locator("summary", has_text="Options").click()
    expect(menu.get_by_label("152")).to_be_checked()
    expect(menu.get_by_label("Crosshair")).to_be_checked()
    expect(field).to_have_value("40.5")
    expect(menu.get_by_label("Least similar first")).to_be_checked()
    menu.get_by_role("button", name="Reset").click()
    visitor.sees_address(f"?galaxy={FIRST}&k=25")
    expect(field).to_have_value("25.15")
    expect(page.locator("html[data-picture-size], html[data-crosshair]")).to_have_count(0)
    assert page.evaluate(WIDTH) == square
    page.locator(".selected-name").click()
    expect(menu).to_be_hidden()


def test_a_larger_picture_is_asked_of_the_service_in_more_pixels(traveller):
    traveller.finds_pictures()
    traveller.open("atlas/nearby/")
    traveller.page.locator("summary", has_text="Options").click()
    traveller.page.locator(".options-menu").get_by_label("256").check()
    image = traveller.page.locator("button.card img").first
    traveller.page.wait_for_function(
        "() => document.querySelector('button.card img').src.includes('size=512')"
    )
    expect(image).to_be_visible()
