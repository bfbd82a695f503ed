"""A picture of one's own, from the file to its neighbours, in a real browser."""

import gzip
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboard.explorer.embedder import embedding_to_text
from dashboard.map import figure as figures
from dashboard.query.address import to_address
from dashboard.query.query import Query
from dashboard.query.resemblance import resembles_nothing
from tests.dashboard.own_pictures import SCALE_DEG, fits_file, rgb_galaxy

ROW = 42
MOST_BYTES = 10_000_000
DROPPED = """
async (row) => {
  const picture = await (await fetch(`/cutouts/tiny/${row}.jpg`)).blob();
  const transfer = new DataTransfer();
  transfer.items.add(new File([picture], "dropped.jpg", { type: "image/jpeg" }));
  return transfer;
}
"""
RINGS = """
traces => traces.map((trace) => document.querySelector(".js-plotly-plot").data[trace].x.length)
"""


@pytest.fixture
def thumbnail(explorer, tmp_path):
    """The picture of a mock galaxy as a PNG file."""
    path = tmp_path / "galaxy.png"
    Image.open(io.BytesIO(explorer.thumbnails[ROW])).save(path)
    return path


def place_for_pictures(visitor):
    return visitor.page.get_by_label("Search with a picture of your own")


def choose(visitor, path):
    place_for_pictures(visitor).set_input_files(path)


def reach_by_keyboard(visitor):
    visitor.page.get_by_role("button", name="List of galaxies").focus()
    visitor.page.keyboard.press("Tab")
    # From here the browser's own file chooser opens on Space; headless it does not always.
    expect(place_for_pictures(visitor)).to_be_focused()
    expect(place_for_pictures(visitor)).to_have_attribute("type", "file")


def sees_own_galaxy_first(visitor, explorer):
    expect(visitor.page.locator(".selected-name")).to_have_text("Your picture")
    title = f"1. {explorer.galaxy(ROW).object_id}"
    expect(visitor.page.locator("button.card").first).to_have_attribute("title", title)


def test_a_picture_whose_place_the_keyboard_reaches_finds_its_galaxy_first(
    visitor, explorer, thumbnail
):
    visitor.open()
    reach_by_keyboard(visitor)
    choose(visitor, thumbnail)
    sees_own_galaxy_first(visitor, explorer)
    page = visitor.page
    expect(page.locator("#gallery-heading")).to_have_text("25 most similar to your picture")
    expect(page.locator("#own-image")).to_be_visible()
    expect(
        page.get_by_text("galaxy.png. Framed as the pictures of this atlas are.")
    ).to_be_visible()
    visitor.wait_until_idle()
    assert page.evaluate(RINGS, [figures.NEIGHBOURS, figures.QUERY]) == [25, 0]
    page.get_by_label("Show", exact=True).select_option("16")
    visitor.sees_cards(16)
    sees_own_galaxy_first(visitor, explorer)


def strange_picture(explorer):
    """Return the query by a picture that lies where the fewest galaxies do."""
    vectors = explorer.search.vectors[:].astype(float)
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    directions = np.hstack([directions, -directions])
    loneliest = np.sort(vectors @ directions, axis=0)[-5:].mean(axis=0).argmin()
    given = explorer.frame.out_of(directions[:, loneliest])
    text = embedding_to_text(given, explorer.manifest)
    query = Query((), embedding=text)
    assert resembles_nothing(explorer, query)
    return query


def test_a_picture_that_nothing_resembles_is_called_so_until_another_is_brought(
    visitor, explorer, thumbnail
):
    visitor.open(to_address(strange_picture(explorer), explorer))
    page = visitor.page
    warning, certainty = page.locator("#resemblance"), page.locator("#certainty")
    expect(warning).to_contain_text("Nothing here resembles your picture.")
    expect(warning).to_contain_text("zoom until the galaxy fills the frame")
    expect(certainty).to_be_hidden()
    expect(page.locator("button.card")).to_have_count(25)
    choose(visitor, thumbnail)
    sees_own_galaxy_first(visitor, explorer)
    expect(warning).to_be_empty()
    expect(certainty).to_contain_text("random pairs")
    number = page.locator("button.card .similarity").first
    expect(number).to_have_attribute("title", re.compile("^Similarity .* random pairs$"))
    page.go_back()
    expect(warning).to_contain_text("Nothing here resembles your picture.")


def test_each_crop_is_a_search_whose_address_brings_back_all_but_the_picture(
    visitor, explorer, thumbnail
):
    visitor.open()
    choose(visitor, thumbnail)
    sees_own_galaxy_first(visitor, explorer)
    visitor.page.wait_for_function("() => location.search.startsWith('?picture=')")
    visitor.wait_until_idle()
    first = visitor.page.evaluate("location.search")
    zoom = visitor.page.get_by_role("slider", name="Zoom")
    begun = zoom.input_value()
    zoom.press("End")
    visitor.page.wait_for_function("first => location.search !== first", arg=first)
    expect(zoom).to_have_value("8")
    visitor.wait_until_idle()
    visitor.page.go_back()
    visitor.sees_address(first)
    expect(zoom).to_have_value(begun)
    expect(visitor.page.locator("#own-image")).to_be_visible()
    sees_own_galaxy_first(visitor, explorer)

    visitor.wait_until_idle()
    visitor.page.reload()
    sees_own_galaxy_first(visitor, explorer)
    expect(visitor.page.locator("#own-image")).to_be_hidden()
    expect(visitor.page.locator(".own-missing")).to_be_visible()
    visitor.page.locator("button.card").first.click()
    visitor.sees_selected(explorer.galaxy(ROW).object_id)


CROP = """
() => {
  const style = document.getElementById("own-frame").style;
  return ["--x", "--y", "--zoom"].map((name) => Number(style.getPropertyValue(name)));
}
"""
IS_MIDDLE_AT = f"""([x, y]) => {{
  const found = ({CROP.strip()})();
  return Math.hypot(found[0] - x, found[1] - y) < 0.02;
}}"""


def wait_for_another_search(visitor, former):
    visitor.page.wait_for_function("former => location.search !== former", arg=former)
    visitor.wait_until_idle()
    return visitor.page.evaluate("location.search")


@pytest.fixture
def field(explorer, tmp_path):
    """A wide picture with a galaxy beside its middle, in the place of one of the atlas."""
    sky = np.random.default_rng(1).normal(30, 2, (300, 300, 3))
    sky[70:190, 110:230] += rgb_galaxy(120) - 20.0
    sky = sky.clip(0, 255).astype(np.uint8)
    position = explorer.galaxy(ROW).position
    path = tmp_path / "field.fits.gz"
    content = fits_file(
        np.ascontiguousarray(sky[::-1].transpose(2, 0, 1)), SCALE_DEG, CRVAL1=position.ra_deg,
        CRVAL2=position.dec_deg, CRPIX1=170.5, CRPIX2=170.5,
    )  # fmt: skip
    path.write_bytes(gzip.compress(content))
    return path


def test_the_frame_finds_the_galaxy_and_is_moved_by_hand_wheel_and_keys(
    visitor, explorer, thumbnail, field
):
    page = visitor.page
    visitor.open()
    choose(visitor, field)
    expect(page.get_by_text("Your picture", exact=True)).to_be_visible()
    page.wait_for_function("() => location.search.startsWith('?picture=')")
    visitor.wait_until_idle()
    page.wait_for_function(IS_MIDDLE_AT, arg=[170 / 300, 130 / 300])
    proposed = page.evaluate("location.search")
    zoom = page.evaluate(CROP)[2]
    reset = page.get_by_role("button", name="As proposed")
    expect(reset).to_be_disabled()

    whole = page.locator(".own-whole")
    whole.hover(position={"x": 20, "y": 20})
    page.mouse.wheel(0, 100)
    former = wait_for_another_search(visitor, proposed)
    assert page.evaluate(CROP)[2] == pytest.approx(zoom / 1.1, rel=0.01)
    box = page.locator(".own-crop").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y + 10, steps=4)
    page.mouse.up()
    side = whole.bounding_box()["width"]
    dragged = [170 / 300 - 20 / side, 130 / 300 + 10 / side]
    page.wait_for_function(IS_MIDDLE_AT, arg=dragged)
    former = wait_for_another_search(visitor, former)
    whole.press("ArrowRight")
    whole.press("+")
    former = wait_for_another_search(visitor, former)
    assert page.evaluate(CROP)[0] > dragged[0]
    page.go_back()
    page.wait_for_function(IS_MIDDLE_AT, arg=dragged)
    expect(reset).to_be_enabled()
    reset.click()
    visitor.sees_address(proposed)
    expect(reset).to_be_disabled()
    visitor.wait_until_idle()

    # The same file again: its field has forgotten it, or the browser would say nothing.
    whole.press("-")
    wait_for_another_search(visitor, proposed)
    place_for_pictures(visitor).dispatch_event("click")
    expect(place_for_pictures(visitor)).to_have_value("")
    choose(visitor, field)
    visitor.sees_address(proposed)
    visitor.wait_until_idle()

    page.get_by_role("button", name="Search at this position, too").click()
    visitor.sees_selected(explorer.galaxy(ROW).object_id)
    visitor.wait_until_idle()
    page.go_back()
    visitor.sees_address(proposed)
    expect(page.locator("#own-image")).to_be_visible()
    visitor.wait_until_idle()
    choose(visitor, thumbnail)
    sees_own_galaxy_first(visitor, explorer)
    expect(page.get_by_role("button", name="Search at this position, too")).to_be_hidden()
    visitor.wait_until_idle()


def test_what_is_no_picture_or_too_large_is_refused_and_one_that_is_dropped_is_found(
    visitor, explorer, tmp_path
):
    visitor.open()
    path = tmp_path / "galaxy.png"
    path.write_text("This is not a picture.")
    choose(visitor, path)
    message = visitor.page.get_by_role("alert").filter(
        has_text="not a JPEG, PNG, WebP, TIFF or FITS picture"
    )
    expect(message).to_be_visible()
    visitor.sees_selected("MOCK-000000")
    visitor.sees_cards(25)
    visitor.page.get_by_role("button", name="Random").click()
    expect(message).to_be_hidden()

    path = tmp_path / "large.fits"
    path.write_bytes(b"SIMPLE  =" + bytes(MOST_BYTES))
    choose(visitor, path)
    expect(visitor.page.locator("#own-message")).to_contain_text("large.fits has 10.0 MB")

    transfer = visitor.page.evaluate_handle(DROPPED, ROW)
    visitor.page.dispatch_event(".own-drop", "drop", {"dataTransfer": transfer})
    sees_own_galaxy_first(visitor, explorer)
    expect(visitor.page.get_by_text("dropped.jpg. Framed as")).to_be_visible()
    expect(visitor.page.locator("#own-message")).to_be_empty()


def test_on_a_phone_a_picture_and_its_controls_leave_room_for_the_gallery(
    phone, explorer, thumbnail
):
    phone.open()
    page = phone.page
    choose(phone, thumbnail)
    sees_own_galaxy_first(phone, explorer)
    card = page.locator("button.card").first.bounding_box()
    assert card["y"] + card["height"] < 844  # on the first screen
    picture, zoom = (page.locator(where).bounding_box() for where in ("#own-image", "#own-zoom"))
    assert picture["x"] + picture["width"] < zoom["x"]  # beside each other
    assert zoom["width"] > 120
    note = page.get_by_text("galaxy.png. Framed as")
    expect(note).to_be_hidden()
    page.get_by_text("How it was read").click()
    expect(note).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
