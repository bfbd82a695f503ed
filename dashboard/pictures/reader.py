"""Pictures that strangers send are decoded in a process of their own (`reader_process`).

Decoders are compiled code, and a small file may take them for ever or ask for all memory there is.
Apart from the server they may have so much memory and so much time; when they take more, or fall,
their process ends, and the next picture gets another one.
"""

from __future__ import annotations

import atexit
import logging
import os
import subprocess  # of this program only  # nosec B404
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from dashboard.pictures.files import OwnPictureError
from dashboard.pictures.reader_process import from_message, receive, send
from dashboard.pictures.uploaded import SIDE_PX, OwnPicture
from dashboard.untrusted import MOST_FILE_BYTES
from pipeline.atlas import Manifest

logger = logging.getLogger(__name__)

DEADLINE_S = 10.0  # from the picture's arrival to the answer
MOST_MB = 180  # of memory, besides what the process has before it has seen a picture
_MOST_WAITING = 3  # threads of the server that wait for their turn
_MOST_ANSWER = 3 * 4 * SIDE_PX**2  # bytes: planes of 32-bit floats
_ROOT = Path(__file__).parents[2]
_BUSY = "Other pictures are being read. Try again in a moment."
_TOO_SLOW = "The picture takes too long to be read. Save it as a plain JPEG or PNG, or smaller."
_FALLEN = "The picture cannot be read: it is damaged, or made to do damage."


class Reader:
    """Reads pictures, one at a time, in a process that is started when the first one comes.

    Safe to share between threads.

    Parameters
    ----------
    deadline_s : float
        How long a picture may take, the wait for its turn included.
    most_mb : int
        How much memory it may take, in MiB.
    """

    def __init__(self, *, deadline_s: float = DEADLINE_S, most_mb: int = MOST_MB) -> None:
        self._deadline_s, self._most_mb = deadline_s, most_mb
        self._places = threading.BoundedSemaphore(1 + _MOST_WAITING)
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, content: bytes, manifest: Manifest, share: float) -> OwnPicture:
        """Read a picture as `uploaded.read_own_picture` does, elsewhere.

        Raises
        ------
        OwnPictureError
            As there; it took too long or too much memory; or too many others are being read.
        """
        end = time.monotonic() + self._deadline_s
        if not self._places.acquire(blocking=False):
            raise OwnPictureError(_BUSY, "busy")
        try:
            # Who waits longer than half of the time would have too little left.
            if not self._turn.acquire(timeout=self._deadline_s / 2):
                raise OwnPictureError(_BUSY, "busy")
            try:
                return self._read(content, {"manifest": asdict(manifest), "share": share}, end)
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def _read(self, content: bytes, asked: dict[str, Any], end: float) -> OwnPicture:
        process = self._running()
        assert process.stdin is not None  # both are pipes  # nosec B101
        assert process.stdout is not None  # both are pipes  # nosec B101
        too_late = threading.Event()
        clock = threading.Timer(end - time.monotonic(), self._too_late, (process, too_late))
        clock.start()
        try:
            send(process.stdin, asked, content)
            message = receive(process.stdout, _MOST_ANSWER)
            if message is not None:
                if message[0].get("last"):
                    self.close()
                return from_message(*message)
        except (BrokenPipeError, ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, OwnPictureError):
                raise
        finally:
            clock.cancel()
        self.close()
        logger.warning("the process that reads pictures was ended; the next one gets another")
        if too_late.is_set():
            raise OwnPictureError(_TOO_SLOW, "too_slow")
        raise OwnPictureError(_FALLEN, "fallen")

    @staticmethod
    def _too_late(process: subprocess.Popen[bytes], happened: threading.Event) -> None:
        happened.set()
        process.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, a new one if there is none."""
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            limits = map(str, (self._most_mb, round(2 * self._deadline_s), MOST_FILE_BYTES))
            self._process = subprocess.Popen(  # ourselves, no shell  # nosec B603
                [sys.executable, "-m", "dashboard.pictures.reader_process", *limits],
                cwd=_ROOT,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,  # Ctrl-C is for the server, which ends this one
            )
        return self._process


@cache
def shared_reader() -> Reader:
    """Return the one that all pages of this server use."""
    reader = Reader()
    atexit.register(reader.close)
    return reader
