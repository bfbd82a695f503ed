"""Visitors who are slow on purpose: others do not notice them."""

import socket
import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.bench.users import Times, Visitor
from tests.faults.running import running

MANY = 200
HALF_SENT = {
    "half-sent headers": b"GET /api HTTP/1.1\r\nHost: x\r\nAccept",
    "half-sent bodies": b"POST /atlas/tiny/_dash-update-component HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{",
    "slow downloads": b"GET /export/tiny/pictures.zip HTTP/1.1\r\nHost: x\r\n\r\n"
    b"GET /export/tiny/catalogue.vot HTTP/1.1\r\nHost: x\r\n\r\n",
    "silent connections": b"",
}


@pytest.fixture(scope="module")
def server(tiny_atlas, tmp_path_factory):
    with running(tiny_atlas, tmp_path_factory.mktemp("slow")) as server:
        yield server
    assert "Traceback" not in server.said()


@contextmanager
def slow(server, sent, n):
    """Have ``n`` connections that send so much, and then neither send nor read."""
    with ExitStack() as stack:
        for _ in range(n):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(10)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(sent)
        yield


def times_of(server, n_queries):
    """Return how long a visitor's queries take, and how long /health."""
    times, visitor = Times(), Visitor(server.address, seed=1)
    with times.taking("page"):
        visitor.open()
    for _ in range(n_queries):
        with times.taking("query"):
            visitor.click()
        for _ in range(3):
            ask_health(server, times)
    visitor.leave()
    return times


def ask_health(server, times):
    visitor = Visitor(server.address, seed=1)
    with times.taking("health"):
        visitor.ask_health()
    visitor.leave()


@pytest.mark.parametrize("n", [8, MANY])
@pytest.mark.parametrize("kind", list(HALF_SENT))
def test_others_are_answered_beside(server, kind, n):
    with slow(server, HALF_SENT[kind], n):
        times = times_of(server, 3)
    assert times.errors == []
    assert len(times.of["query"]) == 3
    assert max(times.of["health"]) < 1000


@pytest.mark.long_fault
@pytest.mark.timeout(200)
def test_slow_visitors_have_their_time_and_no_more(server):
    """All kinds at once, with a byte now and then: after their time nobody is left."""
    with ExitStack() as stack:
        connections = []
        for sent in (b"GET /", b"POST /x HTTP/1.1\r\nContent-Length: 900000\r\n\r\n"):
            for _ in range(MANY):
                connection = stack.enter_context(
                    socket.create_connection(("127.0.0.1", server.port), timeout=10)
                )
                connection.sendall(sent)
                connections.append(connection)
        start = time.monotonic()
        while connections and time.monotonic() < start + 90:
            time.sleep(2)
            connections = [one for one in connections if still_takes(one, b"x")]
            times = times_of(server, 1)
            assert times.errors == []
            assert max(times.of["health"]) < 1000
        assert connections == []


def still_takes(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        return False
    return True
