"""Several processes that answer at one address, and the one that watches over them.

All are forked from a process that has opened the atlases: what is mapped or was read is in memory
once. A worker that dies is replaced; one that is stuck is ended. All that a worker remembers is
what it could ask or work out again, so a visitor may meet another one with each request.
"""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from flask import Flask

from dashboard.web.server import GRACE_S, Server

logger = logging.getLogger(__name__)

STUCK_S = 120.0  # without a sign of life
HURRY_S = 3.0  # for what is being answered after Ctrl-C
_LONG_S = 10.0  # a worker that lived longer died of something that it was asked for
_LONGEST_PAUSE_S = 30.0
_MOST_FAILED_STARTS = 4
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Worker:
    """A process that answers, and the line on which it says every second that it is alive."""

    pid: int
    line: socket.socket
    born: float
    heard: float
    is_ready: bool = False


class Workers:
    """Keeps ``n`` processes answering on one socket until a signal ends them.

    Parameters
    ----------
    flask_app : Flask
    listener : socket
    n : int
        From 1.
    when_ready : callable
        Called once, in this process, when all accept connections.
    begin : callable or None
        Called in each worker when it begins. Threads belong here: those of the process that
        watches are not in the workers.
    """

    def __init__(
        self,
        flask_app: Flask,
        listener: socket.socket,
        n: int,
        when_ready: Callable[[], None],
        begin: Callable[[], None] | None = None,
    ) -> None:
        self._flask_app, self._listener, self._n = flask_app, listener, n
        self._when_ready, self._begin = when_ready, begin
        self._workers: dict[int, Worker] = {}
        self._signals: list[int] = []
        self._was_ready = False
        self._n_failed = 0  # one after the other, soon after they began
        self._next_start = 0.0
        self._bell, self._ring = socket.socketpair()

    def run(self) -> int:
        """Watch until SIGTERM or Ctrl-C; return the exit status."""
        for end in (self._bell, self._ring):
            end.setblocking(False)
        before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        bell_before = signal.set_wakeup_fd(self._ring.fileno(), warn_on_full_buffer=False)
        gc.collect()
        gc.freeze()  # else the first collection in a worker would copy what all share
        try:
            while not self._signals:
                self._start_missing()
                if not self._was_ready and self._n_failed >= _MOST_FAILED_STARTS:
                    logger.error("No worker could begin: Galaxy Finder ends.")
                    return 1
                self._watch(1.0)
            return 0
        finally:
            self._end()
            signal.set_wakeup_fd(bell_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            for end in (self._bell, self._ring):
                end.close()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)

    def _start_missing(self) -> None:
        while len(self._workers) < self._n and time.monotonic() >= self._next_start:
            self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal between fork and the worker's own handlers would ring this process's bell.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                for line in (ours, *(worker.line for worker in self._workers.values())):
                    line.close()
                self._work(theirs)
                status = 0
            except BaseException:  # it is said, and this process never returns
                logger.exception("A worker failed.")
            finally:
                os._exit(status)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        theirs.close()
        ours.setblocking(False)
        now = time.monotonic()
        self._workers[pid] = Worker(pid, ours, now, now)

    def _work(self, line: socket.socket) -> None:
        """Answer until SIGTERM, or until the other end of ``line`` is gone; in a new process."""
        signal.set_wakeup_fd(-1)
        line.setblocking(False)
        server = Server(self._flask_app, self._listener, lambda: beat(line))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who watches will say so
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        if self._begin is not None:
            self._begin()
        server.run()

    def _watch(self, most_s: float) -> None:
        """Wait for signs of life; see who died or is stuck."""
        by_line = {worker.line: worker for worker in self._workers.values()}
        heard, _, _ = select.select([self._bell, *by_line], [], [], most_s)
        now = time.monotonic()
        for line in heard:
            with suppress(OSError):
                said = line.recv(4096)
                if line in by_line and said:
                    by_line[line].heard, by_line[line].is_ready = now, True
        for worker in list(self._workers.values()):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                self._bury(worker, status, now)
            elif now - worker.heard > STUCK_S:
                logger.error("Worker %d gives no sign of life: it is ended.", worker.pid)
                os.kill(worker.pid, signal.SIGKILL)
                worker.heard = now
        everyone = len(self._workers) == self._n
        if not self._was_ready and everyone and all(w.is_ready for w in self._workers.values()):
            self._was_ready = True
            self._when_ready()

    def _bury(self, worker: Worker, status: int, now: float) -> None:
        worker.line.close()
        del self._workers[worker.pid]
        if self._signals:
            return
        lived_long = worker.is_ready and now - worker.born > _LONG_S
        self._n_failed = 0 if lived_long else self._n_failed + 1
        if self._n_failed > 1:  # the first is replaced at once
            self._next_start = now + min(2.0 ** (self._n_failed - 2), _LONGEST_PAUSE_S)
        logger.error("Worker %d %s: another one takes its place.", worker.pid, cause(status))

    def _end(self) -> None:
        """End all workers, those that take too long by force."""
        in_a_hurry = self._signals[:1] != [signal.SIGTERM]
        last = time.monotonic() + (HURRY_S if in_a_hurry else GRACE_S + 2)
        self._signals = self._signals or [signal.SIGTERM]
        self._tell(signal.SIGTERM)
        n_signals = len(self._signals)
        while self._workers and time.monotonic() < last and len(self._signals) == n_signals:
            self._watch(0.1)
        self._tell(signal.SIGKILL)
        while self._workers:
            self._watch(0.1)

    def _tell(self, number: int) -> None:
        for worker in self._workers.values():
            with suppress(ProcessLookupError):
                os.kill(worker.pid, number)


def beat(line: socket.socket) -> bool:
    """Say that this process is alive; return whether anybody is left to hear it."""
    try:
        line.send(b".")
    except BlockingIOError:
        return True  # who watches is held up, but there
    except OSError:
        return False
    return True


def cause(status: int) -> str:
    """Return how a process ended, of the status that `os.waitpid` gave.

    Examples
    --------
    >>> cause(256)
    'ended with status 1'
    >>> cause(7)
    'was ended by SIGBUS'
    """
    if os.WIFSIGNALED(status):
        return f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with status {os.waitstatus_to_exitcode(status)}"
