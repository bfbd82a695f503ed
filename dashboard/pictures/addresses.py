"""Where a picture comes from: the thumbnails of the atlas, or a cutout service by address."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from urllib.parse import urlencode, urlsplit

import numpy as np
from flask import Flask, Response, abort, request

from dashboard.explorer.explorer import Explorer, UnknownColumnError
from dashboard.explorer.memo import remembered
from dashboard.filters.values import numbers
from dashboard.pictures.sheet import CARD_PX, sheet_response
from dashboard.site import address
from pipeline.atlas import LAYER, MIME_TYPE, VIEWER_URL, CutoutService, Manifest, cutout_parameters

logger = logging.getLogger(__name__)

# A manifest may come from anywhere, a page must not: pictures are asked of these hosts only.
SERVICE_HOSTS = frozenset({urlsplit(VIEWER_URL).netloc})
# Twice the size on the page, for fine screens: of the selected galaxy, and of a card.
LARGE_PX = 480
SMALL_PX = CARD_PX
_ONE_YEAR_S = 365 * 24 * 3600


def atlas_version(manifest: Manifest) -> str:
    """Return a short hash that changes whenever the atlas is published anew."""
    content = json.dumps(asdict(manifest), sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()[:12]


class Pictures:
    """The addresses of the pictures of one atlas: its thumbnails, a cutout service's, or none.

    Attributes
    ----------
    host : str or None
        Who is asked for the pictures, for people to read; None if the atlas has its own, or none.
    north_up : bool
        Whether every picture is known to have North up and East left.
    follow_galaxies : bool
        Whether each picture has a scale of its own.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._version = atlas_version(explorer.manifest)
        service = trusted_service(explorer.manifest) if explorer.thumbnails is None else None
        self._service = service
        follows = service is not None and service.field_column is not None
        self._field_service = service if follows else None  # if each picture has its own field
        self._diameters_arcmin = _diameters_arcmin(explorer, self._field_service)
        self.host = (
            None if service is None else urlsplit(service.base_url).netloc.removeprefix("www.")
        )
        self.north_up = service is not None or explorer.manifest.north_up
        has_one_scale = explorer.manifest.pixel_scale_arcsec is not None
        self.follow_galaxies = follows or not has_one_scale

    def side_arcsec(self, row: int) -> float | None:
        """Return how much of the sky the side of a picture shows; None where that is not known."""
        service = self._field_service
        if service is not None:
            if self._diameters_arcmin is None:
                return service.default_field_arcsec
            diameter = self._diameters_arcmin[row : row + 1].astype(np.float64)
            known = np.where(np.isfinite(diameter), diameter, np.nan)
            return float(service.fields_arcsec(known)[0])
        manifest = self._explorer.manifest
        scale_arcsec = manifest.pixel_scale_arcsec
        return None if scale_arcsec is None else scale_arcsec * manifest.cutout_px

    def url(
        self, row: int, size_px: int = LARGE_PX, side_arcsec: float | None = None
    ) -> str | None:
        """Return the address of the picture of galaxy ``row``; None if there is none.

        Thumbnails, and pictures of the atlas's own pixel scale, have one size only. A cutout
        service whose pictures follow their galaxies shows ``side_arcsec`` of the sky if asked to.
        """
        if self._explorer.thumbnails is not None:
            return address(f"/cutouts/{self._explorer.name}/{int(row)}.jpg?v={self._version}")
        if self._service is None:
            return None
        manifest = self._explorer.manifest
        scale_arcsec = manifest.pixel_scale_arcsec
        if self._field_service is None:
            size_px = manifest.cutout_px
        else:
            scale_arcsec = (side_arcsec or self.side_arcsec(row) or math.nan) / size_px
        position = self._explorer.galaxy(row).position
        parameters = cutout_parameters(*position, size_px, self._service.layer, scale_arcsec)
        return f"{self._service.base_url}?{urlencode(parameters)}"

    def sheet(self, size_px: int) -> str | None:
        """Return the address to which the rows of a gallery are added, to get their pictures small.

        None where there are no thumbnails, or where cards are so large that they need them whole.
        """
        if self._explorer.thumbnails is None or size_px > SMALL_PX:
            return None
        return address(f"/cutouts/{self._explorer.name}/sheet?v={self._version}&rows=")


def picture_hosts(explorers: Iterable[Explorer]) -> set[str]:
    """Return the hosts that a browser asks for the pictures of these atlases."""
    services = [
        trusted_service(explorer.manifest) for explorer in explorers if explorer.thumbnails is None
    ]
    return {urlsplit(service.base_url).netloc for service in services if service is not None}


@remembered(1)
def pictures_of(explorer: Explorer) -> Pictures:
    """Return the pictures of an atlas, for the pages of others."""
    return Pictures(explorer)


def register_cutouts(server: Flask, explorers: Mapping[str, Explorer]) -> None:
    """Serve the thumbnails of ``explorers`` at /cutouts/ATLAS/ROW.jpg, several at .../sheet."""
    versions = {name: atlas_version(explorer.manifest) for name, explorer in explorers.items()}

    @server.get("/cutouts/<path:_elsewhere>")
    def no_cutout(_elsewhere: str) -> Response:
        abort(404)

    @server.get("/cutouts/<atlas>/<int:row>.jpg")
    def cutout(atlas: str, row: int) -> Response:
        if atlas not in explorers:
            abort(404)
        return thumbnail_response(explorers[atlas], row, versions[atlas])

    @server.get("/cutouts/<atlas>/sheet")
    def sheet(atlas: str) -> Response:
        if atlas not in explorers:
            abort(404)
        return _kept(sheet_response(explorers[atlas]), versions[atlas])


def thumbnail_response(explorer: Explorer, row: int, version: str) -> Response:
    """Return the thumbnail of galaxy ``row``, to be kept for ever under its versioned address."""
    if explorer.thumbnails is None or not 0 <= row < explorer.n_objects:
        abort(404)
    response = Response(mimetype=MIME_TYPE)
    response.set_etag(f"{version}-{row}")
    _kept(response, version)
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(explorer.thumbnails[row])
    return response


def _kept(response: Response, version: str) -> Response:
    if request.args.get("v") == version:
        response.cache_control.public = True
        response.cache_control.max_age = _ONE_YEAR_S
        response.cache_control.immutable = True
    else:  # an address without the version, or of a former atlas: ask again each time
        response.cache_control.no_cache = True
    return response


def _diameters_arcmin(explorer: Explorer, service: CutoutService | None) -> np.ndarray | None:
    """Return the diameters that pictures follow, as the catalogue has them; None if it has none."""
    name = None if service is None else service.field_column
    if name is None:
        return None
    try:
        if explorer.is_category(name):
            raise UnknownColumnError(f"Column '{name}' holds no numbers.")
    except UnknownColumnError as error:
        logger.warning("Every picture of atlas %s has the same field: %s", explorer.name, error)
        return None
    return numbers(explorer.catalogue[name])


def trusted_service(manifest: Manifest) -> CutoutService | None:
    """Return the atlas's cutout service if a page may ask it."""
    service = manifest.cutout_service
    if service is None:
        return None
    parts = urlsplit(service.base_url)
    plain = parts.scheme == "https" and not parts.query and not parts.fragment
    if not plain or parts.netloc not in SERVICE_HOSTS or not LAYER.fullmatch(service.layer):
        logger.warning(
            "Atlas %s is shown without pictures: it asks for layer '%s' of %s, which is not a "
            "plain https address of %s.",
            manifest.name,
            service.layer,
            service.base_url,
            ", ".join(sorted(SERVICE_HOSTS)),
        )
        return None
    return service
