"""Reading lists of galaxies: text as people paste it, CSV, FITS and VOTable.

What cannot be read of an entry is said with its line; the other lines are kept.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from dashboard.names.spellings import may_be_name
from dashboard.search.list_tables import ListColumns, TableFileError, find_columns, read_table
from dashboard.search.target_list import (
    LONGEST_CELL,
    MOST_ENTRIES,
    Entry,
    TargetList,
    TargetListError,
)
from dashboard.sky.coordinates import parse_position
from pipeline.atlas import CoordinateError, normal_name, quoted

_LONGEST_LINE = 10_000  # characters
_MOST_CELLS = 100  # of a line without a header
_DELIMITERS = ",\t;|"
_MISSING = (
    *("nan", "--", "-", "null", "none", "n/a", "na"),
    *("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"),
)
_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
# A decimal comma between separators, one of which is there.
_CELL_WITH_COMMA = re.compile(r"(?:^|([;\t|])) *[+-]?\d+,\d+ *(?:$|([;\t|]))", re.ASCII)
_EXCELS_FIRST_LINE = re.compile(r'"?sep=([,;|]?)\s*"?', re.IGNORECASE)
_LIKE_RA = re.compile(r"_?(?:ra|alpha|right)(?:[_hdj].*)?")
_LIKE_DEC = re.compile(r"_?(?:de|delta)(?:[_cdj].*)?")
_NUMBER = re.compile(r"[+-]?[\d.]+", re.ASCII)
_TABLES = {b"SIMPLE": "FITS", b"<": "VOTable"}  # by their first bytes
_WEB_PAGE = (b"<!doctype html", b"<html")
_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")


def read_file(data: bytes, name: str = "") -> TargetList:
    """Read a whole file of any of the formats, which its first bytes tell; call it ``name``.

    Raises
    ------
    TargetListError
        Damaged, of another format, or without an entry.
    """
    name = _short(name)
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:14]
    if start.lower().startswith(_WEB_PAGE):
        raise TargetListError(
            f"{name or 'The file'} is a web page, not a list. Download the table itself, as CSV, "
            "FITS or VOTable."
        )
    for first_bytes, kind in _TABLES.items():
        if start.startswith(first_bytes):
            try:
                rows, n_rows = read_table(data, kind, MOST_ENTRIES)
            except TableFileError as error:
                raise TargetListError(
                    f"{name or 'The file'} cannot be read as {kind}: {error}."
                ) from error
            entries = [_entry(number, *row) for number, row in enumerate(rows, 1)]
            return _whole(entries, n_rows, "row", name)
    return read_text(_decoded(data), name)


def read_text(text: str, name: str = "") -> TargetList:
    """Read names and positions, one on each line, or a table with or without a header.

    Blank lines and those that begin with ``#`` are passed over. A header is a line with usual names
    of columns for right ascension and declination, or for names. Above it, Excel's ``sep=;`` may
    say what stands between the columns; between those, decimals may have commas.

    Raises
    ------
    TargetListError
        There is no entry, or a header that is not understood.
    """
    lines = _lines(text)
    first = list(islice(lines, 1))
    said = _EXCELS_FIRST_LINE.fullmatch(first[0][1]) if first else None
    delimiter = (said[1] or "\t") if said else ""
    if said:
        first = list(islice(lines, 1))
    header = _header(first[0][1], delimiter) if first else None
    if header is None:
        rest = chain(first, lines)
        entries = [_of_line(*line, delimiter) for line in islice(rest, MOST_ENTRIES)]
        return _whole(entries, len(entries) + sum(1 for _ in rest), "line", name)
    columns, delimiter, n_cells = header
    entries = [
        _below_header(number, _split(line, delimiter), columns, n_cells)
        for number, line in islice(lines, MOST_ENTRIES)
    ]
    return _whole(entries, len(entries) + sum(1 for _ in lines), "line", name)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Give number and text of each line with an entry; not all at once, there may be millions."""
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if (line := line.strip()) and not line.startswith("#"):
            yield number, line


def _whole(entries: Sequence[Entry], n: int, kind: str, name: str) -> TargetList:
    if not entries:
        raise TargetListError(
            f"{name or 'The list'} has no entries. Write one name or one position on each line, "
            "such as 'M 51' or '199.3324 +20.6382'."
        )
    return TargetList(tuple(entries), n - len(entries), kind, name)


def _header(line: str, delimiter: str) -> tuple[ListColumns, str, int] | None:
    """Return columns, what stands between them, and their number; None if it is not a header."""
    line = line[:_LONGEST_LINE]
    delimiter = delimiter or _delimiter(line)
    by_blanks = delimiter not in line
    words = " ".join(line.split()).replace(" (", "(").replace(" [", "[")  # units to their columns
    names = words.split() if by_blanks else _split(line, delimiter)
    try:
        columns, whole = find_columns(names), find_columns([line])
    except ValueError as error:
        raise TargetListError(f"The header of the list cannot be used: {error}.") from error
    # Among blanks only a position tells: 'NGC galaxy 1' is a name, too.
    if columns.ra is not None or (columns.places and not by_blanks):
        return columns, " " if by_blanks else delimiter, len(names)
    if whole.places:
        return whole, delimiter, 1
    like_ra, like_dec = (
        any(pattern.fullmatch(normal_name(cell)) for cell in names)
        for pattern in (_LIKE_RA, _LIKE_DEC)
    )
    if like_ra and (like_dec or not by_blanks) and not any(map(_NUMBER.fullmatch, names)):
        raise TargetListError(
            f"The first line, {quoted(line)}, looks like a header whose position is not "
            "understood. Call its columns 'ra' and 'dec' if both are in degrees, or 'ra_hours' "
            "and 'dec' if right ascension is in hours."
        )
    return None


def _delimiter(line: str) -> str:
    if (cell := _CELL_WITH_COMMA.search(line)) and (delimiter := cell[1] or cell[2]):
        return str(delimiter)
    return max(_DELIMITERS, key=line.count)


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    cells = next(csv.reader([line[:_LONGEST_LINE]], delimiter=delimiter, skipinitialspace=True))
    cells = [cell.strip() for cell in cells]
    if delimiter == ",":
        return cells
    return [
        f"{decimal[1]}.{decimal[2]}" if (decimal := _DECIMAL_COMMA.fullmatch(cell)) else cell
        for cell in cells
    ]


def _below_header(number: int, cells: list[str], columns: ListColumns, n_cells: int) -> Entry:
    # Some programs end each line with a separator, some leave out what is empty at the end.
    n_filled = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    if n_filled > n_cells:
        problem = f"It has {n_filled} columns, and the header has {n_cells}."
        return Entry(number, _short(" ".join(cells)), "", problem)
    return _entry(number, *columns.pick([*cells, *[""] * n_cells]))


def _of_line(number: int, line: str, delimiter: str) -> Entry:
    """Return the entry of a line without a header: as typed, or cells with a position in them."""
    typed = Entry(number, _short(line), _short(line))
    delimiter = delimiter or _delimiter(line)
    if delimiter not in line or _is_position(line):
        return typed
    cells = _split(line, delimiter)
    n_cells = len(cells)
    pairs = (i for i in range(n_cells - 1) if _is_position(f"{cells[i]}, {cells[i + 1]}"))
    starts = list(islice(pairs, 2)) if n_cells <= _MOST_CELLS else []
    if len(starts) > 1 or n_cells > _MOST_CELLS:
        many = (
            f"more than {_MOST_CELLS} columns" if n_cells > _MOST_CELLS else "more than two numbers"
        )
        problem = (
            f"It has {many}. Put a header above the first line that says which of "
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
