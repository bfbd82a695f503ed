"""The identifier, the line and the duration of each request."""

import json
import logging
import re

import pytest

from dashboard.web.logs import JsonFormatter, PlainFormatter, set_up_logging
from dashboard.web.observed import Observed, log_access, request_identifier


def ask(application, **environ):
    """Ask a WSGI application; return its headers, its pieces and what was told of it."""
    told, started = [], []
    observed = Observed(application, [told.append])
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/x"} | environ
    chunks = observed(environ, lambda status, headers, *_: started.append((status, headers)))
    pieces = list(chunks)
    assert not told  # not before it has gone
    chunks.close()
    chunks.close()
    (one,) = told
    return dict(started[0][1]), pieces, one


def two_pieces(_environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"abc", request_identifier().encode()]


def test_a_request_is_told_of_once_with_status_bytes_and_duration():
    _, _, one = ask(two_pieces)
    assert (one.method, one.path, one.status, one.n_bytes) == ("GET", "/x", 200, 3 + 16)
    assert 0 <= one.duration_s < 10
    assert request_identifier() == ""


@pytest.mark.parametrize("sent", ["0123abcd", "Trace_id-7.of.a.proxy", "a" * 64])
def test_the_identifier_of_a_proxy_is_kept(sent):
    headers, (_, inside), one = ask(two_pieces, HTTP_X_REQUEST_ID=sent)
    assert headers["X-Request-ID"] == one.identifier == inside.decode() == sent


@pytest.mark.parametrize("sent", ["", "short", "a" * 65, "with blank", "new\nline1234", "é" * 10])
def test_any_other_is_replaced(sent):
    headers, _, one = ask(two_pieces, HTTP_X_REQUEST_ID=sent)
    assert re.fullmatch(r"[0-9a-f]{16}", one.identifier)
    assert headers["X-Request-ID"] == one.identifier


def test_a_request_that_fails_is_told_of_too():
    told = []

    def fail(_environ, _start_response):
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        Observed(fail, [told.append])({}, lambda *_: None)
    assert told[0].status == 500


def test_a_path_is_short_and_on_one_line_and_without_what_was_asked():
    _, _, one = ask(two_pieces, PATH_INFO="/a\r\nb\x1b" + "é" * 300, QUERY_STRING="galaxy=secret")
    assert one.path.startswith("/a%0D%0Ab%1B%E9")
    assert len(one.path) == 200
    _, _, one = ask(two_pieces, SCRIPT_NAME="/galaxies", REQUEST_METHOD="X" * 500)
    assert (one.path, one.method) == ("/galaxies/x", "OTHER")


def record(**extra):
    made = logging.LogRecord("some.room", logging.WARNING, "", 1, "Said %s", ("a\nb\x1b[2J",), None)
    made.__dict__.update({"created": 0.5, "msecs": 500.0} | extra)
    return made


def test_a_line_has_time_level_and_identifier_and_stays_one_line():
    assert PlainFormatter().format(record()) == (
        "1970-01-01T00:00:00.500Z WARNING some.room: Said a\\x0ab\\x1b[2J"
    )
    assert "some.room [12345678]: Said" in PlainFormatter().format(record(request="12345678"))


def test_a_fault_has_its_traceback():
    try:
        raise ValueError("why")
    except ValueError as error:
        fault = record(exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: why" in PlainFormatter().format(fault).splitlines()[-1]
    line = JsonFormatter().format(fault)
    assert "\n" not in line
    assert "ValueError: why" in json.loads(line)["traceback"]


def test_a_json_line_has_its_fields_and_survives_halves_of_characters():
    said = json.loads(JsonFormatter().format(record(args=("\ud800",), request="12345678")))
    assert said == {
        "time": "1970-01-01T00:00:00.500Z",
        "level": "WARNING",
        "logger": "some.room",
        "request": "12345678",
        "message": "Said \ud800",
    }


def test_the_access_log_has_a_line_for_each_request_if_it_is_wanted(caplog):
    _, _, one = ask(two_pieces)
    set_up_logging(with_access=False)
    log_access(one)
    assert not caplog.records
    set_up_logging(with_access=True)
    log_access(one)
    set_up_logging(with_access=False)
    (written,) = caplog.records
    said = json.loads(JsonFormatter().format(written))
    assert (said["method"], said["path"], said["status"], said["bytes"]) == ("GET", "/x", 200, 19)
    assert said["request"] == one.identifier
    assert re.fullmatch(r"GET /x 200 \d+\.\d ms 19 bytes", written.getMessage())
