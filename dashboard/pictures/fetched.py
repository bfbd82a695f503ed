"""A picture of any position, fetched from the cutout service of an atlas: for who wants it.

The visitor's browser asks for what is only shown. What the model is to see has to come here, so the
server asks: nobody but the atlas's own service, never for long, and not again and again in vain.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import cache
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import numpy as np

from dashboard.explorer.explorer import Explorer
from dashboard.names.openngc import bundled_names
from dashboard.pictures.addresses import trusted_service
from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import CutoutService, cutout_parameters

logger = logging.getLogger(__name__)

# Where to ask instead of the atlas's service, or "off" to ask nobody.
ENVIRONMENT = "GALAXY_FINDER_CUTOUTS"
TIMEOUT_S = 20.0  # what a visitor waits at most; the service is often slow
PAUSE_S = 60.0  # a service that did not answer is left alone for so long
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
    timeout_s, pause_s : float
        How long to wait for an answer, and how long to leave a dead service alone.
    clock : callable
        Seconds.
    """

    def __init__(
        self,
        ask: Callable[[str], bytes],
        *,
        timeout_s: float = TIMEOUT_S,
        pause_s: float = PAUSE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._timeout_s, self._pause_s, self._clock = ask, timeout_s, pause_s, clock
        self._places = threading.BoundedSemaphore(_MOST_WAITING)
        self._dead_until = -float("inf")

    def fetch(self, address: str, host: str) -> bytes:
        """Return what is at ``address``; ``host`` is who is asked, for people to read.

        Raises
        ------
        FetchError
        """
        if self._clock() < self._dead_until:
            raise FetchError(f"{host} could not be reached a moment ago. Try again in a minute.")
        if not self._places.acquire(blocking=False):
            raise FetchError("Other pictures are being fetched. Try again in a moment.")
        answer: Future[bytes] = Future()
        # A thread of our own, since nothing else ends a look-up of the host's name in time.
        threading.Thread(target=self._fetch, args=(address, answer), daemon=True).start()
        try:
            return answer.result(self._timeout_s)
        except FutureTimeoutError as error:
            self._dead_until = self._clock() + self._pause_s
            raise FetchError(
                f"{host} did not send a picture within {self._timeout_s:g} seconds."
            ) from error
        except HTTPError as error:
            raise FetchError(f"{host} has no picture of this position ({error.code}).") from error
        except (OSError, HTTPException) as error:
            logger.info("%s: %s", host, error)
            self._dead_until = self._clock() + self._pause_s
            raise FetchError(f"{host} cannot be reached: no picture could be fetched.") from error

    def _fetch(self, address: str, answer: Future[bytes]) -> None:
        try:
            content = self._ask(address)
        except BaseException as error:  # noqa: BLE001 - whatever it is, who waits is to have it
            answer.set_exception(error)
        else:
            answer.set_result(content)
        finally:
            self._places.release()


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
