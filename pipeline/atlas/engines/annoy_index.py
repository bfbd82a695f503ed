"""Annoy: a forest of random trees in one file, which processes map and share.

The file holds neither metric nor dimension, and Annoy crashes the process on one that is not what
it seems (docs/decisions/002): it is read as plain numbers before Annoy maps it.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from annoy import AnnoyIndex
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from pipeline.atlas.engines.engine import Engine, EngineError, read_parameters
from pipeline.atlas.engines.exact import ExactEngine
from pipeline.atlas.engines.vectors import Vectors
from pipeline.atlas.errors import REBUILD, AtlasError
from pipeline.atlas.files import INDEX

METRIC: Literal["angular"] = "angular"


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class AnnoyParameters:
    """How the forest was built, and the number of its nodes to inspect for a trustworthy answer."""

    metric: str = METRIC
    dim: int = Field(gt=0)
    n_trees: int = Field(gt=0)
    seed: int
    search_k: int = Field(gt=0, lt=2**31)


class AnnoyEngine:
    """Proposes what the trees of an Annoy index hold near a direction."""

    file: ClassVar[str | None] = INDEX

    def __init__(
        self, vectors: Vectors, index: AnnoyIndex | None, settings: AnnoyParameters
    ) -> None:
        self.vectors, self._index, self.settings = vectors, index, settings

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
        """Grow the trees in the mapped file, which the system may write out at any time.

        Neither the vectors nor the index need fit into memory. ``search_k`` becomes the least
        power-of-two multiple of 1,000 that reaches the target.
        """
        settings = AnnoyParameters(
            dim=vectors.dim, n_trees=options["n_trees"], seed=options["seed"], search_k=1000
        )
        if file is not None:
            _check_room(file.parent, len(vectors), settings)
        engine = cls(vectors, _grown(vectors, file, settings, advance), settings)
        # A search_k of all nodes of all trees is the exact search.
        most = 2 * len(vectors) * settings.n_trees
        while recall(engine) < options["recall_target"] and engine.settings.search_k <= most:
            engine.settings = replace(engine.settings, search_k=2 * engine.settings.search_k)
        return engine

    @classmethod
    def open(
        cls, vectors: Vectors, file: Path, parameters: Mapping[str, Any], content: Path | None
    ) -> Self:
        """Map the content after proving that it is the index of these vectors."""
        settings = read_parameters(AnnoyParameters, parameters, file)
        engine = cls(vectors, None, settings)
        if content is not None:
            engine.load(file, content)
        return engine

    def load(self, file: Path, content: Path) -> None:
        """Map the content of ``file``, whose hash has been checked; until then all is compared."""
        settings = self.settings
        _check_file(file, content, self.vectors, settings)
        index = AnnoyIndex(settings.dim, METRIC)
        index.load(str(content))
        if index.get_n_items() != len(self.vectors):
            raise AtlasError(
                f"{file} holds {index.get_n_items()} galaxies, the manifest says "
                f"{len(self.vectors)}. {REBUILD}"
            )
        nearest, distance = index.get_nns_by_item(
            0, 1, search_k=settings.search_k, include_distances=True
        )
        if not nearest or distance[0] > 1e-2:
            raise AtlasError(f"{file} does not find a galaxy that it holds. {REBUILD}")
        self._index = index

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings."""
        return asdict(self.settings)

    @property
    def summary(self) -> str:
        """Name and parameters."""
        settings = self.settings
        return f"Annoy, {METRIC}, {settings.n_trees} trees, search_k {settings.search_k}"

    @property
    def description(self) -> str:
        """What it does, for people who use the dashboard."""
        return (
            f"Annoy keeps the embeddings in {self.settings.n_trees} random trees and looks at "
            f"about {self.settings.search_k:,} of their nodes, so that even millions of galaxies "
            "take no time."
        )

    def proposals(
        self, direction: np.ndarray, n: int, allowed: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """Yield what the index finds, then what it finds when it is asked for twice as many, ...

        Notes
        -----
        A share s of the galaxies is allowed: 1/s times as many are asked of the index, and it
        inspects 1/s times as many nodes to find them. Once these would be more nodes than there
        are galaxies allowed, comparing with each of those is quicker, and exact.
        """
        index, n_objects = self._index, len(self.vectors)
        n_allowed = n_objects if allowed is None else int(np.count_nonzero(allowed))
        widening = n_objects / max(n_allowed, 1)
        n_asked = math.ceil(n * widening)
        effort = math.ceil(self.settings.search_k * widening)
        while index is not None and n_asked < n_objects and (allowed is None or effort < n_allowed):
            self.vectors.check()
            # Left to itself, Annoy inspects n nodes a tree; fewer would return fewer than n.
            nodes = max(effort, n_asked * self.settings.n_trees)
            found = np.asarray(index.get_nns_by_vector(direction, n_asked, nodes), dtype=np.int64)
            yield found if allowed is None else found[allowed[found]]
            n_asked, effort = 2 * n_asked, 2 * effort
        yield from ExactEngine(self.vectors).proposals(direction, n, allowed)


def _grown(
    vectors: Vectors,
    file: Path | None,
    settings: AnnoyParameters,
    advance: Callable[[], object] = lambda: None,
) -> AnnoyIndex:
    index = AnnoyIndex(settings.dim, METRIC)
    # One thread and a seed: only so is the file the same, byte for byte.
    index.set_seed(settings.seed)
    if file is not None:
        # The same file, byte for byte, as one that is built in memory and then saved.
        index.on_disk_build(str(file))
    for row, vector in enumerate(vectors):
        index.add_item(row, vector)
        advance()
    index.build(settings.n_trees, n_jobs=1)
    return index


def _check_room(folder: Path, n_objects: int, settings: AnnoyParameters) -> None:
    """Raise `EngineError` unless the index fits: a mapped file on a full disk ends the process.

    Annoy's nodes take 12 + 4 dim bytes, one for each galaxy and, as measured, up to 4 / dim for
    each galaxy and tree; while it grows, the file has room for 1.3 times as many.
    """
    dim = settings.dim
    needed = round(1.3 * n_objects * (12 + 4 * dim) * (1 + 4 * settings.n_trees / dim))
    if (free := shutil.disk_usage(folder).free) < needed:
        raise EngineError(
            f"The index needs up to {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB "
            "are free. Free some, choose another disk with --atlases, or lower index.n_trees."
        )


def _check_file(file: Path, content: Path, vectors: Vectors, settings: AnnoyParameters) -> None:
    """Raise `AtlasError` unless the plain numbers of a file are an index of these vectors."""
    if settings.metric != METRIC:
        raise AtlasError(
            f"{file} has metric '{settings.metric}', this release reads '{METRIC}'. {REBUILD}"
        )
    if settings.dim != vectors.dim:
        raise AtlasError(
            f"{file} has dimension {settings.dim}, the embeddings have {vectors.dim}. {REBUILD}"
        )
    # An item of Annoy's angular index: int32 count (1), 8 bytes of children or norm, the vector.
    node = np.dtype([("count", "<i4"), ("norm", "<f4", 2), ("vector", "<f4", settings.dim)])
    size = content.stat().st_size
    strange = size % node.itemsize != 0 or size < len(vectors) * node.itemsize
    if not strange:
        rows = np.unique(np.linspace(0, len(vectors) - 1, 64).astype(int))
        items = np.memmap(content, dtype=node, mode="r")[rows]
        strange = bool((items["count"] != 1).any()) or not np.allclose(
            items["vector"], vectors[rows], atol=1e-3
        )
    if strange:
        raise AtlasError(
            f"{file} is not the index of these embeddings: other metric, dimension or galaxies. "
            f"{REBUILD}"
        )
