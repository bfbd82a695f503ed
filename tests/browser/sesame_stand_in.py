"""A stand-in for Sesame, so that no journey asks the real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import unquote

from dashboard.sky.coordinates import SkyPosition

SLOW = "Mrk 1018"


class SesameStandIn(ThreadingHTTPServer):
    """Knows one galaxy, by a name that nobody else has, and answers to it when it may."""

    def __init__(self, position: SkyPosition) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = f"%J {position.ra_deg:.7f} {position.dec_deg:+.7f} =\n"
        self.may_answer = threading.Event()
        self.address = f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        sesame = cast(SesameStandIn, self.server)
        name = unquote(self.path.partition("?")[2])
        if name == SLOW:
            sesame.may_answer.wait(20)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sesame.answer.encode() if name == SLOW else b"#! nothing\n")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def sesame_that_knows(position: SkyPosition) -> Iterator[SesameStandIn]:
    with SesameStandIn(position) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.may_answer.set()
        server.shutdown()
        thread.join()
