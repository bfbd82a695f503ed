"""The server: whoever is slow waits alone, and not for ever."""

import time
from contextlib import suppress

import pytest

from dashboard.web import connections, server
from tests.dashboard.web.served import PIECE, answer_on, is_closed, rest_of, served

CROWD = 30  # more than there are threads


@pytest.fixture
def here(monkeypatch):
    """A server with little patience."""
    monkeypatch.setattr(connections, "HEADER_S", 0.5)
    monkeypatch.setattr(connections, "BODY_S", 0.5)
    monkeypatch.setattr(connections, "WRITING_S", 1.0)
    monkeypatch.setattr(connections, "KEEP_ALIVE_S", 2.2)
    monkeypatch.setattr(server, "GRACE_S", 1.0)
    with served() as here:
        yield here


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(server, "GRACE_S", 1.0)
    with served() as here:
        yield here


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def drip(connection, data):
    """Send the same again and again; return after how many seconds the other side closed."""
    start = time.monotonic()
    with suppress(ConnectionError):
        while time.monotonic() < start + 20:
            connection.sendall(data)
            time.sleep(0.2)
    return time.monotonic() - start


def test_half_sent_requests_hold_up_nobody(patient):
    slow = [patient.connect() for _ in range(2 * CROWD)]
    for connection in slow[:CROWD]:
        connection.sendall(b"GET /quick HTTP/1.1\r\nHo")
    for connection in slow[CROWD:]:
        connection.sendall(b"POST /length HTTP/1.1\r\nContent-Length: 9\r\n\r\n123")
    assert patient.get("/quick").endswith(b"quick")
    for connection in slow[CROWD:]:
        connection.sendall(b"456789")
        assert b"\r\n\r\n9" in answer_on(connection)


def test_what_never_becomes_a_request_is_closed(here):
    begun = [
        b"",
        b"GET /quick HT",
        b"GET /quick HTTP/1.1\r\nHost: x\r\n",
        b"POST /length HTTP/1.1\r\nContent-Length: 900\r\n\r\nonly that",
        b"POST /length HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nonl",
    ]
    waiting = [here.connect() for _ in begun]
    for connection, sent in zip(waiting, begun, strict=True):
        connection.sendall(sent)
    assert [is_closed(connection, 6) for connection in waiting] == [True] * len(begun)


def test_a_byte_now_and_then_wins_no_time(here):
    with here.connect() as connection:
        assert drip(connection, b"G") < 10


def test_blank_lines_do_not_keep_a_connection_open(here):
    with here.connect() as connection:
        assert drip(connection, b"\r\n\r\n") < 10


def test_a_connection_is_kept_for_the_next_request_for_a_while(here):
    with here.ask("/quick") as connection:
        assert b"quick" in answer_on(connection)
        time.sleep(1.7)  # longer than one may take for the first
        connection.sendall(b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"quick" in answer_on(connection)
        assert is_closed(connection, 10)


def test_connections_are_kept_for_longer_than_nginx_keeps_its_own():
    assert connections.KEEP_ALIVE_S > 75


def test_a_download_that_nobody_takes_holds_no_thread_and_is_ended(here):
    here.ask("/export/200")  # 20 MB, of which the machine itself takes some
    assert here.written.wait(10)
    assert here.get("/quick").endswith(b"quick")
    wait_until(lambda: not here.server.active_channels)


def test_a_large_download_arrives_whole(patient):
    _, _, body = patient.get("/export/100").partition(b"\r\n\r\n")
    received = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        received += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
    assert received == PIECE * 100


def test_downloads_that_are_not_taken_away_have_only_so_many_places(patient, monkeypatch):
    monkeypatch.setattr(server, "MOST_DOWNLOADS", 2)
    waiting = []
    for _ in range(2):
        patient.written.clear()
        waiting.append(patient.ask("/export/200"))
        assert patient.written.wait(10)
    answer = patient.get("/export/1")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5\r\n" in answer
    assert answer.endswith(b"Try again in a moment.\n")
    assert patient.get("/quick").endswith(b"quick")


def test_large_requests_have_only_so_many_places(patient, monkeypatch):
    monkeypatch.setattr(connections, "MOST_LARGE", 2)
    large = "Content-Length: 2000000\r\n"
    waiting = [patient.ask("/length", large, "POST") for _ in range(2)]
    wait_until(lambda: len(connections.Request._in_flight) == 2)
    with patient.ask("/length", large, "POST") as one_more:
        assert answer_on(one_more).startswith(b"HTTP/1.1 503 ")
    waiting[0].sendall(bytes(2_000_000))
    assert answer_on(waiting[0]).endswith(b"2000000")
    wait_until(lambda: len(connections.Request._in_flight) < 2)
    with patient.ask("/length", large, "POST") as one_more:
        one_more.sendall(bytes(2_000_000))
        assert answer_on(one_more).endswith(b"2000000")


def test_health_is_answered_while_all_others_wait(patient):
    waiting = [patient.ask("/slow") for _ in range(CROWD)]
    start = time.monotonic()
    assert patient.get("/health").endswith(b"well")
    assert time.monotonic() < start + 1
    patient.go_on.set()
    assert all(answer_on(connection).endswith(b"slow") for connection in waiting)


def test_silent_connections_make_room_for_others(monkeypatch):
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 60)
    monkeypatch.setattr(server, "GRACE_S", 1.0)
    with served() as here:
        for _ in range(100):
            here.connect()
        assert here.get("/quick").endswith(b"quick")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + 40_000 * b"x" + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 16000002\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
    ],
)
def test_what_cannot_be_read_gets_a_status_and_no_banner(patient, sent, status):
    with patient.connect() as connection:
        connection.sendall(sent)
        answer = rest_of(connection)
    assert answer.split()[1] == status
    assert b"nosniff" in answer
    assert b"Server:" not in answer
    assert b"aitress" not in answer


def test_an_answer_has_no_banner_and_the_application_sees_what_a_proxy_says(patient):
    answer = patient.get("/quick", "X-Forwarded-For: 192.0.2.1\r\n")
    assert b"Server:" not in answer
    assert answer.endswith(b"192.0.2.1")


def test_what_is_being_answered_when_the_server_ends_is_answered(patient):
    with patient.ask("/slow") as connection:
        time.sleep(0.3)
        patient.server.stop()
        time.sleep(0.3)
        patient.go_on.set()
        answer = rest_of(connection)
    assert b"Connection: close\r\n" in answer
    assert answer.endswith(b"slow")
