"""Every request from its first moment to its last byte: an identifier, a line, a count.

Outside of Flask, since only there it is known how long an answer took and how much of it went out,
and since a request that fails is to be seen, too.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

HEADER = "X-Request-ID"
ROUTE = "galaxy_finder.route"  # where the server keeps in the environment what was asked
UNMATCHED = "unmatched"
_SAFE = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_LONGEST_PATH = 200  # characters of a path in the log
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")

logger = logging.getLogger("access")
_identifier: ContextVar[str] = ContextVar("request", default="")


def request_identifier() -> str:
    """Return the identifier of the request that is being answered; empty outside of any."""
    return _identifier.get()


@dataclass
class Answered:
    """A request that was answered.

    Attributes
    ----------
    path : str
        Without what follows on the ``?``, which may be of a visitor's own: galaxies that they look
        for, or what a model made of their picture.
    route : str
        What was asked for: one of a few words.
    n_bytes : int
        Of the answer, without its headers.
    """

    identifier: str
    method: str
    path: str
    route: str = UNMATCHED
    status: int = 500
    n_bytes: int = 0
    duration_s: float = 0.0
    started_s: float = field(default_factory=time.monotonic, repr=False)


class Observed:
    """A WSGI application that tells ``listeners`` of all that another one has answered.

    Parameters
    ----------
    application : callable
        What answers.
    listeners : sequence of callable
        Each is called with an `Answered`, once, when the last byte has gone or nobody wants it.
    """

    def __init__(
        self, application: Callable[..., Any], listeners: Sequence[Callable[[Answered], None]]
    ) -> None:
        self._application = application
        self._listeners = listeners

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request; called by the server."""
        answered = _begun(environ)
        _identifier.set(answered.identifier)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            answered.status = int(status.split(" ", 1)[0])
            return start_response(status, [*headers, (HEADER, answered.identifier)], *more)

        try:
            chunks = self._application(environ, start)
        except BaseException:
            self._end(answered, environ)
            raise
        return _Counted(chunks, answered, lambda: self._end(answered, environ))

    def _end(self, answered: Answered, environ: dict[str, Any]) -> None:
        answered.duration_s = time.monotonic() - answered.started_s
        answered.route = environ.get(ROUTE, UNMATCHED)
        for listener in self._listeners:
            listener(answered)
        _identifier.set("")


class _Counted:
    """The pieces of an answer, counted as they go; the server closes it."""

    def __init__(
        self, chunks: Iterable[bytes], answered: Answered, end: Callable[[], None]
    ) -> None:
        self._all, self._rest = chunks, iter(chunks)
        self._answered = answered
        self._end: Callable[[], None] | None = end

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._rest)
        self._answered.n_bytes += len(chunk)
        return chunk

    def close(self) -> None:
        """End the answer, wherever it is; called by the server, once or more often."""
        end, self._end = self._end, None
        if end is None:
            return
        try:
            if hasattr(self._all, "close"):
                self._all.close()
        finally:
            end()


def _begun(environ: dict[str, Any]) -> Answered:
    sent = environ.get("HTTP_X_REQUEST_ID", "")
    identifier = sent if _SAFE.fullmatch(sent) else uuid.uuid4().hex[:16]
    method = environ.get("REQUEST_METHOD", "")
    path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
    # WSGI has the bytes of a path as if they were Latin-1.
    path = quote(path.encode("latin-1", "replace"), safe="/!$&'()*+,;=:@~")
    if len(path) > _LONGEST_PATH:
        path = f"{path[: _LONGEST_PATH - 1]}…"
    return Answered(identifier, method if method in _METHODS else "OTHER", path)


def log_access(answered: Answered) -> None:
    """Write the line of a request, if there is to be an access log."""
    logger.info(
        "%s %s %d %.1f ms %d bytes",
        answered.method,
        answered.path,
        answered.status,
        1000 * answered.duration_s,
        answered.n_bytes,
        extra={
            "request": answered.identifier,
            "of_request": {
                "method": answered.method,
                "path": answered.path,
                "route": answered.route,
                "status": answered.status,
                "duration_ms": round(1000 * answered.duration_s, 1),
                "bytes": answered.n_bytes,
            },
        },
    )
