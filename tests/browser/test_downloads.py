"""Taking away in a real browser: the file holds what the page shows."""

import csv
import io
import re
import zipfile

from playwright.sync_api import expect

from dashboard.filters import Choice, Filters
from tests.browser.test_filters import SHOWN_ROWS, add_filter, sees_left

FIRST = "MOCK-000000"
MENU, BUTTON = "#downloads", "details:has(#downloads) > summary"


def open_menu(page):
    page.locator(BUTTON).click()
    expect(page.locator(MENU)).to_be_visible()


def downloaded(page, kind, what):
    """Follow a link of the menu; return the file's name and its bytes."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=f"{kind}: {what}", exact=True).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def rows_of_cards(page):
    return page.evaluate(f"() => ({SHOWN_ROWS})([...document.querySelectorAll('button.card')])")


def similarities_of_cards(page):
    return page.locator("button.card .similarity").all_inner_texts()


def test_a_table_holds_the_neighbours_that_are_shown(visitor, explorer):
    visitor.open()
    page = visitor.page
    open_menu(page)
    name, content = downloaded(page, "CSV", "The neighbours shown")
    assert re.fullmatch(rf"tiny_neighbours_{FIRST}_[\d-]{{10}}\.csv", name)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [explorer.row_of(row["object_id"]) for row in rows] == rows_of_cards(page)
    assert [f"{float(row['similarity']):.3f}" for row in rows] == similarities_of_cards(page)


def test_the_menu_follows_the_query_and_its_filters(visitor, explorer):
    visitor.open()
    page = visitor.page
    label = "barred spiral"
    add_filter(visitor, "truth_class").get_by_label(label).check()
    filters = Filters((("truth_class", Choice((label,))),))
    sees_left(visitor, explorer, filters)
    page.locator("button.card").first.click()
    visitor.wait_until_idle()
    open_menu(page)
    shown = rows_of_cards(page)
    _, content = downloaded(page, "Pictures", "The neighbours shown")
    archive = zipfile.ZipFile(io.BytesIO(content))
    rows = list(csv.DictReader(io.StringIO(archive.read("galaxies.csv").decode())))
    assert [explorer.row_of(row["object_id"]) for row in rows] == shown
    assert archive.read(rows[0]["picture"]) == explorer.thumbnails[shown[0]]
    n_left = int(explorer.passing(filters).sum())
    what = f"All {n_left} galaxies within the filters"
    _, content = downloaded(page, "CSV", what)
    assert len(list(csv.DictReader(io.StringIO(content.decode())))) == n_left


def test_the_menu_is_used_with_the_keyboard_and_closes_as_menus_do(visitor):
    visitor.open()
    page = visitor.page
    menu = page.locator(MENU)
    page.locator("#gallery-k").focus()
    page.keyboard.press("Tab")  # to the options
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.locator(BUTTON)).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.get_by_label("Name or position").click()
    expect(menu).to_be_hidden()


def test_the_menu_lies_within_a_phone(phone):
    phone.open()
    page = phone.page
    open_menu(page)
    box = page.locator(MENU).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
