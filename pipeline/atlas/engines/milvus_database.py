"""The database of Milvus Lite: a folder while it is open, one file in an atlas.

Milvus Lite lets one process at a time into its folder, and writes to it. So each process that
serves an atlas unpacks the atlas's file for itself, when it is first asked.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from pipeline.atlas.errors import REBUILD, ChangedError

SUFFIX = ".db"  # by which pymilvus tells a database from the address of a server
_LOCK = "LOCK"
_DAY = (1980, 1, 1, 0, 0, 0)  # the same for all, as far as the same data give the same bytes


def pack(database: Path, file: Path) -> None:
    """Write a closed database into one file."""
    with ZipFile(file, "w") as archive:
        for path in sorted(database.rglob("*")):
            if path.is_file() and path.name != _LOCK:
                name = str(path.relative_to(database))
                with archive.open(ZipInfo(name, _DAY), "w", force_zip64=True) as packed:
                    packed.write(path.read_bytes())


class PrivateDatabases:
    """A copy of a packed database, and what each process unpacks of it; all go with this object.

    Parameters
    ----------
    file : Path, optional
        To be named in errors.
    content : Path, optional
        Where its content is now. Without it there is only a folder, for a database to be made in.
    """

    def __init__(self, file: Path | None = None, content: Path | None = None) -> None:
        self._file = file
        self.folder = Path(tempfile.mkdtemp(prefix="galaxy-finder-milvus-"))
        weakref.finalize(self, _remove, self.folder, os.getpid())
        if content is not None:
            shutil.copyfile(content, self.folder / "packed")

    def path(self) -> Path:
        """Return the database of this process.

        Raises
        ------
        ChangedError
            The file holds none.
        """
        database = self.folder / f"{os.getpid()}{SUFFIX}"
        if not database.is_dir():
            try:
                with ZipFile(self.folder / "packed") as archive:
                    archive.extractall(database)
            except BadZipFile as error:
                raise ChangedError(f"{self._file} holds no database. {REBUILD}") from error
        return database


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # not in one that was forked
        shutil.rmtree(folder, ignore_errors=True)
