"""The addresses of a map's tiles: immutable, as the atlas is, and packed once."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, request

from dashboard.explorer.explorer import UnknownColumnError
from dashboard.explorer.memo import remembered
from dashboard.explorer.neighbours import NoCommonDirectionError
from dashboard.filters import FilterError
from dashboard.map.quadtree import Tile
from dashboard.map.sample import is_crowded
from dashboard.map.shown import Shown
from dashboard.map.tiles import DEEPEST_PICTURE, galaxies, picture
from dashboard.pictures.addresses import atlas_version
from dashboard.query.query import QueryError
from dashboard.site import address
from pipeline.atlas import DEEPEST, LEAST, SIDE

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

MOST_POINTS = 50_000  # galaxies in view, each of which is then drawn
_ROUTE = "/map-tiles"
_ONE_YEAR_S = 365 * 24 * 3600
_MOST_LONG = 8_190  # characters
_PACKED = 1  # zlib's quickest: tiles are asked for while somebody waits
_TOO_MANY = "The tile has more galaxies than are sent one by one. Zoom in."
_FORESEEN = (FilterError, QueryError, UnknownColumnError, NoCommonDirectionError)
_DEEPEST = {"picture": DEEPEST_PICTURE, "galaxies": DEEPEST}
_one_at_a_time = threading.Lock()  # each is quick, and together they would take memory and cores


def tiles_of(explorer: Explorer) -> dict[str, Any] | None:
    """Return what the browser needs to ask for tiles; None for a map that is drawn whole."""
    if not is_crowded(explorer):
        return None
    return {
        "address": address(f"{_ROUTE}/{explorer.name}"),
        "version": atlas_version(explorer.manifest),
        "least": LEAST,
        "side": SIDE,
        "mostPoints": MOST_POINTS,
        "deepest": _DEEPEST,
    }


def register_map_tiles(server: Flask, explorers: Mapping[str, Explorer]) -> None:
    """Serve the tiles of ``explorers`` at /map-tiles/ATLAS/KIND/Z/X/Y?colour=...&f....=..."""
    versions = {name: atlas_version(explorer.manifest) for name, explorer in explorers.items()}

    @server.get(f"{_ROUTE}/<atlas>/<kind>/<int:z>/<int:x>/<int:y>")
    def map_tile(atlas: str, kind: str, z: int, x: int, y: int) -> Response:
        tile = Tile(z, x, y)
        if atlas not in explorers or not is_crowded(explorers[atlas]):
            abort(404)
        if z > _DEEPEST.get(kind, -1) or not tile.is_there:
            abort(404)
        if len(request.query_string) > _MOST_LONG:
            abort(414)
        explorer = explorers[atlas]
        try:
            shown = asked(explorer)
            content = packed_tile(explorer, shown, kind, tile)
        except _FORESEEN as error:
            abort(400, str(error))
        if content is None:
            abort(400, _TOO_MANY)
        return _response(content, is_of_now=request.args.get("v") == versions[atlas])


def asked(explorer: Explorer) -> Shown:
    """Return what the request at work asks to be shown."""
    search = "?" + request.query_string.decode("ascii", "replace")
    return Shown.from_address(explorer, search, list(request.args.items(multi=True)))


def packed_tile(explorer: Explorer, shown: Shown, kind: str, tile: Tile) -> bytes | None:
    """Return a tile as gzip has it; None where there are too many galaxies to send."""
    with _one_at_a_time:
        return _packed_tile(explorer, shown, kind, tile)


@remembered(300)  # 10 to 60 kB each, those of galaxies at most 1.5 MB
def _packed_tile(explorer: Explorer, shown: Shown, kind: str, tile: Tile) -> bytes | None:
    content = picture if kind == "picture" else galaxies
    found = content(explorer, shown, tile)
    return None if found is None else zlib.compress(found, _PACKED, wbits=31)


def _response(content: bytes, *, is_of_now: bool) -> Response:
    response = Response(content, mimetype="application/octet-stream")
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(zlib.decompress(content, wbits=31))
    if is_of_now:
        response.cache_control.public = True
        response.cache_control.max_age = _ONE_YEAR_S
        response.cache_control.immutable = True
    else:  # an address without the version, or of a former atlas: ask again each time
        response.cache_control.no_cache = True
    return response
