"""Names of objects: which spellings are the same name, who bears it, and which ones are near it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Protocol

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from pipeline.atlas import LONGEST_NAME, name_key, plain_signs

MOST_SUGGESTIONS = 5
_ALIKE = 0.65  # share of letters that a suggestion must have in common with what was typed
_SHORTEST_PART = 4  # letters of a nickname that bring the whole of it to mind

# Words and letters that belong to a position; all others make a text a name.
_POSITION_WORDS = re.compile(
    r"(?<![a-z])(?:ra|dec|right ascension|declination|j2000|icrs|gal|galactic|glon|glat"
    r"|[lb](?=\s*[=:]))(?![a-z])"
    r"|(?<=[\d.\s])(?:degrees?|deg|hours?|hrs?|arcmin|minutes?|min|arcsec|seconds?|sec|[hdmse])"
    r"(?![a-z])"
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-. "  # of keys
_LONGEST_CHANGED = 40  # letters of a key; of longer ones nobody types one by heart
_NUMBERED = re.compile(r"([A-Za-z]+) ?0*([1-9][0-9]*)(?![0-9.+-])")


def may_be_name(text: str) -> bool:
    """Return whether a text has words that no position has, so that it can only be a name.

    >>> may_be_name("M 51"), may_be_name("13h17m 91d"), may_be_name("4321")
    (True, False, False)
    """
    plain = plain_signs(text[: 2 * LONGEST_NAME]).lower().strip()
    return any(map(str.isalpha, _POSITION_WORDS.sub("", plain)))


def tidy(name: str) -> str:
    """Return a name of a catalogue as people write it.

    >>> tidy("NGC0224"), tidy("UGC 00454"), tidy("IRAS 00400+4059")
    ('NGC 224', 'UGC 454', 'IRAS 00400+4059')
    """
    name = name.strip()
    numbered = _NUMBERED.match(name)
    return f"{numbered[1]} {numbered[2]}{name[numbered.end() :]}" if numbered else name


def spelled_like(name: str, names: Iterable[str]) -> str:
    """Return the one of ``names`` that ``name`` is a spelling of; ``name`` if it is of none."""
    key = name_key(name)
    return next((other for other in names if name_key(other) == key), name)


def within_one_letter(key: str) -> list[str]:
    """Return what ``key`` becomes by one letter more, less or other, or two in the other order.

    >>> [key for key in within_one_letter("M5") if key in ("M51", "5", "M6", "5M", "M5")]
    ['5', '5M', 'M6', 'M51']
    """
    cuts = [(key[:place], key[place:]) for place in range(min(len(key), _LONGEST_CHANGED) + 1)]
    less = (start + end[1:] for start, end in cuts)
    swapped = (start + end[1] + end[0] + end[2:] for start, end in cuts if len(end) > 1)
    other = (start + letter + end[1:] for start, end in cuts if end for letter in _LETTERS)
    more = (start + letter + end for start, end in cuts for letter in _LETTERS)
    return [one for one in dict.fromkeys(chain(less, swapped, other, more)) if one not in ("", key)]


def each_once(names: Iterable[str]) -> list[str]:
    """Return names without further spellings of the same ones."""
    once: dict[str, str] = {}
    for name in names:
        once.setdefault(name_key(name), name)
    return list(once.values())


class NameIndex:
    """Who bears a name, among some that are in memory: hashes of all names, sorted.

    Both a name and the number of the one who bears it may come several times.
    """

    def __init__(self, names: Iterable[tuple[str, int]]) -> None:
        # Python's hash of a text has 64 bits and a secret start: names that meet by chance are one
        # in 10^7 among a million, and nobody can make them meet.
        pairs = [(hash(key), bearer) for name, bearer in names if (key := name_key(name))]
        hashes = np.array([pair[0] for pair in pairs], dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._bearers = np.array([pair[1] for pair in pairs], dtype=np.int32)[order]

    def bearers(self, name: str) -> list[int]:
        """Return the numbers of those who bear ``name``, in their order, each once."""
        wanted = np.int64(hash(name_key(name)))
        first = np.searchsorted(self._hashes, wanted, side="left")
        end = np.searchsorted(self._hashes, wanted, side="right")
        rows: list[int] = np.unique(self._bearers[first:end]).tolist()
        return rows


class NearNames(Protocol):
    """Names to choose suggestions from."""

    def near(self, name: str) -> list[tuple[float, str]]:
        """Return names near to ``name``, each with how alike they are, 0 to 1."""
        ...


class Spellings:
    """Names to choose suggestions from; of several spellings of one name the first is kept."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = each_once(names)
        self._keys = [name_key(name) for name in self._names]

    def near(self, name: str) -> list[tuple[float, str]]:
        """Return at most five names near to ``name``, each with how alike they are, 0 to 1."""
        key = name_key(name[:LONGEST_NAME])
        near = process.extract(
            key,
            self._keys,
            scorer=OSA.normalized_similarity,
            score_cutoff=_ALIKE,
            limit=MOST_SUGGESTIONS,
        )
        found = {place: alike for _, alike, place in near}
        if len(key) >= _SHORTEST_PART and key.isalpha():
            wholes = (place for place, whole in enumerate(self._keys) if key in whole)
            found |= dict.fromkeys(islice(wholes, MOST_SUGGESTIONS), 1.0)
        best = sorted(found.items(), key=lambda one: -one[1])[:MOST_SUGGESTIONS]
        return [(alike, self._names[place]) for place, alike in best]


def suggest(name: str, spellings: Sequence[NearNames]) -> list[str]:
    """Return at most five names near to ``name``, the nearest first.

    Of names that are equally near, those of the first of ``spellings`` come first.
    """
    near = [one for names in spellings for one in names.near(name)]
    near.sort(key=lambda one: -one[0])  # among equals the order stays
    return each_once(other for _, other in near)[:MOST_SUGGESTIONS]
