"""Taking away in a real browser: the file holds what the page shows."""

import csv
import io
import re
import zipfile

from playwright.sync_api import expect

from dashboard.filters.filters import Choice, Filters
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


def galaxies_of(content):
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode())))


def rows_of_cards(page):
    return page.evaluate(f"() => ({SHOWN_ROWS})([...document.querySelectorAll('button.card')])")


def similarities_of_cards(page):
    return page.locator("button.card .similarity").all_inner_texts()


def open_and_close_by_keyboard(page):
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


def test_the_menu_closes_as_menus_do_and_its_files_hold_what_is_shown(visitor, explorer):
    visitor.open()
    page = visitor.page
    open_and_close_by_keyboard(page)
    open_menu(page)
    name, content = downloaded(page, "CSV", "The neighbours shown")
    assert re.fullmatch(rf"tiny_neighbours_{FIRST}_[\d-]{{10}}\.csv", name)
    galaxies = galaxies_of(content)
    assert [explorer.row_of(one["object_id"]) for one in galaxies] == rows_of_cards(page)
    assert [f"{float(one['similarity']):.3f}" for one in galaxies] == similarities_of_cards(page)

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
    galaxies = galaxies_of(archive.read("galaxies.csv"))
    assert [explorer.row_of(one["object_id"]) for one in galaxies] == shown
    assert archive.read(galaxies[0]["picture"]) == explorer.thumbnails[shown[0]]
    n_left = int(explorer.passing(filters).sum())
    _, content = downloaded(page, "CSV", f"All {n_left} galaxies within the filters")
    assert len(galaxies_of(content)) == n_left
