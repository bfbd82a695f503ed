"""All benchmarks, one after another: ``make bench``."""

from __future__ import annotations

import subprocess
import sys

for name in ("bench_search", "bench_engines", "bench_pipeline", "bench_million", "bench_page"):
    # A process each: threads and caches of one must not help or hinder the next.
    subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
