"""Which names of this server are believed: the Host that a request names is anybody's to write.

Nothing that is sent back repeats it: redirects lead to a path, wherever the visitor came from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

# Asked by programs on this machine, by its number; what they answer has no address in it.
_PORT = re.compile(r":\d*\Z", re.ASCII)
ANY_HOST = frozenset({"health", "metrics"})


class UnknownHostError(BadRequest):
    """A request for a server of another name.

    Attributes
    ----------
    sentence : str
        For whoever asked.
    """

    sentence = "This server has another name. Use the address that you were given."
    description = "a Host that is not trusted"


def register_hosts(server: Flask, trusted: Sequence[str]) -> None:
    """Answer under the names in ``trusted``, under any where there is none; redirect to paths."""

    @server.before_request
    def check_host() -> None:
        if request.endpoint not in ANY_HOST and not is_trusted(request.host, trusted):
            raise UnknownHostError

    @server.after_request
    def keep_to_paths(response: Response) -> Response:
        location = response.headers.get("Location")
        if location is not None and (path := path_of(location)) != location:
            response.headers["Location"] = path
            response.set_data("")  # which repeats it
        return response


def is_trusted(host: str, trusted: Sequence[str]) -> bool:
    """Return whether a Host is one of ``trusted``, whatever its port; any is where there is none.

    A name in ``trusted`` that begins with a dot means all below it.
    """
    name = _PORT.sub("", host).lower()
    return not trusted or any(
        name == one.removeprefix(".") or (one.startswith(".") and name.endswith(one))
        for one in map(str.lower, trusted)
    )


def path_of(location: str) -> str:
    """Return an address without scheme and host.

    >>> path_of("http://forged.example//atlas/mock/?galaxy=1")
    '/atlas/mock/?galaxy=1'
    """
    parts = urlsplit(location)
    if not parts.netloc and not parts.scheme:
        return location
    return urlunsplit(("", "", "/" + parts.path.lstrip("/\\"), parts.query, parts.fragment))
