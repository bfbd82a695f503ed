"""How a shared service is treated: few connections at a time, at a steady pace."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from pipeline.sources.source import STRICT, SourceError


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Pace:
    """How much is asked of the service.

    Attributes
    ----------
    connections : int
        Requests under way at a time.
    requests_per_second : float
        Largest rate at which requests begin.
    timeout_s : float
        Longest that one request may take, body included.
    attempts : int
        Requests for one picture before it is given up.
    backoff_s : float
        Scale of the waits between them, which double each time.

    Raises
    ------
    SourceError
        A number is not positive, or the service would suffer.
    """

    connections: int = 2
    requests_per_second: float = 3.0
    timeout_s: float = 60.0
    attempts: int = 5
    backoff_s: float = 1.0

    @model_validator(mode="after")
    def _bearable(self) -> Pace:
        if not 1 <= self.connections <= 8:
            raise SourceError(f"connections = {self.connections} is not between 1 and 8.")
        for name in ("requests_per_second", "timeout_s", "attempts", "backoff_s"):
            if not getattr(self, name) > 0:
                raise SourceError(f"{name} = {getattr(self, name):g} is not positive.")
        return self


class RateLimiter:
    """Spaces the beginnings of requests of all threads.

    Once `stop` is set, every wait ends, and every one that begins, with `CancelledError`.
    """

    def __init__(self, interval_s: float) -> None:
        self.stop = threading.Event()
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._next_s = 0.0

    def take_turn(self) -> None:
        """Wait until a request may begin."""
        with self._lock:
            turn_s = max(time.monotonic(), self._next_s)
            self._next_s = turn_s + self._interval_s
        self.pause(turn_s - time.monotonic())

    def hold(self, seconds: float) -> None:
        """Let nobody begin a request for a while."""
        with self._lock:
            self._next_s = max(self._next_s, time.monotonic() + seconds)

    def pause(self, seconds: float) -> None:
        """Wait."""
        if self.stop.wait(max(seconds, 0.0)):
            raise CancelledError
