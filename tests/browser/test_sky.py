"""The sky in a real browser: the same points as on the map, clicks, regions, keys, projections."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboard.filters.sky_region import SkyRegion, region_of_text
from dashboard.sky.projections import Projection
from tests.browser.test_accessibility import finds_nothing_serious
from tests.browser.test_map import circle

SEEN = "() => document.querySelector('#sky')._fullData"
# Where the galaxies are in px of the page; NaN where they are not drawn.
PLACES = """
() => {
  const plot = document.querySelector("#sky");
  const { xaxis, yaxis } = plot._fullLayout;
  const { x, y } = plot._fullData[3];
  const box = plot.querySelector(".nsewdrag").getBoundingClientRect();
  return Array.from(x, (one, i) => [box.x + xaxis.l2p(one), box.y + yaxis.l2p(y[i])]);
}
"""
RANGE = "() => Array.from(document.querySelector('#sky')._fullLayout.xaxis.range)"
WORDS = ".sky-words"


def opens_sky(visitor, search=""):
    visitor.open(search)
    visitor.page.get_by_role("radio", name="Sky").check()
    sees_sky(visitor)


def sees_sky(visitor):
    visitor.page.wait_for_selector("#sky .gl-canvas")
    visitor.wait_until_idle()


def places(visitor):
    found = visitor.page.evaluate(PLACES)
    return np.array(found, dtype=float)


def loneliest(visitor):
    """Return the row and the place of a galaxy in view, far from the others."""
    at = places(visitor)
    box = visitor.page.locator("#sky .nsewdrag").bounding_box()
    low = np.array([box["x"], box["y"]]) + 20
    high = low + np.array([box["width"] - 40, box["height"] - 40])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    gap = np.where(((at > low) & (at < high)).all(axis=1), np.nanmin(apart, axis=1), -1)
    row = int(np.argmax(gap))
    return row, at[row]


def width(visitor):
    left, right = visitor.page.evaluate(RANGE)
    return left - right


def test_the_map_costs_nothing_of_the_sky_before_it_is_seen(visitor):
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.open()
    visitor.page.locator("button.card").first.click()
    visitor.wait_until_idle()
    assert not [url for url in asked if "/sky_" in url]
    visitor.page.get_by_role("radio", name="Sky").check()
    sees_sky(visitor)
    assert sum("/sky_view.js" in url for url in asked) == 1
    visitor.page.reload()  # the browser remembers it
    sees_sky(visitor)
    expect(visitor.page.get_by_role("radio", name="Sky")).to_be_checked()
    visitor.page.get_by_role("radio", name="Similarity").check()
    expect(visitor.page.locator("#sky")).to_be_hidden()
    expect(visitor.page.locator("#map")).to_be_visible()


def test_a_click_on_the_sky_searches_and_pointing_marks(visitor, explorer):
    opens_sky(visitor)
    page = visitor.page
    east, west = (places(visitor)[row, 0] for row in sorted_by_ra(explorer))
    assert east < west  # right ascension grows to the left
    row, place = loneliest(visitor)
    page.mouse.move(*(place - 40))
    page.mouse.move(*place)
    expect(page.locator("#map-hover")).to_contain_text(explorer.galaxy(row).object_id)
    page.mouse.click(*place)
    visitor.sees_selected(explorer.galaxy(row).object_id)
    visitor.wait_until_idle()
    query = page.evaluate(f"Array.from(({SEEN})()[7].x).concat(Array.from(({SEEN})()[7].y))")
    galaxy = page.evaluate(f"[({SEEN})()[3].x[{row}], ({SEEN})()[3].y[{row}]]")
    assert query == pytest.approx(galaxy)
    assert page.evaluate(f"({SEEN})()[6].x.length") == 25

    # A card is marked on the sky where its galaxy is.
    page.get_by_role("button", name="All sky").click()
    card = page.locator("button.card").first
    neighbour = json.loads(card.get_attribute("id"))["row"]
    card.hover()
    ring = page.locator(".map-pointed").bounding_box()
    middle = np.array([ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2])
    assert middle == pytest.approx(places(visitor)[neighbour], abs=1.5)


def sorted_by_ra(explorer):
    """Return a galaxy well east, and one well west, of the middle of the sky near the equator."""
    ra, dec = (explorer.values(name) for name in ("ra_deg", "dec_deg"))
    middle = 180 if 90 <= np.degrees(mean_ra(ra, dec)) % 360 < 270 else 0
    east = np.where(np.abs(dec) < 40, (ra - middle + 180) % 360 - 180, np.nan)
    return int(np.nanargmax(east)), int(np.nanargmin(east))


def mean_ra(ra_deg, dec_deg):
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    return np.arctan2((np.cos(dec) * np.sin(ra)).mean(), (np.cos(dec) * np.cos(ra)).mean())


def test_zooming_ends_in_a_tangent_plane_with_a_scale(visitor, explorer):
    opens_sky(visitor)
    page, words = visitor.page, visitor.page.locator(WORDS)
    expect(words).to_contain_text("Hammer–Aitoff")
    expect(page.locator(".sky-scale")).to_be_hidden()
    page.get_by_role("button", name="Query", exact=True).click()
    expect(words).to_contain_text("Tangent plane at")
    expect(page.locator(".sky-scale")).to_be_visible()
    query = explorer.galaxy(explorer.row_of("MOCK-000000"))
    at = places(visitor)[query.row]
    box = page.locator("#sky .nsewdrag").bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert at == pytest.approx(middle, abs=1)
    before = width(visitor)
    page.locator("#sky").focus()
    page.keyboard.press("+")
    assert width(visitor) == pytest.approx(before / 2)
    page.keyboard.press("ArrowLeft")
    assert places(visitor)[query.row][0] > middle[0] + 40
    page.keyboard.press("0")
    expect(words).to_contain_text("Hammer–Aitoff")
    finds_nothing_serious(visitor, "sky")

    # It follows theme and colour of the map.
    ring = page.evaluate(f"({SEEN})()[7].marker.color")
    page.get_by_role("button", name="Light theme").click()
    page.wait_for_function(f"ring => ({SEEN})()[7].marker.color !== ring", arg=ring)
    page.get_by_label("Colour", exact=True).select_option("mag_z")
    visitor.wait_until_idle()
    colours = page.evaluate(f"Array.from(({SEEN})()[3].marker.color)")
    of_map = "Array.from(document.querySelector('#map .js-plotly-plot')._fullData[1].marker.color)"
    assert colours == pytest.approx(page.evaluate(of_map))

    page.locator(".map-panel .menu summary").click()
    with page.expect_download() as png:
        page.get_by_role("button", name="PNG: the map").click()
    assert png.value.suggested_filename == "tiny-sky.png"
    image = Image.open(io.BytesIO(png.value.path().read_bytes()))
    assert image.size == (2700, 1920)
    assert image.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_a_region_of_the_sky_filters_and_comes_back_with_the_address(visitor, explorer):
    opens_sky(visitor)
    page, said = visitor.page, visitor.page.locator("#map-selected")
    page.locator("#sky .modebar-btn[data-title='Lasso Select']").click()
    box = page.locator("#sky .nsewdrag").bounding_box()
    line = [
        (box["x"] + x * box["width"], box["y"] + box["height"] / 2 + (y - 0.5) * box["width"] / 2)
        for x, y in circle(0.5, 0.5, 0.25)
    ]
    before = places(visitor)
    page.mouse.move(*line[0])
    page.mouse.down()
    for place in line[1:]:
        page.mouse.move(*place)
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('region=')")
    visitor.wait_until_idle()
    region = region_of_text(page.evaluate("new URLSearchParams(location.search).get('region')"))
    assert isinstance(region, SkyRegion)
    inside = region.within(explorer.catalogue, explorer.map_xy)
    assert 0 < inside.sum() < 300
    expect(said).to_contain_text(f"{inside.sum()} galaxies selected on the sky.")
    apart = np.hypot(
        (before[:, 0] - box["x"]) / box["width"] - 0.5,
        2 * (before[:, 1] - box["y"] - box["height"] / 2) / box["width"],
    )
    assert inside[apart < 0.24].all()
    assert not inside[apart > 0.26].any()
    left = f"Array.from(({SEEN})()[3].y, (y) => Number.isNaN(y) ? 0 : 1)"
    page.wait_for_function(f"n => {left}.reduce((a, b) => a + b) === n", arg=int(inside.sum()))
    assert np.array_equal(np.array(page.evaluate(left), dtype=bool), inside)

    page.reload()
    sees_sky(visitor)
    expect(said).to_contain_text(f"{inside.sum()} galaxies selected on the sky.")
    page.keyboard.press("Escape")
    expect(page.locator(".if-sky")).to_be_visible()
    page.get_by_role("button", name="Query", exact=True).click()
    page.get_by_role("button", name="Select all in view").click()
    page.wait_for_function("() => location.search.includes('region=TAN')")
    visitor.wait_until_idle()
    expect(said).to_contain_text("selected on the sky.")
    page.get_by_role("button", name="More like these").click()
    expect(said).to_contain_text("lie together")


def test_on_a_phone_the_sky_is_no_wider_and_its_buttons_are_in_reach(phone, explorer):
    opens_sky(phone)
    page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in page.locator(".sky-steps .btn").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 24
    page.get_by_role("button", name="Query", exact=True).click()
    expect(page.locator(WORDS)).to_contain_text("Tangent plane at")
    # A query that was made while the map was seen is marked when the sky is seen again.
    page.get_by_role("radio", name="Similarity").check()
    page.locator("button.card").first.click()
    expect(page.locator(".selected-name")).not_to_have_text("MOCK-000000")
    phone.wait_until_idle()
    row = explorer.row_of(page.locator(".selected-name").inner_text())
    page.get_by_role("radio", name="Sky").check()
    phone.wait_until_idle()
    page.get_by_role("button", name="All sky").click()
    ring = page.evaluate(f"[({SEEN})()[7].x[0], ({SEEN})()[7].y[0]]")
    assert ring == pytest.approx(page.evaluate(f"[({SEEN})()[3].x[{row}], ({SEEN})()[3].y[{row}]]"))


VIEWS = [["AIT", 180, 0], ["AIT", 0, 0], ["TAN", 202.47, 47.2], ["TAN", 0, -90], ["TAN", 359, 12]]
WORDS_OF_LINES = {
    "hoursInWords(187.5, 1)": "12h",
    "hoursInWords(187.6, 1 / 60)": "12h30m",
    "hoursInWords(-0.0001, 1 / 3600)": "0h00m00s",
    "hoursInWords(187.5212, 0.1 / 3600)": "12h30m05.1s",
    "degreesInWords(-0.5, 0.5)": "−0°30′",
    "degreesInWords(0, 1)": "0°",
    "degreesInWords(47.16805, 1 / 3600)": "+47°10′05″",
    "degreesInWords(-30, 30)": "−30°",
}
PROJECTED = """
async ([view, ras, decs]) => {
  const { project, unproject } = await import("/assets/sky_projections.js");
  const { x, y } = project(view, ras, decs);
  const back = Array.from(x, (one, i) => (Number.isNaN(one) ? null : unproject(view, one, y[i])));
  return { x: Array.from(x), y: Array.from(y), back };
}
"""


def test_the_browser_projects_as_the_server_does_and_writes_angles(visitor):
    visitor.open()
    rng = np.random.default_rng(1)
    ra_deg = rng.uniform(0, 360, 300)
    dec_deg = np.degrees(np.arcsin(rng.uniform(-1, 1, 300)))
    for kind, ra, dec in VIEWS:
        view = {"kind": kind, "ra": ra, "dec": dec}
        found = visitor.page.evaluate(PROJECTED, [view, ra_deg.tolist(), dec_deg.tolist()])
        expected = Projection(kind, ra, dec).project(ra_deg, dec_deg)
        place = np.array([found["x"], found["y"]], dtype=float).T
        assert place == pytest.approx(expected, nan_ok=True, rel=1e-9, abs=1e-9)
        for position, *former in zip(found["back"], ra_deg, dec_deg, strict=True):
            if position is not None:
                turn = (position[0] - former[0] + 180) % 360 - 180
                assert abs(turn) * np.cos(np.radians(former[1])) < 1e-6
                assert position[1] == pytest.approx(former[1], abs=1e-6)
    for call, words in WORDS_OF_LINES.items():
        said = visitor.page.evaluate(
            "async (call) => { const { hoursInWords, degreesInWords } = "
            "await import('/assets/sky_graticule.js'); return eval(call); }",
            call,
        )
        assert said == words, call
