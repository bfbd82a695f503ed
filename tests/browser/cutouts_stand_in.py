"""A stand-in for the cutout service as the server asks it, so that no journey asks the real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


class CutoutsStandIn(ThreadingHTTPServer):
    """Sends the same picture of every position, unless it is broken, and notes what was asked."""

    def __init__(self, picture: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.picture = picture
        self.is_broken = False
        self.asked: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_port}/jpeg-cutout"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        cutouts = cast(CutoutsStandIn, self.server)
        cutouts.asked.append(self.path)
        self.send_response(404 if cutouts.is_broken else 200)
        self.end_headers()
        with suppress(ConnectionError):  # whoever asked may have left the page
            self.wfile.write(b"" if cutouts.is_broken else cutouts.picture)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def cutouts_of(picture: bytes) -> Iterator[CutoutsStandIn]:
    with CutoutsStandIn(picture) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
