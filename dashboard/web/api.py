"""What other programs ask of the server: whether it is well, and which atlases are open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, Response, abort, jsonify

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.addresses import Pictures
from dashboard.web.start import page_address

_WELL = ("ok", "checking", "replaced")  # of an atlas that answers, and would open again
_FOLDERS = re.compile(r"/(?:[^\s/']+/)+|(?<![^\s'])/(?=[^\s/'])")
_NONE: Mapping[str, str] = MappingProxyType({})


def register_api(
    server: Flask, explorers: Mapping[str, Explorer], closed: Mapping[str, str] = _NONE
) -> None:
    """Serve /health, /health/ATLAS, and /api: the open atlases, in their order.

    Health is 503 where files of an atlas, of any for /health itself, are damaged or could not be
    opened. ``closed`` says why of the latter, by their names.
    """

    @server.get("/health")
    def health() -> tuple[Response, int]:
        atlases = [_health(explorer) for explorer in explorers.values()]
        atlases += [_health_of_closed(name, why) for name, why in closed.items()]
        is_well = all(atlas["status"] in _WELL for atlas in atlases)
        body = jsonify(status="ok" if is_well else "damaged", atlases=atlases)
        return body, 200 if is_well else 503

    @server.get("/health/<name>")
    def health_of(name: str) -> tuple[Response, int]:
        if name in explorers:
            atlas = _health(explorers[name])
        elif name in closed:
            atlas = _health_of_closed(name, closed[name])
        else:
            abort(404)
        return jsonify(atlas), 200 if atlas["status"] in _WELL else 503

    @server.get("/api")
    def api() -> Response:
        return jsonify(atlases=[describe(explorer) for explorer in explorers.values()])


def _health(explorer: Explorer) -> dict[str, object]:
    condition = explorer.condition()
    return {**describe(explorer), "status": condition.status, "why": condition.why}


def _health_of_closed(name: str, why: str) -> dict[str, object]:
    return {"name": name, "status": "closed", "why": without_folders(why)}


def without_folders(sentence: str) -> str:
    """Return a sentence with files called by their names: where they are is nobody's business.

    Examples
    --------
    >>> without_folders("/srv/atlases/mock/index.ann is missing. Run chmod a+r '/srv/atlases'")
    "index.ann is missing. Run chmod a+r 'atlases'"
    """
    return _FOLDERS.sub("", sentence)


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
