"""Styles, icons and scripts of our own: one address for all pages, kept until the file changes."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request
from werkzeug.wrappers import Response

from dashboard.site import address

ASSETS = Path(__file__).resolve().parents[2] / "assets"
_ONE_YEAR_S = 365 * 24 * 3600


def asset_address(name: str) -> str:
    """Return the address of a file in assets/, with its version as Dash would write it."""
    return address(f"/assets/{name}?m={_version(name)}")


def register_assets(server: Flask) -> None:
    """Let browsers keep what the static folder serves."""

    @server.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200:
            name = (request.view_args or {})["filename"]
            if request.args.get("m") == _version(name):  # else: ask again each time, Flask says
                keep_for_ever(response)
        return response


def keep_for_ever(response: Response) -> Response:
    """Let browsers and what stands between keep what will never change at its address."""
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = _ONE_YEAR_S
    response.cache_control.immutable = True
    return response


def _version(name: str) -> str:
    return str((ASSETS / name).stat().st_mtime)
