"""A page under the strict policy, which allows no eval; and what it shows before its scripts."""

import io
import shutil
import subprocess
import time
from contextlib import closing

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboard.web.strict_bundle import BUNDLE
from tests.browser.serving import DESKTOP, serving
from tests.browser.visitor import _IDLE, Visitor

PATIENCE_S = 20
TRACES = """
() => [...document.querySelector(".js-plotly-plot")._fullData].map((trace) => trace.x.length)
"""
ALL_ON_SKY = """
() => document.querySelector("#sky")._fullData?.some((trace) => trace.x?.length === N)
"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length"


class StrictVisitor(Visitor):
    """One for whom playwright may not wait in the page: it would need eval for that."""

    def until(self, expression):
        end = time.monotonic() + PATIENCE_S
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            self.page.wait_for_timeout(50)

    def wait_until_idle(self):
        self.until(_IDLE)


@pytest.fixture(scope="session")
def strict_bundle(tmp_path_factory):
    """plotly's strict bundle: what `make strict` has fetched, or fetched now as it does."""
    if BUNDLE.is_file():
        return BUNDLE
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("plotly's strict bundle is not here, nor is npm to fetch it with")
    folder = tmp_path_factory.mktemp("strict")
    sources = BUNDLE.parents[2]
    for name in ("package.json", "package-lock.json"):
        shutil.copy(sources / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm could not fetch plotly's strict bundle: {error}")
    return folder / BUNDLE.relative_to(sources)


@pytest.fixture(scope="session")
def strict_server(tiny_atlas, strict_bundle):
    with serving(tiny_atlas, plotly=str(strict_bundle)) as address:
        yield address


@pytest.fixture
def strict(browser, strict_server):
    page = browser.new_page()
    page.set_viewport_size(DESKTOP)
    page.add_init_script("if (location.protocol === 'http:') localStorage.hints ??= '3'")
    with closing(StrictVisitor(page, strict_server)) as visitor:
        yield visitor
        visitor.wait_until_idle()
    assert visitor.complaints == []


def drawn_px(visitor):
    """Return how many pixels of the map are no background."""
    picture = visitor.page.locator("#map .nsewdrag").screenshot()
    colours = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).reshape(-1, 3).astype(int)
    background = np.median(colours, axis=0)
    return int((np.abs(colours - background).max(axis=1) > 40).sum())


def test_all_that_draws_and_loads_does_so_where_eval_is_forbidden(strict, explorer, tmp_path):
    answers = []
    strict.page.on("response", lambda answer: answers.append(answer))
    strict.open()
    page = strict.page
    policy = answers[-1].headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert any(answer.url.endswith("plotly-strict.min.js") for answer in answers)

    strict.sees_cards(25)
    assert page.evaluate(TRACES)[1:4] == [explorer.n_objects, 25, 1]
    assert drawn_px(strict) > 5 * explorer.n_objects  # each of some 30 px, many over each other
    strict.search("MOCK-000005")
    strict.sees_selected("MOCK-000005")
    strict.wait_until_idle()

    page.get_by_role("radio", name="Table").check(force=True)
    expect(
        page.locator("#neighbour-table .ag-center-cols-container [row-id]").first
    ).to_be_visible()
    strict.wait_until_idle()
    page.get_by_role("radio", name="Gallery").check(force=True)
    page.get_by_role("radio", name="Sky").check(force=True)
    expect(page.locator("#sky .gl-canvas").first).to_be_visible()
    strict.until(ALL_ON_SKY.replace("N", str(explorer.n_objects)))
    strict.wait_until_idle()
    page.get_by_role("radio", name="Similarity").check(force=True)

    card = page.locator("button.card").first
    card.focus()
    page.keyboard.press("v")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("dialog").locator("img").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    own = tmp_path / "galaxy.png"
    Image.open(io.BytesIO(explorer.thumbnails[42])).save(own)
    page.get_by_label("Search with a picture of your own").set_input_files(own)
    expect(page.locator(".selected-name")).to_have_text("Your picture")
    expect(page.locator("img[src^='blob:'], img[src^='data:']").first).to_be_visible()
    strict.wait_until_idle()


def test_files_are_saved_and_the_method_is_read_where_eval_is_forbidden(strict):
    strict.open("?galaxy=MOCK-000005&k=25")
    page = strict.page
    page.locator("details:has(#downloads) > summary").click()
    with page.expect_download() as download:
        page.locator("#downloads").get_by_role("link", name="CSV").first.click()
    assert download.value.path().read_bytes().count(b"\n") > 25
    page.get_by_role("link", name="How it works").click()
    expect(page.get_by_role("heading", name="How it works")).to_be_visible()
    page.get_by_role("button", name="Light theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.locator(".method-page img").last.scroll_into_view_if_needed()
    page.locator(".brand").click()
    strict.sees_map()


@pytest.mark.parametrize("address", ["", "atlas/tiny/method"])
def test_a_page_is_painted_before_any_script_has_come(visitor, address):
    page = visitor.page
    devtools = page.context.new_cdp_session(page)
    held = []
    devtools.on("Fetch.requestPaused", lambda paused: held.append(paused["requestId"]))
    devtools.send("Fetch.enable", {"patterns": [{"resourceType": "Script"}]})
    page.goto(f"{visitor.server}/{address}", wait_until="commit")
    expect(page.locator("h1, .brand").first).to_be_visible()
    visitor.page.wait_for_function(PAINTED)
    assert held
    expect(page.get_by_text("How it works").first).to_be_visible()
    if not address:
        expect(page.locator(".first-paint .card.is-bone")).to_have_count(25)
        expect(page.locator(".first-paint .form-control").first).to_be_visible()
    devtools.send("Fetch.disable")  # lets go what it holds
    if not address:
        visitor.sees_map()
        expect(page.locator(".first-paint")).to_have_count(0)
    else:
        page.get_by_role("button", name="Light theme").click()
        page.goto(f"{visitor.server}/")
        visitor.sees_map()
