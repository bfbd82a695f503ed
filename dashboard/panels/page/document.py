"""The document of a page: what it loads, and from where.

Each atlas is a Dash app of its own, which would give each of them scripts at addresses of their
own, to be downloaded again. Here all of them come from the same addresses. No option of Dash says
so; what this module knows of the addresses that Dash writes was checked with Dash 4.4.1.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dash import Dash
from dash.development.base_component import Component
from dash.fingerprint import check_fingerprint
from flask import Flask, abort, redirect
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

from dashboard.web.assets import (
    PAGE_SCRIPT,
    PAGE_STYLE,
    asset_address,
    early_script,
    keep_for_ever,
)
from dashboard.web.compression import PackedFiles

_PACKAGES = ("dash", "dash-ag-grid", "dash-bootstrap-components", "plotly")
# A part of the path, since scripts load others that stand beside them by their bare names.
_VERSION = hashlib.sha256("".join(map(version, _PACKAGES)).encode()).hexdigest()[:12]
_OWN = "_dash-component-suites"  # where Dash serves scripts, below the address of its app
_SHARED = f"/{_OWN}/{_VERSION}"
_PLOTLY = "plotly/package_data/plotly.min.js"
# 2 MB, which most visits do without: assets/grid.js fetches it when a table is seen.
_GRID = re.compile(r'<script src="([^"]*/dash_ag_grid/[^"]*)"></script>')
_GRID_LATER = r'<template id="grid-script" data-address="\1"></template>'
# dash's former table, which no page has.
_UNUSED = re.compile(r'<script src="[^"]*/dash_table/[^"]*"></script>\n?')

_OURS = re.compile(r"\{%(icon|early|style|first_paint)%\}")
_DOCUMENT = """<!DOCTYPE html>
<html lang="en" data-theme="dark">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="{%icon%}">
    <script>{%early%}</script>
    <link rel="stylesheet" href="{%style%}">
    {%css%}
  </head>
  <body>
    <noscript>Galaxy Finder needs JavaScript: allow it for this page and reload.</noscript>
    {%first_paint%}
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
    address : str
        Where the page is.
    layout : Component
        What it shows.
    first_paint : str
        The same as HTML, for as long as Dash has not drawn it.
    **options
        As of Dash.
    """

    def __init__(
        self, server: Flask, address: str, layout: Component, first_paint: str, **options: Any
    ) -> None:
        super().__init__(
            "dashboard",
            server=server,  # type: ignore[arg-type]  # Dash's annotation forgets Flask itself
            url_base_pathname=address,
            include_assets_files=False,  # Dash would name each of them
            index_string=_DOCUMENT,
            **options,
        )
        self.layout = layout
        self._first_paint = first_paint

    def interpolate_index(self, *_: Any, scripts: str = "", css: str = "", **others: str) -> str:
        """Return the document; called by Dash with what goes into it."""
        own, shared = f'"{self.config.requests_pathname_prefix}{_OWN}/', f'"{_SHARED}/'
        scripts, css = scripts.replace(own, shared), css.replace(own, shared)
        scripts = _UNUSED.sub("", _GRID.sub(_GRID_LATER, scripts))
        # Our own stand between the libraries that they use and what calls them.
        renderer = f"<script src={shared}dash/dash-renderer/"
        script = f'<script src="{asset_address(PAGE_SCRIPT)}"></script>'
        scripts = scripts.replace(renderer, f"{script}\n{renderer}")
        document = str(super().interpolate_index(scripts=scripts, css=css, **others))
        ours = {
            "icon": asset_address("icon.svg"),
            "early": early_script(),
            "style": asset_address(PAGE_STYLE),
            "first_paint": self._first_paint,
        }
        return _OURS.sub(lambda found: ours[found[1]], document)

    @property
    def inline_scripts(self) -> list[str]:
        """What the document has written into it as scripts, for the policy to allow."""
        return [*self._inline_scripts, self.renderer]


def register_scripts(server: Flask, pages: Sequence[AtlasPage], strict: Path | None) -> None:
    """Serve the scripts of Dash and its components for all pages, and plotly.js.

    Parameters
    ----------
    server : Flask
    pages : sequence of AtlasPage
    strict : Path or None
        The bundle of plotly.js to serve instead of that of the package plotly.
    """
    packed = PackedFiles()
    registered = pages[0].registered_paths  # of any page: all have the same

    @server.get(f"{_SHARED}/<package>/<path:file>")
    def script(package: str, file: str) -> Response:
        file, _ = check_fingerprint(file)
        if file not in registered.get(package, ()):
            abort(404)
        (folder,) = sys.modules[package].__path__
        path = safe_join(folder, file)
        if path is None or not Path(path).is_file():
            abort(404)
        return _file(packed, Path(path))

    plotly_address = f"{_SHARED}/{_PLOTLY}"
    if strict is not None:
        plotly_address = f"{_SHARED}/{strict.name}"

        @server.get(plotly_address)
        def strict_plotly() -> Response:
            return _file(packed, strict)

    # Dash asks for plotly.js below the address of the page; nothing tells it otherwise.
    for page in pages:
        own_address = f"{page.config.routes_pathname_prefix}{_OWN}/{_PLOTLY}"
        server.add_url_rule(
            own_address, endpoint=own_address, view_func=lambda: redirect(plotly_address)
        )


def _file(packed: PackedFiles, path: Path) -> Response:
    mime_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return keep_for_ever(packed.response(path, mime_type, path.read_bytes))
