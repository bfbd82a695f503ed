"""Several examples in a real browser: joined, turned, taken out, and walked through backwards."""

import re

from playwright.sync_api import expect

from dashboard.query.query import Query
from tests.browser.test_lists import box, open_list, paste

FIRST = "MOCK-000000"


def sign(visitor, place, act):
    """Return a sign of the card at a place: "positive" or "negative"."""
    visitor.page.locator("ul.cards li").nth(place).hover()
    return visitor.page.locator("ul.cards li").nth(place).locator(f".sign.is-{act}")


def in_tray(visitor):
    """Return the names of what is to be like, and of what is not."""
    sides = ("Like these", "Not like these")
    lists = [visitor.page.get_by_role("list", name=name, exact=True) for name in sides]
    return [one.locator(".tray-picture") for one in lists]


def sees_examples(visitor, explorer, like, unlike=()):
    """Check tray, address, selected galaxy, and that the gallery answers the whole query."""
    for pictures, rows in zip(in_tray(visitor), (like, unlike), strict=True):
        names = [explorer.galaxy(row).object_id for row in rows]
        expect(pictures).to_have_count(len(names))
        for place, name in enumerate(names):
            expect(pictures.nth(place)).to_have_attribute("title", name)
    fields = [("galaxy", row) for row in like] + [("not", row) for row in unlike]
    asked = "&".join(f"{name}={explorer.galaxy(row).object_id}" for name, row in fields)
    visitor.sees_address(f"?{asked}&k=25")
    visitor.sees_selected(explorer.galaxy(like[0]).object_id)
    found = Query(tuple(like), negatives=tuple(unlike)).neighbours(explorer)
    nearest = explorer.galaxy(int(found.rows[0])).object_id
    expect(visitor.page.locator("button.card").first).to_have_attribute("title", f"1. {nearest}")
    visitor.wait_until_idle()
    return [int(row) for row in found.rows]


def test_examples_join_turn_and_leave_and_the_browser_walks_back_through_them(visitor, explorer):
    visitor.open()
    page, tray = visitor.page, visitor.page.get_by_role("region", name="Galaxies of the query")
    first = explorer.row_of(FIRST)
    expect(tray).to_be_hidden()
    found = [int(row) for row in explorer.neighbours([first], 25).rows]
    liked = found[2]
    sign(visitor, 2, "positive").click()
    unliked = sees_examples(visitor, explorer, [first, liked])[4]
    expect(page.locator("#gallery-heading")).to_contain_text(f"similar to {FIRST} and 1 more")
    sign(visitor, 4, "negative").click()
    sees_examples(visitor, explorer, [first, liked], [unliked])
    expect(page.locator(".selected-heading")).to_contain_text("and 1 more, unlike 1")
    name = explorer.galaxy(liked).object_id
    tray.get_by_role("button", name=f"Select {name}").click()
    sees_examples(visitor, explorer, [liked, first], [unliked])
    tray.get_by_role("button", name=f"Not like {FIRST}").click()
    sees_examples(visitor, explorer, [liked], [unliked, first])
    tray.get_by_role("button", name=f"Not like {name}").click()
    expect(tray.get_by_role("alert")).to_contain_text("the last example of what to look for")
    tray.get_by_role("button", name=f"Take {FIRST} out").click()
    sees_examples(visitor, explorer, [liked], [unliked])
    expect(page.locator("#tray-message")).to_be_empty()
    for _ in range(3):
        page.go_back()
    sees_examples(visitor, explorer, [first, liked], [unliked])
    page.reload()
    sees_examples(visitor, explorer, [first, liked], [unliked])
    page.go_forward()
    sees_examples(visitor, explorer, [liked, first], [unliked])
    tray.get_by_role("button", name="Clear").press("Enter")
    expect(tray).to_be_hidden()
    visitor.sees_selected(name)
    expect(page.locator("button.card[tabindex='0']")).to_be_focused()


def test_cards_added_in_quick_succession_and_entries_of_a_list_all_join(visitor, explorer):
    visitor.open()
    visitor.sees_cards(25)
    page = visitor.page
    add = "() => [...document.querySelectorAll('ul.cards .sign.is-positive')].slice(0, 3)"
    page.evaluate(f"({add})().forEach((button) => button.click())")
    liked, _ = in_tray(visitor)
    expect(liked).to_have_count(4)
    expect(page.locator("#gallery-heading")).to_contain_text(f"{FIRST} and 3 more")
    visitor.wait_until_idle()
    page.locator(".tray").get_by_role("button", name="Clear").click()
    expect(page.locator(".tray")).to_be_hidden()

    paste(visitor, "\n".join(explorer.galaxy(row).object_id for row in (3, 7, 9)))
    button = page.get_by_role("button", name="Add to the query")
    expect(button).to_be_disabled()
    box(visitor, 1).check()
    box(visitor, 3).check()
    button.click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    sees_examples(visitor, explorer, [explorer.row_of(FIRST), 3, 9])
    open_list(visitor)
    expect(box(visitor, 3)).to_be_checked()


def test_a_picture_of_ones_own_is_an_example_beside_galaxies(visitor, tmp_path, explorer):
    visitor.open()
    path = tmp_path / "galaxy.jpg"
    path.write_bytes(explorer.thumbnails[42])
    visitor.page.get_by_label("Search with a picture of your own").set_input_files(path)
    expect(visitor.page.locator(".selected-name")).to_have_text("Your picture")
    sign(visitor, 0, "positive").click()
    expect(visitor.page.locator("#gallery-heading")).to_contain_text("your picture and 1 more")
    tray = visitor.page.get_by_role("region", name="Galaxies of the query")
    image = tray.get_by_role("img", name="Your picture")
    expect(image).to_have_attribute("src", re.compile(r"^data:image/png;base64,"))
    tray.get_by_role("button", name="Take your picture out").click()
    expect(tray).to_be_hidden()
    visitor.sees_cards(25)
