"""The production server: waitress's loop and parser, with our deadlines, limits and lanes."""

from __future__ import annotations

import logging
import resource
import socket
import time
from collections.abc import Callable

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from dashboard.web.connections import MOST_HEADER_BYTES, Connection
from dashboard.web.lanes import Lanes

BACKLOG = 1024
MOST_CONNECTIONS = 1000
MOST_REQUEST_BYTES = 16_000_000  # where the application does not say
MOST_DOWNLOADS = 16  # that visitors have not taken away yet, of more than `_LARGE_BYTES` each
MOST_DOWNLOAD_BYTES = 1_000_000_000  # of all of them, on the disk
GRACE_S = 20.0  # for what is being answered when the server is to end
_LARGE_BYTES = 1_000_000
_IN_MEMORY_BYTES = 500_000  # of one answer or request; what is longer goes to a temporary file
_CROWDED = 0.9  # share of the places from which on resting connections have to go,
_ROOMY = 0.5  # the longest resting first, until no more than this share is taken
_EVERY_S = 1  # connections are looked at
_FILES_PER_CONNECTION = 2  # the connection itself, and often a temporary file
_OTHER_FILES = 200  # that may be open

logger = logging.getLogger(__name__)


class AddressError(RuntimeError):
    """The server cannot listen at this address; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to ``host`` and ``port``.

    Raises
    ------
    AddressError
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise AddressError(
            f"Galaxy Finder cannot listen at {host}:{port} ({error.strerror or error}). "
            f"Another program may use the port; choose another one with --port."
        ) from error


class Server(TcpWSGIServer):
    """Serves one Flask application on a socket that is already bound, until it is told to stop.

    Parameters
    ----------
    flask_app : Flask
        Its MAX_CONTENT_LENGTH is the longest request.
    listener : socket
        Other processes may listen to it, too.
    beat : callable or None
        Called about every second; returns whether to go on.
    """

    channel_class = Connection

    def __init__(
        self, flask_app: Flask, listener: socket.socket, beat: Callable[[], bool] | None = None
    ) -> None:
        self.draining = False
        self._beat = beat
        self._lanes = Lanes(self.may_download)
        most_bytes = flask_app.config["MAX_CONTENT_LENGTH"] or MOST_REQUEST_BYTES
        adjustments = Adjustments(
            backlog=BACKLOG,
            ident=None,  # no banner
            connection_limit=most_connections(),
            max_request_header_size=MOST_HEADER_BYTES,
            max_request_body_size=most_bytes + 1,
            inbuf_overflow=_IN_MEMORY_BYTES,
            outbuf_overflow=_IN_MEMORY_BYTES,
            outbuf_high_watermark=2**50,  # bytes: no thread ever waits for a visitor
            cleanup_interval=_EVERY_S,
            asyncore_loop_timeout=_EVERY_S,
            asyncore_use_poll=True,  # select() knows 1,024 files
            log_socket_errors=False,  # visitors come and go
            clear_untrusted_proxy_headers=False,  # the application knows which proxy it trusts
        )
        address = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            flask_app,
            map={},
            _sock=listener,
            dispatcher=self._lanes,
            adj=adjustments,
            sockinfo=address,
            bind_socket=False,
        )

    def stop(self) -> None:
        """Have `run` end, when what is being answered has been; for handlers of signals."""
        self.draining = True
        self.pull_trigger()

    def run(self) -> None:
        """Serve until `stop` is called."""
        while not self.draining:
            self._turn(_EVERY_S)
        self._stop_listening()
        end = time.monotonic() + GRACE_S
        while self.active_channels and time.monotonic() < end:
            for connection in list(self.active_channels.values()):
                connection.will_close |= connection.rests
            self._turn(0.1)
        self._lanes.shutdown(timeout=max(0.0, end - time.monotonic()))

    def maintenance(self, now: float) -> None:
        """Close connections that took too long or, if there are many, rest; called by waitress."""
        if self._beat is not None and not self._beat():
            self.draining = True
        now = time.monotonic()
        connections = list(self.active_channels.values())
        for connection in connections:
            if connection.overdue(now):  # not by will_close, which waits until it can be written to
                connection.handle_close()
        if len(connections) > _CROWDED * self.adj.connection_limit:
            self._make_room(connections)

    def may_download(self) -> bool:
        """Return whether there is a place for one more file that a visitor takes away."""
        waiting = [
            connection.total_outbufs_len
            for connection in list(self.active_channels.values())
            if connection.is_download
        ]
        n_large = sum(n_bytes > _LARGE_BYTES for n_bytes in waiting)
        return n_large < MOST_DOWNLOADS and sum(waiting) < MOST_DOWNLOAD_BYTES

    def _turn(self, most_s: float) -> None:
        wasyncore.poll2(most_s, self._map)

    def _make_room(self, connections: list[Connection]) -> None:
        resting = [(since, one) for one in connections if (since := one.idle_since()) is not None]
        resting.sort(key=lambda pair: pair[0])
        n_too_many = len(connections) - int(_ROOMY * self.adj.connection_limit)
        for _, connection in resting[:n_too_many]:
            connection.handle_close()
        logger.warning(
            "%d connections are open, of at most %d: those that rest are closed.",
            len(connections),
            self.adj.connection_limit,
        )

    def _stop_listening(self) -> None:
        """Leave the socket to others; the loop goes on for the connections that are there."""
        self.del_channel()
        self.socket.close()


def most_connections() -> int:
    """Return how many connections the limits of the process allow, after raising those."""
    wanted = _FILES_PER_CONNECTION * MOST_CONNECTIONS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(50, min(MOST_CONNECTIONS, (soft - _OTHER_FILES) // _FILES_PER_CONNECTION))
