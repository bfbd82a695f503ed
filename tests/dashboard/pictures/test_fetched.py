"""Pictures that the server fetches: from whom, how large, and for how long it waits."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.pictures import fetched
from dashboard.pictures.fetched import (
    ENVIRONMENT,
    Fetcher,
    FetchError,
    download,
    picture_address,
    service_of,
    shared_fetcher,
)
from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import CutoutService
from tests.dashboard.small_atlas import small_atlas

SERVICE = CutoutService(base_url="https://www.legacysurvey.org/viewer/jpeg-cutout", layer="ls-dr9")
WHIRLPOOL = SkyPosition(202.469625, 47.195167)
HOST = "legacysurvey.org"


def explorer_with(service=SERVICE, **manifest):
    atlas = small_atlas(np.eye(2, dtype=np.float32))
    explorer = Explorer(
        replace(atlas, manifest=replace(atlas.manifest, cutout_service=service, **manifest))
    )
    explorer.embedder = object()
    return explorer


def parameters(explorer, position=WHIRLPOOL):
    address = urlsplit(picture_address(explorer, explorer.manifest.cutout_service, position))
    return address, {name: one for name, (one,) in parse_qs(address.query).items()}


@pytest.fixture(autouse=True)
def anew(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    shared_fetcher.cache_clear()
    yield
    shared_fetcher.cache_clear()


def test_fluxes_are_asked_for_where_the_atlas_is_of_fluxes():
    address, asked = parameters(explorer_with())
    assert (address.netloc, address.path) == ("www.legacysurvey.org", "/viewer/fits-cutout")
    assert asked == {
        "ra": "202.469625", "dec": "47.195167", "size": "152", "layer": "ls-dr9",
        "pixscale": "0.262", "bands": "grz",
    }  # fmt: skip


def test_a_picture_is_as_large_as_its_galaxy_where_those_of_the_atlas_are():
    service = replace(SERVICE, field_column="major_axis_arcmin")
    explorer = explorer_with(service, bands=("R", "G", "B"), pixel_scale_arcsec=None)
    address, asked = parameters(explorer)
    assert address.path == "/viewer/jpeg-cutout"
    # 1.6 times the 13.71 arcmin of M 51 in 152 px; 90 arcsec where nothing is known.
    assert float(asked["pixscale"]) == pytest.approx(1.6 * 60 * 13.71 / 152, rel=1e-3)
    _, asked = parameters(explorer, SkyPosition(10.0, -80.0))
    assert float(asked["pixscale"]) == pytest.approx(90 / 152, rel=1e-3)


@pytest.mark.parametrize(
    "service",
    [None, replace(SERVICE, base_url="https://example.org/jpeg-cutout")],
)
def test_nobody_but_a_trusted_service_is_asked(service):
    assert service_of(explorer_with(service)) is None


def test_nobody_is_asked_in_vain_or_against_the_will_of_who_runs_the_server(monkeypatch):
    explorer = explorer_with()
    assert service_of(explorer) == (SERVICE, HOST)
    shared_fetcher.cache_clear()
    monkeypatch.setenv(ENVIRONMENT, "off")
    assert service_of(explorer) is None
    shared_fetcher.cache_clear()
    monkeypatch.delenv(ENVIRONMENT)
    explorer.embedder = None
    assert service_of(explorer) is None


def failing(error):
    def ask(_address):
        raise error

    return ask


def test_a_service_that_cannot_be_reached_is_left_alone_for_a_while():
    seconds = iter([0.0, 0.0, 30.0, 61.0, 61.0])
    fetcher = Fetcher(failing(OSError("no network")), clock=lambda: next(seconds))
    with pytest.raises(FetchError, match=r"legacysurvey\.org cannot be reached"):
        fetcher.fetch("x", HOST)
    with pytest.raises(FetchError, match="could not be reached a moment ago"):
        fetcher.fetch("x", HOST)
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher.fetch("x", HOST)


def test_a_service_that_does_not_answer_is_not_waited_for_and_few_wait_for_it():
    may_answer = threading.Event()
    fetcher = Fetcher(lambda _: may_answer.wait(20), timeout_s=0.01, pause_s=0.0)
    for _ in range(2):
        with pytest.raises(FetchError, match=r"did not answer within 0\.01 seconds"):
            fetcher.fetch("x", HOST)
    with pytest.raises(FetchError, match="is busy with other questions"):
        fetcher.fetch("x", HOST)
    may_answer.set()


def test_a_position_without_a_picture_is_no_reason_to_leave_a_service_alone():
    fetcher = Fetcher(failing(HTTPError("x", 404, "Not Found", None, None)))
    for _ in range(2):
        with pytest.raises(FetchError, match=r"has no picture of this position \(404\)"):
            fetcher.fetch("x", HOST)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "/small")
        self.end_headers()
        self.wfile.write(bytes(11 if self.path == "/large" else 10))

    def log_message(self, *_):
        pass


@contextmanager
def stand_in():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_too_large_or_lies_elsewhere_is_not_taken(monkeypatch):
    monkeypatch.setattr(fetched, "MOST_BYTES", 10)
    with stand_in() as address:
        assert download(f"{address}/small") == bytes(10)
        with pytest.raises(FetchError, match="too large"):
            download(f"{address}/large")
        with pytest.raises(HTTPError, match="302"):
            download(f"{address}/away")
