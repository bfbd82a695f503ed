"""Many visitors at once: each opens a page, and clicks from galaxy to galaxy.

Run with ``python -m tests.bench.users http://127.0.0.1:8050 [--users 50] [--seconds 180]``. The
address is that of a server or of the proxy before it, with the path under which the pages are, if
there is one. What is asked is what a page asks: the callbacks, and the pictures that its browser
does not have. Someone who looks beside asks for /health every second.

Exit status 1: an answer was missing or was no answer, or the times were too long.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urljoin, urlsplit

from dashboard import ids
from dashboard.panels.parts import CONTENT

MOST_P95_MS = 600.0
MOST_HEALTH_MS = 1000.0
PATIENCE_S = 30.0


class WrongAnswerError(RuntimeError):
    """An answer that no visitor should get."""


@dataclass
class Times:
    """How long answers took, in ms, by what was asked; and what went wrong."""

    of: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def taking(self, what: str) -> Iterator[None]:
        """Take the time of something; what goes wrong is noted."""
        start = time.perf_counter()
        try:
            yield
        except (OSError, HTTPException, ValueError, KeyError, WrongAnswerError) as error:
            self.errors.append(f"{what}: {error!r}")
        else:
            self.of.setdefault(what, []).append(1e3 * (time.perf_counter() - start))

    @property
    def n(self) -> int:
        """Number of answers."""
        return sum(map(len, self.of.values()))

    def share(self, what: str, percent: int) -> float:
        """Return the time within which so many per cent of the answers came."""
        return statistics.quantiles(self.of[what], n=100, method="inclusive")[percent - 1]

    def lines(self) -> Iterator[str]:
        """Yield a line for each kind of request."""
        for what, times in self.of.items():
            if len(times) > 1:
                shares = ", ".join(f"p{n} {self.share(what, n):.0f}" for n in (50, 95, 99))
                yield f"{what}: {len(times):,} answers; {shares}, longest {max(times):.0f} ms"
        yield f"errors: {len(self.errors)}"
        yield from self.errors[:5]


class Line:
    """One connection that is kept, as a browser or a proxy keeps it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.netloc, timeout=PATIENCE_S)

    def ask(self, path: str, sent: Any = None) -> tuple[HTTPResponse, bytes]:
        """Return an answer and its body; raise a WrongAnswerError where its status is one."""
        method, body, headers = "GET", None, {}
        if sent is not None:
            method, body = "POST", json.dumps(sent)
            headers = {"Content-Type": "application/json"}
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            raise
        if answer.status >= 400:
            raise WrongAnswerError(f"{answer.status} for {path}")
        return answer, content

    def close(self) -> None:
        self._connection.close()


class Visitor:
    """Someone on the first page of a server, who has a browser with a cache."""

    def __init__(self, address: str, seed: int) -> None:
        self._address = f"{address.rstrip('/')}/"
        self._line = Line(address)
        self._random = random.Random(seed)
        self._seen: set[str] = set()
        self._page = self._path = ""
        self._atlas = ""
        self._callback: dict[str, Any] = {}
        self._store: Any = None
        self._n = 0
        self._rows: list[int] = []
        self._pictures: list[str] = []

    def open(self) -> None:
        """Open the page, and what it needs before the first answer."""
        _, content = self._line.ask(urlsplit(f"{self._address}api").path)
        first = json.loads(content)["atlases"][0]
        self._atlas = first["name"]
        self._page = urljoin(self._address, first["page"])
        if not self._page.startswith(self._address):  # a page without the path of the proxy
            self._page = urljoin(self._address, first["page"].lstrip("/"))
        self._path = urlsplit(self._page).path
        self._line.ask(self._path)
        self._line.ask(f"{self._path}_dash-layout")
        _, content = self._line.ask(f"{self._path}_dash-dependencies")
        self._callback = next(
            callback
            for callback in json.loads(content)
            if callback["output"].startswith(f"..{ids.ANSWER}.")
            and [one["id"] for one in callback["inputs"]] == [ids.REQUESTS]
        )
        self.request("address", search="")

    def request(self, kind: str, **values: Any) -> None:
        """Have something happen on the page, and read what is shown."""
        self._n += 1
        log = [{"n": self._n, "kind": kind, "values": values}]
        look = {"size": "fit", "theme": "dark"}
        output = self._callback["output"]
        sent = {
            "output": output,
            "outputs": [
                dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
                for part in output.strip(".").split("...")
            ],
            "inputs": [
                {
                    **self._callback["inputs"][0],
                    "value": {"atlas": self._atlas, "log": log, "look": look},
                }
            ],
            "state": [{**self._callback["state"][0], "value": self._store}],
            "changedPropIds": [f"{ids.REQUESTS}.data"],
        }
        _, content = self._line.ask(f"{self._path}_dash-update-component", sent)
        shown = json.loads(content)["response"][ids.ANSWER]["data"]
        self._store = shown[f"{ids.QUERY}.data"]
        if self._store["n"] != self._n:
            raise WrongAnswerError(f"asked for {self._n}, answered {self._store['n']}")
        cards = json.loads(shown[f"{ids.GALLERY}.{CONTENT}"])["cards"]
        self._rows = [card["row"] for card in cards]
        self._pictures = [card["url"] for card in cards if (card["url"] or "").startswith("/")]

    @property
    def is_there(self) -> bool:
        """Whether galaxies are shown."""
        return bool(self._rows)

    def click(self) -> None:
        """Search with one of the galaxies that are shown, or with any."""
        if self._random.random() < 0.2:
            self.request("random", seed=self._random.randrange(2**31))
        else:
            self.request("card", row=self._random.choice(self._rows))

    def look(self, times: Times) -> None:
        """Fetch the pictures that were not seen yet."""
        for picture in self._pictures:
            if picture not in self._seen:
                self._seen.add(picture)
                with times.taking("picture"):
                    self._line.ask(urlsplit(urljoin(self._page, picture)).path)

    def take_file(self, suffix: str = "csv") -> None:
        """Take the neighbours away."""
        base = self._path.partition("atlas/")[0]
        self._line.ask(f"{base}export/{self._atlas}/neighbours.{suffix}")

    def ask_health(self) -> None:
        """Ask how the server is."""
        self._line.ask(urlsplit(f"{self._address}health").path)

    def leave(self) -> None:
        self._line.close()


def visit(
    address: str, seed: int, times: Times, end: float, think_s: float, most_clicks: float
) -> None:
    """Be one visitor until ``end``, of `time.monotonic`."""
    visitor = Visitor(address, seed)
    chance = random.Random(-seed)
    time.sleep(chance.uniform(0, think_s))
    with times.taking("page"):
        visitor.open()
    if not visitor.is_there:
        return
    n_clicks = 0
    while time.monotonic() < end and n_clicks < most_clicks:
        visitor.look(times)
        time.sleep(chance.uniform(0.5, 1.5) * think_s)
        n_clicks += 1
        with times.taking("query"):
            visitor.click()
        if n_clicks % 20 == 0:
            with times.taking("file"):
                visitor.take_file()
    visitor.leave()


def watch(address: str, times: Times, ended: threading.Event) -> None:
    """Ask for /health every second, each time on a new connection."""
    while not ended.wait(1.0):
        visitor = Visitor(address, seed=0)
        with times.taking("health"):
            visitor.ask_health()
        visitor.leave()


def many(
    address: str,
    n_users: int,
    seconds: float,
    think_s: float = 3.0,
    most_clicks: float = float("inf"),
) -> Times:
    """Send ``n_users`` to a server for some time; return how it went.

    Parameters
    ----------
    think_s : float
        Between an answer and the next click, on average.
    most_clicks : float
        Of each.
    """
    times, ended = Times(), threading.Event()
    end = time.monotonic() + seconds
    visitors = [
        threading.Thread(target=visit, args=(address, seed, times, end, think_s, most_clicks))
        for seed in range(1, n_users + 1)
    ]
    watcher = threading.Thread(target=watch, args=(address, times, ended))
    for thread in (watcher, *visitors):
        thread.start()
    for thread in visitors:
        thread.join()
    ended.set()
    watcher.join()
    return times


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how it went; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.users")
    parser.add_argument("address")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--think", type=float, default=3.0, help="seconds between clicks")
    options = parser.parse_args(arguments)
    times = many(options.address, options.users, options.seconds, options.think)
    print("\n".join(times.lines()))
    well = (
        not times.errors
        and times.share("query", 95) < MOST_P95_MS
        and max(times.of["health"]) < MOST_HEALTH_MS
    )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
