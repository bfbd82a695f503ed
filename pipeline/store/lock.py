"""One process at a time works in a folder; others wait, and say for whom."""

from __future__ import annotations

import json
import logging
import os
import socket
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

log = logging.getLogger(__name__)

_POLL_S = 0.5


class FolderLock:
    """Held while a build works in its folder; a context manager that may be entered again.

    The system releases it when the process ends, however that ends: none is left behind.

    Parameters
    ----------
    path : Path
        Of the lock; beside it, with ``.json`` at its end, is written who holds it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path)
        self._holder = path.with_name(f"{path.name}.json")

    def __enter__(self) -> FolderLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            log.warning(
                "%s works in %s. This one waits until it has ended, and then goes on; Ctrl-C "
                "stops it.",
                self._whoever(),
                self._path.parent,
            )
            self._lock.acquire(poll_interval=_POLL_S)
        if self._lock.lock_counter == 1:
            with suppress(OSError):
                about = {
                    "process": os.getpid(),
                    "machine": socket.gethostname(),
                    "since": datetime.now().astimezone().isoformat(timespec="seconds"),
                }
                self._holder.write_text(json.dumps(about))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.release()

    def _whoever(self) -> str:
        try:
            about = json.loads(self._holder.read_text())
            return (
                f"Another build (process {about['process']} on {about['machine']}, since "
                f"{about['since'].replace('T', ' ')})"
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return "Another build"
