"""At least this similar, in a real browser: by keyboard, by address, on a phone."""

import numpy as np
import pytest
from playwright.sync_api import expect

from dashboard.filters.filters import SIMILARITY, Filters, Range
from dashboard.query.certainty import share_in_words, shares_of_pairs
from dashboard.query.query import Query

FIRST = "MOCK-000000"


@pytest.fixture
def bound(explorer):
    """What eleven galaxies surpass."""
    found = Query((explorer.row_of(FIRST),)).neighbours(explorer, 12).similarity
    return float(np.round((found[10] + found[11]) / 2, 4))


def add_similarity(visitor):
    page = visitor.page
    page.locator(".filters-panel summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Filter by").select_option(SIMILARITY)
    page.get_by_role("button", name="Add", exact=True).focus()
    page.keyboard.press("Enter")
    row = page.locator(".filter-row")
    expect(row).to_have_count(1)
    visitor.wait_until_idle()
    return row


def test_a_bound_on_similarity_holds_for_gallery_map_and_address(visitor, explorer, bound):
    visitor.open()
    page, row = visitor.page, add_similarity(visitor)
    expect(row.locator(".filter-share")).to_contain_text("1 is the same, 0 unrelated.")
    row.get_by_label("from").fill(f"{bound:g}")
    page.keyboard.press("Enter")
    visitor.sees_cards(11)
    heading = page.locator("#gallery-heading")
    expect(heading).to_have_text(f"Only 11 most similar to {FIRST} within the filters")
    share = share_in_words(float(shares_of_pairs(explorer, np.array([bound]))[0]))
    expect(row.locator(".filter-share")).to_contain_text(f"more similar than {share} of galaxies")
    query = Query((explorer.row_of(FIRST),), filters=Filters(((SIMILARITY, Range(bound)),)))
    n_left = int(query.passing(explorer).sum())
    left = page.locator("#filters-left")
    expect(left).to_have_text(f"1 active, {n_left} of 300 galaxies left")
    visitor.sees_address(f"?galaxy={FIRST}&k=25&f.~similarity={bound:g}..")
    visitor.wait_until_idle()
    page.locator("button.card").nth(3).click()
    name = page.locator(".selected-name")
    expect(name).not_to_have_text(FIRST)
    visitor.wait_until_idle()
    other = Query((explorer.row_of(name.inner_text()),), filters=query.filters)
    n_left = int(other.passing(explorer).sum())
    expect(left).to_have_text(f"1 active, {n_left} of 300 galaxies left")
    page.reload()
    expect(left).to_have_text(f"1 active, {n_left} of 300 galaxies left")
    visitor.wait_until_idle()
    page.locator(".filters-panel summary").click()
    row.get_by_label("from").fill("0.9999")
    page.keyboard.press("Enter")
    expect(page.locator("#gallery")).to_contain_text("No galaxy is that similar: the most similar")
    page.locator("#gallery").get_by_role("button", name="Clear the filters").click()
    visitor.sees_cards(25)
    expect(page.locator(".filter-row")).to_have_count(0)
    visitor.wait_until_idle()


def test_on_a_phone_its_row_fits(phone, bound):
    phone.open(f"?galaxy={FIRST}&k=16&f.~similarity={bound:g}..")
    phone.sees_cards(11)
    page = phone.page
    page.locator(".filters-panel summary").click()
    row = page.locator(".filter-row")
    expect(row.get_by_label("from")).to_have_value(f"{bound:g}")
    expect(row.locator(".filter-share")).to_contain_text("random pairs of galaxies")
    box, width = row.bounding_box(), page.viewport_size["width"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.get_by_role("button", name="Remove the filter on similarity to the query").click()
    phone.sees_cards(16)
    phone.wait_until_idle()
