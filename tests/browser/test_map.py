"""The map in a real browser: colours, selections, its pictures, and a sample of very many."""

import io
import json
import math
import threading

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Choice, Filters
from dashboard.filters.region import Region
from dashboard.map import sample as map_sample
from dashboard.query.answer import answer
from dashboard.query.query import Query
from pipeline.atlas import open_atlas
from tests.browser.conftest import visiting
from tests.browser.test_filters import sees_left, sees_on_map

FIRST = "MOCK-000000"
REGION = "JSON.stringify(document.querySelector('.js-plotly-plot')._fullData[6].x ?? [])"


def draw(visitor, button, places):
    """Draw a line through places, in shares of the map's width and height."""
    page = visitor.page
    page.locator(f".modebar-btn[data-title='{button}']").click()
    visitor.wait_until_idle()
    box = page.locator(".js-plotly-plot .nsewdrag").bounding_box()
    first, *rest = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*first)
    page.mouse.down()
    for place in rest:
        page.mouse.move(*place)
    page.mouse.up()


X_RANGE = "document.querySelector('.js-plotly-plot').layout.xaxis.range"


def circle(x, y, radius, n=90):
    angles = [2 * math.pi * i / n for i in range(n)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def region_of(visitor):
    visitor.page.wait_for_function("() => location.search.includes('region=')")
    visitor.wait_until_idle()
    text = visitor.page.evaluate("new URLSearchParams(location.search).get('region')")
    return Region.from_text(text)


def test_a_lasso_selects_for_all_panels_and_finds_more_like_these(visitor, explorer):
    visitor.open()
    page, said = visitor.page, visitor.page.locator("#map-selected")
    draw(visitor, "Lasso Select", circle(0.5, 0.6, 0.3))
    filters = Filters(region=region_of(visitor))
    passing = explorer.passing(filters)
    assert 3 <= len(filters.region.vertices) <= 60
    assert 0 < passing.sum() < 300
    sees_left(visitor, explorer, filters)
    sees_on_map(visitor, passing)
    expect(said).to_contain_text(f"{passing.sum()} galaxies selected on the map.")
    outline = page.evaluate(REGION)
    assert len(json.loads(outline)) == len(filters.region.vertices) + 1

    # It stays through zoom, another colour and another theme, and comes back with the address.
    visitor.zoom_into_map()
    page.get_by_label("Colour", exact=True).select_option("mag_z")
    page.get_by_role("button", name="Light theme").click()
    visitor.wait_until_idle()
    sees_on_map(visitor, passing)
    assert page.evaluate(REGION) == outline
    page.reload()
    expect(said).to_contain_text(f"{passing.sum()} galaxies selected on the map.")
    sees_on_map(visitor, passing)

    rows = np.flatnonzero(passing)
    page.get_by_role("button", name="More like these").click()
    expect(said).to_contain_text("Galaxies that look alike lie together.")
    sees_on_map(visitor, np.ones(300, dtype=bool))
    asked = page.evaluate("new URLSearchParams(location.search).getAll('galaxy')")
    assert len(asked) == min(len(rows), 100)
    assert {explorer.row_of(name) for name in asked} <= set(rows.tolist())
    assert "region" not in page.url


def test_the_keyboard_selects_what_is_in_view_and_escape_clears_it(visitor, explorer):
    visitor.open()
    page = visitor.page
    visitor.zoom_into_map()
    visitor.wait_until_idle()
    button = page.get_by_role("button", name="Select all in view")
    button.focus()
    page.keyboard.press("Enter")
    region = region_of(visitor)
    x, y = (
        page.evaluate(f"document.querySelector('#map .js-plotly-plot')._fullLayout.{axis}.range")
        for axis in ("xaxis", "yaxis")
    )
    xy = explorer.map_xy
    inside = (xy[:, 0] > x[0]) & (xy[:, 0] < x[1]) & (xy[:, 1] > y[0]) & (xy[:, 1] < y[1])
    assert (region.contains(xy) == inside).mean() > 0.99  # but for rounding at the edge
    sees_on_map(visitor, region.contains(xy))
    page.keyboard.press("Escape")
    sees_on_map(visitor, np.ones(300, dtype=bool))
    expect(page.locator("#map-clear")).to_be_hidden()
    expect(button).to_be_focused()
    draw(visitor, "Box Select", [(0.2, 0.2), (0.5, 0.5), (0.8, 0.9)])
    assert len(region_of(visitor).vertices) == 4
    page.get_by_role("button", name="Clear", exact=True).click()
    sees_on_map(visitor, np.ones(300, dtype=bool))


def test_the_colour_follows_the_query_and_the_address_and_the_legend_filters(visitor, explorer):
    visitor.open()
    page, colour = visitor.page, visitor.page.get_by_label("Colour", exact=True)
    colour.select_option("~similarity")
    visitor.sees_address(f"?galaxy={FIRST}&k=25&colour=~similarity")
    visitor.wait_until_idle()
    colours = visitor.map()["colours"]
    assert int(np.argmax(colours)) in np.flatnonzero(np.array(colours) == 1)
    assert colours[explorer.row_of(FIRST)] == 1  # nothing is more similar to it than itself
    page.locator("button.card").first.click()
    expect(page.locator(".selected-name")).not_to_have_text(FIRST)
    visitor.wait_until_idle()
    assert visitor.map()["colours"] != colours
    page.go_back()
    visitor.sees_selected(FIRST)
    page.reload()
    visitor.sees_selected(FIRST)
    expect(colour).to_have_value("~similarity")
    page.go_back()
    expect(colour).to_have_value("truth_class")

    entry = page.get_by_role("button", name="elliptical")
    entry.focus()
    page.keyboard.press("Enter")
    filters = Filters((("truth_class", Choice(("elliptical",))),))
    sees_left(visitor, explorer, filters)
    sees_on_map(visitor, explorer.passing(filters))
    expect(entry).to_have_attribute("aria-pressed", "true")
    expect(entry).to_be_focused()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("button", name="Clear all").click()
    expect(entry).to_have_attribute("aria-pressed", "false")
    sees_on_map(visitor, np.ones(300, dtype=bool))

    visitor.open(f"atlas/tiny/?galaxy={FIRST}&k=25&colour=beauty")
    expect(page.locator("#address-notice")).to_contain_text("cannot be coloured by 'beauty'")
    expect(colour).to_have_value("truth_class")


def test_the_map_is_taken_away_as_png_and_svg(visitor):
    visitor.open(f"?galaxy={FIRST}&k=16&colour=mag_z")
    page = visitor.page
    page.locator(".map-panel .menu summary").click()
    with page.expect_download() as png:
        page.get_by_role("button", name="PNG: the map").click()
    image = Image.open(io.BytesIO(png.value.path().read_bytes()))
    assert png.value.suggested_filename == "tiny-map.png"
    assert image.size == (2700, 2280)
    assert image.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    with page.expect_download() as svg:
        page.get_by_role("button", name="SVG: the map").click()
    drawing = svg.value.path().read_text()
    assert svg.value.suggested_filename == "tiny-map.svg"
    assert drawing.startswith("<svg")
    assert drawing.rstrip().endswith("</svg>")
    for words in ("UMAP 1", "UMAP 2", "z magnitude [mag]", "query", "most similar", "(simulated)"):
        assert words in drawing, words
    assert drawing.count('class="point"') >= 300  # drawn one by one, not painted


@pytest.fixture
def crowded(tiny_atlas, browser, monkeypatch):
    """Someone who sees an atlas of which the map draws only some, and which."""
    monkeypatch.setattr(map_sample, "MOST_DRAWN", 60)
    explorer = Explorer(open_atlas(tiny_atlas))
    server = make_server("127.0.0.1", 0, create_app({"tiny": explorer}), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with visiting(browser, f"http://127.0.0.1:{server.server_port}") as visitor:
        yield visitor, explorer
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_sample_of_very_many_still_finds_the_right_galaxy_and_all_neighbours(crowded):
    visitor, explorer = crowded
    drawn = map_sample.drawn_rows(explorer)
    visitor.open()
    page = visitor.page
    share = len(drawn) * 1000 // 300 / 10
    expect(page.locator(".map-words")).to_contain_text(
        f"{len(drawn)} of 300 galaxies are drawn ({share:g} %)"
    )
    point = visitor.lonely_point()
    row = int(drawn[point["row"]])
    visitor.point_at(point)
    expect(page.locator("#map-hover")).to_contain_text(explorer.galaxy(row).object_id)
    page.mouse.click(point["x"], point["y"])
    visitor.sees_selected(explorer.galaxy(row).object_id)
    visitor.sees_rings(explorer.map_xy[row, 0], 25)
    visitor.wait_until_idle()
    nearby = page.evaluate(
        "Array.from(document.querySelector('.js-plotly-plot').data[5].customdata)"
    )
    assert nearby == map_sample.nearby_rows(explorer, answer(explorer, Query(rows=(row,))))
    assert nearby  # or this test says nothing

    kinds = explorer.values("truth_class")[drawn]
    page.get_by_role("button", name="elliptical").click()
    page.wait_for_function(
        """kept => String(Array.from(document.querySelector('.js-plotly-plot')._fullData[1].y)
          .map((y, i) => (Number.isNaN(y) ? -1 : i)).filter((i) => i >= 0)) === kept""",
        arg=",".join(map(str, np.flatnonzero(kinds == "elliptical"))),
    )


def test_a_double_click_on_a_point_resets_the_zoom_and_only_that(visitor, explorer):
    visitor.open()
    page = visitor.page
    visitor.sees_selected(FIRST)
    whole = page.evaluate(X_RANGE)
    assert visitor.zoom_into_map() != whole
    point = visitor.lonely_point()
    page.mouse.dblclick(point["x"], point["y"])
    page.wait_for_function(f"whole => String({X_RANGE}) === String(whole)", arg=whole)
    visitor.sees_selected(FIRST)
    visitor.wait_until_idle()
    visitor.sees_selected(FIRST)
    page.wait_for_timeout(400)  # a click that comes later is one of its own
    point = visitor.lonely_point()
    page.mouse.click(point["x"], point["y"])
    visitor.sees_selected(explorer.galaxy(point["row"]).object_id)
    visitor.wait_until_idle()


def test_a_lasso_drawn_right_after_a_box_is_not_lost(visitor, explorer):
    visitor.open()
    draw(visitor, "Box Select", [(0.1, 0.1), (0.5, 0.5)])
    draw(visitor, "Lasso Select", circle(0.6, 0.6, 0.2))
    visitor.page.wait_for_function(
        "() => new URLSearchParams(location.search).get('region')?.split(' ').length > 4"
    )
    filters = Filters(region=region_of(visitor))
    assert len(filters.region.vertices) > 4
    sees_left(visitor, explorer, filters)
