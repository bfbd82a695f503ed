"""The app: the server of all open atlases, with a page for each (`dashboard.page`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import plotly.io
from dash.exceptions import DependencyException
from flask import Flask
from werkzeug.exceptions import NotFound

from dashboard import ids
from dashboard.explorer.across import introduce
from dashboard.explorer.explorer import Explorer
from dashboard.export.routes import register_downloads
from dashboard.map.tile_routes import register_map_tiles
from dashboard.method.page import register_method
from dashboard.page import create_page
from dashboard.panels.page.document import register_scripts
from dashboard.panels.results import enlarged
from dashboard.pictures.addresses import picture_hosts, register_cutouts
from dashboard.web.api import register_api
from dashboard.web.assets import early_script, register_assets
from dashboard.web.calls import Callbacks
from dashboard.web.compression import register_compression
from dashboard.web.gate import Gate, register_gate
from dashboard.web.limits import MOST_LIST_BYTES, MOST_PICTURE_BYTES, MOST_UPLOAD_BYTES
from dashboard.web.mount import believe_proxies, mount
from dashboard.web.policy import Guarded, content_policy, script_hash
from dashboard.web.start import register_start
from dashboard.web.strict_bundle import find_strict_bundle

# How much a call may be that brings a part of these; other calls are small.
_MOST_BYTES = {
    ids.OWN_UPLOAD: MOST_UPLOAD_BYTES,
    ids.LIST_UPLOAD: MOST_UPLOAD_BYTES,
    ids.OWN_PICTURE: MOST_PICTURE_BYTES,
    ids.TARGET_LIST: MOST_LIST_BYTES,
    ids.LIST_SHOWN: MOST_LIST_BYTES,
}


def create_app(
    explorers: Mapping[str, Explorer],
    gate: Gate | None = None,
    closed: Mapping[str, str] | None = None,
    *,
    base_path: str = "",
    n_proxies: int = 0,
) -> Flask:
    """Return the server of the open atlases, by name; a visit begins with the first, if it can.

    Parameters
    ----------
    gate : Gate, optional
        Who may ask, by which name; by default anybody who can, by any.
    closed : mapping of str to str, optional
        Atlases that could not be opened, and why.
    base_path, n_proxies : str, int
        Below which path everything is, and how many proxies in front are believed.

    Raises
    ------
    ValueError
        There is no atlas.
    """
    if not explorers:
        raise ValueError("Galaxy Finder needs at least one atlas to show.")
    introduce(explorers)
    # Else what a page receives would be written otherwise where pymilvus is installed, with orjson.
    plotly.io.json.config.default_engine = "json"
    server = Flask("dashboard", static_folder=None)
    mount(server, base_path)
    closed = {name: why for name, why in (closed or {}).items() if name not in explorers}
    callbacks: dict[str, Callbacks] = {}
    register_gate(
        server,
        replace(gate or Gate(), most_bytes=_MOST_BYTES),
        callbacks,
        lambda: (
            {name: one.condition().status for name, one in explorers.items()}
            | dict.fromkeys(closed, "closed")
        ),
    )
    # Of scripts that no page loads Dash says so by an error.
    server.register_error_handler(DependencyException, lambda _error: NotFound())
    with server.app_context():  # pages say where they are, and the server knows below which path
        pages = [create_page(server, explorer, explorers) for explorer in explorers.values()]
    callbacks |= {page.config.routes_pathname_prefix: page.callback_map for page in pages}
    register_assets(server)
    strict = find_strict_bundle()
    register_scripts(server, pages, strict)
    register_start(server, explorers, closed)
    register_method(server, explorers)
    register_cutouts(server, explorers)
    register_map_tiles(server, explorers)
    enlarged.register_enlarged(server, explorers)
    register_downloads(server, explorers)
    register_api(server, explorers, closed)
    register_compression(server)
    hosts = picture_hosts(explorers.values())
    written = [script_hash(script) for script in (early_script(), *pages[0].inline_scripts)]
    policy = content_policy(written, hosts, allows_eval=strict is None)
    server.wsgi_app = Guarded(server.wsgi_app, policy)  # type: ignore[method-assign]
    believe_proxies(server, n_proxies)  # last: it is the first that a request meets
    return server
