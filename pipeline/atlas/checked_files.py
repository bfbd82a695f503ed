"""Files that are opened without trust: regular, of the right size, with the right content.

A file stays open as long as its atlas: what takes its place at its path changes nothing. It is
read, never mapped (see `private_copies`), so that one that is cut off is an error, not a signal.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.atlas.errors import REBUILD, AtlasError, ChangedError

BLOCK_BYTES = 1 << 20
_MOST_BYTES_OF_A_TEXT = 64_000_000  # a manifest has some kB
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Identity(NamedTuple):
    """By what a file is known again without reading it: any change to it changes one of these."""

    device: int
    inode: int
    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int


def identity(status: os.stat_result) -> Identity:
    """Return by what a file is known again."""
    return Identity(
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def open_regular(path: Path) -> int:
    """Return a descriptor of a regular file, for reading. It never waits, as a pipe would.

    Raises
    ------
    AtlasError
        There is none, something else is in its place, or it may not be read.
    """
    try:
        _check_kind(path, path.stat())  # before it is opened, which devices may take for a command
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise AtlasError(f"{path} {why_not_read(path, error)}") from error
    try:
        _check_kind(path, os.fstat(descriptor))
    except AtlasError:
        os.close(descriptor)
        raise
    return descriptor


def why_not_read(path: Path, error: OSError) -> str:
    """Return what is wrong with a file and how to mend it, to follow its name."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            "may not be read (permission denied). Let the user who runs Galaxy Finder read it and "
            f"its folder: chmod -R a+rX '{path.parent}'"
        )
    if error.errno == errno.ELOOP:
        return f"is a link that leads back to itself. Put the file in its place. {REBUILD}"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if path.is_symlink():
            return f"is a link to a file that is missing. Put the file there again. {REBUILD}"
        return f"is missing. {REBUILD}"
    what = error.strerror or error
    return f"cannot be read ({what}). Check the disk it is on. {REBUILD}"


def read_text(path: Path) -> str:
    """Return the text of a small file; raise an AtlasError if it cannot be read, or is not text."""
    descriptor = open_regular(path)
    with os.fdopen(descriptor, "rb") as stream:
        try:
            content = stream.read(_MOST_BYTES_OF_A_TEXT + 1)
            if len(content) > _MOST_BYTES_OF_A_TEXT:
                raise AtlasError(f"{path} is far too large to be what its name says. {REBUILD}")
            return content.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AtlasError(f"{path} cannot be read ({error}). {REBUILD}") from error


class CheckedFile:
    """One file of an atlas, of which the manifest says size and hash. Threads may share it.

    Raises
    ------
    AtlasError
        It is not there, not a file, not readable, or has another size.
    """

    def __init__(self, path: Path, size: int, sha256: str) -> None:
        self.path, self.size, self.sha256 = path, size, sha256
        self.descriptor = open_regular(path)
        weakref.finalize(self, os.close, self.descriptor)
        status = os.fstat(self.descriptor)
        if status.st_size != size:
            raise AtlasError(
                f"{path} has {status.st_size} bytes, the manifest says {size}: it is damaged or "
                f"was cut off. {REBUILD}"
            )
        self.identity = identity(status)  # of the file when its content was right

    @property
    def name(self) -> str:
        """Its name in the folder of the atlas."""
        return self.path.name

    def blocks(self) -> Iterator[bytes]:
        """Yield its content, a megabyte at a time; less than it should be if it was cut off."""
        for start in range(0, self.size, BLOCK_BYTES):
            yield self.part(start, min(start + BLOCK_BYTES, self.size))

    def part(self, start: int, stop: int) -> bytes:
        """Return some of its bytes, or fewer if the file was cut off."""
        try:
            return os.pread(self.descriptor, stop - start, start)
        except OSError as error:
            raise AtlasError(f"{self.path} {why_not_read(self.path, error)}") from error

    def check(self, advance: Callable[[int], object] = lambda n_bytes: None) -> None:
        """Raise an AtlasError unless the whole content is what was published.

        ``advance`` is called with the length of each part that has been read.
        """
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
            advance(len(block))
        self.compare(digest.hexdigest())

    def compare(self, sha256: str) -> None:
        """Raise an AtlasError unless this is the hash of the file."""
        if sha256 != self.sha256:
            raise AtlasError(
                f"{self.path} has changed since it was published: its SHA-256 is not the "
                f"manifest's. {REBUILD}"
            )

    def content(self) -> bytes:
        """Return the whole content, or raise an AtlasError unless it is what was published."""
        content = b"".join(self.blocks())
        self.compare(hashlib.sha256(content).hexdigest())
        return content

    def content_now(self) -> bytes:
        """Return the content as `content` does, of the file that is there now if it must be.

        Raises
        ------
        ChangedError
            Neither the file that was opened nor the one in its place is what was published.
        """
        try:
            return self.content()
        except AtlasError:
            try:
                self.reopen()
                return self.content()
            except AtlasError as error:
                raise ChangedError(changed(self.name)) from error

    def reopen(self) -> None:
        """Go on with the file that is at its path now, if it has the right size.

        Raises
        ------
        AtlasError
            There is none.
        """
        new = CheckedFile(self.path, self.size, self.sha256)
        os.dup2(new.descriptor, self.descriptor, inheritable=False)


def changed(name: str) -> str:
    """Return the sentence for those who ask an atlas for what a damaged file held."""
    return (
        f"{name} of this atlas was changed or cut off on the server after the atlas was opened, so "
        "this cannot be shown. It comes back when the file is whole again."
    )


def _check_kind(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise AtlasError(f"{path} is {kind}, not a file. Take it away. {REBUILD}")
