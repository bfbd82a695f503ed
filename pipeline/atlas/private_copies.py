"""Copies of an atlas's files that nobody else can change, and that processes share.

A file that is cut off or overwritten while it is mapped ends the process by a signal that Python
cannot catch (docs/decisions/020). What has to be mapped is therefore copied first: into memory that
has no name, which the workers of a server share once they are forked. Where that is too much it is
copied into a folder that the administrator names, or else mapped in its place and watched.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import mmap
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.atlas.checked_files import CheckedFile

if os.name == "posix":
    import fcntl

log = logging.getLogger(__name__)

MEMORY = "GALAXY_FINDER_MEMORY_GB"  # at most so much of an atlas is copied into memory
FOLDER = "GALAXY_FINDER_COPIES"  # where copies of what is larger go
_USUAL_GB = 2.0
_LARGEST_SHARE = 0.5  # of the memory that is free
_DESCRIPTORS = Path("/proc/self/fd")


@dataclass(frozen=True)
class Held:
    """The content of a file, mapped for reading.

    Attributes
    ----------
    content : ndarray of uint8
    path : Path
        By which a library can map the same content, until the block ends that it came from.
    in_place : bool
        Whether it is the file of the atlas itself, which others may change.
    """

    content: np.ndarray
    path: Path
    in_place: bool


def place_for(n_bytes: int) -> str | Path | None:
    """Return where so many bytes are copied: to "memory", a folder, or None for nowhere."""
    if n_bytes <= min(_allowed_bytes(), _LARGEST_SHARE * _free_bytes()):
        return "memory"
    folder = os.environ.get(FOLDER, "").strip()
    return Path(folder) if folder else None


@contextlib.contextmanager
def held(file: CheckedFile, place: str | Path | None) -> Iterator[Held]:
    """Yield the content of a file from a private copy in ``place``, or the file itself for None.

    What is copied is compared with its hash on the way; the file itself is not.

    Raises
    ------
    AtlasError
        The file is not what was published.
    """
    if place is not None:
        try:
            descriptor, name = _new(place)
        except OSError as error:
            log.warning("%s is used without a private copy: %s", file.path, error)
            place = None
    if place is None:
        yield Held(_mapped(file.descriptor, file.size), _path(file.descriptor, file.path), True)
        return
    try:
        is_copied = _copy(file, descriptor)
        source = descriptor if is_copied else file.descriptor
        path = _path(source, name if is_copied and name is not None else file.path)
        yield Held(_mapped(source, file.size), path, not is_copied)
    finally:  # what is mapped stays; the name, if it had one, goes
        os.close(descriptor)
        if name is not None:
            name.unlink(missing_ok=True)


def let_go(content: np.ndarray) -> None:
    """Let the system take the memory of what was mapped and looked at, until it is read again."""
    base = content.base
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


def _copy(file: CheckedFile, descriptor: int) -> bool:
    """Copy a file and seal the copy; return whether there was room for it."""
    digest = hashlib.sha256()
    for block in file.blocks():
        digest.update(block)
        try:
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError as error:
            log.warning("%s is used without a private copy: %s", file.path, error)
            file.check()
            return False
    file.compare(digest.hexdigest())
    if hasattr(os, "memfd_create"):
        with contextlib.suppress(OSError):  # a file with a name cannot be sealed
            seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals | fcntl.F_SEAL_SEAL)
    return True


def _new(place: str | Path) -> tuple[int, Path | None]:
    """Return the descriptor of a new file, and its name if it has one."""
    if place == "memory" and hasattr(os, "memfd_create") and _DESCRIPTORS.is_dir():
        flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
        return os.memfd_create("galaxy-finder", flags), None
    folder = None if place == "memory" else place
    descriptor, name = tempfile.mkstemp(prefix="galaxy-finder-", dir=folder)
    return descriptor, Path(name)


def _mapped(descriptor: int, size: int) -> np.ndarray:
    if size == 0:  # cannot be mapped
        return np.empty(0, np.uint8)
    return np.frombuffer(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ), np.uint8)


def _path(descriptor: int, otherwise: Path) -> Path:
    path = _DESCRIPTORS / str(descriptor)
    return path if path.exists() else otherwise


def _allowed_bytes() -> float:
    setting = os.environ.get(MEMORY, "").strip()
    try:
        return 1e9 * (float(setting) if setting else _USUAL_GB)
    except ValueError:
        log.warning("%s is '%s', which is not a number of GB: it is ignored.", MEMORY, setting)
        return 1e9 * _USUAL_GB


def _free_bytes() -> float:
    """Return how much memory this process could take; a large number where nobody says."""
    free = float("inf")
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free = 1024 * float(line.split()[1])
    with contextlib.suppress(OSError, ValueError):  # of a container; "max" is no number
        free = min(free, float(Path("/sys/fs/cgroup/memory.max").read_text()))
    return free
