"""What Prometheus may read at /metrics: requests, searches, uploads, and how the atlases are.

Labels have few values, whatever visitors send: a route is the rule that answers it, not a path.
Where several processes answer, each writes its counts to files of a folder that they share, and
whichever is asked adds them up (the multiprocess mode of prometheus-client).
"""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask import Flask, Response, abort, request

from dashboard.counted import SEARCH, listen
from dashboard.web.observed import Answered
from pipeline.atlas import __version__

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # what prometheus-client calls it
_LOOPBACK = ("127.0.0.0/8", "::1/128")
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_MOST_OUTCOMES = 40  # characters of a word; a label is never a sentence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def share_between_processes() -> None:
    """Have several processes count together; call it once, before `Metrics` and before they part.

    A folder that the environment names is used as it is; else one is made, and removed at the end.
    """
    if SHARED_FOLDER not in os.environ:
        folder = tempfile.mkdtemp(prefix="galaxy-finder-metrics-")
        os.environ[SHARED_FOLDER] = folder
        of_parent = os.getpid()
        atexit.register(
            lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == of_parent else None
        )


class Metrics:
    """The counts of one server.

    Parameters
    ----------
    atlas_states : callable
        Returns the state of each atlas by its name, a word such as ``open``; asked whenever
        somebody reads.
    """

    def __init__(self, atlas_states: Callable[[], Mapping[str, str]]) -> None:
        # Here, since it looks for the shared folder when it is first imported.
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._atlas_states = atlas_states
        self._registry = CollectorRegistry()
        mine: dict[str, Any] = {"namespace": "galaxy_finder", "registry": self._registry}
        self._durations = Histogram(
            "request_duration_seconds",
            "Requests, and how long they took to the last byte.",
            ("route", "status"),
            buckets=_BUCKETS_S,
            **mine,
        )
        self._bytes = Counter("response_bytes", "Bytes of answers.", ("route",), **mine)
        self._searches = Counter("searches", "Queries that were answered.", ("origin",), **mine)
        self._uploads = Counter(
            "uploads", "Files that arrived, or were refused and why.", ("kind", "outcome"), **mine
        )
        self._registry.register(_Now(atlas_states))
        listen(self.happened)

    def answered(self, one: Answered) -> None:
        """Count a request."""
        self._durations.labels(one.route, str(one.status)).observe(one.duration_s)
        self._bytes.labels(one.route).inc(one.n_bytes)

    def happened(self, event: str, kind: str, outcome: str) -> None:
        """Count what `counted.count` tells of."""
        if event == SEARCH:
            self._searches.labels(kind).inc()
        else:
            self._uploads.labels(kind, outcome[:_MOST_OUTCOMES]).inc()

    def text(self) -> tuple[bytes, str]:
        """Return all counts, of all processes, and the media type of that."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._registry
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
            registry.register(_Now(self._atlas_states))
        return generate_latest(registry), CONTENT_TYPE_LATEST


class _Now:
    """What is not counted but asked for whenever somebody reads: states and versions."""

    def __init__(self, atlas_states: Callable[[], Mapping[str, str]]) -> None:
        self._atlas_states = atlas_states

    def collect(self) -> Iterator[Any]:
        """Give the gauges; called by prometheus-client."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        atlases = GaugeMetricFamily(
            "galaxy_finder_atlas_state",
            "1 for the state that an atlas is in.",
            labels=("atlas", "state"),
        )
        for name, state in self._atlas_states().items():
            atlases.add_metric([name, state], 1)
        yield atlases
        yield InfoMetricFamily(
            "galaxy_finder_build", "What is running.", value={"version": __version__}
        )


def register_metrics(server: Flask, metrics: Metrics, networks: Sequence[str] = ()) -> None:
    """Serve /metrics to programs on this machine and in ``networks`` that ask without a proxy."""
    allowed = [ipaddress.ip_network(one) for one in (*_LOOPBACK, *networks)]

    @server.get("/metrics", endpoint="metrics")
    def show() -> Response:
        if not may_read(request.environ, allowed):
            abort(404)
        content, content_type = metrics.text()
        response = Response(content, content_type=content_type)
        response.cache_control.no_store = True
        return response


def may_read(environ: Mapping[str, Any], allowed: Sequence[Network]) -> bool:
    """Return whether a request comes from one of these networks, and nobody has passed it on.

    A proxy says for whom it asks, and the open web comes through a proxy.
    """
    if any(environ.get(name) for name in _FORWARDED):
        return False
    former = environ.get("werkzeug.proxy_fix.orig") or {}  # before a proxy was believed
    peer = former.get("REMOTE_ADDR") or environ.get("REMOTE_ADDR") or ""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:  # a socket without a number
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in allowed)
