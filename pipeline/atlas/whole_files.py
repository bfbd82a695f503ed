"""Files that are there whole or not at all, and hashes that tell contents apart."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path that takes the place of ``path`` only if the block succeeds.

    Its content is on the disk before it gets the name, and so is the name afterwards: a power
    failure leaves the former file or the new one.
    """
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        yield partial
        sync(partial)
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        # A write that fails does not know which file it was for.
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise
    finally:
        partial.unlink(missing_ok=True)


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as ``.npy`` under just this name; `OSError` says so where the disk is full.

    Left to itself, numpy loses the number of the error.
    """
    with path.open("wb") as file:
        np.save(_Written(file), array, allow_pickle=False)


def sync(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where its file system can be told so."""
    with suppress(OSError):
        sync(folder)


def sync_files(folder: Path) -> None:
    """Wait until all files that lie directly in a folder are on the disk, and their names."""
    for path in folder.iterdir():
        sync(path)
    sync_folder(folder)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint(*parts: Any) -> str:
    """Return a hash of JSON-able values that is the same in every process."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


class _Written:
    """A file that numpy takes for none of the system's, and writes to by `write`."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
