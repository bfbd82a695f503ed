"""What a VOTable may not do on a server: fetch, unpack or repeat without end.

Astropy follows the addresses of streams, files of this machine too, and unpacks what they hold. So
a strict look at the elements comes before it; it reads no more than their names and attributes.
"""

from __future__ import annotations

import math
import re
from xml.parsers.expat import ParserCreate

_MOST_ROWS = 20_000
_MOST_CELLS = 1_000_000
_MOST_COLUMNS = 1_000
_MOST_OTHERS = 20_000
_LONGEST_CELL = 1_000  # elements
# Such as 20, 20*, * and 2x3; never 0, of which a stream has rows without end.
_ARRAYSIZE = re.compile(r"(?:[1-9]\d{0,3}x)*(?:[1-9]\d{0,3}|\*|[1-9]\d{0,3}\*)?", re.ASCII)
# Bytes of one element in a stream; those of unknown types are at least one.
_BYTES = {
    **{"short": 2, "unicodeChar": 2, "int": 4, "float": 4},
    **{"long": 8, "double": 8, "floatComplex": 8, "doubleComplex": 16},
}
_LENGTH_BYTES = 4  # what stands before an array of variable length, which may be empty
_TOO_LONG = f"it is longer than {_MOST_ROWS:,} rows, or has more than {_MOST_CELLS:,} cells"


class UnsafeTableError(ValueError):
    """A VOTable that is not read; the message says why."""


def check_votable(data: bytes) -> list[str]:
    """Return the names of the columns of the first table.

    Raises
    ------
    UnsafeTableError
        It asks for something outside itself, or is far larger than a list of galaxies.
    ExpatError
        It is not XML.
    """
    check = _Check()
    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = check.doctype
    parser.StartElementHandler = check.start
    parser.CharacterDataHandler = check.characters
    parser.Parse(data, True)
    return check.columns


class _Check:
    def __init__(self) -> None:
        self.columns: list[str] = []
        self._row_bytes = 0  # at least, in a stream
        self._stream_characters, self._in_stream = 0, False
        self._counts = {"TABLE": 0, "TR": 0, "TD": 0, "other": 0}

    def doctype(self, *_: object) -> None:
        raise UnsafeTableError("it defines entities of its own, which no table of galaxies needs")

    def start(self, element: str, attributes: dict[str, str]) -> None:
        name = element.rpartition(":")[2]
        self._counts[name if name in self._counts else "other"] += 1
        self._in_stream = name == "STREAM"  # it has no elements in it
        n_rows, n_cells = self._counts["TR"], self._counts["TD"]
        if n_rows > _MOST_ROWS or n_cells > _MOST_CELLS or self._counts["other"] > _MOST_OTHERS:
            raise UnsafeTableError(_TOO_LONG)
        if name == "TABLE" and not _is_short(attributes.get("nrows", "0")):
            raise UnsafeTableError(_TOO_LONG)  # memory is taken for as many rows as it says
        if name in ("FITS", "PARQUET"):
            raise UnsafeTableError(f"it wraps a {name} file; unwrap it, or save it as CSV")
        if name == "STREAM" and (
            "href" in attributes or attributes.get("encoding", "none") not in ("none", "base64")
        ):
            raise UnsafeTableError(
                "its rows are elsewhere, or compressed; save it with its rows in the file itself"
            )
        if name == "FIELD" and self._counts["TABLE"] == 1:
            self._column(attributes)

    def characters(self, text: str) -> None:
        """Count those of a stream: its rows go on to its end, whatever the table says of them."""
        if self._in_stream:
            self._stream_characters += len("".join(text.split()))
            n_rows = 0.75 * self._stream_characters / max(self._row_bytes, 1)  # base64
            if n_rows > _MOST_ROWS + 1 or n_rows * len(self.columns) > _MOST_CELLS:
                raise UnsafeTableError(_TOO_LONG)

    def _column(self, attributes: dict[str, str]) -> None:
        self.columns.append(attributes.get("name", ""))
        size = attributes.get("arraysize", "1")
        n_elements = math.prod(map(int, re.findall(r"\d{1,4}", size)))
        if not _ARRAYSIZE.fullmatch(size) or n_elements > _LONGEST_CELL:
            raise UnsafeTableError(f"its cells are arrays of {size[:20]!r}, not names or positions")
        is_bit, is_variable = attributes.get("datatype") == "bit", size.endswith("*")
        n_bytes = (
            -(-n_elements // 8)
            if is_bit
            else n_elements * _BYTES.get(attributes.get("datatype", ""), 1)
        )
        self._row_bytes += _LENGTH_BYTES if is_variable else n_bytes
        if len(self.columns) > _MOST_COLUMNS:
            raise UnsafeTableError(f"it has more than {_MOST_COLUMNS} columns")


def _is_short(n_rows: str) -> bool:
    return n_rows.isdecimal() and len(n_rows) < 10 and int(n_rows) <= _MOST_ROWS
