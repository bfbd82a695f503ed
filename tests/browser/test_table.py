"""The table of neighbours in a real browser: rows, columns, selection, and what is pointed at."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from dashboard.query.address import to_address
from dashboard.query.query import Query

FIRST = "MOCK-000000"
_RING = """
() => {
  const [ring, plot] = [".map-pointed", ".js-plotly-plot"].map((s) => document.querySelector(s));
  if (!ring || ring.hidden) return null;
  const [box, frame] = [ring, plot].map((e) => e.getBoundingClientRect());
  const { xaxis, yaxis } = plot._fullLayout;
  return [
    xaxis.p2l(box.x + box.width / 2 - frame.x - xaxis._offset),
    yaxis.p2l(box.y + box.height / 2 - frame.y - yaxis._offset),
  ];
}
"""


@pytest.fixture
def neighbours(explorer):
    """The neighbours of the first query, as the table shows them."""
    return Query((0,)).neighbours(explorer, 1000).rows.tolist()


def show(visitor, view):
    visitor.page.get_by_role("radio", name=view).check(force=True)
    visitor.wait_until_idle()


def cell(visitor, row, column):
    return visitor.page.locator(f"#neighbour-table [row-id='{row}'] [col-id='{column}']")


def box(visitor, row):
    return cell(visitor, row, "ag-Grid-SelectionColumn").locator("input")


def scripts(visitor):
    return [
        url
        for url in visitor.page.evaluate(
            "() => performance.getEntriesByType('resource').map((entry) => entry.name)"
        )
        if "dash_ag_grid" in url
    ]


def sees_rows(visitor, names):
    expect(visitor.page.locator("#neighbour-table .table-name")).to_contain_text(names)


def most_similar(explorer, query):
    return int(query.neighbours(explorer).rows[0])


def names_of(explorer, rows):
    return [explorer.galaxy(row).object_id for row in rows]


def test_the_table_takes_the_place_of_the_gallery_and_both_are_remembered(
    visitor, explorer, neighbours
):
    visitor.open()
    page = visitor.page
    assert scripts(visitor) == []  # who looks at the gallery does not wait for it
    show(visitor, "Table")
    sees_rows(visitor, names_of(explorer, neighbours[:5]))
    expect(page.locator("#table-heading")).to_have_text(
        f"{len(neighbours):,} most similar galaxies"
    )
    expect(page.locator("ul.cards")).not_to_be_visible()

    magnitudes = explorer.values("mag_r")
    header = page.locator("#neighbour-table .ag-header-cell[col-id='~mag_r']")
    expect(header).to_have_attribute("title", re.compile(r"\[mag\] · column mag_r$"))
    header.click()
    shown = dict(zip(neighbours, magnitudes[neighbours].round(2), strict=True))
    measured = [row for row in neighbours if np.isfinite(shown[row])]
    brightest = sorted(measured, key=shown.get)  # what reads the same stays in order of similarity
    sees_rows(visitor, names_of(explorer, brightest[:3]))

    page.get_by_text("Columns", exact=True).click()
    page.locator(".table-columns").get_by_label("g magnitude").uncheck()
    expect(page.locator("#neighbour-table [col-id='~mag_g']")).to_have_count(0)
    expect(header).to_be_attached()

    visitor.open()
    sees_rows(visitor, names_of(explorer, neighbours[:3]))
    expect(page.locator("#neighbour-table [col-id='~mag_r']")).not_to_have_count(0)
    expect(page.locator("#neighbour-table [col-id='~mag_g']")).to_have_count(0)
    show(visitor, "Gallery")
    visitor.sees_cards(25)


def test_a_row_a_card_and_a_point_are_marked_together(visitor, explorer, neighbours):
    visitor.open()
    page = visitor.page
    page.locator("button.card").nth(3).hover()
    assert page.evaluate(_RING) == pytest.approx(explorer.map_xy[neighbours[3]], abs=0.01)
    show(visitor, "Table")
    cell(visitor, neighbours[1], "similarity").hover()
    assert page.evaluate(_RING) == pytest.approx(explorer.map_xy[neighbours[1]], abs=0.01)
    page.locator(".brand").hover()
    assert page.evaluate(_RING) is None

    point = visitor.lonely_point()
    visitor.point_at(point)
    marked = page.locator(f"#neighbour-table .ag-center-cols-container [row-id='{point['row']}']")
    expect(marked).to_be_in_viewport()
    assert "inset" in marked.evaluate("(row) => getComputedStyle(row).boxShadow")


def test_rows_become_queries_and_examples_by_mouse_and_by_keys(visitor, explorer, neighbours):
    visitor.open()
    show(visitor, "Table")
    liked = neighbours[1:3]
    for row in liked:  # one after the other, whatever the page is doing
        cell(visitor, row, "query").get_by_text("+").dispatch_event("click")
    several = Query((0, *liked))
    visitor.sees_address(to_address(several, explorer))
    visitor.wait_until_idle()
    disliked = most_similar(explorer, several)
    cell(visitor, disliked, "similarity").click()
    visitor.page.keyboard.press("-")
    unlike = Query((0, *liked), negatives=(disliked,))
    visitor.sees_address(to_address(unlike, explorer))
    visitor.wait_until_idle()
    next_one = most_similar(explorer, unlike)
    cell(visitor, next_one, "galaxy").locator(".table-name").click()
    visitor.sees_address(to_address(Query((next_one,)), explorer))
    visitor.wait_until_idle()
    last = most_similar(explorer, Query((next_one,)))
    cell(visitor, last, "similarity").click()
    visitor.page.keyboard.press("Enter")
    visitor.sees_selected(explorer.galaxy(last).object_id)


def test_selected_rows_are_taken_away_and_added_to_the_query(visitor, explorer, neighbours):
    visitor.open()
    show(visitor, "Table")
    page = visitor.page
    chosen = [neighbours[1], neighbours[4]]
    for row in reversed(chosen):
        box(visitor, row).check()
    foot = page.locator(".table-foot")
    expect(foot).to_contain_text("2 selected")
    foot.locator("summary").click()
    with page.expect_download() as download:
        foot.get_by_role("link", name="CSV: The 2 selected", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert [row["object_id"] for row in rows] == names_of(explorer, chosen)
    assert [row["rank"] for row in rows] == ["2", "5"]
    page.keyboard.press("Escape")
    foot.get_by_role("button", name="Add to the query").click()
    added = "".join(f"&galaxy={name}" for name in names_of(explorer, chosen))
    visitor.sees_address(f"?galaxy={FIRST}{added}&k=25")
    expect(page.locator("#table-selected-words")).not_to_contain_text("selected")
    nearest = most_similar(explorer, Query((0, *chosen)))
    box(visitor, nearest).check()
    foot.get_by_role("button", name="Clear").click()
    expect(box(visitor, nearest)).not_to_be_checked()
