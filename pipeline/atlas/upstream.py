"""A service elsewhere that may be slow or dead: waited for, but not for long, nor again at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from http.client import HTTPException
from typing import TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Upstream:
    """Who asks one service. Safe to share between threads.

    Parameters
    ----------
    error : type of exception
        Raised, with a sentence, where there is no answer.
    most_waiting : int
        How many threads of the server may wait at once, so that the page stays quick for others.
    timeout_s, pause_s : float
        How long to wait for an answer, and how long to leave a dead service alone.
    clock : callable
        Seconds.
    """

    def __init__(
        self,
        error: type[Exception],
        most_waiting: int,
        *,
        timeout_s: float,
        pause_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._error, self._timeout_s, self._pause_s = error, timeout_s, pause_s
        self._clock, self._dead_until = clock, -float("inf")
        self._places = threading.BoundedSemaphore(most_waiting)

    def answer(self, who: str, question: Callable[[], T]) -> T:
        """Return what ``question`` returns; it goes on for itself when nobody waits any more.

        An OSError or HTTPException that it raises is a dead service's; any other is passed on.
        """
        if self._clock() < self._dead_until:
            raise self._error(f"{who} could not be reached a moment ago. Try again in a minute.")
        if not self._places.acquire(blocking=False):
            raise self._error(f"{who} is busy with other questions. Try again in a moment.")
        answer: Future[T] = Future()
        # A thread of our own, since nothing else ends a look-up of the host's name in time.
        threading.Thread(target=self._ask, args=(question, answer), daemon=True).start()
        try:
            return answer.result(self._timeout_s)
        except (OSError, HTTPException) as error:
            logger.info("%s: %s", who, error)
            self._dead_until = self._clock() + self._pause_s
            late = f"{who} did not answer within {self._timeout_s:g} seconds."
            is_late = isinstance(error, TimeoutError)
            raise self._error(late if is_late else f"{who} cannot be reached.") from error

    def _ask(self, question: Callable[[], T], answer: Future[T]) -> None:
        try:
            found = question()
        except BaseException as error:  # noqa: BLE001 - whatever it is, who waits is to have it
            answer.set_exception(error)
        else:
            answer.set_result(found)
        finally:
            self._places.release()
