"""By which names galaxies are found: what spellings have in common, and a table of all of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from pipeline.atlas.angles import plain_signs

# Columns; the third lists names, ";" between them.
OBJECT_ID, NAME, OTHER_NAMES = NAME_COLUMNS = ("object_id", "name", "other_names")
LONGEST_NAME = 80  # characters; the longest of SIMBAD and NED are shorter
_KIND_BITS = np.uint64(2)  # which of the columns, below the row

# What spellings of one name differ in: apostrophes, blanks and points that do not stand between
# digits, zeros that lead a number but for the decimals of one, and hyphens between letters and
# number, unless they are the sign of a declination.
_NO_MATTER = re.compile(
    r"(?=[' .0-])"  # most letters are none of these: half of the time
    r"(?:'|(?<![0-9])[ .]|[ .](?![0-9])|(?<![0-9])(?<![0-9]\.)0+(?=[0-9])"
    r"|(?<=[A-Z])(?<!MCG)(?<![BCP]D)-(?=[0-9]))"
)
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘´`ʹ′"))  # which `plain_signs` would make minutes
_BLANKS = re.compile(r"[\s_]+")
# Catalogues that go by two names. Those of PGC are also called LEDA; NED puts a G or IG for the
# kind of object into those of ESO.
_ALIASES = {"MESSIER": "M", "CALDWELL": "C", "LEDA": "PGC", "MCG": "MCG+"}
_ALIAS = re.compile(rf"({'|'.join(_ALIASES)})(?=[0-9])")
_ESO = re.compile(r"ESO([0-9]+)-I?G([0-9]+)")


def name_key(name: str) -> str:
    """Return what all spellings of a name have in common: case, blanks and zeros do not matter.

    >>> name_key("ngc 0224"), name_key("Messier 31"), name_key("Mrk 1018"), name_key("mrk1 018")
    ('NGC224', 'M31', 'MRK1018', 'MRK1 18')
    """
    plain = name if name.isascii() else plain_signs(name.translate(_APOSTROPHES))
    plain = _BLANKS.sub(" ", plain).strip()[: 2 * LONGEST_NAME]
    key = _NO_MATTER.sub("", plain.upper())
    key = _ALIAS.sub(lambda alias: _ALIASES[alias[1]], key, count=1) if key[:1] in "MCL" else key
    return _ESO.sub(r"ESO\1-\2", key, count=1) if key.startswith("ESO") else key


def key_hash(key: str) -> int:
    """Return 64 bits that stand for a `name_key`, the same ones on every machine.

    Keys that have the same are one pair among some 10^5 atlases of ten million names: who finds a
    galaxy by them compares its name, too.
    """
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def name_table(pieces: Iterable[pd.DataFrame]) -> np.ndarray:
    """Return who bears which name, to be searched by halving: 16 bytes a name.

    Parameters
    ----------
    pieces : iterable of DataFrame
        A catalogue in order, with those of `NAME_COLUMNS` that it has.

    Returns
    -------
    ndarray of uint64, shape (2, n_names)
        The hashes of all names, ascending; and below each, who bears it and in which column, as
        `bearers_of` takes it apart.
    """
    hashes, bearers, start = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)], 0
    for piece in pieces:
        for kind, column in enumerate(NAME_COLUMNS):
            if column not in piece:
                continue
            names = list(_names(piece[column], kind))
            rows = np.array([row for row, _ in names], np.uint64) + np.uint64(start)
            hashes.append(np.array([key_hash(key) for _, key in names], np.uint64))
            bearers.append(rows << _KIND_BITS | np.uint64(kind))
        start += len(piece)
    every_hash, every_bearer = np.concatenate(hashes), np.concatenate(bearers)
    hashes.clear()
    bearers.clear()
    order = np.argsort(every_hash, kind="stable")
    table = np.empty((2, len(order)), np.uint64)
    np.take(every_hash, order, out=table[0])
    np.take(every_bearer, order, out=table[1])
    return table


def bearers_of(bearers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows, int64, and places in `NAME_COLUMNS`, of what a table has below its hashes."""
    return (bearers >> _KIND_BITS).astype(np.int64), bearers.astype(np.uint8) & np.uint8(3)


def names_in(text: object, column: str) -> list[str]:
    """Return the names that a value of one of `NAME_COLUMNS` holds.

    >>> names_in("M 51;NGC 5194", "other_names"), names_in("M 51", "name"), names_in(None, "name")
    (['M 51', 'NGC 5194'], ['M 51'], [])
    """
    if not isinstance(text, str):
        return []
    return text.split(";") if column == OTHER_NAMES else [text]


def _names(values: pd.Series, kind: int) -> Iterator[tuple[int, str]]:
    """Yield row and key of each name in a column; identifiers have one in any case."""
    for row, value in enumerate(values.tolist()):
        for name in names_in(value, NAME_COLUMNS[kind]):
            key = name_key(name)
            if key or kind == 0:
                yield row, key
