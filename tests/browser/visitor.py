"""What a visitor does and sees, in words that journeys can use."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Error, Page, Request, expect

from tests.browser.nearby_atlas import SERVICE


def _jpeg() -> str:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 150, 90)).save(file, "JPEG")
    return base64.b64encode(file.getvalue()).decode()


_PICTURE = _jpeg()

_CLICKABLE_POINT = """
() => {
  const plot = document.querySelector(".js-plotly-plot");
  const { xaxis, yaxis } = plot._fullLayout;
  const { x, y } = plot._fullData[1];
  const at = Array.from(x, (_, i) => [xaxis.l2p(x[i]), yaxis.l2p(y[i])]);
  const inside = ([px, py]) =>
    px > 20 && py > 20 && px < xaxis._length - 20 && py < yaxis._length - 20;
  let best = { gap: -1 };
  at.forEach((p, i) => {
    const gaps = at.map((q, j) => (i === j ? 1e9 : Math.hypot(p[0] - q[0], p[1] - q[1])));
    const gap = Math.min(...gaps);
    if (inside(p) && gap > best.gap) best = { row: i, x: p[0], y: p[1], gap };
  });
  return best;
}
"""
# Dash keeps a list for each stage that a callback passes through; all are empty once it is done.
_IDLE = """
() => {
  const { stored, ...stages } = window.store?.getState().callbacks ?? { none: [1] };
  return Object.values(stages).every((stage) => !Array.isArray(stage) || stage.length === 0);
}
"""
# plotly says so once, when the last of the wheel's turns is over.
_LISTEN_TO_ZOOM = """
() => {
  const plot = document.querySelector(".js-plotly-plot");
  window.mapHasZoomed = new Promise((done) => plot.once("plotly_relayout", () => done(true)));
}
"""
_MAP = """
() => {
  const plot = document.querySelector(".js-plotly-plot");
  const list = (values) => Array.from(values ?? []);
  return {
    range: list(plot._fullLayout.xaxis.range),
    colours: list(plot._fullData[1].marker.color).map(Number),
    scale: JSON.stringify(plot._fullData[1].marker.colorscale),
    neighbours: list(plot._fullData[2].x),
    query: list(plot._fullData[3].x),
    ring: plot._fullData[3].marker.color,
  };
}
"""

_NOT_RESOLVED, _TIMED_OUT = "ERR_NAME_NOT_RESOLVED", "ERR_TIMED_OUT"


class Visitor:
    """A page, and everything it complained about.

    Attributes
    ----------
    complaints : list of str
        Errors and warnings of the console, failed requests, requests to other hosts.
    pictures_asked : list of str
        Addresses that a stand-in for the cutout service was asked for.
    """

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server
        self.base_path = urlsplit(server).path
        self.complaints: list[str] = []
        self._forgiven: set[str] = set()
        self.pictures_asked: list[str] = []
        self._held: list[str] = []
        self._answer_picture: Callable[[str], None]
        self.finds_no_pictures()
        # Not page.route, which looks at every request and leaves the page without its cache.
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.on("Fetch.requestPaused", self._picture_asked)
        self._devtools.send("Fetch.enable", {"patterns": [{"urlPattern": f"{SERVICE}*"}]})
        page.set_default_timeout(20_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("request", self._asked)
        page.on(
            "response",
            lambda answer: answer.status >= 400 and self._complain(f"{answer.status} {answer.url}"),
        )

    def open(self, search: str = "") -> None:
        # Not until it is loaded: the first page may lead on before that.
        self.page.goto(f"{self.server}/{search}", wait_until="commit")
        self.sees_map()
        expect(self.page.locator(".selected-name")).to_be_visible()
        self.wait_until_idle()

    def close(self) -> None:
        """Leave, and let the browser forget the visit."""
        forgotten = {
            "origin": self.server.removesuffix(self.base_path),
            "storageTypes": "local_storage,cookies",
        }
        self._devtools.send("Storage.clearDataForOrigin", forgotten)
        self.page.context.clear_permissions()
        self.page.close()

    def finds_pictures(self) -> None:
        """Let a stand-in for the Legacy Surveys answer, with the same picture every time."""
        self._answer_picture = self._fulfil

    def finds_no_pictures(self) -> None:
        """Cut the Legacy Surveys off, as without a network; the browser will complain."""
        self._answer_picture = lambda request: self._fail(request, "NameNotResolved")

    def waits_for_pictures(self) -> None:
        """Let the Legacy Surveys never answer, until `lets_pictures_go`."""
        self._answer_picture = self._held.append

    def lets_pictures_go(self) -> None:
        """Fail what the Legacy Surveys have not answered; the browser may say so, then or later."""
        self._forgiven.add(_TIMED_OUT)
        while self._held:
            with suppress(Error):  # the browser may have given up first
                self._fail(self._held.pop(), "TimedOut")

    def _picture_asked(self, paused: dict[str, Any]) -> None:
        self.pictures_asked.append(paused["request"]["url"])
        self._answer_picture(paused["requestId"])

    def _fulfil(self, request: str) -> None:
        header = {"name": "Content-Type", "value": "image/jpeg"}
        answer = {"responseCode": 200, "responseHeaders": [header], "body": _PICTURE}
        self._devtools.send("Fetch.fulfillRequest", {"requestId": request} | answer)

    def _fail(self, request: str, reason: str) -> None:
        self._devtools.send("Fetch.failRequest", {"requestId": request, "errorReason": reason})

    def sees_atlas(self, name: str) -> None:
        """Check the address and the mark on the switch, and wait for the page to be at rest."""
        self.page.wait_for_url(f"**/atlas/{name}/**")
        self.sees_map()
        marked = self.page.locator(".atlas-switch [aria-current=page]")
        expect(marked).to_have_attribute("href", f"{self.base_path}/atlas/{name}/")
        expect(self.page.locator(".selected-name")).to_be_visible()
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        self.page.wait_for_function(_IDLE)

    def forgives(self, part: str) -> None:
        """Drop the complaints that a journey has provoked, and those yet to come; one must be."""
        rest = [complaint for complaint in self.complaints if part not in complaint]
        assert len(rest) < len(self.complaints), f"nobody complained about {part}"
        self._forgiven.add(part)
        self.complaints[:] = rest

    def forgives_missing_pictures(self) -> None:
        """Drop what the browser says, now or later, of a cutout service that is cut off."""
        self._forgiven |= {_NOT_RESOLVED, _TIMED_OUT}
        self.complaints[:] = [one for one in self.complaints if not self._forgives(one)]

    def _forgives(self, complaint: str) -> bool:
        return any(part in complaint for part in self._forgiven)

    def _complain(self, complaint: str) -> None:
        if not self._forgives(complaint):
            self.complaints.append(complaint)

    def search(self, text: str) -> None:
        field = self.page.get_by_label("Name or position")
        field.fill(text)
        field.press("Enter")

    def sees_selected(self, object_id: str) -> None:
        expect(self.page.locator(".selected-name")).to_have_text(object_id)

    def sees_cards(self, n: int) -> None:
        expect(self.page.locator("button.card")).to_have_count(n)

    def sees_message(self, part: str) -> None:
        expect(self.page.locator("#search-message")).to_contain_text(part)

    def sees_address(self, search: str) -> None:
        self.page.wait_for_function("search => location.search === search", arg=search)

    def sees_rings(self, x_of_query: float, n_neighbours: int) -> None:
        self.sees_map()
        self.page.wait_for_function(
            f"""([x, n]) => {{
              const now = ({_MAP})();
              return now.neighbours.length === n && Math.abs(now.query[0] - x) < 1e-5;
            }}""",
            arg=[float(x_of_query), n_neighbours],
        )

    def sees_ring_colour_other_than(self, colour: str) -> None:
        self.page.wait_for_function(f"colour => ({_MAP})().ring !== colour", arg=colour)

    def sees_map(self) -> None:
        """Wait until the map is drawn, which takes longer than all else of a page that opens."""
        self.page.wait_for_selector(".js-plotly-plot .gl-canvas")

    def map(self) -> dict[str, Any]:
        self.sees_map()
        return dict(self.page.evaluate(_MAP))

    def point_at(self, point: dict[str, Any]) -> None:
        """Move the pointer to a point of the map, and wait until the map has noticed."""
        self.page.mouse.move(point["x"] - 40, point["y"])
        self.page.mouse.move(point["x"], point["y"])
        self.page.wait_for_function(
            "row => document.querySelector('.js-plotly-plot')._hoverdata?.[0].pointNumber === row",
            arg=point["row"],
        )

    def lonely_point(self) -> dict[str, Any]:
        """Return the row, and place on the page, of a point far from all others."""
        self.sees_map()
        point = self.page.evaluate(_CLICKABLE_POINT)
        box = self.page.locator(".js-plotly-plot .nsewdrag").bounding_box()
        assert box is not None
        return {"row": point["row"], "x": box["x"] + point["x"], "y": box["y"] + point["y"]}

    def zoom_into_map(self) -> list[float]:
        """Turn the wheel over the map; return its new horizontal range."""
        self.page.locator(".js-plotly-plot .nsewdrag").hover()
        self.page.evaluate(_LISTEN_TO_ZOOM)
        self.page.mouse.wheel(0, -300)
        self.page.evaluate("() => window.mapHasZoomed")
        return list(self.map()["range"])

    def _heard(self, message: Any) -> None:
        # Software WebGL complains of its own slowness when the map is asked for its pixels.
        if message.type in ("error", "warning") and "GL Driver Message" not in message.text:
            self._complain(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A picture that is no longer wanted is not loaded to its end, nor is all that belongs to
        # the first page, which leads on: no fault. A file to save is no page to go to, so the way
        # there ends when it comes.
        folders = ("/cutouts/", "/assets/", "/export/", "/_dash-component-suites/")
        unwanted = any(part in request.url for part in (*folders, SERVICE))
        if not (request.failure == "net::ERR_ABORTED" and unwanted):
            self._complain(f"{request.failure}: {request.url}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.server}/", "data:", "blob:", SERVICE)):
            self._complain(f"asked another host, or outside of the path: {request.url}")
