"""How much a browser may send, and of what shape: found out before anything is decoded.

A JSON text is looked through once, cheaply, before it is parsed: 15 MB of ``[]`` would otherwise
cost 390 MB and seconds of all visitors. What no browser writes is refused, too: numbers without end
and deep nesting. Halves of characters (lone surrogates), which JSON can carry and nothing else can,
become the sign for what cannot be read.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable
from typing import IO, Any, NoReturn

from pipeline.atlas import json_value

MOST_BYTES = 500_000  # of what a page sends without a file; a query is some kilobytes
MOST_UPLOAD_BYTES = 14_000_000  # a file of 10 MB as base64, and what comes with it
MOST_PICTURE_BYTES = 4_000_000  # an own picture as the browser keeps it, with a dozen of its crops
MOST_LIST_BYTES = 3_000_000  # a list of 1,000 entries as the browser keeps it
MOST_PARTS = 50_000  # brackets, commas and texts of a JSON text; a list of 1,000 entries has 9,000
DEEPEST = 40  # brackets inside each other; Dash's calls have six
_LONGEST_NUMBER = 40  # characters; a browser writes at most 25
_CHUNK_BYTES = 65_536
_M_MMAP_THRESHOLD = -3  # of malloc.h
_LARGE_BYTES = 4 * 1024**2
_LONGEST_START = 4_096  # bytes; the name of a call is among them
# The last quote may be missing, or a text without an end would be looked through again and again.
_PART = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_CALL = re.compile(rb'\s*\{\s*"output"\s*:\s*"([^"\\]{1,600})"')


class RefusedError(ValueError):
    """What no page of ours sends; the message says why, for the log of the server."""


class TooLargeError(RefusedError):
    """More than may be sent for this purpose."""


def give_back_memory() -> None:
    """Have large pieces of memory go back to the system as soon as they are free; glibc only.

    It would keep up to 28 MB for each thread that has once held an upload.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def read_limited(
    stream: IO[bytes], declared: int | None, most_bytes: Callable[[str], int]
) -> bytes:
    """Return what a browser sends, unless it is more than may be sent.

    Parameters
    ----------
    stream : file
        Ends where the request ends.
    declared : int or None
        How long it says it is; None if it does not say.
    most_bytes : callable
        How many bytes may be sent for the call whose ``output`` stands first; "" where none does.

    Raises
    ------
    TooLargeError
        At once where it says so itself, else as soon as it is.
    """
    start = _read(stream, _LONGEST_START if declared is None else min(declared, _LONGEST_START))
    named = _CALL.match(start)
    most = most_bytes(named[1].decode("latin-1") if named else "")
    if declared is not None and declared > most:
        raise TooLargeError(f"{declared:,} bytes, and at most {most:,} are read")
    rest = _read(stream, most + 1 - len(start)) if len(start) == _LONGEST_START else b""
    if len(start) + len(rest) > most:
        raise TooLargeError(f"more than {most:,} bytes")
    return start + rest


def _read(stream: IO[bytes], most: int) -> bytes:
    """Return up to ``most`` bytes: fewer only at the end."""
    chunks = []
    while most > 0 and (chunk := stream.read(min(most, _CHUNK_BYTES))):
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)


def checked_json(data: bytes) -> Any:
    """Return what a JSON text says, in UTF-8.

    Raises
    ------
    RefusedError
        Too many parts, too deep, numbers that no browser writes, or no JSON.
    """
    _look_through(data)
    try:
        text = data.decode("utf-8")  # JSON's own reader would take other encodings, too
        return json_value(text, parse_constant=_no_number, parse_int=_integer, parse_float=_number)
    except RefusedError:
        raise
    except ValueError as error:  # of UTF-8 and of JSON
        raise RefusedError(f"no JSON: {error}") from error


def _look_through(data: bytes) -> None:
    depth = 0
    for n, part in enumerate(_PART.finditer(data), 1):
        sign = data[part.start()]
        if sign in b"[{":
            depth += 1
        elif sign in b"]}":
            depth -= 1
        if depth > DEEPEST:
            raise RefusedError(f"JSON more than {DEEPEST} levels deep")
        if n > MOST_PARTS:
            raise RefusedError(f"JSON of more than {MOST_PARTS:,} parts")


def _no_number(name: str) -> NoReturn:
    raise RefusedError(f"{name} in JSON")


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise RefusedError(f"a number of {len(text):,} digits")
    return int(text)


def _number(text: str) -> float:
    number = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    if not math.isfinite(number):
        raise RefusedError("a number that no browser writes")
    return number
