"""What happens that an administrator may want counted: told here, by whatever room it happens in.

Who counts is not known here; where nobody does, nothing is counted. See web/metrics.py.
"""

from __future__ import annotations

from collections.abc import Callable

Listener = Callable[[str, str, str], None]

SEARCH = "search"  # a query was answered; its kind is where it came from
UPLOAD = "upload"  # a file arrived; its kind is what for, its outcome whether and why not
ACCEPTED = "accepted"
TOO_LARGE = "too_large"

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have ``listener(event, kind, outcome)`` called whenever something is counted."""
    _listeners.append(listener)


def count(event: str, kind: str, outcome: str = ACCEPTED) -> None:
    """Tell of one more ``event``; ``kind`` and ``outcome`` are of a few words, never of visitors'.

    Parameters
    ----------
    event : str
        `SEARCH` or `UPLOAD`.
    kind : str
        Of a search its origin, of an upload ``picture`` or ``list``.
    outcome : str
        `ACCEPTED`, or why it was refused: a word such as ``busy``.
    """
    for listener in _listeners:
        listener(event, kind, outcome)


def count_refused(kind: str, error: Exception) -> None:
    """Count an upload that was refused, by the ``reason`` of its error or else by its class."""
    count(UPLOAD, kind, str(getattr(error, "reason", "") or type(error).__name__))
