"""One visitor's connection: how long it may take to ask, to take the answer away and to rest.

A loop of its own reads requests and sends answers; threads only ever see whole requests, and leave
whole answers behind, in a temporary file if they are large. So what is slow on the line holds no
thread, only a place among the connections, and that not for ever.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar
from weakref import WeakSet

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

HEADER_S = 20.0  # for the headers of a request; a connection that never asks gets as long
BODY_S = 20.0  # for its body, and more by its length at `LEAST_RATE`
WRITING_S = 60.0  # for taking an answer away, and more by its length at `LEAST_RATE`
LEAST_RATE = 4_000  # bytes a second: slower than any line that a map would be looked at with
KEEP_ALIVE_S = 95.0  # nginx keeps connections to a server for 60 s, and browsers ask anew in vain
MOST_HEADER_BYTES = 32_768
LARGE_BYTES = 1_000_000  # of a request: a picture, a list, or nothing good
MOST_LARGE = 16  # such requests at once; each may fill 16 MB of the disk
RETRY_AFTER_S = 5
_MOST_SENT_AT_ONCE = 1_000_000  # bytes, then others have their turn

BUSY = "The server is busy. Try again in a moment."
# Of answers that never reach the application, which has headers of its own.
_HEADERS_OF_REFUSALS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
]


class BusyError(Error):
    """There is no place for this request now."""

    code = 503
    reason = "Service Unavailable"


class Request(HTTPRequestParser):
    """A request that is being read; one too many of the large ones is refused at once."""

    error: Error | None
    _in_flight: ClassVar[WeakSet[Request]] = WeakSet()

    def received(self, data: bytes) -> int:
        """Take bytes from the line; return how many belong to this request."""
        consumed: int = super().received(data)
        large = max(self.content_length, self.body_bytes_received) > LARGE_BYTES
        if large and self.error is None and self not in self._in_flight:
            if len(self._in_flight) >= MOST_LARGE:
                self.error, self.completed = BusyError(BUSY), True
                self.expect_continue = False
            else:
                self._in_flight.add(self)
        return consumed

    def close(self) -> None:
        """Forget the body."""
        self._in_flight.discard(self)
        super().close()


class Answer(WSGITask):
    """The application's answer."""

    def build_response_header(self) -> bytes:
        """Return the headers; when the server ends, they tell the visitor to connect anew."""
        if self.channel.server.draining:
            self.set_close_on_finish()
        header: bytes = super().build_response_header()
        return header


class Refusal(ErrorTask):
    """The answer to what cannot be read, or has no place: a sentence, and the end."""

    def execute(self) -> None:
        """Write it."""
        error = self.request.error
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(_HEADERS_OF_REFUSALS)
        if isinstance(error, BusyError):
            self.response_headers.append(("Retry-After", str(RETRY_AFTER_S)))
        self.set_close_on_finish()
        sentence = error.body if isinstance(error, BusyError) else error.reason
        body = f"{sentence}\n".encode()
        self.content_length = len(body)
        self.write(body)


class Connection(HTTPChannel):
    """A connection, and since when it has been doing what it does.

    Attributes
    ----------
    is_download : bool
        Whether the last request asked for a file.
    """

    task_class = Answer
    error_task_class = Refusal
    parser_class = Request
    is_download = False
    _allowance = 0  # bytes that may be sent before others have their turn

    def __init__(
        self,
        server: Any,
        sock: Any,
        addr: Any,
        adj: Adjustments,
        map: dict[int, Any] | None = None,
    ) -> None:
        now = time.monotonic()
        self._sent = 0
        self._served_at = now
        self._asked = False  # anything at all
        self._reading: tuple[Any, float] = (None, now)  # a request, and since when
        self._writing: tuple[int, float] | None = None  # bytes sent before, and since when
        super().__init__(server, sock, addr, adj, map=map)

    def service(self) -> None:
        """Have the application answer the oldest request; called in a thread."""
        super().service()
        self._asked = True
        self._served_at = time.monotonic()

    def _flush_some(self, do_close: bool = True) -> bool:
        # Who takes quickly what lies on the disk would have the loop for itself.
        self._allowance = _MOST_SENT_AT_ONCE
        flushed: bool = super()._flush_some(do_close)
        return flushed

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the line takes; return how many bytes that are."""
        if self._allowance <= 0:
            return 0
        n_sent: int = super().send(data, do_close)
        self._allowance -= n_sent
        self._sent += n_sent
        return n_sent

    def handle_close(self) -> None:
        """Close the connection, and forget what came of a request."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    @property
    def rests(self) -> bool:
        """Whether nothing is being read, answered or sent."""
        return not (self.requests or self.total_outbufs_len or self.request)

    def idle_since(self) -> float | None:
        """Return when the last answer was given; None while something is answered or sent."""
        return None if self.requests or self.total_outbufs_len else self._served_at

    def overdue(self, now: float) -> bool:
        """Return whether the visitor has had enough time; to be asked about every second.

        Parameters
        ----------
        now : float
            By `time.monotonic`.
        """
        if self.total_outbufs_len:
            if self._writing is None:
                self._writing = (self._sent, now)
            before, since = self._writing
            return now - since > WRITING_S + (self._sent - before) / LEAST_RATE
        self._writing = None
        if self.requests:
            return False  # it is the server's turn
        self.is_download = False
        request = self.request
        if request is None:
            return now - self._served_at > (KEEP_ALIVE_S if self._asked else HEADER_S)
        if request is not self._reading[0]:
            self._reading = (request, now)
        most_s = HEADER_S
        if request.headers_finished:
            most_s += BODY_S + request.body_bytes_received / LEAST_RATE
        return now - self._reading[1] > most_s
