"""Kinds of damage to one file of an atlas, and how to put it back as it was, in the same inode."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np

Damage = Callable[[Path], None]


def _in_place(change: Callable[[bytes], bytes]) -> Damage:
    """Return what writes over a file as a program would that opens it for writing."""

    def damage(file: Path) -> None:
        content = change(file.read_bytes())
        with file.open("r+b") as stream:
            stream.write(content)
            stream.truncate(len(content))

    return damage


def _renamed(change: Callable[[bytes], bytes]) -> Damage:
    """Return what puts another file in its place, as `mv` does."""

    def damage(file: Path) -> None:
        new = file.with_name(f".new-{file.name}")
        new.write_bytes(change(file.read_bytes()))
        new.replace(file)

    return damage


def _instead(make: Callable[[Path], None]) -> Damage:
    """Return what puts something else than a file in its place."""

    def damage(file: Path) -> None:
        file.unlink()
        make(file)

    return damage


def _noise(content: bytes) -> bytes:
    return np.random.default_rng(1).bytes(len(content))


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _hole(content: bytes) -> bytes:
    middle = len(content) // 2
    hole = bytes(b ^ 0x55 for b in content[middle : middle + 4096])
    return content[:middle] + hole + content[middle + len(hole) :]


def _hole_and_time_put_back(file: Path) -> None:
    status = file.stat()
    _in_place(_hole)(file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def _other_file(file: Path) -> None:
    other = next(one for one in sorted(file.parent.iterdir()) if one.name != file.name)
    _in_place(lambda _: other.read_bytes())(file)


def _socket(file: Path) -> None:
    short = Path(f"/tmp/gf-{os.getpid()}.socket")  # the name of a socket has 107 bytes at most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(short))
    shutil.move(short, file)


def _not_readable(file: Path) -> None:
    """Refuse this file to this process: tests run as root, whom permissions do not stop."""
    real = os.open

    def refuse(path, *args, **kwargs):
        if not isinstance(path, int) and os.fspath(path) == str(file):
            raise PermissionError(errno.EACCES, "Permission denied", str(file))
        return real(path, *args, **kwargs)

    file.chmod(0)
    os.open = refuse


def _disk_fails(file: Path) -> None:
    """Let this process find bad sectors in this file."""
    real, status = os.pread, file.stat()

    def fail(descriptor, *args):
        if os.fstat(descriptor).st_ino == status.st_ino:
            raise OSError(errno.EIO, "Input/output error")
        return real(descriptor, *args)

    os.pread = fail


KINDS: dict[str, Damage] = {
    "gone": Path.unlink,
    "empty": _in_place(lambda content: b""),
    "cut in half": _in_place(lambda content: content[: len(content) // 2]),
    "a byte short": _in_place(lambda content: content.rstrip(b"\n")[:-1]),
    "a byte long": _in_place(lambda content: content + b"0"),
    "twice as long": _in_place(lambda content: 2 * content),
    "a bit flipped": _in_place(_flipped),
    "first bytes lost": _in_place(lambda content: bytes(64) + content[64:]),
    "last bytes lost": _in_place(lambda content: content[:-64] + b"\x01" * 64),
    "zeros": _in_place(lambda content: bytes(len(content))),
    "noise": _in_place(_noise),
    "a page lost, time put back": _hole_and_time_put_back,
    "another file": _other_file,
    "noise by rename": _renamed(_noise),
    "half by rename": _renamed(lambda content: content[: len(content) // 2]),
    "a text by rename": _renamed(lambda content: b"<html>404 not found</html>\n"),
    "a folder": _instead(Path.mkdir),
    "a pipe": _instead(os.mkfifo),
    "a link to nothing": _instead(lambda file: file.symlink_to("nowhere")),
    "a link to itself": _instead(lambda file: file.symlink_to(file.name)),
    "a device": _instead(lambda file: file.symlink_to("/dev/zero")),
    "a socket": _instead(_socket),
    "not readable": _not_readable,
    "the disk fails": _disk_fails,
}
HARMLESS: dict[str, Damage] = {
    "touched": Path.touch,
    "same by rename": _renamed(lambda content: content),
    "same in place": _in_place(lambda content: content),
}


class Vault:
    """Keeps the files of a folder, each with its inode, to put them back after a damage."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._vault = folder, folder.with_name(f"{folder.name}-vault")
        self._vault.mkdir()
        self._contents, self._times = {}, {}
        for file in folder.iterdir():
            os.link(file, self._vault / file.name)
            self._contents[file.name] = file.read_bytes()
            status = file.stat()
            self._times[file.name] = status.st_atime_ns, status.st_mtime_ns

    def put_back(self, name: str) -> None:
        """Let a file be what it was."""
        file, kept = self.folder / name, self._vault / name
        if file.is_dir() and not file.is_symlink():
            file.rmdir()
        else:
            file.unlink(missing_ok=True)
        kept.chmod(0o644)
        _in_place(lambda _: self._contents[name])(kept)
        os.link(kept, file)
        os.utime(file, ns=self._times[name])
