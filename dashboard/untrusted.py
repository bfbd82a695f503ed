"""Checks of what a browser sends: anything that JSON can say, also what no page of ours says."""

from __future__ import annotations

import base64
import math
from typing import TypeGuard

MOST_FILE_BYTES = 10_000_000


class UploadError(ValueError):
    """A file that did not arrive; the message says why, for the person who sent it."""


def file_content(contents: object) -> bytes:
    """Return the bytes of an uploaded file from its data URL.

    Raises
    ------
    UploadError
        Too large, or no data URL.
    """
    encoded = contents.partition(";base64,")[2] if isinstance(contents, str) else ""
    if len(encoded) <= 2 * MOST_FILE_BYTES:  # what is much too large is not decoded
        try:
            content = base64.b64decode(encoded, validate=True)
        except ValueError:
            content = b""
        if not content:
            raise UploadError("The file is empty or did not arrive whole. Choose it again.")
        if len(content) <= MOST_FILE_BYTES:
            return content
    raise UploadError(f"The file is larger than {MOST_FILE_BYTES // 10**6} MB.")


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether ``value`` is an integer; JSON's truth values are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether ``value`` is a number that a float can hold."""
    try:
        return (is_integer(value) or isinstance(value, float)) and math.isfinite(value)
    except OverflowError:
        return False


def quoted(value: object) -> str:
    """Show a hostile value: short, and never one whose writing-out is itself an attack."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else f"{value[:39]!r}…"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 1e15):
        return str(value)
    return "something else"
