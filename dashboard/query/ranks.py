"""Which of the neighbours were selected, short enough for an address: a bit for each rank."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

import numpy as np

from dashboard.query.query import MOST_NEIGHBOURS, QueryError
from dashboard.untrusted import is_integer, quoted

MOST_RANKS = MOST_NEIGHBOURS
_LONGEST_TEXT = -(-MOST_RANKS // 6)  # six bits a letter
_LETTERS = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def checked_ranks(ranks: object) -> tuple[int, ...]:
    """Return ranks that a page sent, 1 to `MOST_RANKS` or a QueryError: ascending, each once."""
    if not isinstance(ranks, list) or len(ranks) > MOST_RANKS:
        raise QueryError("The page sent something that is not a selection. Reload the page.")
    for rank in ranks:
        if not is_integer(rank) or not 1 <= rank <= MOST_RANKS:
            raise QueryError(
                f"Selected neighbours have ranks from 1 to {MOST_RANKS:,}, not {quoted(rank)}. "
                "Reload the page."
            )
    return tuple(sorted(set(ranks)))


def ranks_to_text(ranks: Sequence[int]) -> str:
    """Return ranks as text of at most 167 letters, digits, "-" and "_".

    >>> ranks_to_text([1, 3, 12])
    'oBA'
    """
    bits = np.zeros(MOST_RANKS, dtype=bool)
    bits[np.asarray(ranks, dtype=np.intp) - 1] = True
    packed = np.packbits(bits).tobytes().rstrip(b"\0")
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def ranks_from_text(text: str) -> tuple[int, ...]:
    """Return the ranks that `ranks_to_text` has written, ascending.

    Raises
    ------
    QueryError
        Mangled, or of no rank at all.

    >>> ranks_from_text("oBA")
    (1, 3, 12)
    """
    bits = _bits(text) if len(text) <= _LONGEST_TEXT and _LETTERS.fullmatch(text) else None
    ranks = () if bits is None else tuple(int(place) + 1 for place in np.flatnonzero(bits))
    if not ranks or ranks[-1] > MOST_RANKS:
        raise QueryError(
            f"The address selects the neighbours {quoted(text)}, which cannot be read. Select them "
            "in the table again."
        )
    return ranks


def _bits(text: str) -> np.ndarray | None:
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return np.unpackbits(np.frombuffer(packed, dtype=np.uint8))
