"""Galaxy Finder in processes of its own, to be harmed; and a look at them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dashboard.names.sesame import ENVIRONMENT as SESAME
from dashboard.pictures.fetched import ENVIRONMENT as CUTOUTS

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """The process that watches, its address, and the file with what it says on stderr."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def workers(self) -> list[int]:
        """The processes that answer, by their number."""
        return children(self.process.pid)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def memory_mb(self) -> float:
        """Return the memory of all processes, what they share counted once."""
        return sum(map(pss_mb, [self.process.pid, *self.workers]))


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that are there."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pss_mb(pid: int) -> float:
    """Return the proportional set size of a process: its own memory, and its share of others'."""
    rolled_up = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s+(\d+) kB", rolled_up, re.M)[0]) / 1e3


def wait_until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    """Wait for something; an AssertionError if it does not happen in time."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.05)


@contextmanager
def running(atlas: Path, folder: Path, *options: str) -> Iterator[Running]:
    """Start Galaxy Finder as an administrator does; end it, and all of it, afterwards."""
    command = [sys.executable, "-m", "dashboard", str(atlas), "--port", "0", *options]
    environment = os.environ | {SESAME: "off", CUTOUTS: "off"}
    log = folder / "stderr.txt"
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address, f"The server did not say where it is, but: {line!r}; {log.read_text()}"
        try:
            yield Running(process, address.group(), log)
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)
