"""Reading lists of galaxies: text as people paste it, CSV, FITS and VOTable.

What cannot be read of an entry is said with its line; the other lines are kept.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Sequence
from dataclasses import replace

from dashboard.coordinates import CoordinateError, parse_position
from dashboard.list_columns import ListColumns, find_columns
from dashboard.names import may_be_name
from dashboard.table_files import TableFileError, read_fits, read_votable
from dashboard.target_list import (
    LONGEST_CELL,
    MOST_ENTRIES,
    Entry,
    TargetList,
    TargetListError,
)

_LONGEST_LINE = 10_000  # characters
_DELIMITERS = ",\t;|"
_MISSING = ("nan", "--", "-", "null", "none", "n/a", "na")
_READERS = {b"SIMPLE": ("FITS", read_fits), b"<": ("VOTable", read_votable)}
_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")


def read_file(data: bytes, name: str = "") -> TargetList:
    """Read a file of any of the formats, which its first bytes tell.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call it.

    Raises
    ------
    TargetListError
        Damaged, of another format, or without an entry.
    """
    name = _short(name)
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:6]
    for first_bytes, (kind, read) in _READERS.items():
        if start.startswith(first_bytes):
            try:
                rows, n_rows = read(data, MOST_ENTRIES)
            except TableFileError as error:
                raise TargetListError(
                    f"{name or 'The file'} cannot be read as {kind}: {error}."
                ) from error
            entries = [_entry(number, *row) for number, row in enumerate(rows, 1)]
            return _whole(entries, n_rows, "row", name)
    return read_text(_decoded(data), name)


def read_text(text: str, name: str = "") -> TargetList:
    """Read names and positions, one on each line, or a table with or without a header.

    Parameters
    ----------
    text : str
        Blank lines and those that begin with ``#`` are passed over. A header is a line with usual
        names of columns for right ascension and declination, or for names.
    name : str
        Of the file, if it is one.

    Raises
    ------
    TargetListError
        There is no entry.
    """
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    header = _header(lines[0][1]) if lines else None
    if header is None:
        entries = [_of_line(*line) for line in lines[:MOST_ENTRIES]]
        return _whole(entries, len(lines), "line", name)
    columns, delimiter, n_cells = header
    entries = [
        _below_header(number, _split(line, delimiter), columns, n_cells)
        for number, line in lines[1 : MOST_ENTRIES + 1]
    ]
    return _whole(entries, len(lines) - 1, "line", name)


def _whole(entries: Sequence[Entry], n: int, kind: str, name: str) -> TargetList:
    if not entries:
        raise TargetListError(
            f"{name or 'The list'} has no entries. Write one name or one position on each line, "
            "such as 'M 51' or '199.3324 +20.6382'."
        )
    return TargetList(tuple(entries), n - len(entries), kind, name)


def _header(line: str) -> tuple[ListColumns, str, int] | None:
    """Return columns, what stands between them, and their number; None if it is not a header."""
    delimiter = max(_DELIMITERS, key=line.count)
    # Among blanks only a position tells: 'NGC galaxy 1' is a name, too.
    names = _split(line, delimiter)
    by_blanks = find_columns(line.split())
    if delimiter not in line and by_blanks.ra is not None:
        return by_blanks, " ", len(line.split())
    columns = find_columns(names)
    return (columns, delimiter, len(names)) if columns.places else None


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    cells = next(csv.reader([line[:_LONGEST_LINE]], delimiter=delimiter, skipinitialspace=True))
    return [cell.strip() for cell in cells]


def _below_header(number: int, cells: list[str], columns: ListColumns, n_cells: int) -> Entry:
    # Some programs end each line with a separator, some leave out what is empty at the end.
    n_filled = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    if n_filled > n_cells:
        problem = f"It has {n_filled} columns, and the header has {n_cells}."
        return Entry(number, _short(" ".join(cells)), "", problem)
    return _entry(number, *columns.pick([*cells, *[""] * n_cells]))


def _of_line(number: int, line: str) -> Entry:
    """Return the entry of a line without a header: as typed, or cells with a position in them."""
    typed = Entry(number, _short(line), _short(line))
    delimiter = max(_DELIMITERS, key=line.count)
    if delimiter not in line or _is_position(line):
        return typed
    cells = _split(line, delimiter)
    starts = [i for i in range(len(cells) - 1) if _is_position(f"{cells[i]}, {cells[i + 1]}")]
    if len(starts) > 1:
        problem = (
            "It has more than two numbers. Put a header above the first line that says which of "
            "them are the position, such as 'name,ra,dec'."
        )
        return replace(typed, text="", problem=problem)
    ra, dec = (cells[starts[0]], cells[starts[0] + 1]) if starts else ("", "")
    names = [cell for cell in cells if cell not in (ra, dec) and may_be_name(cell)]
    return _entry(number, names[0] if names else "", ra, dec) if names or starts else typed


def _entry(number: int, name: str, ra: str, dec: str) -> Entry:
    """Return an entry; a position counts more than a name, which may be the list's own."""
    name, ra, dec = ("" if part.lower() in _MISSING else part for part in (name, ra, dec))
    if ra and dec:
        return Entry(number, _short(name or f"{ra} {dec}"), _short(f"{ra}, {dec}"))
    problem = "" if name else "It has neither a name nor a position."
    return Entry(number, _short(name), _short(name), problem)


def _is_position(text: str) -> bool:
    try:
        parse_position(text)
    except CoordinateError:
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data or data.startswith(_COMPRESSED):
        raise TargetListError(
            "The file is neither text nor FITS nor VOTable. Unpack a compressed file, and save a "
            "spreadsheet as CSV."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
