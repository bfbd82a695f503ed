"""What a visitor waits for: the page, a second atlas, and clicks, in a real Chromium.

Run with ``python -m tests.bench.bench_page [--clicks 20] [--compare DIRECTORY]``, where the
directory is another checkout, whose server then takes turns with this one's. Nothing here knows
more of the page than what is seen of it, so that old versions can be measured, too.

Times are taken inside the page, from its first byte or from the moment in which the button of the
mouse comes up, to the first frame that shows what was waited for. Bytes are those that the server
sent and, where it was asked by POST, was sent: what comes from the browser's cache is none.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, sync_playwright

from tests.browser.chromium import MISSING, find_browser
from tests.browser.serving import ARGUMENTS, DESKTOP, ROOT, serving

TURNS = 4  # of each version, one after the other: a machine is not the same for long
AT_REST_S = 0.4  # nothing was asked of the server for so long
PATIENCE_S = 60
# Pictures of other hosts differ from hour to hour: nobody is asked for them.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

WATCH = """
(() => {
  const state = { gallery: null, map: null, click: null, pressed: 0, hovered: null };
  window.galaxyFinderBench = state;
  const cards = () => [...document.querySelectorAll("ul.cards li button.card")];
  const ids = () => cards().map((card) => card.id).join();
  const note = (name) => {
    state[name] = Infinity; // seen, and painted in a moment
    requestAnimationFrame((time) => { state[name] = performance.now(); });
  };
  let before = "";
  window.addEventListener("pointerup", (event) => { state.pressed = event.timeStamp; }, true);
  state.expectClick = () => { before = ids(); state.click = null; };
  new MutationObserver(() => {
    const now = ids();
    if (state.gallery === null && now) note("gallery");
    if (state.click === null && now && now !== before) note("click");
    const plot = document.querySelector(".js-plotly-plot");
    if (state.map === null && plot?.querySelector(".gl-canvas")) {
      note("map");
      plot.on("plotly_hover", ({ points: [{ curveNumber, pointNumber }] }) => {
        state.hovered = `${curveNumber}/${pointNumber}`;
      });
      plot.on("plotly_unhover", () => { state.hovered = null; });
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
})();
"""


@dataclass
class Asked:
    """A request that the server answered: its address, and how many bytes went over the line."""

    address: str
    method: str
    bytes: int

    @property
    def is_thumbnail(self) -> bool:
        return "/cutouts/" in self.address


class Traffic:
    """What a page asks these servers for, as told by Chromium's own protocol."""

    def __init__(self, page: Page, *servers: str) -> None:
        self._page, self._servers = page, servers
        self._under_way: dict[str, Asked] = {}
        self._done: list[Asked] = []
        self._last = time.monotonic()
        devtools = page.context.new_cdp_session(page)
        devtools.on("Network.requestWillBeSent", self._begin)
        devtools.on("Network.loadingFinished", self._end)
        devtools.on("Network.loadingFailed", self._end)
        devtools.send("Network.enable", {"maxPostDataSize": 2**24})

    def _begin(self, event: dict[str, Any]) -> None:
        request = event["request"]
        if "redirectResponse" in event:
            self._end(event | {"encodedDataLength": event["redirectResponse"]["encodedDataLength"]})
        if request["url"].startswith(self._servers):
            self._last = time.monotonic()
            sent = len(request.get("postData", "").encode())
            self._under_way[event["requestId"]] = Asked(request["url"], request["method"], sent)

    def _end(self, event: dict[str, Any]) -> None:
        asked = self._under_way.pop(event["requestId"], None)
        if asked is None:
            return
        self._last = time.monotonic()
        asked.bytes += int(event.get("encodedDataLength", 0))
        if asked.bytes:  # else it came from the cache
            self._done.append(asked)

    def take(self) -> list[Asked]:
        """Wait until the page is at rest; return what was asked since the last time."""
        end = time.monotonic() + PATIENCE_S
        while self._under_way or time.monotonic() < self._last + AT_REST_S:
            if time.monotonic() > end:
                raise TimeoutError(f"The page does not come to rest: {self._under_way}")
            self._page.wait_for_timeout(50)
        done, self._done = self._done, []
        return done


@dataclass
class Figures:
    """Numbers by what was measured: times in ms, and what was asked; one for each repetition."""

    times: dict[str, list[float]] = field(default_factory=dict)
    asked: dict[str, list[list[Asked]]] = field(default_factory=dict)

    def add(self, what: str, asked: list[Asked], **times_ms: float) -> None:
        self.asked.setdefault(what, []).append(asked)
        for name, value in times_ms.items():
            self.times.setdefault(f"{what}: {name}", []).append(value)

    def rows(self) -> Iterator[tuple[str, float, str]]:
        """Yield name, median and unit of all that was measured; of times, the least, too."""
        for what, several in self.asked.items():
            for name, values in self.times.items():
                if name.startswith(f"{what}: "):
                    yield name, statistics.median(values), "ms"
                    yield f"{name}, least", min(values), "ms"
            mine = [[one for one in asked if not one.is_thumbnail] for asked in several]
            pictures = [len(all_) - len(ours) for all_, ours in zip(several, mine, strict=True)]
            posted = [sum(one.method == "POST" for one in asked) for asked in mine]
            yield f"{what}: requests", statistics.median(map(len, mine)), ""
            yield f"{what}: of these, callbacks", statistics.median(posted), ""
            kilobytes = [sum(one.bytes for one in asked) / 1e3 for asked in mine]
            yield f"{what}: without pictures", statistics.median(kilobytes), "kB"
            yield f"{what}: pictures", statistics.median(pictures), ""


@contextmanager
def visiting(playwright: Playwright, *servers: str) -> Iterator[tuple[Page, Traffic]]:
    """Yield a page of a browser that has never been here, for someone who has seen the hints."""
    with tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch_persistent_context(
            folder, executable_path=find_browser(), args=[*ARGUMENTS, OFFLINE]
        )
        page = browser.new_page()
        page.set_viewport_size(DESKTOP)
        page.add_init_script("if (location.protocol === 'http:') localStorage.hints = '3'")
        page.add_init_script(WATCH)
        yield page, Traffic(page, *servers)
        browser.close()


def seen(page: Page, name: str) -> float:
    """Return the time in ms at which something was painted, once it is."""
    condition = f"Number.isFinite(galaxyFinderBench.{name}) && galaxyFinderBench.{name} !== null"
    page.wait_for_function(condition, timeout=1e3 * PATIENCE_S)
    return float(page.evaluate(f"galaxyFinderBench.{name}"))


def open_page(page: Page, traffic: Traffic, figures: Figures, what: str, address: str) -> None:
    page.goto(address, wait_until="commit")
    gallery, map_ = seen(page, "gallery"), seen(page, "map")
    figures.add(what, traffic.take(), gallery=gallery, map=map_)


def click(page: Page, traffic: Traffic, figures: Figures, what: str, x: float, y: float) -> None:
    page.evaluate("galaxyFinderBench.expectClick()")
    traffic.take()
    page.mouse.click(x, y)
    painted = seen(page, "click")
    since = float(page.evaluate("galaxyFinderBench.pressed"))
    figures.add(what, traffic.take(), gallery=painted - since)


def click_cards(page: Page, traffic: Traffic, figures: Figures, n: int) -> None:
    """Click on cards, each time on another place of the gallery."""
    for number in range(n):
        cards = page.locator("ul.cards li button.card")
        card = cards.nth((3 + 5 * number) % min(cards.count(), 12))
        card.scroll_into_view_if_needed()
        box = card.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        click(page, traffic, figures, "click on a card", x, y)


def click_points(page: Page, traffic: Traffic, figures: Figures, n: int) -> None:
    """Click on points of the map, wherever the pointer finds one."""
    box = page.locator("#map .nsewdrag").bounding_box()
    assert box is not None
    places = [
        (box["x"] + box["width"] * (0.2 + 0.6 * (i * 0.618 % 1)), box["y"] + box["height"] * at)
        for i, at in enumerate(0.2 + 0.6 * (k * 0.7548 % 1) for k in range(400))
    ]
    former: set[str] = set()
    for x, y in places:
        if len(former) == n:
            return
        page.mouse.move(x - 30, y)
        page.mouse.move(x, y)
        page.wait_for_timeout(150)  # the map looks for what is below the pointer in its own time
        point = page.evaluate("galaxyFinderBench.hovered")
        if point is not None and point.startswith("1/") and point not in former:
            former.add(point)
            click(page, traffic, figures, "click on a point", x, y)


def measure(
    playwright: Playwright, repository: Path, atlases: Sequence[Path], n: int, figures: Figures
) -> None:
    """Serve one version, visit it once, and add to its figures."""
    first, *others = (path.name for path in atlases)
    with (
        serving(*atlases, repository=repository) as server,
        visiting(playwright, server) as (page, traffic),
    ):
        open_page(page, traffic, figures, f"{first}, first visit", f"{server}/atlas/{first}/")
        click_cards(page, traffic, figures, n)
        click_points(page, traffic, figures, n)
        for other in others[:1]:
            address = f"{server}/atlas/{other}/"
            open_page(page, traffic, figures, f"{other}, second atlas", address)


def report(figures: Figures, other: Figures | None = None) -> None:
    """Print one line for each figure, and what they are of those of another version."""
    of_other = {} if other is None else {name: value for name, value, _ in other.rows()}
    for name, value, unit in figures.rows():
        line = f"{name:<44}{value:>9.0f} {unit:<3}"
        if name in of_other:
            line += f"{of_other[name]:>9.0f} {unit:<3}"
            line += f"{value / of_other[name]:>7.2f}" if of_other[name] else ""
        print(line.rstrip(), flush=True)


def bench(atlases: Sequence[Path], n: int, repository: Path, compare: Path | None) -> None:
    """Measure one version, or two in turns, and print the medians."""
    versions = [repository] if compare is None else [repository, compare]
    figures = [Figures() for _ in versions]
    turns = 1 if compare is None else min(TURNS, n)
    shares = [n // turns + (turn < n % turns) for turn in range(turns)]
    with sync_playwright() as playwright:
        for share in shares:
            for version, of_version in zip(versions, figures, strict=True):
                measure(playwright, version, atlases, share, of_version)
    print(f"{atlases[0].name}, median of {n} clicks{', this / the other' if compare else ''}")
    report(*figures)


def small_atlas(folder: Path) -> Path:
    """Build 300 mock galaxies, where no atlas is there to be visited."""
    from pipeline.stages.build import Build
    from tests.conftest import TINY

    build = Build(TINY, folder)
    build.run_all()
    return build.destination


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--atlas",
        type=Path,
        nargs="+",
        help="folder of the atlas, and of the one opened second "
        "(default: atlases/mock, or a small one where there is none, and atlases/nearby)",
    )
    parser.add_argument("--clicks", type=int, default=20, help="of each kind (%(default)s)")
    parser.add_argument("--repository", type=Path, default=ROOT, help="the version to serve")
    parser.add_argument("--compare", type=Path, help="another version, which takes turns with it")
    options = parser.parse_args(argv)
    if find_browser() is None:
        print(MISSING)
        return
    mock, nearby = (ROOT / "atlases" / name for name in ("mock", "nearby"))
    with tempfile.TemporaryDirectory() as folder:
        atlases = options.atlas
        if atlases is None:
            atlases = [mock if mock.exists() else small_atlas(Path(folder)), nearby]
        atlases = [path.resolve() for path in atlases]
        bench(atlases, options.clicks, options.repository, options.compare)


if __name__ == "__main__":
    main()
