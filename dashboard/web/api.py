"""What other programs ask of the server: whether it is well, and which atlases are open."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, jsonify

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.addresses import Pictures
from dashboard.site import page_address


def register_api(server: Flask, explorers: Mapping[str, Explorer]) -> None:
    """Serve /health, and /api: the open atlases, in their order."""

    @server.get("/health")
    def health() -> Response:
        return jsonify(status="ok", atlases=[describe(explorer) for explorer in explorers.values()])

    @server.get("/api")
    def api() -> Response:
        return jsonify(atlases=[describe(explorer) for explorer in explorers.values()])


def describe(explorer: Explorer) -> dict[str, object]:
    """Return what is said of one atlas.

    ``footprint_deg2`` is null where no footprint is known, ``pictures_from`` where the atlas has
    its own pictures, or none.
    """
    footprint = explorer.footprint
    return {
        "name": explorer.name,
        "title": explorer.title,
        "n_objects": explorer.n_objects,
        "simulated": explorer.manifest.simulated,
        "page": page_address(explorer.name),
        "footprint_deg2": None if footprint is None else round(footprint.area_deg2, 2),
        "pictures_from": Pictures(explorer).host,
    }
