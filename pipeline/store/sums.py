"""Size and SHA-256 of files, so that a damaged one is noticed before it is used.

What a stage leaves half-way, such as the chunks of a survey, is noted file by file in a ledger in
its folder; what it has left at its end, in its record, see `pipeline.store.workspace`.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pipeline.atlas.whole_files import file_sha256, whole_file

LEDGER = "sums.jsonl"


@dataclass(frozen=True)
class FileSum:
    """What tells a file from a damaged one.

    Attributes
    ----------
    bytes : int
    sha256 : str
    seen : tuple of int
        Times, ns, and number on its disk when it was hashed: who writes to it changes them.
    """

    bytes: int
    sha256: str
    seen: tuple[int, ...]


@dataclass(frozen=True)
class _Line:
    file: str
    bytes: int
    sha256: str
    mtime_ns: int
    inode: int


def seen_of(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes when somebody writes to a file, whatever then is done to its times."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def sum_of(path: Path, sha256: str | None = None) -> FileSum:
    """Return the sum of a file as it is now, hashed unless its hash is given."""
    status = path.stat()
    return FileSum(status.st_size, sha256 or file_sha256(path), seen_of(status))


def damage_of(path: Path, expected: FileSum, seen: tuple[int, ...]) -> str | None:
    """Return what has happened to a file since its sum was taken; None if nothing.

    Parameters
    ----------
    path : Path
    expected : FileSum
    seen : tuple of int
        As of `seen_of`: a file that is still so is not hashed; empty to hash it in any case.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opened for reading, a pipe would wait for ever
            return f"{path} is not a file"
        if status.st_size != expected.bytes:
            return f"{path} has {status.st_size:,} bytes, not the {expected.bytes:,} it had"
        if seen_of(status) != seen and file_sha256(path) != expected.sha256:
            return f"{path} has changed since it was written: its SHA-256 is another"
    except FileNotFoundError:
        return f"{path} is missing"
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    return None


def remove(path: Path) -> None:
    """Remove what lies at a path, be it a file, a folder or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def kept_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path as `whole_file` does, and note the sum of the file in the ledger.

    It is hashed while it is still in memory. The note comes first: killed in between, the former
    file is there, which was noted, too.
    """
    with whole_file(path) as partial:
        yield partial
        Ledger(path.parent).add(path.name, partial)
        if path.is_dir():
            remove(path)  # which no file can take the place of


class Ledger:
    """The sums of the files that `kept_file` has written into a folder.

    Several processes may add to it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LEDGER
        self._read: tuple[int, dict[str, list[_Line]]] = (0, {})  # so many bytes

    def add(self, name: str, file: Path) -> None:
        """Note the sum of a file that is to get a name."""
        status = file.stat()
        line = {
            "file": name,
            "bytes": status.st_size,
            "sha256": file_sha256(file),
            "mtime_ns": status.st_mtime_ns,
            "inode": status.st_ino,
        }
        with self._path.open("a", encoding="utf-8") as ledger:
            # Where a process was killed within a line, the next begins a new one.
            ledger.write(f"\n{json.dumps(line)}\n")

    def knows(self, path: Path) -> bool:
        """Whether a file is one of those that were written under its name, and whole."""
        return self.sum_of(path) is not None

    def has(self, name: str) -> bool:
        """Whether a file of this name was ever noted."""
        return name in self._lines()

    def sum_of(self, path: Path) -> FileSum | None:
        """Return the sum of a file, None if it is none of those that were written."""
        noted = self._lines().get(path.name, [])
        try:
            status = path.stat()
            if not noted or not stat.S_ISREG(status.st_mode):
                return None
            # A new name changes one of the times, so they are fewer here than in a record.
            untouched = [
                line.sha256
                for line in noted
                if (line.bytes, line.mtime_ns, line.inode)
                == (status.st_size, status.st_mtime_ns, status.st_ino)
            ]
            found = sum_of(path, untouched[-1] if untouched else None)
        except OSError:
            return None
        known = {(line.bytes, line.sha256) for line in noted}
        return found if (found.bytes, found.sha256) in known else None

    def _lines(self) -> dict[str, list[_Line]]:
        lines: dict[str, list[_Line]] = {}
        if not self._path.is_file():
            return lines
        try:
            if (size := self._path.stat().st_size) == self._read[0]:
                return self._read[1]
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return lines
        for row in filter(None, text.splitlines()):
            if (line := _line(row)) is not None:
                lines.setdefault(line.file, []).append(line)
        self._read = size, lines
        return lines


def _line(row: str) -> _Line | None:
    try:
        parsed: Any = TypeAdapter(_Line).validate_json(row)
    except ValidationError:
        return None  # half a line, or damaged
    return parsed if isinstance(parsed, _Line) else None
