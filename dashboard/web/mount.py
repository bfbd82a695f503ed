"""What stands between a server and its application: a path, and the proxies in front.

Routes know of neither. A path such as ``/galaxies`` is taken off each request, and kept as the
name of the application's place, as WSGI has it; requests from elsewhere are told where to go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from dashboard.site import set_base_path

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# For programs on this machine, which need not know the path.
WITHOUT_PATH = frozenset({"/health", "/metrics"})


def mount(server: Flask, base_path: str) -> None:
    """Put ``server`` below a path such as ``/galaxies``; call it before anything wraps it."""
    set_base_path(server, base_path)
    if base_path:
        _wrap(server, partial(BelowPath, base_path=base_path))


def believe_proxies(server: Flask, n_proxies: int) -> None:
    """Believe what proxies say of a request's client, scheme, host and path.

    Call it when all else that wraps ``server`` does, so that it is seen there, too.

    Parameters
    ----------
    server : Flask
    n_proxies : int
        How many stand in front, each of which has added its word. What else such headers say is
        not believed; with 0, nothing is.
    """
    if n_proxies:
        n = n_proxies
        _wrap(server, partial(ProxyFix, x_for=n, x_proto=n, x_host=n, x_prefix=n))


def _wrap(server: Flask, wrapper: Callable[[WSGIApplication], WSGIApplication]) -> None:
    server.wsgi_app = wrapper(server.wsgi_app)  # type: ignore  # as Flask's manual has it


class BelowPath:
    """A WSGI application that is seen below ``base_path`` only."""

    def __init__(self, application: WSGIApplication, base_path: str) -> None:
        self._application, self._base_path = application, base_path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; called by the server."""
        path, base = environ.get("PATH_INFO", ""), self._base_path
        if path == base:
            return self._lead_on(environ, start_response)
        if path.startswith(f"{base}/"):
            environ["PATH_INFO"] = path[len(base) :]
        elif environ.get("SCRIPT_NAME", "").rstrip("/") != base and path not in WITHOUT_PATH:
            # (A proxy that takes the path off says so in X-Forwarded-Prefix: SCRIPT_NAME has it.)
            answer = Response(f"Galaxy Finder is at {base}/\n", 404, mimetype="text/plain")
            return answer(environ, start_response)
        environ["SCRIPT_NAME"] = base
        return self._application(environ, start_response)

    def _lead_on(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        search = environ.get("QUERY_STRING", "")
        answer = redirect(f"{self._base_path}/" + (f"?{search}" if search else ""), 308)
        return answer(environ, start_response)
