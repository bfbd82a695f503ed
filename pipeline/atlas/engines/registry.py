"""Which engines there are."""

from __future__ import annotations

from pathlib import Path

from pipeline.atlas.engines.annoy_index import AnnoyEngine
from pipeline.atlas.engines.engine import Engine
from pipeline.atlas.engines.exact import ExactEngine
from pipeline.atlas.engines.faiss_index import FaissEngine
from pipeline.atlas.engines.milvus_engine import MilvusEngine
from pipeline.atlas.engines.vectors import Vectors
from pipeline.atlas.errors import AtlasError
from pipeline.atlas.manifest import IndexInfo

ENGINES: dict[str, type[Engine]] = {
    "annoy": AnnoyEngine,
    "exact": ExactEngine,
    "faiss": FaissEngine,
    "milvus": MilvusEngine,
}


def engine_file(info: IndexInfo) -> str | None:
    """Return the name of the file of an atlas's engine; None if it has none."""
    return _kind(info).file


def open_engine(folder: Path, info: IndexInfo, vectors: Vectors, content: Path | None) -> Engine:
    """Open the engine of the atlas in ``folder``, see `Engine.open`."""
    kind = _kind(info)
    return kind.open(vectors, folder / (kind.file or ""), info.parameters, content)


def _kind(info: IndexInfo) -> type[Engine]:
    """Return the engine of an atlas, or raise an AtlasError if this release has no such one."""
    if info.engine not in ENGINES:
        raise AtlasError(
            f"The atlas finds neighbours with '{info.engine}', this release with "
            f"{', '.join(ENGINES)}. Update Galaxy Finder to open it."
        )
    return ENGINES[info.engine]
