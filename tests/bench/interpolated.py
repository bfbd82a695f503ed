"""Embeddings of many galaxies with the statistics of those of a few.

Each is a mixture of a galaxy and some of its neighbours, so that they are as crowded, and as many
ways apart, as real ones are. Uniform noise would be harder to search than any survey, and a few
blobs easier.
"""

from pathlib import Path

import numpy as np

from pipeline.atlas.engines import exact_neighbours

_SHIPPED = Path(__file__).resolve().parents[2] / "atlases" / "nearby" / "embeddings.npy"
_NEIGHBOURS = 15  # from so many nearest
_MIXED = 4  # so many are drawn for each
_CHUNK_ROWS = 65_536


def shipped():
    """Return the embeddings of the atlas that ships: unit length, float32 (n_objects, 128)."""
    embeddings = np.load(_SHIPPED).astype(np.float32)
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def interpolated(embeddings, n, rng):
    """Yield ``n`` vectors of unit length in chunks, float32 of shape (at most 65,536, dim)."""
    embeddings = np.asarray(embeddings, dtype=np.float32)
    nearest, _ = exact_neighbours(embeddings, embeddings, 1 + _NEIGHBOURS)
    for start in range(0, n, _CHUNK_ROWS):
        size = min(_CHUNK_ROWS, n - start)
        first = rng.integers(len(embeddings), size=size)
        places = rng.integers(1, 1 + _NEIGHBOURS, size=(size, _MIXED))
        weights = rng.dirichlet(np.ones(1 + _MIXED), size=size).astype(np.float32)
        mixed = weights[:, :1] * embeddings[first]
        for i in range(_MIXED):
            mixed += weights[:, i + 1 : i + 2] * embeddings[nearest[first, places[:, i]]]
        yield mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
