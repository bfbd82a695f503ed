"""An atlas of real galaxies, built from their pictures: asked, seen and taken away."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import name_of
from dashboard.query.certainty import random_similarities
from pipeline.atlas import open_atlas
from tests.browser.conftest import visiting
from tests.browser.real_atlases import build_decals, build_efigi
from tests.browser.serving import serving
from tests.browser.test_accessibility import finds_nothing_serious
from tests.browser.test_sky import sees_sky


@pytest.fixture(scope="module")
def pictures(shared_data):
    return shared_data / "sdss_efigi"


@pytest.fixture(scope="module")
def real_atlas(shared_data, tmp_path_factory):
    return build_efigi(shared_data, tmp_path_factory.mktemp("efigi"))


@pytest.fixture(scope="module")
def decals_atlas(shared_data, tmp_path_factory):
    return build_decals(shared_data, tmp_path_factory.mktemp("decals"))


@pytest.fixture(scope="module")
def real(real_atlas):
    return Explorer(open_atlas(real_atlas))


@pytest.fixture(scope="module")
def decals(decals_atlas):
    return Explorer(open_atlas(decals_atlas))


@pytest.fixture(scope="module")
def observatory(real_atlas, decals_atlas):
    with serving(real_atlas, decals_atlas) as address:
        yield address


@pytest.fixture
def astronomer(browser, observatory):
    with visiting(browser, observatory) as visitor:
        yield visitor


def test_real_galaxies_are_asked_for_seen_and_taken_away(astronomer, real, pictures):
    astronomer.open()
    page = astronomer.page
    expect(page.locator(".picture.is-loaded")).to_have_count(26)
    expect(page.get_by_text("imulated")).to_have_count(0)
    astronomer.search("ngc7814")
    astronomer.sees_selected("NGC 7814")
    astronomer.sees_message("NGC 7814 = PGC0000218, 00:03:14.95 +16:08:42.8 (this atlas)")
    expect(page.locator("#selected")).to_contain_text("SA(S)ab")
    expect(page.get_by_role("link", name="SIMBAD")).to_be_visible()

    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Filter by").select_option("redshift")
    page.get_by_role("button", name="Add", exact=True).click()
    field = page.locator(".filter-row").get_by_label("to")
    field.fill("0.02")
    field.press("Enter")
    page.wait_for_function("decodeURIComponent(location.search).includes('redshift')")
    astronomer.wait_until_idle()
    page.get_by_role("radio", name="Table").check(force=True)
    page.locator("#neighbour-table .ag-row").first.wait_for()
    page.locator("#neighbour-table").get_by_role("button", name="Not like").first.click()
    page.wait_for_function("location.search.includes('not=')")
    astronomer.wait_until_idle()
    is_near = real.values("redshift") <= 0.02
    near = {real.galaxy(row).object_id for row in range(real.n_objects) if is_near[row]}
    page.locator("details:has(#downloads) > summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV: The neighbours").first.click()
    taken = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert taken
    assert {row["object_id"] for row in taken} < near
    assert all(float(row["redshift"]) <= 0.02 for row in taken)


def test_a_place_in_a_galaxy_is_that_galaxy_and_what_is_not_there_takes_nothing_away(astronomer):
    astronomer.open()
    astronomer.search("00:03:14.9 +16:09:42")
    astronomer.sees_selected("NGC 7814")
    astronomer.sees_message("is in NGC 7814, 59.2 arcsec from its centre.")
    astronomer.search("M 51")
    astronomer.sees_message("The nearest galaxy is")
    astronomer.wait_until_idle()
    astronomer.sees_selected("NGC 7814")
    offers = astronomer.page.locator("#search-suggestions").get_by_role("button")
    expect(offers).to_have_text(re.compile("^Search from .*, .* deg away$"))


def test_a_model_explains_itself_and_a_picture_of_a_real_galaxy_finds_it(
    astronomer, real, pictures, tmp_path
):
    page = astronomer.page
    page.goto(f"{astronomer.server}/atlas/{real.name}/method")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    astronomer.open("atlas/efigi/")
    galaxy = real.galaxy(7)
    file = pictures / "images" / f"{galaxy.object_id}.jpg"
    page.get_by_label("Search with a picture of your own").set_input_files(file)
    astronomer.sees_selected("Your picture")
    card = page.locator("button.card").first
    expect(card).to_have_accessible_name(
        f"1: {name_of(galaxy)}, similarity 1.000. Search from here."
    )
    expect(page.locator("#resemblance")).to_be_empty()
    y, x = np.mgrid[:88, :88] // 8
    Image.fromarray((255 * ((x + y) % 2)).astype(np.uint8)).save(tmp_path / "chessboard.png")
    place = page.get_by_label("Search with a picture of your own")
    place.set_input_files(tmp_path / "chessboard.png")
    expect(page.locator("#resemblance")).to_contain_text("Nothing here resembles your picture.")
    finds_nothing_serious(astronomer, "nothing resembles it")
    # Embeddings are counted from their mean: of galaxies drawn at random the cosine is about 0.
    assert abs(np.median(random_similarities(real.search.vectors, 5_000))) < 0.1


def test_a_ring_leads_to_more_rings_in_another_survey_and_to_the_best_of_both(
    astronomer, real, decals
):
    ring = next(
        decals.galaxy(row).object_id
        for row in range(decals.n_objects)
        if decals.values("is_ring")[row] == 1
    )
    astronomer.open(f"atlas/decals/?galaxy={quote(ring)}&k=16")
    page = astronomer.page
    astronomer.sees_selected(ring)
    page.locator("summary", has_text="Other atlases").click()
    finds_nothing_serious(astronomer, "other atlases")
    page.locator(".across-menu").get_by_role("link", name="EFIGI").click()
    astronomer.sees_atlas("efigi")
    astronomer.sees_address(f"?galaxy.decals={quote(ring)}&k=16")
    expect(page.locator("#gallery-heading")).to_contain_text(f"16 most similar to {ring} of")
    page.locator("summary", has_text="Other atlases").click()
    page.get_by_role("button", name="The best of both atlases together").click()
    expect(page.locator("ul.cards .card-atlas")).to_have_count(16)
    both = set(page.locator("ul.cards .card-atlas").all_inner_texts())
    assert len(both) == 2, both
    finds_nothing_serious(astronomer, "the best of both")


def test_two_real_galaxies_are_seen_large_with_what_they_share(astronomer):
    astronomer.open("atlas/efigi/?galaxy=PGC0000218")
    page, dialog = astronomer.page, astronomer.page.locator("dialog.enlarged")
    page.locator("button.card").first.focus()
    page.keyboard.press("v")
    expect(dialog.locator(".enlarged-pair figure")).to_have_count(2)
    # Each picture of EFIGI has a scale of its own, which nobody knows.
    expect(dialog.locator(".ruler-length")).to_have_count(0)
    expect(dialog.locator(".is-group").first).to_be_visible()
    expect(dialog.get_by_role("row", name="T type").first).to_be_visible()
    finds_nothing_serious(astronomer, "a real pair")
    page.keyboard.press("b")
    expect(dialog.get_by_role("button", name="Blink")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_real_galaxies_lie_on_the_sky_and_a_selection_there_is_a_filter(astronomer, decals):
    astronomer.open("atlas/decals/")
    page = astronomer.page
    page.get_by_role("radio", name="Sky").check()
    sees_sky(astronomer)
    drawn = page.evaluate("document.querySelector('#sky')._fullData[3].x.length")
    assert drawn == decals.n_objects
    expect(page.locator(".sky-words")).to_be_visible()
    finds_nothing_serious(astronomer, "the real sky")
    page.get_by_role("button", name="Select all in view").click()
    expect(page.locator("#map-selected")).to_contain_text("galaxies selected on the sky")


def test_hubble_types_are_in_their_order_and_called_by_name(astronomer):
    astronomer.open("atlas/efigi/?galaxy=PGC0000212&k=16&f.t_type=1..4")
    page = astronomer.page
    left = page.locator("#filters-left")
    expect(left).to_contain_text("1 active")
    page.get_by_label("Colour").select_option("t_type")
    entries = page.locator("#map-legend button.legend-entry")
    expect(entries.filter(has_text="3 (Sb)")).to_be_visible()
    codes = [int(text.split(" ")[0].replace("−", "-")) for text in entries.all_inner_texts()]
    assert codes == sorted(codes)
    page.get_by_text("Filters", exact=True).click()
    row = page.locator(".filter-row")
    expect(row.get_by_label("3 (Sb)")).to_be_checked()
    expect(row.get_by_label("5 (Sc)")).not_to_be_checked()
    said = left.inner_text()
    entries.filter(has_text="5 (Sc)").click()  # the legend adds to the same filter
    expect(left).not_to_have_text(said)
    expect(row.get_by_label("5 (Sc)")).to_be_checked()
    expect(page.locator("#selected")).to_contain_text("(Sa)")
    astronomer.wait_until_idle()
