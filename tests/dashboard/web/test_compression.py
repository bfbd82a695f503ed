"""What goes over the line is packed, and is the same once unpacked."""

import gzip
import zlib

import brotli
import pytest
from flask import Flask, Response

from dashboard.app import create_app
from dashboard.web.assets import asset_address
from dashboard.web.compression import LEAST_BYTES, PackedFiles, register_compression
from tests.dashboard.test_app import explorer_called

UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress}
WORDS = "galaxies that look alike, " * 200


@pytest.fixture(scope="module")
def client():
    return create_app({"one": explorer_called("one")}).test_client()


def ask(client, address, accepted=None):
    return client.get(address, headers={"Accept-Encoding": accepted} if accepted else {})


@pytest.mark.parametrize("encoding", ["br", "gzip"])
@pytest.mark.parametrize(
    "address",
    [
        "/atlas/one/_dash-dependencies",
        "/atlas/one/_dash-layout",
        "/atlas/one/method",
        "PAGE",
        "/export/one/catalogue.csv",
    ],
)
def test_text_is_packed_and_the_same_once_unpacked(client, address, encoding):
    address = asset_address("page.js") if address == "PAGE" else address
    plain, packed = ask(client, address), ask(client, address, encoding)
    assert plain.content_encoding is None
    assert packed.content_encoding == encoding
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in packed.vary
    assert UNPACKED[encoding](packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 1.5


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("*", "br"),
        ("br;q=0, gzip;q=0", None),
        ("zstd", None),
        ("nonsense;q=x", None),
    ],
)
def test_it_is_packed_as_the_browser_likes_it_best(client, accepted, encoding):
    assert ask(client, asset_address("ui.css"), accepted).content_encoding == encoding
    assert ask(client, "/atlas/one/", accepted).content_encoding == encoding


def test_what_is_small_goes_as_it_is(client):
    for address in ("/health", "/nowhere"):
        answer = ask(client, address, "br")
        assert answer.content_encoding is None, address
        assert len(answer.data) < LEAST_BYTES


def test_a_library_is_packed_once(client):
    packed, read = PackedFiles(), []
    with Flask("x").test_request_context(headers={"Accept-Encoding": "br"}):
        for _ in range(3):
            answer = packed.response("a.js", "text/javascript", lambda: read.append(1) or b"x" * 99)
    assert len(read) == 1
    assert brotli.decompress(answer.get_data()) == b"x" * 99


@pytest.fixture
def small():
    """A server whose answers are of kinds that the dashboard has few of, or none."""
    server = Flask("small")
    closed = []

    def pieces():
        try:
            for _ in range(4):
                yield WORDS
        finally:
            closed.append(True)

    server.add_url_rule(
        "/stream", "/stream", view_func=lambda: Response(pieces(), mimetype="text/csv")
    )
    server.add_url_rule(
        "/archive", view_func=lambda: Response(pieces(), mimetype="application/zip")
    )
    headers = {"ETag": '"a"'}
    server.add_url_rule("/tagged", "/tagged", view_func=lambda: Response(WORDS, headers=headers))
    server.add_url_rule("/wrong", "/wrong", view_func=lambda: Response(WORDS, 400))
    packed = Response(WORDS, headers={"Content-Encoding": "gzip"})
    server.add_url_rule("/packed", "/packed", view_func=lambda: packed)
    register_compression(server)
    return server.test_client(), closed


def test_a_download_is_packed_piece_by_piece_and_its_source_closed(small):
    client, closed = small
    answer = client.get("/stream", headers={"Accept-Encoding": "gzip"}, buffered=False)
    assert answer.content_length is None
    assert zlib.decompressobj(31).decompress(next(answer.iter_encoded())) == b""  # the header
    assert not closed
    answer.close()
    assert closed == [True]
    whole = client.get("/stream", headers={"Accept-Encoding": "br"})
    assert brotli.decompress(whole.data).decode() == 4 * WORDS
    assert client.get("/archive", headers={"Accept-Encoding": "br"}).content_encoding is None


def test_sentences_of_refusal_are_packed_and_what_is_packed_stays_so(small):
    client, _ = small
    assert client.get("/wrong", headers={"Accept-Encoding": "br"}).content_encoding == "br"
    assert client.get("/packed", headers={"Accept-Encoding": "br"}).data.decode() == WORDS
    tagged = client.get("/tagged", headers={"Accept-Encoding": "br"})
    assert tagged.headers["ETag"] == 'W/"a"'  # the same page, in other bytes
