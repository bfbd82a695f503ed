"""Begins the command line, which ends quietly by Ctrl-C or SIGTERM, at whatever moment.

Nothing but what listens to signals is imported before it listens.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

STOPPED = "\nStopped. The same command goes on where it was.\n"


class _Listener:
    """What is done about signals: work is interrupted, so that it can clear up; all else ends."""

    def __init__(self) -> None:
        self.heard: int | None = None
        self.is_working = False

    def listen(self) -> None:
        """Begin to."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)
        sys.unraisablehook = self._unraisable

    def status(self) -> int:
        """Return the exit status of what was stopped, as a shell would tell it."""
        return 128 + (self.heard or signal.SIGINT)

    def _hear(self, number: int, _: FrameType | None) -> None:
        # An import may turn an interruption into any error, and who asks twice is in a hurry.
        at_once = self.heard is not None or not self.is_working
        self.heard = number
        if at_once:
            self._end()
        raise KeyboardInterrupt

    def _unraisable(self, event: UnraisableHookArgs) -> None:
        # It came within what may raise nothing, as a destructor, where Python drops it.
        if issubclass(event.exc_type, KeyboardInterrupt):
            self._end()
        sys.__unraisablehook__(event)

    def _end(self) -> None:
        os.write(sys.stderr.fileno(), STOPPED.encode())
        os._exit(self.status())


_listener = _Listener()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    from pipeline.command_line import run

    _listener.is_working = True
    try:
        return run(arguments)
    except BaseException as error:
        if _listener.heard is None and not isinstance(error, KeyboardInterrupt):
            raise
        # What was imported while it was interrupted may have turned that into another error.
        from pipeline.encoder.hardware import leads

        if leads():
            print(STOPPED, end="", file=sys.stderr)
        return _listener.status()
    finally:
        _listener.is_working = False


def leave(status: int) -> NoReturn:
    """End this process, after what was registered for its end.

    Python itself would end by SIGINT where an interruption had come within ``exec`` of a text, as
    numba's, although it was caught and there is a status.
    """
    if _listener.heard is not None:
        sys.stdout.flush()
        atexit._run_exitfuncs()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    _listener.listen()
    leave(main())
