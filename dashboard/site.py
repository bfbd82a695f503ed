"""Where Galaxy Finder is on its host, and the addresses below that place.

It is at the root of a host unless ``--base-path /galaxies`` puts it below a path. Then everything
that a page, a redirect or a file says of an address begins with that path, because it comes from
`address`. Routes do not: `dashboard.web.mount` takes the path away before they are looked at.

The path belongs to the server, and is asked of whichever Flask application is at work: the one that
answers a request, or whose pages are being made. Outside of any, addresses are those of the root.
"""

from __future__ import annotations

import re

from flask import Flask, current_app, has_app_context

_SETTING = "APPLICATION_ROOT"  # Flask's own name for it
_PART = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
_MOST_CHARACTERS = 100


def read_base_path(text: str) -> str:
    """Return a path as it stands before others: ``/galaxies``, or nothing for the root.

    Raises
    ------
    ValueError
        The text is no plain path; the message says so.

    Examples
    --------
    >>> read_base_path("galaxies/"), read_base_path("/sky/galaxies"), read_base_path("/")
    ('/galaxies', '/sky/galaxies', '')
    """
    path = text.strip("/")
    if not path:
        return ""
    if len(path) <= _MOST_CHARACTERS and all(map(_PART.fullmatch, path.split("/"))):
        return f"/{path}"
    raise ValueError(
        f"{text[:_MOST_CHARACTERS]!r} is not a path for pages. Write one such as /galaxies: parts "
        "between '/', of letters, digits, '-', '_', '~', and '.' but not first, in all at most "
        f"{_MOST_CHARACTERS} characters."
    )


def set_base_path(server: Flask, path: str) -> None:
    """Put everything that ``server`` says of addresses below ``path``, from `read_base_path`."""
    server.config[_SETTING] = path or "/"


def base_path() -> str:
    """Return the path below which the server at work has its pages; empty at the root."""
    return str(current_app.config[_SETTING]).rstrip("/") if has_app_context() else ""


def address(route: str) -> str:
    """Return where a browser finds what is served at ``route``, such as ``/api``."""
    return base_path() + route


def page_route(name: str) -> str:
    """Return at which route the page of an atlas is served."""
    return f"/atlas/{name}/"


def page_address(name: str) -> str:
    """Return the address of the page of an atlas."""
    return address(page_route(name))
