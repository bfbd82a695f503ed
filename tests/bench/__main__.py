"""All benchmarks, one after another: ``make bench``."""

from __future__ import annotations

import subprocess
import sys

NAMES = (
    "bench_search",
    "bench_engines",
    "bench_pipeline",
    "bench_million",
    "bench_page",
    "bench_first_visit",
    "bench_map",
)
# A process each: threads and caches of one must not help or hinder the next.
failed = [
    name
    for name in NAMES
    if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode
]
sys.exit(f"Not as it should be: {', '.join(failed)}" if failed else 0)
