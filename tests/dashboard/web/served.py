"""A small application on the real server, in a thread of the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request

from dashboard.web.server import Server, listen

PIECE = bytes(range(256)) * 400


@dataclass
class Served:
    """The server, its address, and what its application waits for and has done."""

    server: Server
    address: tuple[str, int]
    go_on: threading.Event = field(default_factory=threading.Event)
    written: threading.Event = field(default_factory=threading.Event)
    connections: list[socket.socket] = field(default_factory=list)

    def connect(self) -> socket.socket:
        connection = socket.create_connection(self.address, timeout=10)
        self.connections.append(connection)
        return connection

    def ask(self, path: str, more: str = "", method: str = "GET") -> socket.socket:
        """Send a request; return the connection."""
        connection = self.connect()
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
        return connection

    def get(self, path: str, more: str = "") -> bytes:
        """Return a whole answer, headers included."""
        with self.ask(path, f"Connection: close\r\n{more}") as connection:
            return rest_of(connection)


def rest_of(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    pieces = []
    while piece := connection.recv(2**20):
        pieces.append(piece)
    return b"".join(pieces)


def answer_on(connection: socket.socket) -> bytes:
    """Return one answer of known length, headers included; the connection goes on."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(4096)
        if not piece:
            return answer
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body


def is_closed(connection: socket.socket, within_s: float = 5.0) -> bool:
    """Return whether the other side closes a connection in time, without a word."""
    connection.settimeout(within_s)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@contextmanager
def served() -> Iterator[Served]:
    """Serve an application that has something quick, slow, long and large."""
    app = Flask("toy")
    app.config["MAX_CONTENT_LENGTH"] = 16_000_000
    listener = listen("127.0.0.1", 0)
    here = Served(Server(app, listener), listener.getsockname())

    @app.get("/health")
    def health() -> str:
        return "well"

    @app.get("/quick")
    def quick() -> str:
        return request.headers.get("X-Forwarded-For", "quick")

    @app.get("/slow")
    def slow() -> str:
        here.go_on.wait(30)
        return "slow"

    @app.post("/length")
    def length() -> str:
        return str(len(request.get_data()))

    @app.get("/export/<int:n_pieces>")
    def export(n_pieces: int) -> Response:
        def pieces() -> Iterator[bytes]:
            for _ in range(n_pieces):
                yield PIECE
            here.written.set()

        return Response(pieces(), mimetype="text/plain")

    thread = threading.Thread(target=here.server.run)
    thread.start()
    try:
        yield here
    finally:
        for connection in here.connections:
            connection.close()
        here.go_on.set()
        here.server.stop()
        thread.join(30)
        for channel in list(here.server.active_channels.values()):
            channel.handle_close()
        here.server.trigger.close()
    assert not thread.is_alive()
