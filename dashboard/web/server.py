"""The production server: gunicorn, one process, several threads."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

N_THREADS = 8


class AddressError(RuntimeError):
    """The server cannot listen at this address; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to ``host`` and ``port``.

    Bound before gunicorn starts, which otherwise tries a busy port for five seconds.

    Raises
    ------
    AddressError
    """
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise AddressError(
            f"Galaxy Finder cannot listen at {host}:{port} ({error.strerror or error}). "
            f"Another program may use the port; choose another one with --port."
        ) from error


class Server(BaseApplication):
    """Serves one Flask application on a socket that is already bound.

    Parameters
    ----------
    flask_app : Flask
    listener : socket
    when_ready : callable
        Called once, when connections are accepted.
    """

    def __init__(
        self, flask_app: Flask, listener: socket.socket, when_ready: Callable[[], None]
    ) -> None:
        self._flask_app = flask_app
        self._options: dict[str, Any] = {
            "bind": f"fd://{listener.fileno()}",
            "worker_class": "gthread",
            # One process: an atlas is mapped once, and stores live in the browser anyway.
            "workers": 1,
            "threads": N_THREADS,
            "timeout": 120,
            "limit_request_line": 8190,  # the most there is: an address may hold 100 galaxies
            "loglevel": "warning",
            "control_socket_disable": True,
            # Not gunicorn's own when_ready: Ctrl-C before its worker listens to signals takes 30 s.
            "post_worker_init": lambda worker: when_ready() if worker.age == 1 else None,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings; called by gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application; called by gunicorn."""
        return self._flask_app
