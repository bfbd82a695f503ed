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
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dash import Dash
from dash.development.base_component import Component
from dash.fingerprint import check_fingerprint
from flask import Flask, abort, redirect, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

from dashboard.site import address, base_path
from dashboard.web.assets import (
    PAGE_SCRIPT,
    PAGE_STYLE,
    asset_address,
    early_script,
    icon_within,
    keep_for_ever,
)
from dashboard.web.compression import PackedFiles
from dashboard.web.libraries import FOLDER, PACKAGE, Libraries, libraries

_PACKAGES = ("dash", "dash-ag-grid", "dash-bootstrap-components", "plotly")
# A part of the path, since scripts load others that stand beside them by their bare names.
_VERSION = hashlib.sha256("".join(map(version, _PACKAGES)).encode()).hexdigest()[:12]
_OWN = "_dash-component-suites"  # where Dash serves scripts, below the address of its app
_SHARED = f"/{_OWN}/{_VERSION}"
_PLOTLY = "plotly/package_data/plotly.min.js"
# 2 MB, which most visits do without: assets/grid.js fetches it when a table is seen.
_GRID = "dash_ag_grid"
_LATER = '<template id="{name}-script" data-address="{address}"></template>'
# dash's former table, which no page has, and what browsers lacked before 2018: those that have all
# else that a page asks for, ":has()" and modules, lack nothing of it.
_UNUSED = ("dash/dash_table/", "dash/deps/polyfill@")
# Dash would fetch these when it has drawn the page, and has them drawn then: each page has both.
_MORE = ("dash/dcc/async-graph.js", "dash/dcc/async-upload.js")
_SCRIPT = re.compile(rf'<script src="[^"]*/{_OWN}/(?:{_VERSION}/)?([^"]*)"></script>\n?')

_OURS = re.compile(r"\{%(base|icon|early|style|asked|first_paint|answer)%\}")
_DOCUMENT = """<!DOCTYPE html>
<html lang="en" data-theme="dark" data-base="{%base%}">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="{%icon%}">
    <script>{%early%}</script>
    <link rel="stylesheet" href="{%style%}">
    {%asked%}
    {%css%}
  </head>
  <body>
    <noscript>Galaxy Finder needs JavaScript: allow it for this page and reload.</noscript>
    {%first_paint%}
    {%app_entry%}
    <footer>
      {%config%}
      {%answer%}
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
    layout : Component
        What it shows.
    first_paint : str
        The same as HTML, for as long as Dash has not drawn it.
    first_answer : callable
        Takes the part of the page's address after the path, returns what the page shows of its
        answer, as JSON; empty for nothing.
    **options
        As of Dash.
    """

    def __init__(
        self,
        server: Flask,
        route: str,
        layout: Component,
        first_paint: str,
        first_answer: Callable[[str], str] = lambda _search: "",
        **options: Any,
    ) -> None:
        super().__init__(
            "dashboard",
            server=server,  # type: ignore[arg-type]  # Dash's annotation forgets Flask itself
            routes_pathname_prefix=route,
            requests_pathname_prefix=address(route),
            include_assets_files=False,  # Dash would name each of them
            index_string=_DOCUMENT,
            **options,
        )
        self.layout = layout
        self._first_paint = first_paint
        self._first_answer = first_answer
        self.plotly = f"{_SHARED}/{_PLOTLY}"  # where it is served

    def interpolate_index(self, *_: Any, scripts: str = "", css: str = "", **others: str) -> str:
        """Return the document; called by Dash with what goes into it."""
        prefix = self.config.requests_pathname_prefix
        css = css.replace(f'"{prefix}{_OWN}/', f'"{address(_SHARED)}/')
        document = str(super().interpolate_index(scripts=self._scripts(scripts), css=css, **others))
        # Dash asks for these once it runs; they come while it is on its way.
        asked = (f"{prefix}_dash-layout", f"{prefix}_dash-dependencies")
        search = request.query_string.decode("ascii", "replace")
        answer = self._first_answer(f"?{search}" if search else "")
        ours = {
            "asked": "".join(
                f'<link rel="preload" as="fetch" crossorigin href="{one}">' for one in asked
            ),
            "answer": answer
            and f'<script id="first-answer" type="application/json">{answer}</script>',
            "base": base_path(),
            "icon": icon_within("icon.svg"),
            "early": early_script(),
            "style": asset_address(PAGE_STYLE),
            "first_paint": self._first_paint,
        }
        return _OURS.sub(lambda found: ours[found[1]], document)

    def libraries(self) -> Libraries:
        """Return the scripts of Dash and its components, which all pages share, as one file."""
        return _libraries(self._generate_scripts_html())

    def _scripts(self, scripts: str) -> str:
        """Return the scripts that Dash names as elements, the libraries in one."""
        files = _SCRIPT.findall(scripts)
        (grid,) = (file for file in files if file.startswith(_GRID))
        together = f"{_SHARED}/{PACKAGE}/{FOLDER}/{_libraries(scripts).name}"
        later = {"grid": f"{_SHARED}/{grid}", "plotly": self.plotly}
        return "\n".join(
            [
                *(_LATER.format(name=name, address=address(at)) for name, at in later.items()),
                f'<script src="{asset_address(PAGE_SCRIPT)}"></script>',
                f'<script src="{address(together)}"></script>',
                _SCRIPT.sub("", scripts),
            ]
        )

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
        if (package, file) == (PACKAGE, f"{FOLDER}/{pages[0].libraries().name}"):
            found = pages[0].libraries()
            return keep_for_ever(
                packed.response(found.name, "text/javascript", lambda: found.content)
            )
        if file not in registered.get(package, ()):
            abort(404)
        path = _path(f"{package}/{file}")
        if path is None:
            abort(404)
        return _file(packed, path)

    if strict is not None:
        for page in pages:
            page.plotly = f"{_SHARED}/{strict.name}"

        @server.get(pages[0].plotly)
        def strict_plotly() -> Response:
            return _file(packed, strict)

    # Dash asks for plotly.js below the address of the page, where no script of ours tells it.
    for page in pages:
        own_address = f"{page.config.routes_pathname_prefix}{_OWN}/{_PLOTLY}"
        server.add_url_rule(
            own_address, endpoint=own_address, view_func=lambda: redirect(address(pages[0].plotly))
        )


def _libraries(scripts: str) -> Libraries:
    """Return what is named in ``scripts``, as Dash writes elements for them, in its order."""
    files = [file for file in _SCRIPT.findall(scripts) if not file.startswith((_GRID, *_UNUSED))]
    paths = [_path(check_fingerprint(file)[0]) for file in [*files, *_MORE]]
    return libraries(tuple(path for path in paths if path is not None))


def _path(name: str) -> Path | None:
    """Return where a file of a package is, such as ``dash/dcc/async-graph.js``."""
    package, _, file = name.partition("/")
    (folder,) = sys.modules[package].__path__
    path = safe_join(folder, file)
    return Path(path) if path is not None and Path(path).is_file() else None


def _file(packed: PackedFiles, path: Path) -> Response:
    mime_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return keep_for_ever(packed.response(path, mime_type, path.read_bytes))
