"""Names of objects: which spellings are the same name, who bears it, and which ones are near it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from pipeline.atlas import plain_signs

LONGEST_NAME = 80  # characters; the longest of SIMBAD and NED are shorter
MOST_SUGGESTIONS = 5
_ALIKE = 0.65  # share of letters that a suggestion must have in common with what was typed
_SHORTEST_PART = 4  # letters of a nickname that bring the whole of it to mind

# What spellings of one name differ in: apostrophes, blanks and points that do not stand between
# digits, zeros that lead a number but for the decimals of one, and hyphens between letters and
# number, unless they are the sign of a declination.
_NO_MATTER = re.compile(
    r"'|(?<![0-9])[ .]|[ .](?![0-9])|(?<![0-9])(?<![0-9]\.)0+(?=[0-9])"
    r"|(?<=[A-Z])(?<!MCG)(?<![BCP]D)-(?=[0-9])"
)
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘´`ʹ′"))  # which `plain_signs` would make minutes
_BLANKS = re.compile(r"[\s_]+")
# Catalogues that go by two names. Those of PGC are also called LEDA; NED puts a G or IG for the
# kind of object into those of ESO.
_ALIASES = {"MESSIER": "M", "CALDWELL": "C", "LEDA": "PGC", "MCG": "MCG+"}
_ALIAS = re.compile(rf"({'|'.join(_ALIASES)})(?=[0-9])")
_ESO = re.compile(r"ESO([0-9]+)-I?G([0-9]+)")
# Words and letters that belong to a position; all others make a text a name.
_POSITION_WORDS = re.compile(
    r"(?<![a-z])(?:ra|dec|right ascension|declination|j2000|icrs|gal|galactic|glon|glat"
    r"|[lb](?=\s*[=:]))(?![a-z])"
    r"|(?<=[\d.\s])(?:degrees?|deg|hours?|hrs?|arcmin|minutes?|min|arcsec|seconds?|sec|[hdmse])"
    r"(?![a-z])"
)
_NUMBERED = re.compile(r"([A-Za-z]+) ?0*([1-9][0-9]*)(?![0-9.+-])")


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


def each_once(names: Iterable[str]) -> list[str]:
    """Return names without further spellings of the same ones."""
    once: dict[str, str] = {}
    for name in names:
        once.setdefault(name_key(name), name)
    return list(once.values())


class NameIndex:
    """Who bears a name: hashes of all names, sorted. 12 bytes a name, for millions of them.

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


def suggest(name: str, spellings: Sequence[Spellings]) -> list[str]:
    """Return at most five names near to ``name``, the nearest first.

    Of names that are equally near, those of the first of ``spellings`` come first.
    """
    near = [one for names in spellings for one in names.near(name)]
    near.sort(key=lambda one: -one[0])  # among equals the order stays
    return each_once(other for _, other in near)[:MOST_SUGGESTIONS]
