"""Milvus: a database of vectors, in a file by Milvus Lite, or on a cluster of any size.

It proposes rows; where its collection keeps columns of the catalogue, only rows that meet criteria.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from pipeline.atlas.engines.criteria import Criterion
from pipeline.atlas.engines.engine import Engine, EngineError, read_parameters
from pipeline.atlas.engines.exact import ExactEngine
from pipeline.atlas.engines.milvus_access import (
    Access,
    BuildAccess,
    MilvusAccess,
    MilvusParameters,
    check_collection,
    token,
)
from pipeline.atlas.engines.milvus_check import check_elsewhere
from pipeline.atlas.engines.milvus_client import (
    MOST_FOUND,
    MilvusClient,
    MilvusGoneError,
    load_packages,
)
from pipeline.atlas.engines.milvus_columns import expression
from pipeline.atlas.engines.milvus_database import SUFFIX, PrivateDatabases, pack
from pipeline.atlas.engines.milvus_loading import Load, load
from pipeline.atlas.engines.vectors import Vectors
from pipeline.atlas.errors import REBUILD, AtlasError, UnreachableError

FILE = "index.milvus"
# While Milvus is away, atlases of so many galaxies are compared with one by one: 0.1 s.
MOST_COMPARED = 1_000_000
_FEW = 4_000  # to compare with each of them costs less than to ask
_SPARE = {"IVF_SQ8": 2}  # so many times as many, since 8 bits do not tell near ones apart
_BUILD_TIMEOUT_S = 600.0
_LEAST_EFFORT = {"FLAT": 1, "IVF_FLAT": 16, "IVF_SQ8": 16, "HNSW": 256, "DISKANN": 256}
_KNOB = {"IVF_FLAT": "nprobe", "IVF_SQ8": "nprobe", "HNSW": "ef", "DISKANN": "search_list"}
_ON_CLUSTER = "The vectors of this atlas are in the collection {} of a Milvus cluster.\n"


class MilvusEngine:
    """Proposes what a collection of Milvus holds near a direction."""

    file: ClassVar[str | None] = FILE

    def __init__(
        self,
        vectors: Vectors,
        settings: MilvusParameters,
        access: Access | None,
        criteria: str = "",
    ) -> None:
        self.vectors, self.settings = vectors, settings
        self._access, self._criteria = access, criteria

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        file: Path | None,
        options: Mapping[str, Any],
        *,
        recall: Callable[[Engine], float],
        advance: Callable[[], object] = lambda: None,
    ) -> Self:
        """Put vectors and columns into a collection, and choose how hard it is searched.

        Interrupted, it goes on where it was. A cluster keeps collections of former builds, which
        former atlases may still be served from.
        """
        load_packages(lite=not options.get("milvus_uri"))
        wanted = Load.of(vectors, options)
        build, uri = wanted.digest(), options.get("milvus_uri", "")
        settings = MilvusParameters(
            uri=uri,
            collection=f"galaxies_{build[:32]}",
            build=build,
            dim=vectors.dim,
            n_objects=len(vectors),
            index=wanted.index,
            n_lists=wanted.n_lists,
            effort=_LEAST_EFFORT[wanted.index],
            n_replicas=options.get("milvus_replicas", 1),
            columns=tuple(wanted.kinds.items()),
        )
        temporary = PrivateDatabases() if file is None and not uri else None
        folder = temporary.folder if temporary else Path(file or "").parent / "milvus"
        address = settings.address() if uri else str(folder / f"galaxies{SUFFIX}")
        note = None if file is None else file.parent / "milvus.json"
        try:
            if not uri:
                folder.mkdir(exist_ok=True)
            client = MilvusClient(address, token(), settings.collection, _BUILD_TIMEOUT_S)
            access = BuildAccess(client, temporary)
            load(client, wanted, build, note, advance)
            engine = cls(vectors, settings, access)
            engine._tune(recall, options["recall_target"])
            if uri and file is not None:
                file.write_text(_ON_CLUSTER.format(settings.collection))
            elif file is not None:
                client.close()
                pack(Path(address), file)
                shutil.rmtree(folder)
                packed = PrivateDatabases(file, file)  # what is published is what is measured
                client = MilvusClient(str(packed.path()), "", settings.collection, _BUILD_TIMEOUT_S)
                client.load()
                engine._access = BuildAccess(client, packed)
        except MilvusGoneError as error:
            raise EngineError(
                f"Milvus gave no answer ({error}). Once it does, the same command goes on where it "
                "was."
            ) from error
        return engine

    @classmethod
    def open(
        cls, vectors: Vectors, file: Path, parameters: Mapping[str, Any], content: Path | None
    ) -> Self:
        """Open the collection once it has proved to be that of these vectors.

        A cluster that does not answer has its chance later: `MilvusAccess` looks at each
        connection that it makes.
        """
        settings = read_parameters(MilvusParameters, parameters, file)
        shape = (len(vectors), vectors.dim)
        if (settings.n_objects, settings.dim) != shape:
            raise AtlasError(
                f"{file} has {settings.n_objects} vectors of dimension {settings.dim}, the atlas "
                f"{shape[0]} of {shape[1]}. {REBUILD}"
            )
        load_packages(lite=not settings.uri)
        engine = cls(vectors, settings, None)
        if content is not None:
            engine.load(file, content)
        return engine

    def load(self, file: Path, content: Path) -> None:
        """Prepare to ask the collection; this process itself does not, since it may fork."""
        settings, vectors = self.settings, self.vectors
        rows = np.unique(np.linspace(0, len(vectors) - 1, 8).astype(int)).tolist()

        def check(client: MilvusClient) -> None:
            check_collection(client, settings, rows, vectors[rows])

        if settings.uri:
            check_elsewhere(settings, rows, vectors[rows])
            self._access = MilvusAccess(settings.collection, settings.address, check)
        else:
            packed = PrivateDatabases(file, content)
            self._access = MilvusAccess(settings.collection, lambda: str(packed.path()), check)

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings."""
        return asdict(self.settings)

    @property
    def summary(self) -> str:
        """Name, kind of index and effort."""
        kind = self.settings.index
        effort = f", {_KNOB[kind]} {self.settings.effort}" if kind in _KNOB else ""
        return f"Milvus, {kind}{effort}"

    @property
    def description(self) -> str:
        """What it does, for people who use the dashboard."""
        where = "on a cluster of machines" if self.settings.uri else "beside the atlas"
        return (
            f"A Milvus database keeps the embeddings {where}, and proposes those that may be the "
            "most similar; values of the catalogue that you filter by it looks at itself."
        )

    @property
    def has_substitute(self) -> bool:
        """Whether there are so few galaxies that all can be looked at while Milvus is away."""
        return len(self.vectors) <= MOST_COMPARED

    def trouble(self) -> str:
        """Return why Milvus gives no answers just now; empty if it does."""
        return "" if self._access is None else self._access.trouble()

    def among(self, criteria: Sequence[Criterion]) -> MilvusEngine:
        """Return this engine, asking only for galaxies that meet all criteria it understands."""
        said = expression(criteria, dict(self.settings.columns))
        return MilvusEngine(self.vectors, self.settings, self._access, said)

    def proposals(
        self, direction: np.ndarray, n: int, allowed: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """Yield what the collection has near a direction, then what of twice as many, ...

        Notes
        -----
        A share s of the galaxies is allowed: without criteria, 1/s times as many are asked for, and
        lists of vectors are looked at in any case. Milvus gives `MOST_FOUND` at most.

        Raises
        ------
        UnreachableError
            Milvus gives no answer, and there are more than `MOST_COMPARED` galaxies.
        """
        access, n_objects = self._access, len(self.vectors)
        n_allowed = n_objects if allowed is None else int(np.count_nonzero(allowed))
        widening = n_objects / max(n_allowed, 1)
        most = min(n_allowed if self._criteria else n_objects, MOST_FOUND)
        n_asked = n * _SPARE.get(self.settings.index, 1)
        n_asked = min(math.ceil(n_asked if self._criteria else n_asked * widening), MOST_FOUND)
        effort = self.settings.effort
        is_list = self.settings.index.startswith("IVF")
        while access is not None and n_asked <= most and (allowed is None or n_allowed > _FEW):
            self.vectors.check()
            search = self._search(math.ceil(effort * widening) if is_list else effort, n_asked)
            ask = partial(
                MilvusClient.nearest,
                direction=direction,
                n=n_asked,
                search=search,
                expression=self._criteria,
            )
            try:
                found = access.ask(ask)
            except UnreachableError:
                if not self.has_substitute:
                    raise
                break
            found = found[(found >= 0) & (found < n_objects)]
            yield found if allowed is None else found[allowed[found]]
            if n_asked == MOST_FOUND:
                break
            n_asked, effort = min(2 * n_asked, MOST_FOUND), 2 * effort
        yield from ExactEngine(self.vectors).proposals(direction, n, allowed)

    def _search(self, effort: int, n: int) -> dict[str, int]:
        """Return what Milvus is told of how hard to look for ``n`` galaxies."""
        kind = self.settings.index
        if kind == "FLAT":
            return {}
        least = self.settings.n_lists if kind.startswith("IVF") else max(effort, n)
        return {_KNOB[kind]: min(effort, least) if kind.startswith("IVF") else least}

    def _tune(self, recall: Callable[[Engine], float], target: float) -> None:
        """Double the effort until the target is reached, or it would be of no use."""
        kind = self.settings.index
        most = self.settings.n_lists if kind.startswith("IVF") else MOST_FOUND
        while kind != "FLAT" and recall(self) < target and self.settings.effort < most:
            self.settings = replace(self.settings, effort=min(2 * self.settings.effort, most))
