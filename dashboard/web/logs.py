"""How the log is written: a line for people, or a JSON object on each line for programs.

Each has its time in UTC and, if there is one, the identifier of the request that it is about, which
the page says, too, when something fails.
"""

from __future__ import annotations

import json
import logging
import sys
import time

from dashboard.web.observed import logger as access
from dashboard.web.observed import request_identifier

FORMATS = ("plain", "json")
# What could end a line, or move the cursor of a terminal, in what a visitor has sent.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


class _Formatter(logging.Formatter):
    def _time(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return f"{seconds}.{int(record.msecs):03d}Z"

    def _request(self, record: logging.LogRecord) -> str:
        return str(getattr(record, "request", "") or request_identifier())

    def _traceback(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


class PlainFormatter(_Formatter):
    """A line, and below it the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        request = self._request(record)
        message = record.getMessage().translate(_CONTROLS)
        about = f" [{request}]" if request else ""
        line = f"{self._time(record)} {record.levelname} {record.name}{about}: {message}"
        return "\n".join(filter(None, [line, self._traceback(record)]))


class JsonFormatter(_Formatter):
    """A JSON object on one line, with its traceback as a text."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        said = {
            "time": self._time(record),
            "level": record.levelname,
            "logger": record.name,
            "request": self._request(record),
            "message": record.getMessage(),
            "traceback": self._traceback(record),
            **getattr(record, "of_request", {}),
        }
        # Letters beyond ASCII are escaped, which no half of a character can break.
        return json.dumps({name: value for name, value in said.items() if value != ""})


def set_up_logging(form: str = "plain", *, with_access: bool = False) -> None:
    """Write warnings and errors to stderr, and a line for each request if ``with_access``.

    Parameters
    ----------
    form : str
        One of `FORMATS`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else PlainFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    access.setLevel(logging.INFO if with_access else logging.WARNING)
