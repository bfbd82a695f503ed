"""In what condition the files of an open atlas are: on the disk now, beside what was opened.

Files that answers do not depend on any more are watched, too: an atlas whose folder is damaged goes
on from memory, but would not open again, and somebody should know.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.atlas.checked_files import CheckedFile, Identity, changed, identity
from pipeline.atlas.errors import AtlasError, ChangedError
from pipeline.atlas.files import EVALUATION, MANIFEST
from pipeline.atlas.manifest import Manifest, read_manifest

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_MOST_BYTES_AT_ONCE = 64_000_000  # larger files are read again in the background: 0.12 s

_NO_MANIFEST = f"{MANIFEST} is gone."
_REPLACED = (
    "The atlas was published anew; what is shown is the former one. Restart the server to show the "
    "new one."
)
_MAPPED = (
    "{} was changed while it was in use. Once it is whole again, restart the server unless this "
    "goes away by itself."
)
_CHECKING = (
    "The files of this atlas are being compared with what was published ({}); until that is done "
    "searches take longer."
)
_TOUCHED = "Files of this atlas have been touched and are being checked again."


@dataclass(frozen=True)
class Condition:
    """In what condition an atlas is.

    Attributes
    ----------
    status
        "ok"; "checking": large files are still compared with their hashes; "replaced": the atlas
        was published anew, and a restart will show that; "damaged"; "unreachable": a service that
        finds neighbours does not answer.
    why : str
        What is the matter, in a sentence; file names without their folder. Empty if nothing is.
    """

    status: Literal["ok", "checking", "replaced", "damaged", "unreachable"] = "ok"
    why: str = ""


OK = Condition()


@dataclass(frozen=True)
class Late:
    """A file that is compared with its hash in the background.

    Attributes
    ----------
    file : CheckedFile
    before : function
        What else reads the file, first: what is damaged meanwhile fails the comparison.
    done : function
        Called with whether the file is what was published.
    """

    file: CheckedFile
    before: Callable[[], object]
    done: Callable[[bool], object]


class Keeper:
    """Watches the files of one open atlas. Threads may share it, and processes that were forked.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
        As it was opened.
    files : mapping
        All files of the manifest, by name.
    """

    def __init__(self, folder: Path, manifest: Manifest, files: Mapping[str, CheckedFile]) -> None:
        self._folder, self._manifest, self._files = folder, manifest, files
        self._manifest_identity: Identity | None = None
        self._good = {name: file.identity for name, file in files.items()}  # of what is at the path
        self._bad: dict[str, tuple[Identity, str]] = {}  # which file there is damaged, and how
        self._mapped: dict[str, Identity] = {}  # of the files that are mapped in their place
        self._mapped_bad: dict[str, Identity] = {}
        self._late: Sequence[Late] = ()
        self._late_bad: dict[str, str] = {}
        self._late_bytes = 0  # of which so many have been compared
        self._busy: set[tuple[int, str]] = set()  # by process: threads are not forked
        self._last, self._last_s = OK, -_LOOK_EVERY_S

    def watch_mapped(self, name: str) -> None:
        """Watch a file that is mapped as it lies in the folder: see `guard`."""
        self._mapped[name] = self._files[name].identity

    def check_late(self, late: Sequence[Late]) -> None:
        """Compare files with their hashes in the background, from the first question on."""
        self._late = late

    def condition(self) -> Condition:
        """Return in what condition the atlas is; the disk is looked at once a second at most."""
        self._start_late()
        now_s = time.monotonic()
        if now_s - self._last_s >= _LOOK_EVERY_S:
            self._last_s = now_s  # others go on with the last one meanwhile
            self._last = self._look()
        return self._last

    def guard(self, only: str | None = None) -> None:
        """Raise a ChangedError if a file that is mapped in its place is not what it was.

        With ``only``, the one of this name, if it is mapped so.
        """
        self._start_late()
        for name in self._mapped if only is None else self._mapped.keys() & {only}:
            if name in self._late_bad or not self._is_mapped_good(name):
                raise ChangedError(changed(name))

    def _is_mapped_good(self, name: str) -> bool:
        """Return whether a mapped file is what it was; if it was touched, find out for later."""
        file, good = self._files[name], self._mapped[name]
        now = identity(os.fstat(file.descriptor))
        if now == good:
            return True
        if now.size == file.size and self._mapped_bad.get(name) != now:
            self._in_background(name, lambda: self._check_mapped(name, now))
        return False

    def _is_mapped_bad(self, name: str) -> bool:
        """Return whether a mapped file is known to be another than it was."""
        now = identity(os.fstat(self._files[name].descriptor))
        return now.size != self._files[name].size or now == self._mapped_bad.get(name)

    def _check_mapped(self, name: str, now: Identity) -> None:
        try:
            self._files[name].check()
        except AtlasError:
            self._mapped_bad[name] = now
        else:
            self._mapped[name] = now

    def _look(self) -> Condition:
        is_replaced, problems = self._look_at_manifest()
        if is_replaced:
            return Condition("replaced", _REPLACED)
        problems += self._late_bad.values()
        touched = [name for name in self._mapped if not self._is_mapped_good(name)]
        problems += [_MAPPED.format(name) for name in touched if self._is_mapped_bad(name)]
        found = [self._look_at(file) for file in self._files.values()]
        problems += [problem for problem in found if problem]
        if problems:
            sentences = dict.fromkeys(problems)  # each once
            return Condition("damaged", " ".join(sentences).replace(f"{self._folder}/", ""))
        total = sum(late.file.size for late in self._late)
        if self._late_bytes < total:
            done = f"{100 * self._late_bytes // total} % of {total / 1e9:.1f} GB"
            return Condition("checking", _CHECKING.format(done))
        return Condition("checking", _TOUCHED) if touched or None in found else OK

    def _look_at_manifest(self) -> tuple[bool, list[str]]:
        """Return whether there is another one, and what is wrong with it."""
        path = self._folder / MANIFEST
        try:
            now = identity(path.stat())
            if now == self._manifest_identity:
                return False, []
            there = read_manifest(path)
            # Figures of merit may come later: see `pipeline.atlas.atlas.add_evaluation`.
            is_other = self._manifest not in (there, there.without(EVALUATION))
        except (AtlasError, OSError) as error:
            return False, [str(error) if isinstance(error, AtlasError) else _NO_MANIFEST]
        if not is_other:
            self._manifest_identity = now
        return is_other, []

    def _look_at(self, file: CheckedFile) -> str | None:
        """Return what is wrong with a file; empty if nothing is, None if that is not known yet."""
        try:
            there = CheckedFile(file.path, file.size, file.sha256)
        except AtlasError as error:
            return str(error)
        if there.identity == self._good[file.name]:
            return ""
        was, problem = self._bad.get(file.name, (None, ""))
        if there.identity == was:
            return problem
        if file.size > _MOST_BYTES_AT_ONCE:
            self._in_background(f"{file.name} there", lambda: self._check_again(there))
            return None
        return self._check_again(there)

    def _check_again(self, there: CheckedFile) -> str:
        try:
            there.check()
        except AtlasError as error:
            self._bad[there.name] = there.identity, str(error)
            return str(error)
        self._good[there.name] = there.identity
        return ""

    def _start_late(self) -> None:
        if self._late and self._late_bytes < sum(late.file.size for late in self._late):
            self._in_background("late", self._check_late)

    def _check_late(self) -> None:
        self._late_bytes = 0  # where another process had begun
        for late in self._late:
            before = self._late_bytes
            try:
                late.before()
                late.file.check(self._advance)
                late.done(True)
            except AtlasError as error:
                log.error("%s", error)
                self._late_bad[late.file.name] = str(error)
                late.done(False)
            self._late_bytes = before + late.file.size

    def _advance(self, n_bytes: int) -> None:
        self._late_bytes += n_bytes

    def _in_background(self, what: str, work: Callable[[], object]) -> None:
        key = (os.getpid(), what)
        if key in self._busy:
            return
        self._busy.add(key)

        def run() -> None:
            try:
                work()
            finally:
                self._busy.discard(key)

        threading.Thread(target=run, name=f"check {what}", daemon=True).start()
