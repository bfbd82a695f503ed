"""Sesame, the name service of CDS in Strasbourg: politely asked, and never waited for long."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import LONGEST_NAME, Upstream

# Where to ask instead of CDS, or "off" to ask nobody.
ENVIRONMENT = "GALAXY_FINDER_SESAME"
TIMEOUT_S = 5.0  # what a visitor waits at most
_MIRROR_TIMEOUT_S = 2.5  # two mirrors, one after the other
_MOST_WAITING = 3  # of the server's 8 threads, so that the page stays quick for others
_MOST_KEPT = 1_000  # answers

_one_at_a_time = threading.Lock()  # astropy's settings are those of the whole process


class SesameError(RuntimeError):
    """Sesame was not asked, or did not answer; the message says why."""


class Sesame:
    """Positions by name. Safe to share between threads.

    Parameters
    ----------
    ask : callable
        Takes a name, returns a `SkyPosition` or None where the name is unknown; raises
        `SesameError`, an OSError or an HTTPException.
    prepare : callable
        Called before every question, in time that does not count.
    timeout_s, **waiting
        See `Upstream`.
    """

    def __init__(
        self,
        ask: Callable[[str], SkyPosition | None],
        *,
        prepare: Callable[[], object] = lambda: None,
        timeout_s: float = TIMEOUT_S,
        **waiting: Any,
    ) -> None:
        self._ask, self._prepare = ask, prepare
        self._upstream = Upstream(SesameError, _MOST_WAITING, timeout_s=timeout_s, **waiting)
        self._lock = threading.Lock()  # guards what follows
        self._known: OrderedDict[str, SkyPosition | None] = OrderedDict()

    def position(self, name: str) -> SkyPosition | None:
        """Return where the object of this name is; None if Sesame does not know it.

        Raises
        ------
        SesameError
            It does not answer, did not answer within the last minute, or is busy.
        """
        name = " ".join(name.split())
        # The names of objects are ASCII; what is not would only be a riddle for the service.
        if not (name.isascii() and name.isprintable() and len(name) <= LONGEST_NAME):
            return None
        with self._lock:
            if name in self._known:
                self._known.move_to_end(name)
                return self._known[name]
        self._prepare()
        return self._upstream.answer("Sesame (CDS)", lambda: self._fetch(name))

    def _fetch(self, name: str) -> SkyPosition | None:
        try:
            position = self._ask(name)
        except SesameError as error:
            raise ConnectionError(str(error)) from error
        with self._lock:
            self._known[name] = position
            if len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)
        return position


@cache
def shared_sesame() -> Sesame | None:
    """Return the one that all pages of this server ask; None where it is switched off.

    Its memory of a dead service and its pace only work if there is one.
    """
    setting = os.environ.get(ENVIRONMENT, "").strip()
    if setting.lower() == "off":
        return None
    ask = partial(ask_astropy, addresses=[setting] if setting else None)
    return Sesame(ask, prepare=import_astropy)


def import_astropy() -> None:
    """Load what `ask_astropy` needs: seconds on a busy machine, and not the service's fault."""
    import astropy.coordinates.name_resolve  # noqa: F401


def ask_astropy(name: str, addresses: Sequence[str] | None = None) -> SkyPosition | None:
    """Ask Sesame through astropy, and where ``addresses`` say so, others than CDS and its mirror.

    Raises
    ------
    SesameError, OSError, HTTPException
    """
    # Needed by nobody who types what the atlas or the bundled names know.
    from astropy.coordinates.name_resolve import NameResolveError, get_icrs_coordinates, sesame_url
    from astropy.utils.data import conf

    with (
        _one_at_a_time,
        conf.set_temp("remote_timeout", _MIRROR_TIMEOUT_S),
        sesame_url.set(list(addresses or sesame_url.get())),
    ):
        try:
            found = get_icrs_coordinates(name)
        except NameResolveError as error:
            # The same exception for both; only the words differ.
            if str(error).startswith("Unable to find coordinates"):
                return None
            raise SesameError(str(error)) from error
        except ValueError as error:
            raise SesameError(f"Sesame's answer is not a position: {error}") from error
    return SkyPosition(float(found.ra.deg) % 360, float(found.dec.deg))
