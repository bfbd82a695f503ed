"""Filters in a real browser: gallery, map, random draw and address keep within them."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from dashboard.filters.filters import Choice, Filters, Range
from dashboard.panels.query.filters import columns_offered

FIRST = "MOCK-000000"
SHOWN_ROWS = "cards => cards.map(card => JSON.parse(card.id).row)"
MAP_ROWS = """
() => {
  const [below, galaxies] = document.querySelector(".js-plotly-plot")._fullData;
  const there = Array.from(galaxies.y, (y, row) => (Number.isNaN(y) ? -1 : row));
  return [there.filter((row) => row >= 0), Array.from(below.y ?? []).length];
}
"""


@pytest.fixture
def bright(explorer):
    """A magnitude that a third of the galaxies is brighter than, in steps of the slider."""
    return float(np.round(np.nanquantile(explorer.values("mag_z"), 1 / 3), 2))


def set_end(row, label, value):
    """Set one end of a range, "from" or "to"."""
    row.get_by_label(label).fill(value)
    row.get_by_label(label).press("Enter")


def add_filter(visitor, column):
    page = visitor.page
    if page.locator(".filters-panel:not([open])").count():
        page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Filter by").select_option(column)
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.locator(".filter-row").last
    expect(row).to_be_visible()
    visitor.wait_until_idle()
    return row


def sees_left(visitor, explorer, filters):
    n_left = int(explorer.passing(filters).sum())
    expected = f"{len(filters)} active, {n_left} of 300 galaxies left"
    expect(visitor.page.locator("#filters-left")).to_have_text(expected)
    visitor.wait_until_idle()


def sees_neighbours(visitor, explorer, row, filters, k=25):
    rows = explorer.neighbours([row], k, filters).rows.tolist()
    visitor.sees_cards(len(rows))
    visitor.page.wait_for_function(
        f"rows => String(({SHOWN_ROWS})([...document.querySelectorAll('button.card')])) === rows",
        arg=",".join(map(str, rows)),
    )


def sees_on_map(visitor, passing):
    visitor.sees_map()
    rows = np.flatnonzero(passing).tolist()
    visitor.page.wait_for_function(
        f"rows => String(({MAP_ROWS})()[0]) === rows", arg=",".join(map(str, rows))
    )


def test_a_range_holds_for_gallery_map_random_draw_and_address(visitor, explorer, bright):
    visitor.open()
    row = add_filter(visitor, "mag_z")
    field = row.get_by_label("to")
    field.fill(str(bright))
    field.press("Enter")
    filters = Filters((("mag_z", Range(None, bright)),))
    passing = explorer.passing(filters)
    sees_left(visitor, explorer, filters)
    sees_neighbours(visitor, explorer, explorer.row_of(FIRST), filters)
    sees_on_map(visitor, passing)
    assert visitor.page.evaluate(MAP_ROWS)[1] == 300  # all of them, below
    visitor.sees_address(f"?galaxy={FIRST}&k=25&f.mag_z=..{bright:g}")
    for _ in range(3):
        before = visitor.page.url
        visitor.page.get_by_role("button", name="Random").click()
        visitor.page.wait_for_function("before => location.href !== before", arg=before)
        visitor.wait_until_idle()
        drawn = re.search(r"galaxy=([\w-]+)", visitor.page.url).group(1)
        assert passing[explorer.row_of(drawn)]
        sees_neighbours(visitor, explorer, explorer.row_of(drawn), filters)
    visitor.page.reload()
    sees_left(visitor, explorer, filters)
    sees_neighbours(visitor, explorer, explorer.row_of(drawn), filters)
    sees_on_map(visitor, passing)
    visitor.page.get_by_text("Filters", exact=True).click()
    expect(visitor.page.locator(".filter-row").get_by_label("to")).to_have_value(f"{bright:g}")
    visitor.page.get_by_role("button", name="Clear all").click()
    expect(visitor.page.locator("#filters-left")).to_be_empty()
    visitor.sees_address(f"?galaxy={drawn}&k=25")
    sees_neighbours(visitor, explorer, explorer.row_of(drawn), Filters())
    sees_on_map(visitor, np.ones(300, dtype=bool))
    assert visitor.page.evaluate(MAP_ROWS)[1] == 0
    expect(visitor.page.locator(".filter-row")).to_have_count(0)


def test_the_keyboard_alone_adds_sets_and_removes_a_filter(visitor, explorer):
    visitor.open()
    page = visitor.page
    page.locator(".filters-panel summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Filter by").select_option("truth_class")
    page.get_by_role("button", name="Add", exact=True).focus()
    page.keyboard.press("Enter")
    boxes = page.get_by_role("checkbox")
    expect(boxes.first).to_be_focused()
    page.keyboard.press("Space")
    label = boxes.first.get_attribute("value")
    filters = Filters((("truth_class", Choice((label,))),))
    sees_left(visitor, explorer, filters)
    sees_neighbours(visitor, explorer, explorer.row_of(FIRST), filters)
    page.get_by_role("button", name="Remove the filter on truth: class").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#filters-left")).to_be_empty()
    expect(page.get_by_label("Filter by")).to_be_focused()
    visitor.sees_address(f"?galaxy={FIRST}&k=25")


def test_the_slider_and_the_fields_say_the_same(visitor, explorer):
    visitor.open()
    row = add_filter(visitor, "mag_z")
    least, most = row.get_by_label("from"), row.get_by_label("to")
    spread = explorer.filter_columns["mag_z"].histogram
    handles = row.get_by_role("slider")
    handles.last.focus()
    for _ in range(3):
        visitor.page.keyboard.press("ArrowLeft")
    end = round(spread.high - 3 * spread.step, 6)
    expect(most).to_have_value(f"{end:g}")
    expect(least).to_have_value("")
    sees_left(visitor, explorer, Filters((("mag_z", Range(None, end)),)))
    visitor.sees_address(f"?galaxy={FIRST}&k=25&f.mag_z=..{end:g}")
    middle = round(spread.low + 10 * spread.step, 6)
    least.fill(f"{middle:g}")
    least.press("Enter")
    sees_left(visitor, explorer, Filters((("mag_z", Range(middle, end)),)))
    expect(handles.first).to_have_attribute("aria-valuenow", f"{middle:g}")
    handles.last.focus()
    visitor.page.keyboard.press("End")
    expect(most).to_have_value("")
    sees_left(visitor, explorer, Filters((("mag_z", Range(middle)),)))
    # The end that was open, then 3 steps in one go, the field, the end again: so many steps back.
    visitor.page.go_back()
    expect(most).to_have_value(f"{end:g}")
    visitor.page.go_back()
    expect(least).to_have_value("")
    visitor.page.go_back()
    expect(visitor.page.locator(".filter-row")).to_have_count(0)
    visitor.sees_address("")


def test_filters_that_leave_nothing_or_cannot_be_say_so_and_let_go(visitor, explorer, bright):
    visitor.open()
    page, gallery = visitor.page, visitor.page.locator("#gallery")
    set_end(add_filter(visitor, "mag_z"), "from", "99")
    expect(gallery).to_contain_text(f"These filters leave no galaxy to compare {FIRST} with.")
    page.get_by_role("button", name="Random").click()
    expect(page.locator("#notice")).to_contain_text("No galaxy passes the filters")
    gallery.get_by_role("button", name="Clear the filters").click()
    sees_neighbours(visitor, explorer, explorer.row_of(FIRST), Filters())
    expect(page.locator(".filter-row")).to_have_count(0)

    row = add_filter(visitor, "mag_z")
    set_end(row, "to", str(bright))
    filters = Filters((("mag_z", Range(None, bright)),))
    sees_left(visitor, explorer, filters)
    set_end(row, "from", "99")
    expect(page.locator("#filter-message")).to_contain_text("No number is 99 or more and")
    sees_left(visitor, explorer, filters)


def test_the_map_keeps_zoom_and_rings_while_colours_and_filters_come_and_go(
    visitor, explorer, bright
):
    visitor.open(f"?galaxy={FIRST}&k=16")
    page, colour = visitor.page, visitor.page.get_by_label("Colour")
    whole = visitor.map()["range"]
    zoomed = visitor.zoom_into_map()
    assert zoomed != whole
    visitor.wait_until_idle()
    before = visitor.map()
    colour.select_option("mag_z")
    expect(page.locator("#map-legend .colour-bar")).to_be_visible()
    visitor.wait_until_idle()
    after = visitor.map()
    assert after["colours"] != before["colours"]
    assert after["range"] == zoomed
    assert (after["query"], after["neighbours"]) == (before["query"], before["neighbours"])

    set_end(add_filter(visitor, "mag_z"), "from", str(bright))
    passing = explorer.passing(Filters((("mag_z", Range(bright)),)))
    sees_on_map(visitor, passing)
    visitor.sees_rings(explorer.map_xy[explorer.row_of(FIRST), 0], 16)
    assert visitor.map()["range"] == zoomed
    page.get_by_role("button", name="Light theme").click()
    colour.select_option("photo_z")
    visitor.wait_until_idle()
    sees_on_map(visitor, passing)
    page.get_by_role("button", name="Clear all").click()
    sees_on_map(visitor, np.ones(300, dtype=bool))
    visitor.wait_until_idle()
    coloured = visitor.map()
    assert coloured["range"] == zoomed
    assert coloured["colours"] != after["colours"]

    page.locator("button.card").first.click()
    expect(page.locator(".selected-name")).not_to_have_text(FIRST)
    visitor.wait_until_idle()
    assert visitor.map()["range"] == zoomed
    assert visitor.map()["colours"] == coloured["colours"]


def test_an_address_with_a_filter_that_cannot_be_says_so_and_the_rest_works(visitor, explorer):
    visitor.open(f"atlas/tiny/?galaxy={FIRST}&k=16&f.nope=1..2&f.photo_z=..0.2")
    expect(visitor.page.locator("#address-notice")).to_contain_text("no column 'nope'")
    filters = Filters((("photo_z", Range(None, 0.2)),))
    sees_left(visitor, explorer, filters)
    sees_neighbours(visitor, explorer, explorer.row_of(FIRST), filters, 16)


def test_a_row_without_a_limit_stays_and_the_region_of_the_map_has_one(visitor):
    visitor.open()
    page, rows = visitor.page, visitor.page.locator("#filter-rows .filter-row")
    add_filter(visitor, "mag_z")
    page.locator("button.legend-entry").first.click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_have_attribute("data-column", "mag_z")
    region = page.get_by_role("group", name="Filter: region of the map")
    expect(region).to_be_hidden()
    page.get_by_role("button", name="Select all in view").click()
    expect(region).to_be_visible()
    region.get_by_role("button").click()
    expect(region).to_be_hidden()
    expect(rows).to_have_count(2)

    set_end(rows.first, "from", "20")
    set_end(rows.first, "to", "15")
    expect(page.locator("#filter-message")).to_contain_text("No number is 20 or more and 15")
    visitor.wait_until_idle()


def test_galaxies_without_a_value_are_asked_for(visitor, explorer):
    column = next(
        option["value"]
        for option in columns_offered(explorer)
        if option["value"] in explorer.catalogue
        and getattr(explorer.filter_columns[option["value"]], "n_missing", 0)
    )
    visitor.open()
    row = add_filter(visitor, column)
    row.get_by_label("without a value").check()
    sees_left(visitor, explorer, Filters(((column, Choice(("",))),)))
    assert f"f.{column}=" in visitor.page.url
    visitor.page.reload()
    expect(visitor.page.get_by_label("without a value")).to_be_checked()
    visitor.wait_until_idle()
