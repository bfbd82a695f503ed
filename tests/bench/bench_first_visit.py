"""A first visit over a slow line: what it fetches, and when it is painted and in use; with bounds.

Run with ``python -m tests.bench.bench_first_visit [--visits 3]``: Chromium, which has never been
here, at 5 Mbit/s and 120 ms. It ends with 1 where a bound is not held. An atlas without thumbnails
gets its pictures from a stand-in for the cutout service, over the same line.

A gallery is in use when all pictures that are in view have come and a click on a card is sent at
once. Clicks are taken sooner, with the pictures: how long such a one waits is measured in visits of
their own.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, Playwright, sync_playwright

from pipeline.atlas import open_atlas
from tests.bench.bench_page import PATIENCE_S, Traffic, small_atlas, visiting
from tests.browser.chromium import MISSING, find_browser
from tests.browser.cutouts_stand_in import cutouts_of
from tests.browser.serving import ROOT, serving

LINE = {"latency": 120, "downloadThroughput": 5e6 / 8, "uploadThroughput": 5e6 / 8}  # ms, bytes/s
SERVICE = "https://www.legacysurvey.org"
MOST_KILOBYTES, MOST_REQUESTS = 2000, 40
MOST_PAINT_MS, MOST_USABLE_MS = 1000, 2500
MOST_SECOND_KILOBYTES = 100  # of another atlas, besides its pictures: its map and its words

WATCH = """
(() => {
  const seen = { pictures: null, usable: null, map: null, answered: null, mayClick: false };
  window.firstVisit = seen;
  const cards = () => [...document.querySelectorAll("ul.cards li .card")];
  const ids = () => cards().map((card) => card.id).join();
  const isInView = (card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  };
  const hasPicture = (card) => card.querySelector("img")?.naturalWidth > 0;
  // Not what is inert, or below something else.
  const isReached = (card) => {
    const { left, top, width, height } = card.getBoundingClientRect();
    return card.contains(document.elementFromPoint(left + width / 2, top + height / 4));
  };
  let before = null;
  const look = () => {
    const now = performance.now();
    const there = cards().filter(isInView);
    if (there.length && there.every(hasPicture) && isReached(there[0])) {
      seen.pictures ??= now;
      if (!document.querySelector(".first-paint")) {
        seen.usable ??= now;
      }
      if (seen.mayClick && before === null) {
        before = ids();
        there[1].click();
      }
    }
    if (before !== null && ids() && ids() !== before) {
      seen.answered ??= now;
    }
    if (document.querySelector(".js-plotly-plot .gl-canvas")) {
      seen.map ??= now;
    }
    requestAnimationFrame(look);
  };
  look();
})();
"""
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@dataclass(frozen=True)
class Visit:
    """What a visit took, pictures included; times in ms since it was asked for."""

    kilobytes: float
    n_requests: int
    kilobytes_of_pictures: float
    painted_ms: float
    pictures_ms: float
    usable_ms: float
    map_ms: float


def visit(page: Page, traffic: Traffic, address: str) -> Visit:
    """Open a page that has `WATCH`, and wait until it is at rest."""
    page.goto(address, wait_until="commit")
    times = {name: when(page, name) for name in ("pictures", "usable", "map")}
    asked = traffic.take()
    pictures = [one for one in asked if one.is_thumbnail or one.address.startswith(SERVICE)]
    return Visit(
        kilobytes=sum(one.bytes for one in asked) / 1e3,
        n_requests=len(asked),
        kilobytes_of_pictures=sum(one.bytes for one in pictures) / 1e3,
        painted_ms=float(page.evaluate(_PAINTED)),
        pictures_ms=times["pictures"],
        usable_ms=times["usable"],
        map_ms=times["map"],
    )


def answered_ms(page: Page, address: str) -> tuple[float, float]:
    """Click on a card as soon as the pictures are there; return when, and when it is answered."""
    page.add_init_script("firstVisit.mayClick = true")
    page.goto(address, wait_until="commit")
    return when(page, "pictures"), when(page, "answered")


def when(page: Page, name: str) -> float:
    """Return when something was seen, once it is."""
    page.wait_for_function(f"firstVisit.{name} !== null", timeout=1e3 * PATIENCE_S)
    return float(page.evaluate(f"firstVisit.{name}"))


@contextmanager
def slow_visitor(
    playwright: Playwright, server: str, pictures: dict[str, str]
) -> Iterator[tuple[Page, Traffic]]:
    """Yield a page of a browser that has never been here, behind a slow line.

    ``pictures`` are the addresses that stand in for the cutout service, by the size they send.
    """
    with visiting(playwright, server, SERVICE) as (page, traffic):
        page.add_init_script(WATCH)
        devtools = page.context.new_cdp_session(page)

        def lead_on(paused: dict[str, Any]) -> None:
            _, asked = paused["request"]["url"].split("?")  # each has an address of its own
            size = "480" if "size=480" in asked else "192"
            to = {"requestId": paused["requestId"], "url": f"{pictures[size]}?{asked}"}
            devtools.send("Fetch.continueRequest", to)

        devtools.on("Fetch.requestPaused", lead_on)
        devtools.send("Fetch.enable", {"patterns": [{"urlPattern": f"{SERVICE}/*"}]})
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", {"offline": False, **LINE})
        yield page, traffic


def bench(atlases: Sequence[Path], n: int) -> bool:
    """Visit each atlas first, and then the other; print medians, return whether all bounds hold."""
    thumbnails = open_atlas(atlases[0]).thumbnails
    assert thumbnails is not None
    small, large = (_jpeg(thumbnails[len(thumbnails) // 2], px) for px in (192, 480))
    holds = True
    with (
        serving(*atlases) as server,
        cutouts_of(small) as of_cards,
        cutouts_of(large) as of_selected,
        sync_playwright() as playwright,
    ):
        pictures = {"192": of_cards.address, "480": of_selected.address}
        for atlas, other in zip(atlases, atlases[::-1], strict=True):
            address, beside = (f"{server}/atlas/{path.name}/" for path in (atlas, other))
            firsts, seconds, clicks = [], [], []
            for _ in range(n):
                with slow_visitor(playwright, server, pictures) as (page, traffic):
                    firsts.append(visit(page, traffic, address))
                    if other != atlas:
                        seconds.append(visit(page, traffic, beside))
                with slow_visitor(playwright, server, pictures) as (page, _traffic):
                    clicks.append(answered_ms(page, address))
            holds &= report(f"{atlas.name}, first visit", rows(firsts, clicks))
            if seconds:
                holds &= report(f"{other.name}, second atlas", rows_of_second(seconds))
    return holds


Row = tuple[str, float, str, float | None]  # name, median, unit, bound


def rows(visits: Sequence[Visit], clicks: Sequence[tuple[float, float]]) -> list[Row]:
    """Return what is said of first visits: name, median, unit, bound."""
    median = _medians(visits)
    return [
        ("bytes, with pictures", median["kilobytes"], "kB", MOST_KILOBYTES),
        ("of these, pictures", median["kilobytes_of_pictures"], "kB", None),
        ("requests, with pictures", median["n_requests"], "", MOST_REQUESTS),
        ("first paint", median["painted_ms"], "ms", MOST_PAINT_MS),
        ("pictures in view", median["pictures_ms"], "ms", None),
        ("usable gallery", median["usable_ms"], "ms", MOST_USABLE_MS),
        (
            "a click as soon as there are pictures, answered",
            statistics.median(answered for _, answered in clicks),
            "ms",
            None,
        ),
        ("map", median["map_ms"], "ms", None),
    ]


def rows_of_second(visits: Sequence[Visit]) -> list[Row]:
    """Return what is said of visits after another one."""
    median = _medians(visits)
    without = median["kilobytes"] - median["kilobytes_of_pictures"]
    return [
        ("bytes besides pictures", without, "kB", MOST_SECOND_KILOBYTES),
        ("pictures", median["kilobytes_of_pictures"], "kB", None),
        ("requests, with pictures", median["n_requests"], "", MOST_REQUESTS),
        ("first paint", median["painted_ms"], "ms", MOST_PAINT_MS),
        ("usable gallery", median["usable_ms"], "ms", MOST_USABLE_MS),
        ("map", median["map_ms"], "ms", None),
    ]


def report(what: str, said: Sequence[Row]) -> bool:
    """Print a line for each figure, and its bound if it has one; return whether all are held."""
    holds = True
    for name, value, unit, bound in said:
        line = f"{f'{what}: {name}':<70}{value:>8.0f} {unit:<3}"
        if bound is not None:
            is_held = value <= bound
            holds &= is_held
            line += f"at most {bound:>5} {'' if is_held else 'NOT HELD'}"
        print(line.rstrip(), flush=True)
    return holds


def _medians(visits: Sequence[Visit]) -> dict[str, float]:
    return {name: statistics.median(vars(one)[name] for one in visits) for name in vars(visits[0])}


def _jpeg(thumbnail: bytes, size_px: int) -> bytes:
    """Return a picture as the cutout service sends it, of about as many bytes: 8 kB at 192 px."""
    file = io.BytesIO()
    image = Image.open(io.BytesIO(thumbnail)).resize((size_px, size_px), Image.Resampling.LANCZOS)
    image.save(file, "JPEG", quality=75)
    return file.getvalue()


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=3, help="of each kind (%(default)s)")
    options = parser.parse_args(argv)
    if find_browser() is None:
        print(MISSING)
        return 0
    mock, nearby = (ROOT / "atlases" / name for name in ("mock", "nearby"))
    with tempfile.TemporaryDirectory() as folder:
        first = mock if (mock / "manifest.json").exists() else small_atlas(Path(folder))
        atlases = [first.resolve(), *([nearby] if nearby.exists() else [])]
        mbit = LINE["downloadThroughput"] * 8 / 1e6
        print(f"At {mbit:.0f} Mbit/s and {LINE['latency']} ms, median of {options.visits} visits")
        return 0 if bench(atlases, options.visits) else 1


if __name__ == "__main__":
    sys.exit(main())
