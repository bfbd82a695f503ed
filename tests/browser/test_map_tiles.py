"""A map of very many in a real browser: tiles far out, every galaxy close by."""

import threading

import numpy as np
import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.map import sample as map_sample
from tests.browser.conftest import visiting
from tests.browser.test_map import circle, draw, region_of
from tests.dashboard.crowded_atlas import crowded_atlas

N = 60_000
PLOT = "document.querySelector('#map .js-plotly-plot')"
IN_VIEW = f"{PLOT}._fullData[7]"
# How much of the picture below the points is painted.
# (A copy is read: browsers complain of a canvas that is, and is then drawn on.)
PAINTED = """() => {
  const canvas = document.querySelector(".map-tiles canvas");
  if (!canvas?.width) return 0;
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  let n = 0;
  for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
  return n / (data.length / 4);
}"""


@pytest.fixture(scope="module")
def crowd():
    """An atlas of many, with a lower bound of what is drawn whole, and where it is served."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_sample, "MOST_DRAWN", 10_000)
        explorer = Explorer(crowded_atlas(N))
        server = make_server("127.0.0.1", 0, create_app({"crowded": explorer}), threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield explorer, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


def looks_at(page, x, y):
    page.evaluate(
        f"([x, y]) => window.Plotly.relayout({PLOT}, {{'xaxis.range': x, 'yaxis.range': y}})",
        [list(x), list(y)],
    )


def sees_galaxies(page, rows):
    """Wait until all of these, and the points that are always there, are drawn."""
    page.wait_for_function(
        f"n => ({IN_VIEW}.customdata ?? []).length === n", arg=len(rows), timeout=30_000
    )
    assert sorted(page.evaluate(f"{IN_VIEW}.customdata")) == sorted(rows)


def test_far_out_is_a_picture_and_close_by_every_galaxy_can_be_clicked(browser, crowd):
    explorer, address = crowd
    with visiting(browser, address) as visitor:
        visitor.open()
        page = visitor.page
        page.wait_for_function(f"() => ({PAINTED})() > 0.2")
        assert page.evaluate(f"({IN_VIEW}.x ?? []).length") == 0

        # A selection holds all galaxies, and so few are all drawn at once.
        draw(visitor, "Lasso Select", circle(0.5, 0.4, 0.2))
        passing = region_of(visitor).contains(explorer.map_xy)
        said = page.locator("#map-selected")
        expect(said).to_contain_text(f"{passing.sum():,} galaxies selected on the map.")
        drawn = map_sample.drawn_rows(explorer)
        sees_galaxies(page, np.setdiff1d(np.flatnonzero(passing), drawn).tolist())
        page.keyboard.press("Escape")
        page.wait_for_function(f"() => ({IN_VIEW}.x ?? []).length === 0")

        # All of a small place; then a filter, which leaves a picture of the others.
        looks_at(page, (0.5, 0.56), (0.5, 0.56))
        page.wait_for_function(f"() => ({IN_VIEW}.x ?? []).length > 0")
        page.wait_for_function(f"() => ({PAINTED})() < 0.01")
        seen = np.array(page.evaluate(f"{IN_VIEW}.customdata"))
        inside = ((explorer.map_xy > 0.5) & (explorer.map_xy < 0.56)).all(axis=1)
        assert set(np.flatnonzero(inside)) <= set(seen.tolist()) | set(drawn.tolist())
        row, x, y = page.evaluate(
            f"""() => {{
              const {{ x, y, customdata }} = {IN_VIEW};
              const placesOf = ({{ x, y }}) => Array.from(x, (_, i) =>
                window.galaxyFinder.pixelsOf({PLOT}, [x[i], y[i]]));
              const at = placesOf({{ x, y }});
              const far = placesOf({PLOT}._fullData[1]);
              const gap = (i) => Math.min(...[...at.filter((_, j) => j !== i), ...far].map(
                (p) => Math.hypot(p.left - at[i].left, p.top - at[i].top)));
              const i = at.findIndex((p, i) =>
                p.isInView && p.left > 40 && p.top > 60 && gap(i) > 4);
              return [customdata[i], at[i].left, at[i].top];
            }}"""
        )
        plot = page.locator("#map").bounding_box()
        page.mouse.move(plot["x"] + x - 30, plot["y"] + y)
        page.mouse.move(plot["x"] + x, plot["y"] + y)
        expect(page.locator("#map-hover")).to_contain_text(f"G{row}")
        page.mouse.click(plot["x"] + x, plot["y"] + y)
        visitor.sees_selected(f"G{row}")
        visitor.wait_until_idle()

        page.get_by_role("button", name="spiral").click()
        visitor.sees_address(f"?galaxy=G{row}&k=25&f.kind=spiral")
        kinds = explorer.values("kind")
        page.wait_for_function(f"n => {IN_VIEW}.customdata?.length < n", arg=len(seen))
        page.wait_for_function(f"() => ({PAINTED})() > 0")
        page.wait_for_function(f"() => ({IN_VIEW}.customdata ?? []).length > 0")
        spirals = np.array(page.evaluate(f"{IN_VIEW}.customdata"))
        assert set(kinds[spirals]) == {"spiral"}
        colours = page.evaluate(f"Array.from({IN_VIEW}.marker.color)")
        assert len(set(colours)) == 1

        page.get_by_label("Colour", exact=True).select_option("mag_z")
        page.wait_for_function(f"() => new Set({IN_VIEW}.marker?.color ?? []).size > 1")
        page.get_by_role("button", name="Light theme").click()
        visitor.wait_until_idle()
        page.wait_for_function(f"() => ({PAINTED})() > 0")
