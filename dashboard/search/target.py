"""What a text in the search field means: a galaxy of the atlas, by its name or its position.

Asked in this order: the names of the atlas, positions, the bundled names, those of the other open
atlases, and Sesame.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import (
    format_separation,
    name_of,
    other_names_of,
    understood_as,
)
from dashboard.names.openngc import BundledObject, bundled_names
from dashboard.names.sesame import Sesame, SesameError
from dashboard.names.spellings import (
    MOST_SUGGESTIONS,
    each_once,
    may_be_name,
    spelled_like,
    suggest,
)
from dashboard.search.counterparts import named_elsewhere
from dashboard.search.place import BUNDLED, CENTRE_SHARE, Target, find_at
from dashboard.sky.coordinates import LONGEST_TEXT, is_galactic, parse_position
from pipeline.atlas import POSITION_EXAMPLES, CoordinateError, quoted

SESAME = "Sesame"

SAME_ARCSEC = 60.0  # the same name farther away than this, or than the object is large, is chance
# A bare number could be one of any of these.
_CATALOGUES = ("M", "NGC", "IC", "UGC", "PGC")
_LONGEST_NUMBER = 7


class TargetError(ValueError):
    """A text that leads to no galaxy, or to several; the message says why.

    Its ``suggestions`` are texts that do lead somewhere, the likeliest first; maybe none.
    """

    def __init__(self, message: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)


def find_target(
    explorer: Explorer, text: str, sesame: Sesame | None = None, others: Sequence[Explorer] = ()
) -> Target:
    """Return the galaxy that ``text`` asks for, or the nearest to the position it asks for.

    ``sesame`` is asked about names that nobody here knows, None asks nobody; ``others`` are the
    other open atlases, which may know a name.

    Raises
    ------
    TargetError
        Neither a position nor a known name, or a name of several galaxies.
    """
    if len(text) > LONGEST_TEXT:
        raise TargetError(
            f"The text has {len(text)} characters, and {LONGEST_TEXT} are read. Write one name or "
            f"one position, such as 'M 51', {POSITION_EXAMPLES}."
        )
    text = " ".join(text.split())
    if not text:
        raise TargetError(f"Nothing was asked for. Write 'M 51', {POSITION_EXAMPLES}.")
    rows = explorer.rows_called(text)
    if len(rows) == 1:
        return _own(explorer, rows[0], text)
    if rows:
        return _one_of(explorer, rows, text)
    try:
        position = parse_position(text)
    except CoordinateError as error:
        theirs = None if bundled_names().find(text) else named_elsewhere(explorer, text, others)
        if theirs is not None:
            return theirs
        if not may_be_name(text):
            numbered = _numbered(explorer, text)
            only = f"{quoted(text)} is only a number. Did you mean:"
            raise TargetError(only if numbered else str(error), numbered) from error
    else:
        understood = understood_as([text], position, "ICRS") if is_galactic(text) else ""
        return find_at(explorer, position, understood)
    return _named(explorer, text, sesame)


def _own(explorer: Explorer, row: int, text: str, known: BundledObject | None = None) -> Target:
    """Return a galaxy that the atlas knows by name, maybe by another name of a known object."""
    galaxy = explorer.galaxy(row)
    called = [name_of(galaxy), galaxy.object_id]
    if known is None:
        names = [spelled_like(text, [*called, *other_names_of(galaxy)]), *called]
    else:
        names = [spelled_like(text, known.names), known.names[0], *called]
    source = "this atlas" if known is None else f"{BUNDLED} and this atlas"
    understood = understood_as(each_once(names), galaxy.position, source)
    return Target(row, None, True, f"{understood}.{_doubt(explorer, row, text)}")


def _doubt(explorer: Explorer, row: int, text: str) -> str:
    """Return a warning where the bundled names have another place for the name of a galaxy.

    Catalogues that lose the A of NGC 3683A are not rare.
    """
    for known in bundled_names().find(text):
        if known.position is not None:
            away_arcsec = explorer.separation_arcsec(row, known.position)
            if away_arcsec > max(known.size_arcsec, SAME_ARCSEC):
                return f" But the {BUNDLED} has it {format_separation(away_arcsec)} from there."
    return ""


def _one_of(explorer: Explorer, rows: Sequence[int], text: str) -> Target:
    """Return the galaxy whose name several bear, if something tells which is meant.

    Lists of names are sloppy: a companion often goes by the name of the one it belongs to. The
    bundled names tell them apart; else the one that is mainly called so is meant.
    """
    for known in bundled_names().find(text):
        row = _own_row(explorer, known)
        if row is not None and row in rows:
            return _own(explorer, row, text, known)
    mainly = explorer.names.main_rows(text)
    if len(mainly) == 1:
        return _own(explorer, mainly[0], text)
    identifiers = [explorer.galaxy(row).object_id for row in rows[:MOST_SUGGESTIONS]]
    raise TargetError(
        f"{len(rows)} galaxies of this atlas are called {quoted(text)}. Choose one:", identifiers
    )


def _named(explorer: Explorer, text: str, sesame: Sesame | None) -> Target:
    """Return the galaxy of a name that the atlas does not have."""
    bundled = bundled_names()
    found = bundled.find(text)
    if len(found) > 1:
        names = [known.names[0] for known in found][:MOST_SUGGESTIONS]
        raise TargetError(f"{len(found)} objects are called {quoted(text)}. Choose one:", names)
    if found:
        return _bundled(explorer, found[0], text)
    sentence = f"{quoted(text)} is neither a position nor a name that is known here."
    if sesame is not None:
        try:
            position = sesame.position(text)
        except SesameError as error:
            sentence = f"{sentence} {error}"
        else:
            if position is not None:
                return find_at(explorer, position, understood_as([text], position, SESAME), 0.0)
            sentence = f"{sentence} {SESAME} (CDS) does not know it either."
    suggestions = suggest(text, [explorer.names.spellings, bundled.spellings])
    raise TargetError(f"{sentence} Did you mean:" if suggestions else sentence, suggestions)


def _bundled(explorer: Explorer, known: BundledObject, text: str) -> Target:
    row = _own_row(explorer, known)
    if row is not None:
        return _own(explorer, row, text, known)
    names = each_once([spelled_like(text, known.names), known.names[0]])
    if known.position is None:
        raise TargetError(
            f"{' = '.join(names)} is in the {BUNDLED} without a position: what its discoverer saw "
            "was never found again."
        )
    source = BUNDLED if known.is_galaxy else f"not a galaxy; {BUNDLED}"
    understood = understood_as(names, known.position, source)
    return find_at(explorer, known.position, understood, known.size_arcsec * CENTRE_SHARE)


def _own_row(explorer: Explorer, known: BundledObject) -> int | None:
    """Return the galaxy of the atlas that bears one of an object's names, and lies there, too."""
    if known.position is None:
        return None
    for name in known.names:
        rows = explorer.rows_called(name)
        if len(rows) == 1:
            separation_arcsec = explorer.separation_arcsec(rows[0], known.position)
            if separation_arcsec <= max(known.size_arcsec, SAME_ARCSEC):
                return rows[0]
    return None


def _numbered(explorer: Explorer, text: str) -> list[str]:
    """Return the names that end in a number, where the text is nothing else."""
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        return []
    names = [f"{catalogue} {int(text)}" for catalogue in _CATALOGUES]
    return [name for name in names if explorer.rows_called(name) or bundled_names().find(name)]
