"""A galaxy seen large, beside the one that was asked for: what assets/enlarged.js shows.

The dialog, its script and its style come with the first galaxy that is opened, and the data of each
pair when it is opened: a query costs nothing more for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import Flask, Response, abort, jsonify, request

from dashboard.explorer.explorer import Explorer, UnknownGalaxyError
from dashboard.formatting import (
    format_separation,
    name_of,
    other_names_of,
    why_no_picture,
)
from dashboard.pictures.addresses import Pictures
from dashboard.pictures.pairs import pair, words_of
from dashboard.site import address
from dashboard.sky.coordinates import format_sexagesimal
from dashboard.tables.differences import VERDICTS, differences, values_of
from dashboard.web.assets import asset_address

FILES = ("enlarged.css", "enlarged_pictures.js", "enlarged.js")


def layout() -> Component:
    """Return where script, style and answers of the dialog are, for assets/enlarge.js."""
    where: dict[str, Any] = {
        "data-files": json.dumps([asset_address(name) for name in FILES]),
        "data-answers": address("/enlarged/"),
    }
    return html.Div(hidden=True, className="enlarged-files", **where)


def shown(explorer: Explorer, pictures: Pictures, row: int, beside: int | None) -> dict[str, Any]:
    """Return what the dialog shows of a galaxy, and of the one beside it if there is one.

    Parameters
    ----------
    row : int
        Of the galaxy that is opened.
    beside : int or None
        Of the galaxy that it is compared with.

    Raises
    ------
    UnknownGalaxyError
        A row that the atlas does not have.
    """
    rows = [row] if beside is None or beside == row else [beside, row]
    galaxies = [explorer.galaxy(one) for one in rows]
    views = pair(explorer, pictures, rows)
    modes = {
        mode: [words_of(pictures, view, mode) for view in both]
        for mode, both in views.views.items()
    }
    apart = ""
    if len(rows) == 2:
        apart_arcsec = explorer.separation_arcsec(row, galaxies[0].position)
        apart = f"{format_separation(apart_arcsec)} apart on the sky"
    return {
        "galaxies": [
            {
                "row": galaxy.row,
                "name": name_of(galaxy),
                "also": list(
                    dict.fromkeys(
                        name
                        for name in (galaxy.object_id, *other_names_of(galaxy))
                        if name != name_of(galaxy)
                    )
                ),
                "position": format_sexagesimal(galaxy.position),
            }
            for galaxy in galaxies
        ],
        "apart": apart,
        "views": modes,
        "first": views.first,
        "why_not": views.why_not,
        "host": pictures.host,
        "why": why_no_picture(pictures.url(row), pictures.host),
        "groups": _groups(explorer, rows),
    }


def _groups(explorer: Explorer, rows: list[int]) -> list[dict[str, Any]]:
    """Return the data: of one galaxy all alike, of two by how alike they are."""
    if len(rows) == 1:
        return [{"title": "", "lines": [one.to_page() for one in values_of(explorer, rows[0])]}]
    found = differences(explorer, *rows)
    return [
        {"title": title, "kind": kind, "lines": lines}
        for kind, title in VERDICTS.items()
        if (lines := [one.to_page() for one in found if one.verdict == kind])
    ]


def register_enlarged(server: Flask, explorers: Mapping[str, Explorer]) -> None:
    """Serve what the dialog shows, at /enlarged/ATLAS/ROW?beside=ROW."""
    pictures = {name: Pictures(explorer) for name, explorer in explorers.items()}

    @server.get("/enlarged/<atlas>/<int:row>")
    def enlarged(atlas: str, row: int) -> Response:
        if atlas not in explorers:
            abort(404)
        text = request.args.get("beside", "")
        beside = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None
        if text and beside is None:
            abort(400)
        try:
            return jsonify(shown(explorers[atlas], pictures[atlas], row, beside))
        except UnknownGalaxyError:
            abort(404)
