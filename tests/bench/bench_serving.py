"""Whether an atlas is served within the bounds that are set for ten million galaxies.

Run with ``python -m tests.bench.bench_serving ATLAS [--workers 1 2]``, the atlas being one that
`bench_million` has built, since filters ask for its columns. A server is started as an
administrator starts it, and asked over HTTP; its memory is the sum of the proportional set sizes of
all its processes, in which what they share counts once. The questions themselves are timed in a
process of their own, one after another. Exit status 1: something is beyond its bound.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

MOST_START_S = 20.0
MOST_FIRST_ANSWER_S = 3.0
MOST_SERVER_MB = 4_000.0
MOST_QUERY_MS = 50.0
MOST_LEAST_MS = 5_000.0
MOST_FILTER_MS = 300.0
MOST_POSITION_MS = 1.0
N_QUERIES = 30

ASK = """
import sys
from pathlib import Path
from tests.bench.bench_serving import ask
ask(Path(sys.argv[1]))
"""


@dataclass
class Bounds:
    """Measurements, each beside the most that it may be."""

    too_much: list[str] = field(default_factory=list)

    def check(self, what: str, value: float, most: float, unit: str) -> None:
        """Print a measurement, and remember it if it is beyond its bound."""
        is_above = value > most
        verdict = "ABOVE" if is_above else "below"
        print(f"{what:<64}{value:>10,.2f} {unit:<3} {verdict} {most:,g}", flush=True)
        if is_above:
            self.too_much.append(f"{what}: {value:,.2f} {unit}, and at most {most:,g}")

    def above(self) -> str | None:
        """Return what is too much, for the exit of the process; None if nothing is."""
        return "\n".join(["Beyond the bounds:", *self.too_much]) if self.too_much else None


def bench_serving(atlas: Path, workers: Sequence[int], bounds: Bounds) -> None:
    """Measure servers of several numbers of workers, and the questions."""
    for n_workers in workers:
        bench_server(atlas, n_workers, bounds)
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(atlas)], check=True, stdout=subprocess.PIPE, text=True
    )
    for line in done.stdout.splitlines():
        what, value, most, unit = line.split("|")
        bounds.check(what, float(value), float(most), unit)


def bench_server(atlas: Path, n_workers: int, bounds: Bounds) -> None:
    """Start a server, visit it, and measure its memory."""
    from tests.bench.users import Visitor
    from tests.faults.running import running

    name = f"{n_workers} worker{'s' if n_workers > 1 else ''}"
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(atlas, Path(folder), "--workers", str(n_workers)) as server,
    ):
        started = time.monotonic()
        bounds.check(f"{name}: start", started - start, MOST_START_S, "s")
        visitor = Visitor(server.address, seed=1)
        visitor.open()
        first = time.monotonic() - started
        bounds.check(f"{name}: page and first answer", first, MOST_FIRST_ANSWER_S, "s")
        visitor.request("k", k=100)
        took = []
        for _ in range(N_QUERIES):
            before = time.perf_counter()
            visitor.click()
            took.append(1e3 * (time.perf_counter() - before))
        visitor.leave()
        print(
            f"{name}: an answer of 100 cards over HTTP, median {statistics.median(took):.0f} ms, "
            f"longest {max(took):.0f} ms",
            flush=True,
        )
        bounds.check(f"{name}: memory of all processes", server.memory_mb(), MOST_SERVER_MB, "MB")


def ask(path: Path) -> None:
    """Time the questions in this process, a line for each."""
    from dashboard.explorer.explorer import Explorer
    from dashboard.filters.filters import Filters
    from dashboard.query.answer import answer
    from dashboard.query.query import Query
    from dashboard.sky.coordinates import SkyPosition
    from pipeline.atlas import open_atlas

    explorer, rng = Explorer(open_atlas(path)), np.random.default_rng(0)
    for name, wanted in column_filters().items():
        if name in explorer.columns and takes(explorer.filter_columns[name], wanted[0]):
            # Another range each time: what was counted before is remembered.
            took = milliseconds(explorer.passing, [Filters(((name, one),)) for one in wanted])
            say(f"filter on {name}, first", took[0], MOST_FILTER_MS, "ms")
            say(f"filter on {name}, then", statistics.median(took[1:]), MOST_FILTER_MS, "ms")
    # Other galaxies each time: answers are remembered.
    rows = iter(rng.integers(explorer.n_objects, size=5 * N_QUERIES).tolist())
    both = ("hubble_type", "mag_r")
    few = Filters(tuple((name, column_filters()[name][0]) for name in both))

    def queries(n: int = N_QUERIES, **more: Any) -> list[Query]:
        return [replace(Query((next(rows),), k=100), **more) for _ in range(n)]

    def neighbours(query: Query) -> object:
        return query.neighbours(explorer)

    for what, ask_one in (("query", neighbours), ("answer", partial(answer, explorer))):
        for more in ({}, {"filters": few}):
            took = milliseconds(ask_one, queries(**more))
            about = f"{what}, k = 100, separation{' and filters' if more else ''}"
            say(about, statistics.median(took), MOST_QUERY_MS, "ms")
    took = milliseconds(neighbours, queries(5, least_similar=True))
    say("least similar, all are compared", statistics.median(took), MOST_LEAST_MS, "ms")
    positions = zip(rng.uniform(0, 360, N_QUERIES), rng.uniform(-18, 55, N_QUERIES), strict=True)
    asked = [SkyPosition(float(ra), float(dec)) for ra, dec in positions]
    took = milliseconds(explorer.nearest_on_sky, asked)
    say("position found", statistics.median(took), MOST_POSITION_MS, "ms")


def say(what: str, value: float, most: float, unit: str) -> None:
    """Print a measurement for the process that asks."""
    print(f"{what}|{value}|{most}|{unit}", flush=True)


def takes(column: object, wanted: object) -> bool:
    """Return whether a column takes a filter: few names are chosen from, not searched."""
    from dashboard.filters.columns import ChoiceColumn
    from dashboard.filters.filters import Part

    return not (isinstance(column, ChoiceColumn) and isinstance(wanted, Part))


def milliseconds(ask: Callable[[Any], object], questions: Sequence[Any]) -> list[float]:
    """Return how long each question took."""
    took = []
    for question in questions:
        before = time.perf_counter()
        ask(question)
        took.append(1e3 * (time.perf_counter() - before))
    return took


def column_filters() -> dict[str, list[Any]]:
    """Return some filters on columns of every kind of `lifelike`."""
    from dashboard.filters.filters import Choice, Part, Range

    edges = np.linspace(14, 17, 6).tolist()
    return {
        "mag_r": [Range(edge, 18.5) for edge in edges],
        "mag_w1": [Range(None, edge) for edge in edges],
        "redshift": [Range(edge / 100, None) for edge in edges],
        "n_exposures": [Range(float(least), None) for least in range(2, 8)],
        "hubble_type": [Choice((word,)) for word in ("Sc", "merger", "E", "Sa", "Irr", "S0")],
        "has_spectrum": [Choice(("yes",)), Choice(("no",))],
        "name": [Part(text) for text in ("777", "LLG 1", "99", "123", "LLG 9")],
        "object_id": [Part(text) for text in ("777", "12345", "99", "LL00", "123")],
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_serving")
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    bounds = Bounds()
    bench_serving(given.atlas, given.workers, bounds)
    sys.exit(bounds.above())


if __name__ == "__main__":
    main()
