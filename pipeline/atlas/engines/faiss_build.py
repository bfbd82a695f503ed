"""How a faiss index is made: centres from a sample, then every galaxy into the list of its nearest.

With one thread, or some that each compute whole chunks, the file is the same, byte for byte.
"""

from __future__ import annotations

import logging
import math
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.atlas.engines.engine import EngineError
from pipeline.atlas.engines.faiss_file import Lists, header_of
from pipeline.atlas.engines.vectors import Vectors

_CHUNK_ROWS = 65_536
_TRAINED_ON = 40  # galaxies for each centre
_ROUNDS = 10


def library() -> Any:
    """Return faiss, which is to work in this thread only."""
    # It says at length for which instructions it has no library of its own.
    logging.getLogger("faiss.loader").setLevel(logging.WARNING)
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


def n_lists_for(n_objects: int) -> int:
    """Return how many lists there are: about 4 times the root of the number of galaxies.

    At least 32 galaxies for each, and no more than can be made, and looked at, in little time.
    """
    about = min(4 * math.sqrt(n_objects), n_objects / 32, 8192)
    return 2 ** max(0, round(math.log2(max(about, 1))))


def trained(vectors: Vectors, seed: int) -> Any:
    """Return an empty index that has centres, found with one thread from some galaxies."""
    faiss = library()
    n_lists = n_lists_for(len(vectors))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(vectors.dim),
        vectors.dim,
        n_lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        True,
    )
    kmeans = index.cp
    kmeans.seed, kmeans.niter, kmeans.spherical = seed % 2**31, _ROUNDS, True
    kmeans.min_points_per_centroid, kmeans.max_points_per_centroid = 1, 2**30
    rng = np.random.default_rng(seed)
    n_sampled = min(len(vectors), _TRAINED_ON * n_lists)
    index.train(vectors[np.sort(rng.choice(len(vectors), n_sampled, replace=False))])
    return index


def filled(file: Path, empty: Any, vectors: Vectors, advance: Callable[[], object]) -> np.ndarray:
    """Write all vectors into the lists of a file; return the similarity of each to its centre.

    An interrupted build ends after a chunk of each thread.
    """
    faiss, n = library(), len(vectors)
    lists, nearest = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.float32)

    def assign(start: int) -> int:
        library()  # of this thread, too
        part = slice(start, start + _CHUNK_ROWS)
        similarity, found = empty.quantizer.search(vectors[part], 1)
        nearest[part], lists[part] = similarity[:, 0], found[:, 0]
        vectors.let_go()
        return len(found)

    starts = range(0, n, _CHUNK_ROWS)
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:  # each chunk is computed by one thread, and comes out the same in any
        for n_done in pool.map(assign, starts):
            for _ in range(n_done):
                advance()
    finally:  # an interrupted build does not wait for the rest
        pool.shutdown(cancel_futures=True)
    lengths = np.bincount(lists, minlength=empty.nlist)
    written = Lists(file, faiss.serialize_index(empty).tobytes(), lengths, vectors.dim)
    try:
        for start in starts:
            part = slice(start, start + _CHUNK_ROWS)
            some, of = np.ascontiguousarray(vectors[part]), np.ascontiguousarray(lists[part])
            codes = np.empty((len(some), vectors.dim), dtype=np.uint8)
            pointer = faiss.swig_ptr
            empty.encode_vectors(len(some), pointer(some), pointer(of), pointer(codes), False)
            written.add(of, codes, np.arange(start, start + len(some)))
            vectors.let_go()
    finally:
        written.close()
    return nearest


def check_room(folder: Path, n_objects: int, dim: int, n_lists: int) -> None:
    """Raise `EngineError` unless the index fits, before hours of work."""
    needed = header_of(dim, n_lists).itemsize + n_objects * (dim + 8)
    if (free := shutil.disk_usage(folder).free) < needed:
        raise EngineError(
            f"The index needs {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB are "
            "free. Free some, or choose another disk with --atlases."
        )
