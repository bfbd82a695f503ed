"""Every state of the page, in both themes and on a phone, as axe-core judges it."""

import io

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

SEVERE = {"serious", "critical"}
OPTIONS, DOWNLOADS = ".options > summary", "details:has(#downloads) > summary"
# Whether all that fades has done so; what pulses does so for ever.
FADED = """
() => document.getAnimations().every((each) =>
  each.playState !== "running" || each.effect.getComputedTiming().endTime === Infinity)
"""
LIST = "199.3324 20.6382\nMOCK-000007\nnonsense here"


def finds_nothing_serious(visitor, state):
    """Judge the page in the dark theme, and its contrasts, which alone change, in the light one."""
    if "/method" not in visitor.page.url:
        visitor.wait_until_idle()
    judge(visitor, f"{state}, dark", {"resultTypes": ["violations"]})
    visitor.page.evaluate("document.documentElement.dataset.theme = 'light'")
    judge(visitor, f"{state}, light", {"runOnly": ["color-contrast"]})
    visitor.page.evaluate("document.documentElement.dataset.theme = 'dark'")


def judge(visitor, state, options):
    visitor.page.wait_for_function(FADED)  # what fades has its contrast at the end
    found = Axe().run(visitor.page, options=options)
    told = [
        f"{state}: {rule['help']} ({rule['id']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        if rule["impact"] in SEVERE
        for node in rule["nodes"]
    ]
    assert told == []


def open_filters(visitor):
    page = visitor.page
    page.get_by_text("Filters", exact=True).click()
    for column in ("mag_z", "truth_class"):
        page.get_by_label("Filter by").select_option(column)
        page.get_by_role("button", name="Add", exact=True).click()
        visitor.wait_until_idle()


def leave_nothing(visitor):
    field = visitor.page.locator(".filter-row").get_by_label("to").first
    field.fill("1")
    field.press("Enter")
    expect(visitor.page.locator(".gallery .empty")).to_be_visible()


def clear_filters(visitor):
    visitor.page.get_by_role("button", name="Clear all").click()
    visitor.sees_cards(25)


def match_a_list(visitor):
    page = visitor.page
    page.locator("#list-open").click()
    page.get_by_label("Names or positions").fill(LIST)
    page.get_by_role("button", name="Match", exact=True).click()
    expect(page.locator("#list-summary")).to_contain_text("matched")
    page.locator("#list-table .ag-center-cols-container .ag-cell").first.wait_for()


def close_list(visitor):
    visitor.page.locator("#list-close").click()


def bring_a_picture(visitor, explorer):
    file = io.BytesIO()
    Image.open(io.BytesIO(explorer.thumbnails[42])).save(file, "PNG")
    upload = {"name": "galaxy.png", "mimeType": "image/png", "buffer": file.getvalue()}
    visitor.page.get_by_label("Search with a picture of your own").set_input_files(upload)
    expect(visitor.page.locator(".selected-name")).to_have_text("Your picture")


def select_on_map(visitor):
    visitor.page.get_by_role("button", name="Select all in view").click()
    expect(visitor.page.locator("#map-selected")).to_contain_text("selected on the map")


def show_table(visitor):
    page = visitor.page
    page.get_by_role("radio", name="Table").check(force=True)
    page.locator("#neighbour-table .ag-row").first.wait_for()
    page.locator("#neighbour-table .ag-row input[type=checkbox]").first.check()
    expect(page.locator("#table-selected-words")).to_contain_text("1 selected")


def enlarge(visitor):
    visitor.page.locator("button.card").first.press("v")
    expect(visitor.page.locator("dialog.enlarged figure")).to_have_count(2)


def leave_large(visitor):
    visitor.page.keyboard.press("Escape")


def walk(visitor, steps):
    """Take steps one after another, and let axe-core judge the page after each."""
    for state, act in steps.items():
        act(visitor)
        finds_nothing_serious(visitor, state)


def click(selector):
    return lambda visitor: visitor.page.locator(selector).click()


def in_turn(*acts):
    return lambda visitor: [act(visitor) for act in acts]


def test_no_state_of_search_and_filters_is_seriously_hard_to_use(visitor, explorer):
    visitor.open()
    steps = {
        "first page": lambda _: None,
        "a search that found nothing": lambda visitor: visitor.search("mok-7"),
        "a galaxy that is not here": lambda visitor: visitor.search("M 51"),
        "filters": open_filters,
        "filters that leave nothing": leave_nothing,
        "how sure": in_turn(clear_filters, click(".certainty > summary")),
        "the dialog of the list": click("#list-open"),
        "a list that was matched": in_turn(close_list, match_a_list),
    }
    walk(visitor, steps)
    close_list(visitor)
    bring_a_picture(visitor, explorer)
    finds_nothing_serious(visitor, "a picture of one's own")


def test_no_state_of_gallery_table_and_map_is_seriously_hard_to_use(visitor, explorer):
    first, second, third = (explorer.galaxy(row).object_id for row in range(3))
    visitor.open(f"?galaxy={first}&galaxy={second}&not={third}&colour=~similarity")
    steps = {
        "several examples": lambda _: None,
        "the large view": enlarge,
        "options": in_turn(leave_large, click(OPTIONS)),
        "download menu": in_turn(click(OPTIONS), click(DOWNLOADS)),
        "a selection on the map": in_turn(click(DOWNLOADS), select_on_map),
        "the table": show_table,
        "columns": lambda visitor: visitor.page.get_by_text("Columns", exact=True).click(),
    }
    walk(visitor, steps)
    visitor.page.goto(f"{visitor.server}/atlas/{explorer.name}/method")
    finds_nothing_serious(visitor, "how it works")
    visitor.open()


def test_no_state_of_the_page_is_seriously_hard_to_use_on_a_phone(phone):
    phone.open("?galaxy=nobody")
    finds_nothing_serious(phone, "an address that asks for nonsense")
    open_filters(phone)
    finds_nothing_serious(phone, "filters")
    match_a_list(phone)
    finds_nothing_serious(phone, "a list that was matched")
    close_list(phone)
    show_table(phone)
    finds_nothing_serious(phone, "the table")
