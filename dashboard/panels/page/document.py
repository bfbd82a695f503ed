"""The document of a page: what it loads, and from where.

Each atlas is a Dash app of its own, which would give each of them scripts at addresses of their
own, to be downloaded again. Here all of them come from the same addresses. No option of Dash says
so; what this module knows of the addresses that Dash writes was checked with Dash 4.4.1.
"""

from __future__ import annotations

import hashlib
import re
import sys
from importlib.metadata import version
from typing import Any

from dash import Dash
from dash.fingerprint import check_fingerprint
from flask import Flask, abort, redirect, send_from_directory
from werkzeug.wrappers import Response

from dashboard.site import address, base_path
from dashboard.web.assets import asset_address, keep_for_ever

_PACKAGES = ("dash", "dash-ag-grid", "dash-bootstrap-components", "plotly")
# A part of the path, since scripts load others that stand beside them by their bare names.
_VERSION = hashlib.sha256("".join(map(version, _PACKAGES)).encode()).hexdigest()[:12]
_OWN = "_dash-component-suites"  # where Dash serves scripts, below the address of its app
_SHARED = f"/{_OWN}/{_VERSION}"
_PLOTLY = "plotly/package_data/plotly.min.js"
# 2 MB, which most visits do without: assets/grid.js fetches it when a table is seen.
_GRID = re.compile(r'<script src="([^"]*/dash_ag_grid/[^"]*)"></script>')
_GRID_LATER = r'<template id="grid-script" data-address="\1"></template>'

_DOCUMENT = """<!DOCTYPE html>
<html lang="en" data-theme="dark" data-base="BASE">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="ICON">
    <script src="EARLY"></script>
    {%css%}
  </head>
  <body>
    <noscript>Galaxy Finder needs JavaScript: allow it for this page and reload.</noscript>
    {%app_entry%}
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>"""


class AtlasPage(Dash):
    """A Dash app whose document names the scripts and styles of all pages, not its own copies.

    Parameters
    ----------
    server : Flask
        Serves files of assets/ at /assets/.
    route : str
        Where the page is served.
    **options
        As of Dash.
    """

    def __init__(self, server: Flask, route: str, **options: Any) -> None:
        super().__init__(
            "dashboard",
            server=server,  # type: ignore[arg-type]  # Dash's annotation forgets Flask itself
            routes_pathname_prefix=route,
            requests_pathname_prefix=address(route),
            assets_external_path=address("/"),
            index_string=_DOCUMENT.replace("BASE", base_path())
            .replace("ICON", asset_address("icon.svg"))
            .replace("EARLY", asset_address("early.js")),
            **options,
        )

        # Dash asks for plotly.js below the address of the page; nothing tells it otherwise.
        @server.get(f"{route}{_OWN}/{_PLOTLY}", endpoint=f"{route}plotly")
        def plotly() -> Response:
            return redirect(address(f"{_SHARED}/{_PLOTLY}"))

    def interpolate_index(self, *_: Any, scripts: str = "", css: str = "", **others: str) -> str:
        """Return the document; called by Dash with what goes into it."""
        own = f'"{self.config.requests_pathname_prefix}{_OWN}/'
        shared = f'"{address(_SHARED)}/'
        scripts, css = scripts.replace(own, shared), css.replace(own, shared)
        scripts = _GRID.sub(_GRID_LATER, scripts)
        return str(super().interpolate_index(scripts=scripts, css=css, **others))


def register_scripts(server: Flask, page: AtlasPage) -> None:
    """Serve the scripts of Dash and its components for all pages; ``page`` is any of them."""

    @server.get(f"{_SHARED}/<package>/<path:file>")
    def script(package: str, file: str) -> Response:
        file, _ = check_fingerprint(file)
        if file not in page.registered_paths.get(package, ()):
            abort(404)
        (folder,) = sys.modules[package].__path__
        return keep_for_ever(send_from_directory(folder, file))
