"""A list of galaxies that someone brings: its entries, and what each of them matches in an atlas.

The page keeps the entries, not what they match: the same list is matched anew in every atlas.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from dashboard.explorer.explorer import Explorer
from dashboard.names.openngc import bundled_names
from dashboard.names.sesame import Sesame, SesameError
from dashboard.names.spellings import may_be_name
from dashboard.search.counterparts import Elsewhere, galaxies_elsewhere
from dashboard.search.place import Target
from dashboard.search.target import SAME_ARCSEC, TargetError, find_target
from dashboard.sky.coordinates import format_exactly, parse_position
from pipeline.atlas import CoordinateError

MOST_ENTRIES = 1_000
LONGEST_CELL = 300  # characters kept of an entry; more than can be understood
SESAME_LIMIT_S = 10.0  # for all names of one request together; the rest is for the next one

MATCHED, FAR, OUTSIDE = "matched", "far", "outside"
AMBIGUOUS, UNKNOWN, UNREAD = "ambiguous", "unknown", "not read"
_KINDS = ("line", "row")


class TargetListError(ValueError):
    """A list that cannot be used; the message says why, for the person who brought it."""


@dataclass(frozen=True)
class Entry:
    """One galaxy of a list."""

    number: int  # its line in a text, or its row in a table; the first is 1
    label: str  # what the list calls it
    text: str  # name or position, as someone would type it into the search field
    problem: str = ""  # why there is no `text`; empty where there is one


@dataclass(frozen=True)
class TargetList:
    """What someone brought."""

    entries: tuple[Entry, ...]  # at most `MOST_ENTRIES`
    n_left_out: int = 0  # how many more there were
    kind: str = "line"  # what the numbers of the entries count: "line" or "row"
    name: str = ""  # of the file; empty for a text that was typed or pasted

    def to_store(self) -> dict[str, Any]:
        """Return what the browser keeps."""
        return vars(self) | {"entries": [list(astuple(entry)) for entry in self.entries]}

    @classmethod
    def from_store(cls, data: object) -> TargetList:
        """Read what the browser sent back; a TargetListError unless `to_store` wrote it."""
        match data:
            case {
                "entries": list(rows),
                "n_left_out": int(n),
                "kind": str(kind),
                "name": str(name),
            }:
                whole = kind in _KINDS and n >= 0 and len(name) <= LONGEST_CELL
                if whole and len(rows) <= MOST_ENTRIES and all(map(_is_entry, rows)):
                    return cls(tuple(Entry(*row) for row in rows), n, kind, name)
        raise TargetListError("The page sent something that is not a list of galaxies. Reload it.")


@dataclass(frozen=True)
class Match:
    """What an entry leads to."""

    entry: Entry
    status: str  # `MATCHED`, `FAR`, `OUTSIDE`, `AMBIGUOUS`, `UNKNOWN` or `UNREAD`
    answer: str  # what was understood and found, in words
    target: Target | None = None  # the galaxy, or the nearest one; None if nothing was understood
    elsewhere: tuple[Elsewhere, ...] = ()  # if there is no galaxy, what other open atlases have


def match_all(
    explorer: Explorer, target_list: TargetList, others: Sequence[Explorer] = ()
) -> list[Match]:
    """Return what each entry matches, in the order of the list; ``others`` are open atlases."""
    return [match_entry(explorer, entry, others) for entry in target_list.entries]


def match_entry(explorer: Explorer, entry: Entry, others: Sequence[Explorer] = ()) -> Match:
    """Return the galaxy that an entry leads to, as the search field would find it."""
    if entry.problem:
        return Match(entry, UNREAD, entry.problem)
    if all(_nobody_knows(one, entry.text) for one in (explorer, *others)):
        return Match(entry, UNKNOWN, "No position, and no name that is known here.")
    try:
        target = find_target(explorer, entry.text, others=others)
    except TargetError as error:
        meant = ", ".join(error.suggestions)
        return Match(entry, AMBIGUOUS if meant else UNREAD, f"{error} {meant}".strip())
    named = None if target.is_near else _named_nearby(explorer, entry)
    if named is not None:
        return Match(entry, MATCHED, named.answer, named)
    status = MATCHED if target.is_near else OUTSIDE if target.is_outside else FAR
    elsewhere = tuple(galaxies_elsewhere(entry.text, target, others))
    answer = " ".join([target.answer, *(f"{one.in_words}." for one in elsewhere)])
    return Match(entry, status, answer, target, elsewhere)


def _named_nearby(explorer: Explorer, entry: Entry) -> Target | None:
    """Return the galaxy that an entry's name means, if it lies where the entry says, by its size.

    Lists give the centres of large galaxies to an arcminute.
    """
    name = entry.label
    if name == entry.text or not may_be_name(name) or _nobody_knows(explorer, name):
        return None
    try:
        position, named = parse_position(entry.text), find_target(explorer, name)
    except (CoordinateError, TargetError):
        return None
    if named.separation_arcsec is not None:  # known, but not a galaxy of this atlas
        return None
    size_arcsec = max((known.size_arcsec for known in bundled_names().find(name)), default=0.0)
    separation_arcsec = explorer.separation_arcsec(named.row, position)
    if separation_arcsec > max(size_arcsec, SAME_ARCSEC):
        return None
    return replace(named, separation_arcsec=separation_arcsec)


def ask_sesame(
    explorer: Explorer,
    target_list: TargetList,
    sesame: Sesame,
    *,
    limit_s: float = SESAME_LIMIT_S,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[TargetList, str]:
    """Look up the names that nobody here knows, one after the other.

    The list has positions in the place of the names that were found; the answer says in words how
    many were, and why not all of them.
    """
    end = clock() + limit_s
    entries = list(target_list.entries)
    unknown = [i for i, entry in enumerate(entries) if is_unknown(explorer, entry)]
    n_asked = n_found = 0
    trouble = ""
    for i in unknown:
        if clock() >= end:
            trouble = f" The other {len(unknown) - n_asked} were not asked yet: ask again."
            break
        try:
            position = sesame.position(entries[i].text)
        except SesameError as error:
            trouble = f" {error}"
            break
        n_asked += 1
        if position is not None:
            n_found += 1
            entries[i] = replace(entries[i], text=format_exactly(position))
    known = f"Sesame (CDS) knows {n_found} of {n_asked} names." if n_asked else ""
    return replace(target_list, entries=tuple(entries)), f"{known}{trouble}".strip()


def is_unknown(explorer: Explorer, entry: Entry) -> bool:
    """Return whether an entry is a name that only somebody else could know."""
    return not entry.problem and _nobody_knows(explorer, entry.text)


def _nobody_knows(explorer: Explorer, text: str) -> bool:
    """Return whether a text is a name without an owner.

    `find_target` would look for near spellings too: 20 ms for each of maybe 1,000 names.
    """
    if not may_be_name(text) or explorer.rows_called(text) or bundled_names().find(text):
        return False
    try:
        parse_position(text)  # J131719.8+203817 has letters
    except CoordinateError:
        return True
    return False


def _is_entry(row: object) -> bool:
    match row:
        case [int(number), str(label), str(text), str(problem)]:
            return number > 0 and max(map(len, (label, text, problem))) <= LONGEST_CELL
    return False
