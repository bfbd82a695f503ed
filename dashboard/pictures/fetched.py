"""A picture of any position, fetched from the cutout service of an atlas: for who wants it.

The visitor's browser asks for what is only shown. What the model is to see has to come here, so the
server asks: nobody but the atlas's own service, never for long, and not again and again in vain.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import numpy as np

from dashboard.explorer.explorer import Explorer
from dashboard.names.openngc import bundled_names
from dashboard.pictures.addresses import trusted_service
from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import CutoutService, Upstream, cutout_parameters

# Where to ask instead of the atlas's service, or "off" to ask nobody.
ENVIRONMENT = "GALAXY_FINDER_CUTOUTS"
TIMEOUT_S = 20.0  # what a visitor waits at most; the service is often slow
MOST_BYTES = 4_000_000  # 512 x 512 px, the largest there are, in three bands of floats have 3 MB
_PIECE_BYTES = 65_536
_MOST_WAITING = 2  # of the server's 8 threads, so that the page stays quick for others
_FLUX_BANDS = ("g", "r", "z")


class FetchError(RuntimeError):
    """There is no picture; the message says why."""


class NoRedirects(HTTPRedirectHandler):
    """Goes nowhere else: the address asked for is the one that is trusted."""

    def redirect_request(self, *_: object) -> None:
        """Return that there is nobody else to ask."""
        return


class Fetcher:
    """Bytes by address. Safe to share between threads.

    Parameters
    ----------
    ask : callable
        Takes an address, returns what is there; raises a FetchError with a reason, an OSError or
        an HTTPException.
    timeout_s, **waiting
        See `Upstream`.
    """

    def __init__(
        self, ask: Callable[[str], bytes], *, timeout_s: float = TIMEOUT_S, **waiting: Any
    ) -> None:
        self._ask = ask
        self._upstream = Upstream(FetchError, _MOST_WAITING, timeout_s=timeout_s, **waiting)

    def fetch(self, address: str, host: str) -> bytes:
        """Return what is at ``address``; ``host`` is who is asked, for people to read.

        Raises
        ------
        FetchError
        """
        return self._upstream.answer(host, lambda: self._fetch(address, host))

    def _fetch(self, address: str, host: str) -> bytes:
        try:
            return self._ask(address)
        except HTTPError as error:  # of a service that is well
            raise FetchError(f"{host} has no picture of this position ({error.code}).") from error


@cache
def shared_fetcher() -> Fetcher | None:
    """Return the one that all pages of this server use; None where it is switched off."""
    return None if _setting().lower() == "off" else Fetcher(download)


def download(address: str) -> bytes:
    """Return what is at an address.

    Raises
    ------
    FetchError
        Too large, or too slow in coming.
    OSError, HTTPException
    """
    end = time.monotonic() + TIMEOUT_S
    opener = build_opener(NoRedirects)
    request = Request(address, headers={"User-Agent": "galaxy-finder"})
    pieces: list[bytes] = []
    with opener.open(request, timeout=TIMEOUT_S) as response:
        while piece := response.read1(_PIECE_BYTES):
            pieces.append(piece)
            if sum(map(len, pieces)) > MOST_BYTES:
                raise FetchError("The picture that was sent is too large.")
            if time.monotonic() > end:
                raise FetchError("The picture took too long to come.")
    return b"".join(pieces)


def service_of(explorer: Explorer) -> tuple[CutoutService, str] | None:
    """Return whom to ask for pictures that the model of an atlas can see, and that name.

    None where the atlas has no service, or no encoder, or nobody is to be asked.
    """
    service = trusted_service(explorer.manifest)
    if service is None or explorer.embedder is None or shared_fetcher() is None:
        return None
    return service, urlsplit(service.base_url).netloc.removeprefix("www.")


def picture_address(explorer: Explorer, service: CutoutService, position: SkyPosition) -> str:
    """Return the address of the picture of a position, framed as those of the atlas are."""
    manifest = explorer.manifest
    scale_arcsec = manifest.pixel_scale_arcsec
    if scale_arcsec is None or service.field_column is not None:
        diameter_arcmin = np.array([_diameter_arcmin(position)])
        scale_arcsec = float(service.fields_arcsec(diameter_arcmin)[0]) / manifest.cutout_px
    parameters = cutout_parameters(*position, manifest.cutout_px, service.layer, scale_arcsec)
    base_url = _setting() or service.base_url
    if manifest.bands == _FLUX_BANDS:
        base_url = f"{base_url.removesuffix('jpeg-cutout')}fits-cutout"
        parameters |= {"bands": "".join(_FLUX_BANDS)}
    return f"{base_url}?{urlencode(parameters)}"


def _diameter_arcmin(position: SkyPosition) -> float:
    """Return how large the known galaxy at a position is, NaN where there is none."""
    found = bundled_names().nearest(position)
    if found is None or found[1] > found[0].size_arcsec / 2:
        return np.nan
    return found[0].size_arcsec / 60


def _setting() -> str:
    return os.environ.get(ENVIRONMENT, "").strip()
