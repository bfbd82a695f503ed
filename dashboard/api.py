"""What other programs ask of the server: for now, whether it is well."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, jsonify

from dashboard.explorer import Explorer


def register_api(server: Flask, explorers: Mapping[str, Explorer]) -> None:
    """Serve /health: the open atlases and their number of galaxies."""

    @server.get("/health")
    def health() -> Response:
        return jsonify(status="ok", atlases=[describe(explorer) for explorer in explorers.values()])


def describe(explorer: Explorer) -> dict[str, object]:
    """Return what /health says of one atlas."""
    return {
        "name": explorer.name,
        "title": explorer.title,
        "n_objects": explorer.n_objects,
        "simulated": explorer.manifest.simulated,
    }
