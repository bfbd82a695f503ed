"""Many visitors for a long time: no answer is missing, none is late, and memory does not grow."""

import logging
import time
from http.client import HTTPConnection

import pytest

from tests.bench.users import MOST_HEALTH_MS, MOST_P95_MS, Times, many
from tests.faults.running import running

MOST_GROWTH_MB = 30.0  # of 20,000 requests; caches are full after the first 3,000
N_IDLE = 300
IDLE_S = 65  # nginx keeps a connection to a server for 60 s

logger = logging.getLogger(__name__)  # how it went: -rP shows it

pytestmark = pytest.mark.long_fault


@pytest.mark.timeout(150)
def test_idle_connections_are_there_when_they_are_needed_again(tiny_atlas, tmp_path):
    times = Times()
    with running(tiny_atlas, tmp_path) as server:
        lines = [HTTPConnection("127.0.0.1", server.port, timeout=20) for _ in range(N_IDLE)]
        for _ in range(2):
            for line in lines:
                with times.taking("health"):
                    line.request("GET", "/health")
                    assert line.getresponse().read()
                    assert line.sock is not None  # kept, so the next request needs no new one
            time.sleep(IDLE_S if times.n <= N_IDLE else 0)
        for line in lines:
            line.close()
    assert times.errors == []
    assert times.n == 2 * N_IDLE


@pytest.mark.timeout(300)
def test_fifty_visitors_for_three_minutes(tiny_atlas, tmp_path):
    with running(tiny_atlas, tmp_path, "--workers", "2") as server:
        times = many(server.address, n_users=50, seconds=180)
    logger.warning("\n".join(times.lines()))
    assert times.errors == []
    assert times.share("query", 95) < MOST_P95_MS
    assert max(times.of["health"]) < MOST_HEALTH_MS
    assert server.said() == ""


@pytest.mark.timeout(600)
def test_twenty_thousand_requests_take_no_memory(tiny_atlas, tmp_path):
    with running(tiny_atlas, tmp_path) as server:
        n, before = 0, 0.0
        while n < 23_000:
            times = many(server.address, n_users=8, seconds=120, think_s=0, most_clicks=100)
            assert times.errors == []
            n += times.n
            before = before or (server.memory_mb() if n > 3_000 else 0.0)
        grown = server.memory_mb() - before
    logger.warning("%d requests, %.0f MB and %.1f MB more", n, before, grown)
    assert grown < MOST_GROWTH_MB
