"""Stage 4: build the Annoy index and measure its recall against exact search.

The index grows in its mapped file, which the system may write out at any time: neither the
embeddings nor the index need fit into memory.
"""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import numpy as np
from annoy import AnnoyIndex

from pipeline.atlas.errors import PipelineError
from pipeline.atlas.whole_files import whole_file
from pipeline.config import Config
from pipeline.store.exact_search import exact_neighbours
from pipeline.store.progress import progress
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)

RECALL_AT = 100


class IndexingError(PipelineError):
    """The index cannot be built."""


def run(config: Config, workspace: Workspace) -> None:
    """Write the index, and ``index.json`` with the fields of `pipeline.atlas.manifest.IndexInfo`.

    Raises
    ------
    IndexingError
        The disk has no room for it.
    """
    embeddings = np.load(workspace.embeddings, mmap_mode="r")
    index = AnnoyIndex(embeddings.shape[1], "angular")
    # One thread and a seed: only so is the file the same, byte for byte.
    index.set_seed(config.seed)
    _check_room(workspace.index.parent, embeddings, config.index.n_trees)
    with whole_file(workspace.index) as partial:
        # The same file, byte for byte, as one that is built in memory and then saved.
        index.on_disk_build(str(partial))
        with progress("index", total=len(embeddings), unit="galaxy") as bar:
            for row, embedding in enumerate(embeddings):
                index.add_item(row, embedding)
                bar.update()
        index.build(config.index.n_trees, n_jobs=1)
        search_k, recall = _choose_search_k(index, embeddings, config)
    facts = {
        "metric": "angular",
        "dim": embeddings.shape[1],
        "n_trees": config.index.n_trees,
        "seed": config.seed,
        "search_k": search_k,
        "recall_at_100": round(recall, 5),
    }
    with whole_file(workspace.index_info) as partial:
        partial.write_text(json.dumps(facts, indent=1))
    log.info("index: recall@100 %.4f with search_k %d", recall, search_k)
    if recall < config.index.recall_target:
        log.warning("index: that is below the target %s", config.index.recall_target)


def _check_room(folder: Path, embeddings: np.ndarray, n_trees: int) -> None:
    """Raise `IndexingError` unless the index fits: a mapped file on a full disk ends the process.

    Annoy's nodes take 12 + 4 dim bytes, one for each galaxy and, as measured, up to 4 / dim for
    each galaxy and tree; while it grows, the file has room for 1.3 times as many.
    """
    n_objects, dim = embeddings.shape
    needed = round(1.3 * n_objects * (12 + 4 * dim) * (1 + 4 * n_trees / dim))
    if (free := shutil.disk_usage(folder).free) < needed:
        raise IndexingError(
            f"The index needs up to {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB "
            "are free. Free some, choose another disk with --atlases, or lower index.n_trees."
        )


def _choose_search_k(
    index: AnnoyIndex, embeddings: np.ndarray, config: Config
) -> tuple[int, float]:
    """Return the least power-of-two multiple of 1,000 that reaches the target, and its recall."""
    n_objects = len(embeddings)
    rng = np.random.default_rng(config.seed)
    rows = np.sort(rng.permutation(n_objects)[: config.index.recall_queries])
    k = min(RECALL_AT, n_objects - 1)
    least = kth_similarity(embeddings, rows, k)
    search_k = 1000
    while True:
        recall = recall_at(index, embeddings, rows, least, k, search_k)
        # A search_k of all nodes of all trees is the exact search.
        if recall >= config.index.recall_target or search_k > 2 * n_objects * config.index.n_trees:
            return search_k, recall
        search_k *= 2


def kth_similarity(embeddings: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """Return how similar the k-th nearest other galaxy is to each of some rows, exactly.

    Parameters
    ----------
    embeddings : ndarray, shape (n_objects, dim)
    rows : ndarray of int, shape (n_queries,)
    k : int
        Less than n_objects.

    Returns
    -------
    ndarray of float32, shape (n_queries,)
    """
    return exact_neighbours(embeddings, embeddings[rows], k + 1)[1][:, -1]


def recall_at(
    index: AnnoyIndex,
    embeddings: np.ndarray,
    rows: np.ndarray,
    least: np.ndarray,
    k: int,
    search_k: int,
) -> float:
    """Return the mean share of the k nearest others that the index finds.

    What it returns counts as found if it is as similar as the k-th nearest: twins are equally good.

    Parameters
    ----------
    index : AnnoyIndex
    embeddings : ndarray, shape (n_objects, dim)
    rows : ndarray of int, shape (n_queries,)
    least : ndarray, shape (n_queries,)
        Their `kth_similarity`.
    k, search_k : int
    """
    queries = np.asarray(embeddings[rows], np.float32)
    shares = []
    for row, query, kth in zip(rows.tolist(), queries, least, strict=True):
        found = index.get_nns_by_item(row, k + 1, search_k=search_k)
        others = np.array([other for other in found if other != row][:k])
        similarity = np.asarray(embeddings[others], np.float32) @ query
        shares.append(np.count_nonzero(similarity >= kth - 1e-6) / k)
    return float(np.mean(shares))
