"""A stand-in for the cutout service of the Legacy Surveys, on 127.0.0.1, with all its moods."""

from __future__ import annotations

import io
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from astropy.io import fits
from PIL import Image

HTML = b"<html><body>The server is overloaded.</body></html>"
LARGEST_PX = 512  # larger requests are clipped in silence


class StandIn:
    """What the service does, place by place.

    Attributes
    ----------
    moods : dict of (ra, dec) to list of str
        What happens to each request for a place, in their order, the last one for ever: "ok",
        "blank", "hole" (nothing in the middle), "html", "html as picture", "cut off" (shorter
        than announced), "broken" (as long as announced), "small", "slow", "trickle", "429",
        "429 long", "500", "404".
    otherwise : str
        What happens to requests for other places.
    asked : list of dict
        The parameters of every request, with "page".
    busiest : int
        Largest number of requests under way at a time.
    """

    def __init__(self) -> None:
        self.moods: dict[tuple[float, float], list[str]] = {}
        self.otherwise = "ok"
        self.asked: list[dict[str, str]] = []
        self.times: list[float] = []
        self.busiest = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._turns: Counter[tuple[float, float]] = Counter()
        self.url = ""

    def times_asked(self, ra: float, dec: float) -> int:
        return self._turns[ra, dec]

    def mood_of(self, parameters: dict[str, str]) -> str:
        place = float(parameters["ra"]), float(parameters["dec"])
        with self._lock:
            self.asked.append(parameters)
            self.times.append(time.monotonic())
            turn = self._turns[place]
            self._turns[place] += 1
        moods = self.moods.get(place, [self.otherwise])
        return moods[min(turn, len(moods) - 1)]

    @contextmanager
    def under_way(self) -> Iterator[None]:
        with self._lock:
            self._under_way += 1
            self.busiest = max(self.busiest, self._under_way)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1


def flux(ra: float, side: int, n_bands: int = 3) -> np.ndarray:
    """A source in the middle of sloping sky, as FITS holds it: line 0 in the South."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    middle = (side - 1) / 2
    source = np.exp(-((x - middle) ** 2 + (y - middle) ** 2) / 18)
    bands = [(band + 1) * source + 0.001 * y + 0.0001 * ra for band in range(n_bands)]
    return np.stack(bands).astype(np.float32)


def body(page: str, parameters: dict[str, str], mood: str) -> bytes:
    """The picture that the service answers with."""
    side = min(int(parameters["size"]), LARGEST_PX)
    side = side // 2 if mood == "small" else side
    data = flux(float(parameters["ra"]), side, len(parameters["bands"]))
    if mood == "blank":
        data[:] = 0
    if mood == "hole":
        data[:, :, side // 4 :] = 0
    buffer = io.BytesIO()
    if page == "fits-cutout":
        header = fits.Header({"BANDS": parameters["bands"], "SURVEY": parameters["layer"]})
        fits.PrimaryHDU(data, header).writeto(buffer)
    else:
        rgb = np.clip(85 * data[::-1][:3], 0, 255).astype(np.uint8)[:, ::-1]
        Image.fromarray(np.ascontiguousarray(rgb.transpose(1, 2, 0))).save(
            buffer, "JPEG", quality=95, subsampling=0
        )
    return buffer.getvalue()


def pictures(fetching: dict[str, Any]) -> list[Path]:
    """What lies in the cache."""
    return [path for path in Path(fetching["cache"]).rglob("*") if path.suffix in (".fits", ".jpg")]


@contextmanager
def cutout_stand_in() -> Iterator[StandIn]:
    """Serve until the block ends."""
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with stand_in.under_way():
                try:
                    self._answer()
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        def _answer(self) -> None:
            address = urlsplit(self.path)
            page = address.path.removeprefix("/viewer/")
            parameters = {key: value[0] for key, value in parse_qs(address.query).items()}
            mood = stand_in.mood_of({**parameters, "page": page})
            kind = "image/fits" if page == "fits-cutout" else "image/jpeg"
            if mood in ("500", "404"):
                self._send(int(mood), "text/html", HTML)
            elif mood == "429":
                self._send(429, "text/html", HTML, {"Retry-After": "1"})
            elif mood == "429 long":
                self._send(429, "text/html", HTML, {"Retry-After": "3600"})
            elif mood == "html":
                self._send(200, "text/html; charset=utf-8", HTML)
            elif mood == "html as picture":
                self._send(200, kind, HTML)
            else:
                self._send_picture(kind, body(page, parameters, mood), mood)

        def _send_picture(self, kind: str, content: bytes, mood: str) -> None:
            if mood == "slow":
                time.sleep(1.0)
            if mood == "broken":
                content = content[: len(content) // 2]
            if mood in ("cut off", "trickle"):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.close_connection = True
                if mood == "cut off":
                    self.wfile.write(content[: len(content) // 2])
                    return
                for byte in content[:40]:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.05)
                return
            self._send(200, kind, content)

        def _send(
            self, code: int, kind: str, content: bytes, headers: dict[str, str] | None = None
        ) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in.url = f"http://127.0.0.1:{server.server_port}/viewer"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
