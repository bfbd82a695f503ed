"""One visitor's connection: how long it may take to ask, to take the answer away and to rest.

A loop of its own reads requests and sends answers; threads only ever see whole requests, and leave
whole answers behind, in a temporary file if they are large. So what is slow on the line holds no
thread, only a place among the connections, and that not for ever.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any, ClassVar
from weakref import WeakSet

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

HEADER_S = 20.0  # for the headers of a request; a connection that never asks gets as long
BODY_S = 20.0  # in which a body has to end, or to go on at `LEAST_RATE`
WRITING_S = 60.0  # in which an answer has to be taken away, or at `LEAST_RATE`
LEAST_RATE = 4_000  # bytes a second: slower than any line that a map would be looked at with
KEEP_ALIVE_S = 95.0  # nginx keeps connections to a server for 60 s, and browsers ask anew in vain
MOST_HEADER_BYTES = 32_768
LARGE_BYTES = 1_000_000  # of a request: a picture, a list, or nothing good
MOST_LARGE = 16  # such requests at once; each may fill 16 MB of the disk
RETRY_AFTER_S = 5
LINGER_S = 2.0  # for reading a refusal, while what was refused still comes
# Of an answer in the system's hands: it would take megabytes, and look as if a visitor did.
_UNSENT_BYTES = 131_072
_MOST_SENT_AT_ONCE = 1_000_000  # bytes, then others have their turn

BUSY = "The server is busy. Try again in a moment."
# Of answers that never reach the application, which has headers of its own.
_HEADERS_OF_REFUSALS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
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
        self.channel.was_refused = True
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
    close_when_flushed: bool
    is_download = False
    was_refused = False
    _allowance = 0  # bytes that may be sent before others have their turn
    _lingers_until: float | None = None

    def __init__(
        self,
        server: Any,
        sock: socket.socket,
        addr: Any,
        adj: Adjustments,
        map: dict[int, Any] | None = None,
    ) -> None:
        now = time.monotonic()
        self._sent = 0  # bytes
        self._served_at = now
        self._has_asked = False
        self._doing: tuple[object, int, float] = (None, 0, now)  # what, bytes before, since when
        super().__init__(server, sock, addr, adj, map=map)
        self.sendbuf_len = _UNSENT_BYTES
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)

    def service(self) -> None:
        """Have the application answer the oldest request; called in a thread."""
        super().service()
        self._has_asked = True
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

    def handle_write(self) -> None:
        """Send; after a refusal, close only when the visitor had time to read it."""
        lingers = self.was_refused and self.close_when_flushed
        if lingers:
            self.close_when_flushed = False
        super().handle_write()
        if lingers and self.connected:
            if self.total_outbufs_len:
                self.close_when_flushed = True
            elif self._lingers_until is None:
                self._lingers_until = time.monotonic() + LINGER_S
                with suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)

    def handle_read(self) -> None:
        """Read; what comes after a refusal goes nowhere."""
        if self._lingers_until is None:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)
        except OSError:
            self.handle_close()

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
        if self._lingers_until is not None:
            return now > self._lingers_until
        if self.total_outbufs_len:
            return self._too_slow("writing", self._sent, WRITING_S, now)
        if self.requests:
            return False  # it is the server's turn
        self.is_download = False
        request = self.request
        if request is None:
            self._doing = (None, 0, now)
            return now - self._served_at > (KEEP_ALIVE_S if self._has_asked else HEADER_S)
        if request.headers_finished:
            return self._too_slow(request, request.body_bytes_received, BODY_S, now)
        what = (id(request), "headers")
        if self._doing[0] != what:
            self._doing = (what, 0, now)
        return now - self._doing[2] > HEADER_S

    def _too_slow(self, what: object, n_bytes: int, period_s: float, now: float) -> bool:
        """Return whether a period has gone by in which too few bytes went over the line."""
        before, n_before, since = self._doing
        if before != what:
            self._doing = (what, n_bytes, now)
        elif now - since > period_s:
            if n_bytes - n_before < LEAST_RATE * period_s:
                return True
            self._doing = (what, n_bytes, now)
        return False
