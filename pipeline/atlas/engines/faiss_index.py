"""faiss: lists of galaxies around some thousand centres, each as 8 bits for every dimension.

A query looks into the lists whose centres are nearest (docs/decisions/023). faiss is imported when
an atlas that needs it is opened, and works in the thread that asks: worker processes are forked
from one that has asked already, and OpenMP's threads do not survive that.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from pipeline.atlas.engines.engine import Engine, read_parameters
from pipeline.atlas.engines.exact import ExactEngine, exact_neighbours
from pipeline.atlas.engines.faiss_build import check_room, filled, library, trained
from pipeline.atlas.engines.faiss_file import fault_in
from pipeline.atlas.engines.vectors import Vectors
from pipeline.atlas.errors import REBUILD, AtlasError
from pipeline.atlas.files import FAISS_INDEX

# The k nearest of a share s of the galaxies lie as deep as the k / s nearest of all. Where these
# are d times as many as the target was measured with, d to this power times as many lists hold
# them; measured (docs/decisions/023).
_TUNED_FOR = 101
_DEEPENING = 0.6
_SPARE = 2  # so many times as many as are asked for are proposed: 8 bits tell them apart roughly
# Reading a vector takes so many times as long as passing by one in a list.
_PASSED_BY = 20
# Where no galaxies are, as opposite to one, all are about equally far, and in far more lists.
_N_AWAY = 64
_AWAY_TARGET = 0.99
_NEAR_ENOUGH = 0.01  # this quantile of the galaxies' similarity to the nearest centre


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class FaissParameters:
    """How the lists were made, and how many of them to look into for a trustworthy answer.

    ``away_nprobe`` of them for a direction less similar than ``away`` to the nearest centre.
    """

    dim: int = Field(gt=0)
    n_lists: int = Field(gt=0, lt=2**24)
    nprobe: int = Field(gt=0)
    away_nprobe: int = Field(gt=0)
    away: float = Field(ge=-1.001, le=1.001)
    seed: int


class FaissEngine:
    """Proposes what is in the lists nearest to a direction."""

    file: ClassVar[str | None] = FAISS_INDEX

    def __init__(self, vectors: Vectors, index: Any, settings: FaissParameters) -> None:
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
        """Fill the lists in the file, a chunk of galaxies after the other.

        Neither the vectors nor the index need fit into memory. ``nprobe`` becomes the least power
        of two that reaches the target; in a small atlas that may be all of them: exact search.
        """
        empty = trained(vectors, options["seed"])
        n_lists = int(empty.nlist)
        settings = FaissParameters(
            dim=vectors.dim,
            n_lists=n_lists,
            nprobe=min(8, n_lists),
            away_nprobe=n_lists,
            away=-1.0,
            seed=options["seed"],
        )
        if file is not None:
            check_room(file.parent, len(vectors), vectors.dim, n_lists)
            nearest = filled(file, empty, vectors, advance)
            index = _read(file, is_mapped=True)
        else:
            with tempfile.TemporaryDirectory() as folder:
                nearest = filled(Path(folder) / FAISS_INDEX, empty, vectors, advance)
                index = _read(Path(folder) / FAISS_INDEX, is_mapped=False)
        engine = cls(vectors, index, settings)
        while recall(engine) < options["recall_target"] and engine.settings.nprobe < n_lists:
            engine.settings = replace(engine.settings, nprobe=2 * engine.settings.nprobe)
        away = float(np.quantile(nearest, _NEAR_ENOUGH))
        engine.settings = replace(engine.settings, away=away)
        engine._widen_away()
        return engine

    @classmethod
    def open(
        cls, vectors: Vectors, file: Path, parameters: Mapping[str, Any], content: Path | None
    ) -> Self:
        """Map the content after proving that it is the index of these vectors."""
        settings = read_parameters(FaissParameters, parameters, file)
        if settings.dim != vectors.dim:
            raise AtlasError(
                f"{file} has dimension {settings.dim}, the embeddings have {vectors.dim}. {REBUILD}"
            )
        engine = cls(vectors, None, settings)
        if content is not None:
            engine.load(file, content)
        return engine

    def load(self, file: Path, content: Path) -> None:
        """Map the content of ``file``, whose hash has been checked; until then all is compared."""
        if (fault := fault_in(content, self.vectors, self.settings.n_lists)) is not None:
            raise AtlasError(f"{file} is not the index of these embeddings: {fault}. {REBUILD}")
        try:
            self._index = _read(content, is_mapped=True)
        except RuntimeError as error:  # faiss names the place in its own source
            raise AtlasError(f"{file} cannot be mapped ({error}). {REBUILD}") from error

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings."""
        return asdict(self.settings)

    @property
    def summary(self) -> str:
        """Name and parameters."""
        return f"faiss, IVF{self.settings.n_lists},SQ8, nprobe {self.settings.nprobe}"

    @property
    def description(self) -> str:
        """What it does, for people who use the dashboard."""
        n_lists, n_read = self.settings.n_lists, self.settings.nprobe
        if n_read >= n_lists:
            return (
                "faiss would look into lists of galaxies that are alike; in an atlas as small as "
                "this the query is compared with every galaxy."
            )
        return (
            f"faiss keeps the embeddings, rounded to 8 bits, in {n_lists:,} lists of galaxies that "
            f"are alike, and looks into the {n_read:,} nearest, so that even ten million galaxies "
            "take no time."
        )

    def proposals(
        self, direction: np.ndarray, n: int, allowed: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """Yield what the nearest lists hold, then more from more lists, ...

        Notes
        -----
        What is not allowed is passed by in the lists. Once more would be passed by than it takes
        to compare with every galaxy that is allowed, that is done, and is exact.
        """
        index, n_objects = self._index, len(self.vectors)
        n_allowed = n_objects if allowed is None else int(np.count_nonzero(allowed))
        search = None
        while index is not None and n < n_allowed:
            depth = max(1.0, n * n_objects / n_allowed / _TUNED_FOR) ** _DEEPENING
            n_lists = math.ceil(self.settings.nprobe * depth)
            if self._pays(n_lists, n_allowed):
                search = search or _Search(index, direction, allowed)
                if search.nearest < self.settings.away:
                    n_lists = math.ceil(self.settings.away_nprobe * depth)
            if search is None or not self._pays(n_lists, n_allowed):
                break
            self.vectors.check()
            yield search.found(min(_SPARE * n, n_allowed), n_lists)
            n *= 2
        yield from ExactEngine(self.vectors).proposals(direction, n, allowed)

    def _pays(self, n_lists: int, n_allowed: int) -> bool:
        """Return whether to look into so many lists is quicker than to compare with all allowed."""
        n_passed = n_lists * len(self.vectors) / self.settings.n_lists
        return n_lists < self.settings.n_lists and n_passed <= _PASSED_BY * n_allowed

    def _widen_away(self) -> None:
        """Find how many lists directions need that no galaxy lies along."""
        step = max(1, len(self.vectors) // _N_AWAY)
        directions = -self.vectors[np.arange(0, len(self.vectors), step)]
        k = min(100, len(self.vectors))
        least = exact_neighbours(self.vectors, directions, k)[1][:, -1]
        n_lists, share = self.settings.nprobe, 0.0
        while n_lists < self.settings.n_lists:
            self.settings = replace(self.settings, away_nprobe=n_lists)
            shares = [
                np.count_nonzero(self.vectors.similarity(direction, found) >= kth - 1e-6) / k
                for direction, kth in zip(directions, least, strict=True)
                for found in [next(self.proposals(direction, k))]
            ]
            if (share := float(np.minimum(shares, 1).mean())) >= _AWAY_TARGET:
                break
            n_lists *= 2
        if share < _AWAY_TARGET:
            self.settings = replace(self.settings, away_nprobe=self.settings.n_lists)


class _Search:
    """One direction asked of an index."""

    def __init__(self, index: Any, direction: np.ndarray, allowed: np.ndarray | None) -> None:
        self._faiss, self._index = library(), index
        self._direction = np.ascontiguousarray(direction[None], dtype=np.float32)
        self.nearest = float(index.quantizer.search(self._direction, 1)[0][0, 0])
        self._allowed = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            self._allowed = self._faiss.IDSelectorBitmap(bits)

    def found(self, n: int, n_lists: int) -> np.ndarray:
        """Return up to ``n`` rows, the nearest in the nearest lists, int64."""
        similarity, lists = self._index.quantizer.search(self._direction, n_lists)
        closeness, rows = np.empty(n, np.float32), np.empty(n, np.int64)
        pointer = self._faiss.swig_ptr
        how = self._faiss.SearchParametersIVF(nprobe=n_lists)
        if self._allowed is not None:
            how.sel = self._allowed
        # Not `search`, which starts threads to read the lists ahead.
        self._index.search_preassigned_c(
            1,
            pointer(self._direction),
            n,
            pointer(lists),
            pointer(similarity),
            pointer(closeness),
            pointer(rows),
            False,
            how,
        )
        return rows[rows >= 0]


def _read(file: Path, *, is_mapped: bool) -> Any:
    faiss = library()
    return faiss.read_index(str(file), faiss.IO_FLAG_MMAP if is_mapped else 0)
