"""The Annoy file of an atlas, read as plain numbers before Annoy maps it.

The file holds neither metric nor dimension, and Annoy crashes the process on one that is not what
it seems (docs/decisions/002).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from annoy import AnnoyIndex

from pipeline.atlas.manifest import REBUILD, AtlasError, IndexInfo

METRIC: Literal["angular"] = "angular"


def open_index(file: Path, info: IndexInfo, embeddings: np.ndarray) -> AnnoyIndex:
    """Map an Annoy file after proving that it is the index of these embeddings.

    Parameters
    ----------
    file : Path
        Its hash has been checked.
    info : IndexInfo
        What the manifest says of it.
    embeddings : ndarray, shape (n_objects, dim)

    Raises
    ------
    AtlasError
        Other metric, dimension or galaxies.
    """
    if info.metric != METRIC:
        raise AtlasError(
            f"{file} has metric '{info.metric}', this release reads '{METRIC}'. {REBUILD}"
        )
    if info.dim != embeddings.shape[1]:
        raise AtlasError(
            f"{file} has dimension {info.dim}, the embeddings have {embeddings.shape[1]}. {REBUILD}"
        )
    # An item of Annoy's angular index: int32 count (1), 8 bytes of children or norm, the vector.
    node = np.dtype([("count", "<i4"), ("norm", "<f4", 2), ("vector", "<f4", info.dim)])
    n_objects = len(embeddings)
    size = file.stat().st_size
    strange = size % node.itemsize != 0 or size < n_objects * node.itemsize
    if not strange:
        rows = np.unique(np.linspace(0, n_objects - 1, 64).astype(int))
        items = np.memmap(file, dtype=node, mode="r")[rows]
        expected = np.asarray(embeddings[rows], dtype=np.float32)
        strange = bool((items["count"] != 1).any()) or not np.allclose(
            items["vector"], expected, atol=1e-3
        )
    if strange:
        raise AtlasError(
            f"{file} is not the index of these embeddings: other metric, dimension or galaxies. "
            f"{REBUILD}"
        )
    index = AnnoyIndex(info.dim, METRIC)
    index.load(str(file))
    if index.get_n_items() != n_objects:
        raise AtlasError(
            f"{file} holds {index.get_n_items()} galaxies, the manifest says {n_objects}. {REBUILD}"
        )
    nearest, distance = index.get_nns_by_item(0, 1, search_k=info.search_k, include_distances=True)
    if not nearest or distance[0] > 1e-2:
        raise AtlasError(f"{file} does not find a galaxy that it holds. {REBUILD}")
    return index
