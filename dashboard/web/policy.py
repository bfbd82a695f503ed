"""What browsers are told of every answer: what a page may load and run, and who may embed it.

Whatever a galaxy, a file or an address may once smuggle into a page, no script comes with it: only
files of this server run, and the few lines that each page has written into it, known by their hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_POLICY = "Content-Security-Policy"
# Nothing of the page asks for any of these; clipboard and full screen are used, or may be.
_UNUSED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED),
}


def script_hash(script: str) -> str:
    """Return by what a policy knows a script that is written into a page.

    >>> script_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def content_policy(
    scripts: Iterable[str], picture_hosts: Iterable[str], *, allows_eval: bool
) -> str:
    """Return the value of Content-Security-Policy.

    Parameters
    ----------
    scripts : iterable of str
        Hashes of the scripts that are written into pages.
    picture_hosts : iterable of str
        Who is asked for pictures besides this server, such as ``www.legacysurvey.org``.
    allows_eval : bool
        Whether scripts may make scripts of words, as plotly.js does outside its strict bundle.
    """
    hosts = sorted({f"https://{host}" for host in picture_hosts})
    directives: dict[str, Collection[str]] = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *scripts, *(["'unsafe-eval'"] if allows_eval else [])],
        # Dash, AG Grid and plotly.js write styles into the page as it is drawn.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *hosts],
        "font-src": ["'self'", "data:"],  # icons of AG Grid
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class Guarded:
    """A WSGI application whose every answer carries `HEADERS` and a policy.

    Parameters
    ----------
    application : WSGI application
    policy : str
        The value of Content-Security-Policy.
    """

    def __init__(self, application: WSGIApplication, policy: str) -> None:
        self._application = application
        self._headers = {CONTENT_POLICY: policy} | HEADERS

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            there = {name.lower() for name, _ in headers}
            headers += [item for item in self._headers.items() if item[0].lower() not in there]
            return start_response(status, headers, *more)

        return self._application(environ, start)
