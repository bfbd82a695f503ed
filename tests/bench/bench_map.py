"""The map of very many: tiles at the server, and what a browser does with them.

Run with ``python -m tests.bench.bench_map [--rows 100001 1000000]``. Galaxies lie between shipped
ones (tests/dashboard/crowded_atlas.py). For each number of them is printed how long a tile takes,
cold and kept; how long after its page the map has its first picture, and what all that is in bytes;
and how many frames a second the browser draws while the map is moved and zoomed. It is a real
Chromium without a graphics card: WebGL and canvas are drawn by the processor.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.request import urlopen

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import find_browser
from tests.browser.serving import ARGUMENTS, DESKTOP, ROOT

_PLOT = "document.querySelector('#map .js-plotly-plot')"
_PAINTED = """() => {
  const canvas = document.querySelector(".map-tiles canvas");
  if (!canvas?.width) return false;
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  return data.some((value, i) => i % 4 === 3 && value > 0);
}"""
_COUNT_FRAMES = """() => {
  window.frames = [];
  const next = (at) => { window.frames.push(at); window.requestAnimationFrame(next); };
  window.requestAnimationFrame(next);
}"""
_KEPT_TIMES = 5
_SECONDS = 3.0  # of moving, and of zooming
_CLOSE = 0.0005  # of the map's area, with all galaxies as points


def serve(n: int) -> None:
    """Serve an atlas of ``n`` galaxies until the end of this process; say where."""
    from dashboard.app import create_app
    from dashboard.explorer.explorer import Explorer
    from dashboard.web.server import Server, listen
    from tests.dashboard.crowded_atlas import crowded_atlas

    logging.disable(logging.WARNING)
    atlas = crowded_atlas(n)
    start = time.perf_counter()
    app = create_app({"crowded": Explorer(atlas)})
    listener = listen("127.0.0.1", 0)
    took = time.perf_counter() - start
    print(f"http://127.0.0.1:{listener.getsockname()[1]} {took:.1f}", flush=True)
    Server(app, listener).run()


@contextmanager
def serving_many(n: int) -> Iterator[tuple[str, float, int]]:
    """Yield address, seconds that opening took, and process of a server of ``n`` galaxies."""
    command = [sys.executable, "-m", "tests.bench.bench_map", "--serve", str(n)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = re.match(r"(\S+) (\S+)", process.stdout.readline())
        assert said is not None, "the server did not start"
        yield said[1], float(said[2]), process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def asked(address: str) -> tuple[float, int]:
    """Return how long an answer takes in ms, and its bytes on the line."""
    start = time.perf_counter()
    with urlopen(address) as answer:
        n_bytes = len(answer.read())
    return 1000 * (time.perf_counter() - start), n_bytes


def report_tiles(address: str) -> None:
    """Print how long tiles take at the server: cold, and kept."""
    tiles = {
        "picture, level 2, first": "picture/2/1/1?colour=kind",
        "picture, level 2, next": "picture/2/2/2?colour=kind",
        "picture, level 2, other colour": "picture/2/2/2?colour=mag_z",
        "picture, level 2, a filter": "picture/2/2/2?colour=kind&f.mag_z=17..",
        "picture, level 4": "picture/4/8/8?colour=kind",
        "picture, level 6": "picture/6/34/34?colour=kind",
        "galaxies, level 6": "galaxies/6/34/34?colour=kind",
    }
    for name, rest in tiles.items():
        where = f"{address}/map-tiles/crowded/{rest}"
        cold, _ = asked(where)
        kept = min(asked(where)[0] for _ in range(_KEPT_TIMES))
        print(f"  {name:<32}{cold:>9.1f} ms cold{kept:>8.1f} ms kept", flush=True)


def frames_per_second(page: Page, act: str, close: float | None = None) -> str:
    """Return frames per second, and the longest, while the map is moved or zoomed."""
    if close is not None:
        half = close**0.5 / 2
        ends = [0.55 - half, 0.55 + half]
        page.evaluate(
            f"e => window.Plotly.relayout({_PLOT}, {{'xaxis.range': e, 'yaxis.range': e}})", ends
        )
        page.wait_for_function(f"() => ({_PLOT}._fullData[7].x ?? []).length > 0")
    box = page.locator(".js-plotly-plot .nsewdrag").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate("() => { window.frames.length = 0; }")
    start, step = time.perf_counter(), 0
    if act == "pan":
        page.mouse.down()
    while time.perf_counter() - start < _SECONDS:
        step += 1
        if act == "pan":
            page.mouse.move(x + 60 * np.sin(step / 8), y + 60 * np.cos(step / 8))
        else:
            page.mouse.wheel(0, -40 if step % 40 < 20 else 40)
    if act == "pan":
        page.mouse.up()
    at = np.array(page.evaluate("() => window.frames"))
    gaps = np.diff(at)
    page.wait_for_timeout(500)
    return f"{1000 * len(gaps) / (at[-1] - at[0]):5.1f} /s (longest {gaps.max():.0f} ms)"


def report_page(address: str) -> None:
    """Print what a first visit takes, and how smoothly the map moves."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        for warmed in (False, True):  # the second visit has the browser's own start behind it
            page = browser.new_context(viewport=DESKTOP).new_page()
            page.set_default_timeout(120_000)
            page.add_init_script("localStorage.hints = '3'")
            devtools = page.context.new_cdp_session(page)
            sent: dict[str, list[float]] = {"tiles": [], "all else": []}
            names: dict[str, str] = {}
            devtools.on(
                "Network.responseReceived",
                lambda e, names=names: names.update(
                    {e["requestId"]: "tiles" if "map-tiles" in e["response"]["url"] else "all else"}
                ),
            )
            devtools.on(
                "Network.loadingFinished",
                lambda e, names=names, sent=sent: sent[
                    names.get(e["requestId"], "all else")
                ].append(e["encodedDataLength"]),
            )
            devtools.send("Network.enable")
            start = time.perf_counter()
            page.goto(f"{address}/atlas/crowded/", wait_until="commit")
            page.wait_for_selector(".js-plotly-plot .gl-canvas")
            points = time.perf_counter() - start
            page.wait_for_function(_PAINTED)
            tiles = time.perf_counter() - start
            page.wait_for_timeout(1000)
            if not warmed:
                page.context.close()
        said = ", ".join(f"{name} {sum(of) / 1e3:.0f} kB" for name, of in sent.items())
        print(f"  first visit: points after {points:.1f} s, picture {tiles:.1f} s; {said}")
        page.evaluate(_COUNT_FRAMES)
        for act in ("pan", "zoom"):
            print(f"  {act}, far out    {frames_per_second(page, act)}", flush=True)
        for act in ("pan", "zoom"):
            fast = frames_per_second(page, act, _CLOSE)
            n = page.evaluate(f"() => ({_PLOT}._fullData[7].x ?? []).length")
            print(f"  {act}, {n:,} points in view    {fast}", flush=True)
        browser.close()


def resident_gb(process: int) -> float:
    """Return how much memory a process has."""
    with open(f"/proc/{process}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e9


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_001, 1_000_000])
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        serve(options.serve)
        return
    for n in options.rows:
        with serving_many(n) as (address, took, process):
            print(f"{n:,} galaxies: opened in {took:.1f} s", flush=True)
            report_tiles(address)
            report_page(address)
            print(f"  server {resident_gb(process):.2f} GB resident", flush=True)


if __name__ == "__main__":
    main()
