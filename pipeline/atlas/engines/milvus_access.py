"""Who asks Milvus for an atlas: in each process a connection of its own, made when it is needed.

A server forks workers, and connections do not survive that: whoever forks must never have one.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from pipeline.atlas.engines.milvus_client import MilvusClient, MilvusGoneError
from pipeline.atlas.errors import REBUILD, ChangedError, UnreachableError
from pipeline.atlas.upstream import Upstream

log = logging.getLogger(__name__)

T = TypeVar("T")

URI = "GALAXY_FINDER_MILVUS_URI"  # where the cluster is now, if not where the manifest says
TOKEN = "GALAXY_FINDER_MILVUS_TOKEN"  # what it is called  # nosec B105
WHO = "The service that finds neighbours (Milvus)"
TIMEOUT_S = 5.0
PAUSE_S = 10.0
_CONNECT_S = 4.0  # less than any answer is waited for
_MOST_WAITING = 8  # threads of one process
_LOOK_EVERY_S = 10.0

IndexKind = Literal["FLAT", "IVF_FLAT", "IVF_SQ8", "HNSW", "DISKANN"]


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class MilvusParameters:
    """Which collection has the vectors of an atlas, and how it is searched.

    Attributes
    ----------
    uri : str
        Address of the cluster; empty where Milvus Lite keeps them in the file of the atlas.
    build : str
        SHA-256 of all that was put into it.
    effort : int
        ``nprobe``, ``ef`` or ``search_list``, by the kind of index; FLAT needs none.
    columns : tuple of (str, str)
        Name and kind of the columns of the catalogue that it keeps.
    """

    uri: str = ""
    collection: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,200}$")
    build: str
    dim: int = Field(gt=0)
    n_objects: int = Field(gt=0)
    index: IndexKind
    n_lists: int = Field(gt=0)
    effort: int = Field(gt=0, lt=2**31)
    n_replicas: int = Field(default=1, gt=0)
    columns: tuple[tuple[str, str], ...] = ()

    def address(self) -> str:
        """Return where the cluster is: the administrator may have moved it."""
        return os.environ.get(URI, "").strip() or self.uri


def check_collection(
    client: MilvusClient, settings: MilvusParameters, rows: Sequence[int], vectors: np.ndarray
) -> None:
    """Raise a ChangedError unless a collection is what was built, and knows some galaxies.

    Parameters
    ----------
    rows : sequence of int
    vectors : ndarray, shape (len(rows), dim)
        Their embeddings in the atlas.
    """
    what = f"The collection {settings.collection} of Milvus"
    if not client.exists():
        raise ChangedError(f"{what} is not there. {REBUILD}")
    if client.properties().get("build") != settings.build:
        raise ChangedError(f"{what} is of another build than this atlas. {REBUILD}")
    client.load(settings.n_replicas)
    if (n_rows := client.n_rows()) != settings.n_objects:
        raise ChangedError(
            f"{what} holds {n_rows} galaxies, the manifest says {settings.n_objects}. {REBUILD}"
        )
    found = client.vectors(rows)
    for row, vector in zip(rows, vectors, strict=True):
        if row not in found or not np.allclose(found[row], vector, atol=1e-3):
            raise ChangedError(f"{what} does not know galaxy {row} of this atlas. {REBUILD}")


@dataclass
class _Process:
    """What one process has of Milvus."""

    upstream: Upstream
    lock: threading.Lock = field(default_factory=threading.Lock)
    client: MilvusClient | None = None
    problem: str = ""
    looked_s: float = -_LOOK_EVERY_S


class Access(Protocol):
    """A way to a collection."""

    def ask(self, question: Callable[[MilvusClient], T]) -> T:
        """Return the answer to a question."""
        ...

    def trouble(self) -> str:
        """Return why there are no answers just now; empty if there are."""
        ...


class BuildAccess:
    """The connection of a build, which waits as long as it takes; a MilvusGoneError is passed on.

    It is closed when nobody has this object any more; ``kept`` is kept until then.
    """

    def __init__(self, client: MilvusClient, kept: object = None) -> None:
        self._client = client
        weakref.finalize(self, _close, client, kept)

    def ask(self, question: Callable[[MilvusClient], T]) -> T:
        """Return the answer to a question."""
        return question(self._client)

    def trouble(self) -> str:
        """Return nothing."""
        return ""


class MilvusAccess:
    """Asks the collection of one atlas. Threads may share it, and processes that were forked.

    Parameters
    ----------
    address : function
        Returns where this process finds its Milvus.
    check : function
        Raises a ChangedError unless the collection is the atlas's; called once a connection.
    timeout_s, pause_s : float
        How long to wait for an answer, and how long to leave a dead service alone.
    """

    def __init__(
        self,
        collection: str,
        address: Callable[[], str],
        check: Callable[[MilvusClient], None],
        *,
        timeout_s: float = TIMEOUT_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._collection, self._address, self._check = collection, address, check
        self._timeout_s, self._pause_s = timeout_s, pause_s
        self._processes: dict[int, _Process] = {}

    def ask(self, question: Callable[[MilvusClient], T]) -> T:
        """Return the answer to a question.

        Raises
        ------
        UnreachableError
            There is none, within the time that people wait.
        ChangedError
            The collection is not the atlas's.
        """
        process = self._here()
        try:
            answer = process.upstream.answer(WHO, lambda: self._asked(process, question))
        except ChangedError as error:
            if not process.problem:  # later ones may only say that it was so before
                log.warning("%s", error)
                process.problem = str(error)
            raise
        process.problem = ""
        return answer

    def trouble(self) -> str:
        """Return why the last question had no answer; empty if it had. Never waits.

        Asks itself now and then, in the background.
        """
        process = self._here()
        if time.monotonic() - process.looked_s > _LOOK_EVERY_S:
            process.looked_s = time.monotonic()
            threading.Thread(target=self._look, name="look at Milvus", daemon=True).start()
        return process.problem

    def _here(self) -> _Process:
        here = self._processes.get(os.getpid())
        if here is not None:
            return here
        upstream = Upstream(
            UnreachableError, _MOST_WAITING, timeout_s=self._timeout_s, pause_s=self._pause_s
        )
        return self._processes.setdefault(os.getpid(), _Process(upstream))

    def _look(self) -> None:
        with suppress(ChangedError):
            self.ask(lambda client: client.n_rows())

    def _asked(self, process: _Process, question: Callable[[MilvusClient], T]) -> T:
        client = self._connected(process)
        try:
            return question(client)
        except MilvusGoneError:
            with process.lock:
                if process.client is client:
                    self._drop(process)
            raise

    def _connected(self, process: _Process) -> MilvusClient:
        with process.lock:
            if process.client is None:
                limit_s = min(self._timeout_s, _CONNECT_S)
                client = MilvusClient(self._address(), token(), self._collection, limit_s)
                try:
                    self._check(client)
                except BaseException:
                    _close(client)
                    raise
                process.client = client
            return process.client

    def _drop(self, process: _Process) -> None:
        if process.client is not None:
            _close(process.client)
            process.client = None


def token() -> str:
    """Return what a cluster knows us by: it is in the environment, and nowhere else."""
    return os.environ.get(TOKEN, "").strip()


def _close(client: MilvusClient, _kept: object = None) -> None:
    with suppress(MilvusGoneError):
        client.close()
