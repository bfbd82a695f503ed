"""Who answers what: threads of their own for what must not wait, and for what takes long."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.web.connections import BUSY, BusyError, Connection

logger = logging.getLogger(__name__)

_QUICK_PLACES = ("/health", "/metrics")  # wherever the pages are
_DOWNLOADS = "/export/"
_TILES = "/map-tiles/"
_SAID_EVERY_S = 10.0  # that the server is busy


@dataclass
class Lane:
    """Threads that answer one kind of request, and the connections that wait for them."""

    name: str
    n_threads: int
    most_waiting: int
    changed: threading.Condition
    waiting: deque[Connection] = field(default_factory=deque)


class Lanes:
    """Hands requests to threads; in the place of waitress's dispatcher.

    Parameters
    ----------
    may_download : callable
        Returns whether there is a place for one more file that a visitor takes away.
    """

    def __init__(self, may_download: Callable[[], bool]) -> None:
        self._may_download = may_download
        self._lock = threading.Lock()
        # Some answers wait for a slow service, see the limits in names/sesame and pictures/fetched.
        self._answers = Lane("answers", 8, 300, threading.Condition(self._lock))
        self._downloads = Lane("downloads", 2, 8, threading.Condition(self._lock))
        # Many at once, and each may take long: nobody's answer waits for another one's map.
        self._tiles = Lane("tiles", 2, 500, threading.Condition(self._lock))
        self._quick = Lane("quick", 1, 2000, threading.Condition(self._lock))
        self._lanes = (self._answers, self._downloads, self._tiles, self._quick)
        self._at_rest = threading.Condition(self._lock)
        self._stopping = False
        self._n_running = 0
        self._busy_said_at = -float("inf")
        for lane in self._lanes:
            for number in range(lane.n_threads):
                name = f"{lane.name}-{number}"
                threading.Thread(target=self._work, args=(lane,), name=name, daemon=True).start()

    def add_task(self, connection: Connection) -> None:
        """Have the first request of a connection answered, or refused if too many wait."""
        request = connection.requests[0]
        lane = self._quick if request.error is not None else self._lane_of(request.path)
        connection.is_download = lane is self._downloads
        with self._lock:
            full = len(lane.waiting) >= lane.most_waiting
            if full or (connection.is_download and not self._may_download()):
                self._say_busy(lane)
                request.error, connection.is_download, lane = BusyError(BUSY), False, self._quick
            lane.waiting.append(connection)
            lane.changed.notify()

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Let the threads end; return whether they did within ``timeout`` seconds."""
        with self._lock:
            self._stopping = True
            for lane in self._lanes:
                lane.changed.notify_all()
            return self._at_rest.wait_for(lambda: self._n_running == 0, timeout)

    def _lane_of(self, path: str) -> Lane:
        if path.endswith(_QUICK_PLACES):
            return self._quick
        if _TILES in path:
            return self._tiles
        return self._downloads if _DOWNLOADS in path else self._answers

    def _work(self, lane: Lane) -> None:
        while True:
            with self._lock:
                lane.changed.wait_for(lambda: lane.waiting or self._stopping)
                if self._stopping:
                    return
                connection = lane.waiting.popleft()
                self._n_running += 1
            try:
                connection.service()
            except Exception:  # a thread outlives any answer
                logger.exception("An answer failed.")
                connection.will_close = True
            finally:
                with self._lock:
                    self._n_running -= 1
                    self._at_rest.notify_all()

    def _say_busy(self, lane: Lane) -> None:
        now = time.monotonic()
        if now - self._busy_said_at > _SAID_EVERY_S:
            self._busy_said_at = now
            logger.warning("Too many requests wait for %s: some were refused (503).", lane.name)
