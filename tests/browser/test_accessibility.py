"""Every state of the page, in both themes and on a phone, as axe-core judges it."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

SEVERE = {"serious", "critical"}
LIST = "199.3324 20.6382\nMOCK-000007\nnonsense here"


def finds_nothing_serious(visitor, state):
    visitor.wait_until_idle()
    found = Axe().run(visitor.page, options={"resultTypes": ["violations"]})
    told = [
        f"{state}: {rule['help']} ({rule['id']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        if rule["impact"] in SEVERE
        for node in rule["nodes"]
    ]
    assert told == []


def turn_to(visitor, theme):
    page = visitor.page
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.get_by_role("button", name="Light theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.wait_for_timeout(300)  # colours fade into each other


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


def close_list(visitor):
    visitor.page.locator("#list-close").click()


def bring_a_picture(visitor, explorer):
    file = io.BytesIO()
    Image.open(io.BytesIO(explorer.thumbnails[42])).save(file, "PNG")
    upload = {"name": "galaxy.png", "mimeType": "image/png", "buffer": file.getvalue()}
    visitor.page.get_by_label("Search with a picture of your own").set_input_files(upload)
    expect(visitor.page.locator(".selected-name")).to_have_text("Your picture")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_state_of_the_page_is_seriously_hard_to_use(visitor, explorer, theme):
    visitor.open()
    turn_to(visitor, theme)
    finds_nothing_serious(visitor, "first page")
    visitor.search("mok-7")
    visitor.sees_message("")
    finds_nothing_serious(visitor, "a search that found nothing")
    for state, act in (
        ("filters", open_filters),
        ("filters that leave nothing", leave_nothing),
    ):
        act(visitor)
        finds_nothing_serious(visitor, state)
    clear_filters(visitor)
    visitor.page.locator(".certainty > summary").click()
    visitor.page.locator(".download > summary").click()
    finds_nothing_serious(visitor, "download menu, how sure")
    visitor.page.locator(".download > summary").click()
    visitor.page.locator("#list-open").click()
    finds_nothing_serious(visitor, "the dialog of the list")
    close_list(visitor)
    match_a_list(visitor)
    finds_nothing_serious(visitor, "a list that was matched")
    close_list(visitor)
    bring_a_picture(visitor, explorer)
    finds_nothing_serious(visitor, "a picture of one's own")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_state_of_the_page_is_seriously_hard_to_use_on_a_phone(phone, explorer, theme):
    phone.open("?galaxy=nobody")
    turn_to(phone, theme)
    finds_nothing_serious(phone, "an address that asks for nonsense")
    open_filters(phone)
    finds_nothing_serious(phone, "filters")
    match_a_list(phone)
    finds_nothing_serious(phone, "a list that was matched")
