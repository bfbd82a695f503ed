"""Processes that die: others take their place, and nothing is left behind."""

import os
import signal
import socket
from http.client import HTTPConnection
from pathlib import Path

from tests.faults.running import running, wait_until


def get(server, path):
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_worker_that_dies_is_replaced_and_none_outlives_the_one_who_watches(tiny_atlas, tmp_path):
    with running(tiny_atlas, tmp_path, "--workers", "2") as server:
        before = server.workers
        assert len(before) == 2
        os.kill(before[0], signal.SIGSEGV)
        wait_until(lambda: len(server.workers) == 2 and before[0] not in server.workers)
        assert "was ended by SIGSEGV: another one takes its place." in server.said()
        for number in server.workers:  # all of them, one after the other
            os.kill(number, signal.SIGKILL)
        wait_until(lambda: len(server.workers) == 2 and not set(server.workers) & set(before))
        assert get(server, "/health")[0] == 200
        assert "Traceback" not in server.said()
        last = server.workers
        server.process.kill()  # and so the one who watches them: nobody is left behind
        server.process.wait(10)
        wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in last))


def test_what_is_being_answered_at_sigterm_is_answered_and_then_all_ends(tiny_atlas, tmp_path):
    with running(tiny_atlas, tmp_path, "--workers", "2") as server:
        workers = server.workers
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(b"GET /export/tiny/catalogue.vot HTTP/1.1\r\nHost: x\r\n")
            connection.sendall(b"Connection: close\r\n\r\n")
            answer = connection.recv(1000)
            server.process.send_signal(signal.SIGTERM)
            while piece := connection.recv(2**16):
                answer += piece
        assert answer.endswith(b"0\r\n\r\n")
        assert server.process.wait(20) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert server.said() == ""
