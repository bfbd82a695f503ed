"""Fetching cutouts politely: few connections, a steady pace, back-off, and nothing twice."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from pathlib import Path

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from pipeline import __version__
from pipeline.atlas.whole_files import whole_file
from pipeline.images.pictures import BlankPictureError, PictureError
from pipeline.sources.legacysurvey.service import CutoutQuery, CutoutRequest, Pace
from pipeline.sources.source import SourceError

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 10.0
# Back-off grows up to this; a service that asks for more patience is left alone until a later run.
LONGEST_WAIT_S = 120.0
# Ten times the largest cutout: 512 x 512 pixels of four bands in 32 bits.
MOST_BYTES = 2**25
# Codes by which a service says "later"; other codes of the 400s are its last word.
_LATER = (408, 425, 429)
# Any answer for this place, a blank one included, shows that the service is alive: the query that
# the ancestor begins with.
PROBE = CutoutRequest(199.3324, 20.6382, 0.262)


class _AnswerError(Exception):
    """A request had no usable answer; `is_final` if asking again would not help."""

    def __init__(self, reason: str, *, is_final: bool = False, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.wait_s = wait_s


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


class Fetcher:
    """Fetches cutouts into a folder; each is there whole or not at all.

    A context manager: on leaving it, requests that are under way end, and no other begins.

    Parameters
    ----------
    query : CutoutQuery
    pace : Pace
    cache : Path
        One process at a time may fetch into it.
    """

    def __init__(self, query: CutoutQuery, pace: Pace, cache: Path) -> None:
        self.query = query
        self.pace = pace
        self.cache = cache
        self._limiter = RateLimiter(1 / pace.requests_per_second)
        self._has_answered = False
        self._pool = ThreadPoolExecutor(pace.connections, "fetch")
        self._session = requests.Session()
        # Bodies as they were sent, so that their length can be checked.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.headers["User-Agent"] = f"galaxy-finder/{__version__}"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=pace.connections))

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *exception: object) -> None:
        self._limiter.stop.set()
        self._pool.shutdown(cancel_futures=True)
        self._session.close()

    def fetch(self, wanted: Iterable[CutoutRequest]) -> dict[CutoutRequest, str]:
        """Fetch pictures, in any order.

        Returns
        -------
        dict of CutoutRequest to str
            Why a picture is not there, for those that the service does not give although it is
            well. A blank answer is an answer, and kept.

        Raises
        ------
        SourceError
            The service is not well; all that was fetched is kept.
        """
        jobs = {self._pool.submit(self._fetch, request): request for request in set(wanted)}
        failures = {}
        for job in as_completed(jobs):
            try:
                if reason := job.result():
                    failures[jobs[job]] = reason
            except CancelledError:
                continue  # of another thread's SourceError, which is yet to come
        return failures

    def _fetch(self, request: CutoutRequest) -> str:
        """Fetch one picture; return why it is not there, else ''."""
        path = self.query.path(self.cache, request)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            try:
                self._try_often(request, path)
            except _AnswerError as error:
                # "Not found" is the last word on one place, unless nothing is ever found.
                if not (error.is_final and self._has_answered):
                    self._see_that_it_lives(str(error))
                return str(error)
        except SourceError:
            self._limiter.stop.set()
            raise
        self._has_answered = True
        return ""

    def _see_that_it_lives(self, reason: str) -> None:
        """Tell a place that the service cannot show from a service that shows nothing."""
        # By name of the thread: two of them may ask at once.
        path = self.cache / f"probe-{threading.get_ident()}"
        try:
            self._try_often(PROBE, path)
        except _AnswerError as error:
            raise SourceError(
                f"The cutout service at {self.query.url} does not answer as it should ({reason}; "
                f"then, for another place, {error}). What was fetched is kept: run the same "
                "command again later."
            ) from error
        finally:
            path.unlink(missing_ok=True)

    def _try_often(self, request: CutoutRequest, path: Path) -> None:
        """Fetch one picture; _AnswerError if all attempts fail."""
        retry = Retry(
            self.pace.attempts - 1,
            backoff_factor=self.pace.backoff_s,
            backoff_jitter=self.pace.backoff_s,
            backoff_max=LONGEST_WAIT_S,
        )
        while True:
            try:
                return self._try_once(request, path)
            except _AnswerError as error:
                log.debug("%s: %s", request.name, error)
                if error.is_final:
                    raise
                try:
                    retry = retry.increment("GET", self.query.url, error=error)
                except urllib3.exceptions.MaxRetryError:
                    raise error from None
                if error.wait_s:
                    self._limiter.hold(error.wait_s)
                self._limiter.pause(max(retry.get_backoff_time(), error.wait_s))

    def _try_once(self, request: CutoutRequest, path: Path) -> None:
        self._limiter.take_turn()
        deadline_s = time.monotonic() + self.pace.timeout_s
        try:
            with self._session.get(
                self.query.url,
                params=self.query.parameters(request),
                timeout=(min(CONNECT_TIMEOUT_S, self.pace.timeout_s), self.pace.timeout_s),
                stream=True,
            ) as answer:
                self._check_status(answer)
                body = _read_body(answer, deadline_s)
                self.query.check_header(answer.headers.get("Content-Type", ""), body)
        except PictureError as error:
            raise _AnswerError(str(error)) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _AnswerError(_network_trouble(error)) from error
        try:
            with whole_file(path) as partial:
                partial.write_bytes(body)
                try:
                    self.query.read(partial)
                except BlankPictureError:
                    return  # kept: it will not be asked for again
                except PictureError as error:
                    reason = str(error).replace(partial.name, "the answer").rstrip(".")
                    raise _AnswerError(reason) from error
        except OSError as error:
            raise SourceError(
                f"{path} cannot be written ({error.strerror}). See that there is space, or set "
                "cache in the [source] table to another folder."
            ) from error

    def _check_status(self, answer: requests.Response) -> None:
        code = answer.status_code
        if code == 200:
            return
        wait_s = _retry_after_s(answer)
        if wait_s > LONGEST_WAIT_S:
            raise SourceError(
                f"The cutout service at {self.query.url} asks to be left alone for {wait_s:,.0f} "
                f"s ({code} {answer.reason}). What was fetched is kept: run the same command again "
                "then."
            )
        is_final = 400 <= code < 500 and code not in _LATER
        raise _AnswerError(
            f"the answer is {code} {answer.reason}", is_final=is_final, wait_s=wait_s
        )


def _retry_after_s(answer: requests.Response) -> float:
    """Return the time that the service asks to wait, s; 0 if it asks for nothing clear."""
    try:
        return Retry().get_retry_after(answer.raw) or 0.0
    except urllib3.exceptions.InvalidHeader:
        return 0.0


def _read_body(answer: requests.Response, deadline_s: float) -> bytes:
    """Read the body piece by piece, so that one that trickles for ever is noticed."""
    body = bytearray()
    while piece := answer.raw.read1(2**16):
        body += piece
        if len(body) > MOST_BYTES:
            raise PictureError(f"the answer is longer than {MOST_BYTES:,} bytes")
        if time.monotonic() > deadline_s:
            raise PictureError("the answer did not end in time")
    return bytes(body)


def _network_trouble(error: BaseException) -> str:
    """Return a few words for what the network libraries raise."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError | ConnectionError):
        return "no connection"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the answer was cut off"
    return f"the request failed: {type(error).__name__}"
