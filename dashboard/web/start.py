"""Where a visit begins: the first atlas whose pictures can be shown.

Each atlas is a page of its own, /atlas/NAME/. Whether a cutout service can be reached is for the
browser to find out, since it is the browser that asks for the pictures: / sends it to an atlas
with thumbnails at once, but has it try one picture of the service first (assets/start.js).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import count_of
from dashboard.pictures.addresses import SMALL_PX, Pictures
from dashboard.query.address import from_address
from dashboard.query.query import QueryError
from dashboard.web.assets import asset_address, early_script

_LONGEST_NAME = 64  # characters of a name that nobody knows, in the sentence that says so


@dataclass(frozen=True)
class Start:
    """Where to begin: with ``first``, or ``otherwise`` if its picture ``probe`` cannot be loaded.

    Its ``host`` serves the pictures of ``first``. Only ``first`` is given where nothing is left to
    find out.
    """

    first: Explorer
    otherwise: Explorer | None = None
    probe: str = ""
    host: str = ""


def page_address(name: str) -> str:
    """Return the address of the page of an atlas."""
    return f"/atlas/{name}/"


def choose_start(explorers: Mapping[str, Explorer]) -> Start:
    """Return where to begin: of the atlases in their order, the first that has pictures."""
    first, *others = explorers.values()
    with_thumbnails = [explorer for explorer in others if explorer.thumbnails is not None]
    if first.thumbnails is not None or not with_thumbnails:
        return Start(first)
    pictures = Pictures(first)
    probe = pictures.url(first.default_row(), SMALL_PX)
    if probe is None or pictures.host is None:
        return Start(with_thumbnails[0])
    return Start(first, with_thumbnails[0], probe, pictures.host)


def why_started(shown: Explorer, explorers: Mapping[str, Explorer]) -> str:
    """Return why a visit began with this atlas; empty if there was nothing to find out."""
    start = choose_start(explorers)
    if start.otherwise is None or shown not in (start.first, start.otherwise):
        return ""
    if shown is start.first:
        return f"Showing {shown.title}: {start.host}, where the pictures come from, can be reached."
    return (
        f"Showing {shown.title}, since the pictures of {start.first.title} come from {start.host}, "
        "which could not be reached in time."
    )


def atlas_of_address(explorers: Mapping[str, Explorer], search: str) -> Explorer | None:
    """Return the first atlas that has the galaxy of an address without an atlas.

    None if the address asks for none; the first atlas, which will say so, if nobody has it.
    """
    asks = False
    for explorer in explorers.values():
        try:
            if from_address(search, explorer) is not None:
                return explorer
        except QueryError:
            asks = True
    return next(iter(explorers.values())) if asks else None


def register_start(
    server: Flask, explorers: Mapping[str, Explorer], closed: Collection[str] = ()
) -> None:
    """Serve / and the pages of atlases that are not open: ``closed`` are there, but damaged."""
    start = choose_start(explorers)

    @server.get("/")
    def begin() -> Response | str:
        search = request.query_string.decode("ascii", "replace")
        asked = atlas_of_address(explorers, search)
        if asked is not None:
            return redirect(f"{page_address(asked.name)}?{search}")
        if start.otherwise is None:
            return redirect(page_address(start.first.name))
        return page(explorers, start=start)

    @server.get("/atlas/")
    @server.get("/atlas/<path:name>")
    def unknown(name: str = "") -> Response | tuple[str, int]:
        name = name.strip("/")
        if name in explorers:  # without the last slash
            return redirect(page_address(name))
        if name in closed:
            return page(explorers, closed=name), 503
        return page(explorers, unknown=name[:_LONGEST_NAME]), 404


def page(
    explorers: Mapping[str, Explorer],
    *,
    start: Start | None = None,
    unknown: str | None = None,
    closed: str | None = None,
) -> str:
    """Return the page that leads to the atlases, by itself if there is a ``start`` to find out."""
    return render_template(
        "start.html",
        asset=asset_address,
        early=early_script,
        address_of=page_address,
        count_of=count_of,
        explorers=explorers.values(),
        start=start,
        unknown=unknown,
        closed=closed,
    )
