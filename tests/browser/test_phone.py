"""Galaxy Finder on a phone: everything is there, large enough for a finger, and none too wide."""

from playwright.sync_api import expect

from dashboard.query.query import Query
from tests.browser.test_downloads import MENU, open_menu
from tests.browser.test_filters import add_filter
from tests.browser.test_lists import five_entries, paste
from tests.browser.test_lists import row as row_of_list
from tests.browser.test_table import cell, names_of, sees_rows, show
from tests.browser.test_tray import in_tray, sign

FIRST = "MOCK-000000"
WIDTH_PX = 390


def is_no_wider_than_the_phone(phone):
    assert phone.page.evaluate("document.documentElement.scrollWidth") == WIDTH_PX


def lies_within_the_phone(place):
    box = place.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTH_PX


def keeps_the_name_beside_what_is_scrolled_to(phone, row):
    scrolled = phone.page.locator("#neighbour-table .ag-center-cols-viewport")
    for left in range(0, 800, 80):  # wherever the widths of columns have put it
        scrolled.evaluate("(box, left) => (box.scrollLeft = left)", left)
        phone.page.wait_for_timeout(100)
        column = cell(phone, row, "~mag_r")
        box = column.bounding_box() if column.count() else None
        if box is not None and box["x"] + box["width"] <= 390:
            break
    expect(column).to_be_in_viewport()
    expect(cell(phone, row, "galaxy")).to_be_in_viewport()


def test_on_a_phone_everything_lies_one_below_the_other_and_can_be_taken_away(phone, explorer):
    phone.open()
    page = phone.page
    is_no_wider_than_the_phone(phone)
    tops = [
        page.locator(place).first.bounding_box()["y"]
        for place in ("#search-text", ".selected .picture", "button.card", "#map", ".definitions")
    ]
    assert tops == sorted(tops)
    expect(page.locator("button.copy")).to_have_count(3)
    expect(page.locator("#certainty")).to_contain_text("random pairs")
    open_menu(page)
    lies_within_the_phone(page.locator(MENU))
    is_no_wider_than_the_phone(phone)
    neighbours = Query((explorer.row_of(FIRST),)).neighbours(explorer, 1000).rows.tolist()
    show(phone, "Table")
    sees_rows(phone, names_of(explorer, neighbours[:3]))
    keeps_the_name_beside_what_is_scrolled_to(phone, neighbours[0])
    is_no_wider_than_the_phone(phone)
    show(phone, "Gallery")
    page.locator("button.card").nth(3).click()
    phone.sees_selected(explorer.galaxy(neighbours[3]).object_id)
    is_no_wider_than_the_phone(phone)


def test_on_a_phone_a_finger_can_ask_with_more_galaxies_a_list_and_filters(phone, explorer):
    phone.open()
    page = phone.page
    sign(phone, 5, "positive").click()
    expect(in_tray(phone)[0]).to_have_count(2)
    phone.wait_until_idle()
    is_no_wider_than_the_phone(phone)
    for button in page.locator(".tray button:visible, ul.cards li:first-child button").all():
        size = button.bounding_box()
        assert min(size["width"], size["height"]) >= 32
    page.locator(".tray .is-remove").last.click()
    expect(page.locator(".tray")).to_be_hidden()

    paste(phone, five_entries(explorer))
    dialog = page.get_by_role("dialog").bounding_box()
    assert (dialog["x"], dialog["width"]) == (0, WIDTH_PX)  # it fills the screen
    is_no_wider_than_the_phone(phone)
    expect(row_of_list(phone, 1)).to_contain_text("matched")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()

    for column in ("mag_z", "truth_class"):
        add_filter(phone, column)
    is_no_wider_than_the_phone(phone)
    for row in page.locator(".filter-row").all():
        lies_within_the_phone(row)
