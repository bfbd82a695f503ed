"""Styles, icons and scripts of our own: one address for all pages, kept until a file changes.

The address of a file has the fingerprint of the whole folder as a part of its path, since modules
and styles load others that stand beside them by their bare names. What every page loads comes as
two files, ``page.css`` and ``page.js``: 50 small ones would be packed badly, and asked for one by
one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import quote

from flask import Flask, abort, request
from werkzeug.wrappers import Response

from dashboard.site import address
from dashboard.web.compression import PackedFiles

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PAGE_STYLE, PAGE_SCRIPT = "page.css", "page.js"
EARLY = "early.js"  # written into each page: it runs before the first paint, which waits for nobody
# These are of other pages, or fetched when needed.
_FILES_OF_OTHERS = re.compile(r"(early|start|method|sky_\w+|tiles_\w+)\.js|enlarged.*\.(css|js)")
_ADDRESS = "/assets"
_ICON = re.compile(rb'url\("([\w.-]+\.svg)"\)')
_ONE_YEAR_S = 365 * 24 * 3600
_MIME_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class _Folder:
    """All files by name, the two of the page with them, and the fingerprint of their content."""

    files: Mapping[str, bytes]
    version: str


def asset_address(name: str) -> str:
    """Return the address of a file in assets/, or of one of the two that are made of many."""
    return address(f"{_ADDRESS}/{_folder().version}/{name}")


@cache
def early_script() -> str:
    """Return the script that a page has written into it, as it was when the server started.

    Every answer's policy knows it by its hash.
    """
    return (ASSETS / EARLY).read_text()


def icon_within(name: str) -> str:
    """Return an icon as an address that holds it: nothing is fetched."""
    return _within(_folder().files[name])


def page_files(suffix: str) -> list[str]:
    """Return the names of the files that every page loads, in their order."""
    return [
        path.name
        for path in sorted(ASSETS.glob(f"*{suffix}"))
        if not _FILES_OF_OTHERS.fullmatch(path.name)
    ]


def register_assets(server: Flask) -> None:
    """Serve the files, for ever to be kept at the address that has their fingerprint."""
    packed = PackedFiles()

    @server.get(f"{_ADDRESS}/<name>", defaults={"version": ""})
    @server.get(f"{_ADDRESS}/<version>/<name>")
    def asset(version: str, name: str) -> Response:
        folder = _folder()
        if name not in folder.files:
            abort(404)
        mime_type = _MIME_TYPES.get(Path(name).suffix, "application/octet-stream")
        response = packed.response(
            (folder.version, name),
            mime_type or "application/octet-stream",
            lambda: folder.files[name],
        )
        if version == folder.version:
            return keep_for_ever(response)
        response.cache_control.no_cache = True  # of a former version, or none: ask again each time
        response.set_etag(f"{folder.version}-{response.content_encoding or 'plain'}")
        return response.make_conditional(request)


def keep_for_ever(response: Response) -> Response:
    """Let browsers and what stands between keep what will never change at its address."""
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = _ONE_YEAR_S
    response.cache_control.immutable = True
    return response


def _folder() -> _Folder:
    """Return the files as they are; who edits one needs no new start, only to reload the page."""
    states = ((path.name, path.stat()) for path in sorted(ASSETS.iterdir()) if path.is_file())
    return _read(tuple((name, state.st_mtime_ns, state.st_size) for name, state in states))


@lru_cache(2)
def _read(states: tuple[tuple[str, int, int], ...]) -> _Folder:
    files = {name: (ASSETS / name).read_bytes() for name, _, _ in states}
    for whole, suffix in ((PAGE_STYLE, ".css"), (PAGE_SCRIPT, ".js")):
        files[whole] = b"\n".join(
            f"/* {name} */\n".encode() + files[name] for name in page_files(suffix)
        )
    # A dozen icons beside it would be a dozen requests.
    files[PAGE_STYLE] = _ICON.sub(lambda found: _in_style(found, files), files[PAGE_STYLE])
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return _Folder(files, digest.hexdigest()[:12])


def _in_style(found: re.Match[bytes], files: Mapping[str, bytes]) -> bytes:
    icon = files.get(found[1].decode())
    return found[0] if icon is None else f'url("{_within(icon)}")'.encode()


def _within(icon: bytes) -> str:
    return f"data:image/svg+xml,{quote(icon, safe=' =;,()')}"
