"""What goes over the line is packed: files once, and kept so; all other text on its way out.

There is nothing secret beside what a visitor can choose in any answer, and no cookie: the length of
a packed answer tells nobody anything (SECURITY.md).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from threading import Lock
from typing import Protocol, cast

import brotli
from flask import Flask, request
from werkzeug.wrappers import Response

ENCODINGS = ("br", "gzip")  # the best first
LEAST_BYTES = 1000  # below, packing saves less than a packet
_TEXT = re.compile(r"text/|image/svg\+xml|application/(?:json|(?:x-)?javascript|(?:\S+\+)?xml)")
# Files are packed once, when the first visitor waits for them: 0.2 s for plotly.js, the largest. 9
# would take 0.5 s more for 3 % less, 11 twelve seconds for some more.
_FILE_QUALITY = {"br": 6, "gzip": 6}
_ANSWER_QUALITY = {"br": 4, "gzip": 5}  # some 100 MB/s
_GZIP_WBITS = 31  # deflate with gzip's header, which holds no time: the same bytes each time
_ANSWER_WINDOW = 18  # as a power of 2: 256 kB, since many answers may be under way


class _Packer(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Brotli:
    """Brotli's compressor with the names that zlib's has."""

    def __init__(self, quality: int) -> None:
        self._compressor = brotli.Compressor(quality=quality, lgwin=_ANSWER_WINDOW)

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._compressor.process(data))

    def flush(self) -> bytes:
        return bytes(self._compressor.finish())


class PackedFiles:
    """Files as they go over the line, packed when first asked for and kept in memory.

    Two who ask for one file at a time wait for one packing; other files wait for nobody.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._locks: dict[tuple[Hashable, str], Lock] = {}
        self._kept: dict[tuple[Hashable, str], bytes] = {}

    def get(self, name: Hashable, encoding: str, read: Callable[[], bytes]) -> bytes:
        """Return the file of this name, which must mean the same content for ever, as packed."""
        key = (name, encoding)
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._kept:
                self._kept[key] = _packed_file(read(), encoding)
            return self._kept[key]

    def response(self, name: Hashable, mime_type: str, read: Callable[[], bytes]) -> Response:
        """Return the answer to a request for a file, packed as the browser likes it best."""
        encoding = accepted_encoding() if _TEXT.match(mime_type) else None
        if encoding is None:
            return Response(read(), mimetype=mime_type)
        response = Response(self.get(name, encoding, read), mimetype=mime_type)
        response.headers["Content-Encoding"] = encoding
        return response


def accepted_encoding() -> str | None:
    """Return how the answer to the request may be packed; None if not at all."""
    accepted = request.accept_encodings
    best = max(ENCODINGS, key=lambda encoding: accepted[encoding])
    return best if accepted[best] > 0 else None


def register_compression(server: Flask) -> None:
    """Pack all text that leaves the server above `LEAST_BYTES`; downloads piece by piece."""
    server.after_request(_pack)


def _pack(response: Response) -> Response:
    if not _TEXT.match(response.mimetype or ""):
        return response
    response.vary.add("Accept-Encoding")
    encoding = accepted_encoding()
    if encoding is None or not _may_be_packed(response):
        return response
    packer = _packer(encoding)
    if response.is_streamed:
        chunks = cast("Iterable[bytes | str]", response.response)
        if close := getattr(chunks, "close", None):
            response.call_on_close(close)
        response.response = _pieces(chunks, packer)
        response.headers.pop("Content-Length", None)
    else:
        response.set_data(packer.compress(response.get_data()) + packer.flush())
    response.headers["Content-Encoding"] = encoding
    etag, _ = response.get_etag()
    if etag is not None:  # the same page, in other bytes
        response.set_etag(etag, weak=True)
    return response


def _may_be_packed(response: Response) -> bool:
    return (
        response.status_code not in (204, 206, 304)
        and request.method != "HEAD"
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and not response.cache_control.no_transform
        and (response.content_length is None or response.content_length >= LEAST_BYTES)
    )


def _pieces(chunks: Iterable[bytes | str], packer: _Packer) -> Iterator[bytes]:
    for chunk in chunks:
        if packed := packer.compress(chunk.encode() if isinstance(chunk, str) else chunk):
            yield packed
    yield packer.flush()


def _packer(encoding: str) -> _Packer:
    quality = _ANSWER_QUALITY[encoding]
    return _Brotli(quality) if encoding == "br" else zlib.compressobj(quality, wbits=_GZIP_WBITS)


def _packed_file(content: bytes, encoding: str) -> bytes:
    quality = _FILE_QUALITY[encoding]
    if encoding == "br":
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=quality))
    return zlib.compress(content, quality, wbits=_GZIP_WBITS)
