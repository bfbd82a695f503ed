"""What several workers cost and bring: memory of all processes, and answers a second.

Run with ``python -m tests.bench.bench_workers ATLAS [--workers 1 2 4]``. Memory is the sum of the
proportional set sizes of all processes (/proc/PID/smaps_rollup, so Linux only), in which what they
share counts once; beside it the sum of what each has in memory, as if nothing were shared.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from tests.bench.users import many
from tests.faults.running import running

N_USERS = 16
SECONDS = 15


def resident_mb(pid: int) -> float:
    """Return all that a process has in memory, shared or not."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"^VmRSS:\s+(\d+) kB", status, re.M)[0]) / 1e3


def measure(atlas: Path, n_workers: int) -> str:
    """Return a line about so many workers, after many visitors without a pause."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(atlas, Path(folder), "--workers", str(n_workers)) as server,
    ):
        started = server.memory_mb()
        times = many(server.address, N_USERS, SECONDS, think_s=0)
        used = server.memory_mb()
        alone = sum(map(resident_mb, [server.process.pid, *server.workers]))
    return (
        f"{n_workers} workers: {started:.0f} MB when ready, {used:.0f} MB after {times.n:,} "
        f"answers ({alone:.0f} MB if nothing were shared); {times.n / SECONDS:.0f} answers a "
        f"second, of these {len(times.of['query']) / SECONDS:.0f} queries, median "
        f"{times.share('query', 50):.0f} ms, p95 {times.share('query', 95):.0f} ms; "
        f"{len(times.errors)} errors"
    )


def main() -> None:
    """Print a line for each number of workers."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_workers")
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args()
    for n_workers in options.workers:
        print(measure(options.atlas, n_workers), flush=True)


if __name__ == "__main__":
    main()
