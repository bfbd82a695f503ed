"""Sesame: asked over HTTP from a stand-in on this machine, or not at all."""

import gc
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dashboard.names.sesame import ENVIRONMENT, Sesame, SesameError, ask_astropy, shared_sesame
from dashboard.sky.coordinates import SkyPosition

SOMEWHERE = SkyPosition(187.2779, 2.0524)
# As CDS answers, in its plain-text form.
KNOWN = (
    "# 3C 273\t#Q123\n#=S=Simbad (CDS, via client/server):    1     1ms\n%J 187.2779 +02.0524 =\n"
)
UNKNOWN = "# nonsense\t#Q124\n#!SIMBAD: No known catalog could be found\n#####\n"


@contextmanager
def stand_in(body, status=200):
    """Serve one answer to everything; yield the address, and the list of what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_known_name_is_a_position():
    with stand_in(KNOWN) as (address, asked):
        assert ask_astropy("3C 273", [address]) == pytest.approx(SOMEWHERE)
    assert asked == ["/SNV?3C%20273"]


def test_an_unknown_name_is_none():
    with stand_in(UNKNOWN) as (address, _):
        assert ask_astropy("nonsense", [address]) is None


@pytest.mark.parametrize(("body", "status"), [("", 500), ("%J 187.0 +95.0 =\n", 200)])
def test_a_broken_service_is_an_error_not_an_unknown_name(body, status):
    with stand_in(body, status) as (address, _), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # astropy leaves the error's socket open
        with pytest.raises(SesameError):
            ask_astropy("3C 273", [address])
        gc.collect()


def test_nobody_at_the_address_is_an_error():
    with stand_in(KNOWN) as (address, _):
        pass
    with pytest.raises(SesameError):
        ask_astropy("3C 273", [address])


def test_answers_are_kept_those_that_nobody_knows_too():
    asked = []

    def ask(name):
        asked.append(name)
        return SOMEWHERE if name == "3C 273" else None

    sesame = Sesame(ask)
    assert [sesame.position(name) for name in ("3C 273", " 3C  273 ")] == [SOMEWHERE] * 2
    assert [sesame.position("nonsense") for _ in range(2)] == [None, None]
    assert asked == ["3C 273", "nonsense"]


@pytest.mark.parametrize("error", [OSError("no network"), SesameError("all failed")])
def test_a_dead_service_is_left_alone_for_a_minute(error):
    now, asked = [0.0], []

    def ask(name):
        asked.append(name)
        raise error

    sesame = Sesame(ask, clock=lambda: now[0])
    with pytest.raises(SesameError, match="cannot be reached"):
        sesame.position("3C 273")
    now[0] = 59.9
    with pytest.raises(SesameError, match="a moment ago"):
        sesame.position("3C 48")
    assert asked == ["3C 273"]
    now[0] = 60.1
    with pytest.raises(SesameError, match="cannot be reached"):
        sesame.position("3C 48")
    assert asked == ["3C 273", "3C 48"]


def test_nobody_waits_longer_than_the_time_out_and_a_late_answer_is_kept():
    answer_now = threading.Event()

    def ask(_name):
        assert answer_now.wait(20)
        return SOMEWHERE

    sesame = Sesame(ask, timeout_s=0.1)
    start = time.monotonic()
    with pytest.raises(SesameError, match=r"within 0\.1 seconds"):
        sesame.position("3C 273")
    assert time.monotonic() - start < 10  # not the 20 s of the service
    answer_now.set()
    with pytest.raises(SesameError, match="a moment ago"):
        sesame.position("3C 48")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            assert sesame.position("3C 273") == SOMEWHERE
            return
        except SesameError:
            time.sleep(0.01)
    pytest.fail("the late answer was not kept")


def test_preparing_does_not_count_as_waiting():
    done = []
    sesame = Sesame(lambda _name: done.append("asked"), prepare=lambda: done.append("prepared"))
    sesame.position("3C 273")
    sesame.position("3C 273")  # known
    assert done == ["prepared", "asked"]


def test_a_few_may_wait_and_others_are_told_that_it_is_busy():
    answer_now, asked = threading.Event(), threading.Semaphore(0)

    def ask(_name):
        asked.release()
        assert answer_now.wait(20)
        return SOMEWHERE

    sesame = Sesame(ask, timeout_s=20)
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(sesame.position, name) for name in ("3C 1", "3C 2", "3C 3")]
        assert all(asked.acquire(timeout=20) for _ in waiting)
        with pytest.raises(SesameError, match="busy"):
            sesame.position("3C 4")
        answer_now.set()
        assert [one.result() for one in waiting] == [SOMEWHERE] * 3
    assert sesame.position("3C 4") == SOMEWHERE


def test_an_error_that_was_not_foreseen_reaches_the_one_who_asked():
    sesame = Sesame(lambda _name: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        sesame.position("3C 273")


@pytest.mark.parametrize("name", ["Ärger 1", "x" * 81, "3C\x00273", "\ud800"])
def test_what_is_no_name_is_not_sent_anywhere(name):
    asked = []
    assert Sesame(asked.append).position(name) is None
    assert asked == []


def test_the_environment_says_whom_to_ask(monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, "off")
    shared_sesame.cache_clear()
    assert shared_sesame() is None
    shared_sesame.cache_clear()
    with stand_in(KNOWN) as (address, _):
        monkeypatch.setenv(ENVIRONMENT, address)
        assert shared_sesame() is shared_sesame()
        assert shared_sesame().position("3C 273") == pytest.approx(SOMEWHERE)
    shared_sesame.cache_clear()


def test_astropys_settings_are_left_as_they_were():
    from astropy.coordinates.name_resolve import sesame_url
    from astropy.utils.data import conf

    before = conf.remote_timeout, list(sesame_url.get())
    with stand_in(KNOWN) as (address, _):
        Sesame(partial(ask_astropy, addresses=[address])).position("3C 273")
    assert (conf.remote_timeout, list(sesame_url.get())) == before
