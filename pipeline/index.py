"""Stage 4: build the Annoy index and measure its recall against exact search."""

from __future__ import annotations

import json
import logging

import numpy as np
from annoy import AnnoyIndex

from pipeline.config import Config
from pipeline.exact import exact_neighbours
from pipeline.progress import progress
from pipeline.workspace import Workspace, whole_file

log = logging.getLogger(__name__)

RECALL_AT = 100


def run(config: Config, workspace: Workspace) -> None:
    """Write the index, and ``index.json`` with the fields of `pipeline.manifest.IndexInfo`."""
    embeddings = np.load(workspace.embeddings, mmap_mode="r")
    index = AnnoyIndex(embeddings.shape[1], "angular")
    # One thread and a seed: only so is the file the same, byte for byte.
    index.set_seed(config.seed)
    with progress("index", total=len(embeddings), unit="galaxy") as bar:
        for row, embedding in enumerate(embeddings):
            index.add_item(row, embedding)
            bar.update()
    index.build(config.index.n_trees, n_jobs=1)
    with whole_file(workspace.index) as partial:
        index.save(str(partial))
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


def _choose_search_k(
    index: AnnoyIndex, embeddings: np.ndarray, config: Config
) -> tuple[int, float]:
    """Return the least power-of-two multiple of 1,000 that reaches the target, and its recall."""
    n_objects = len(embeddings)
    rng = np.random.default_rng(config.seed)
    rows = np.sort(rng.permutation(n_objects)[: config.index.recall_queries])
    search_k = 1000
    while True:
        recall = recall_at(index, embeddings, rows, RECALL_AT, search_k)
        # A search_k of all nodes of all trees is the exact search.
        if recall >= config.index.recall_target or search_k > 2 * n_objects * config.index.n_trees:
            return search_k, recall
        search_k *= 2


def recall_at(
    index: AnnoyIndex, embeddings: np.ndarray, rows: np.ndarray, k: int, search_k: int
) -> float:
    """Return the mean share of the k nearest others that the index finds.

    What it returns counts as found if it is as similar as the k-th nearest: twins are equally good.

    Parameters
    ----------
    index : AnnoyIndex
    embeddings : ndarray, shape (n_objects, dim)
    rows : ndarray of int, shape (n_queries,)
    k, search_k : int
    """
    k = min(k, len(embeddings) - 1)
    queries = np.asarray(embeddings[rows], np.float32)
    exact = exact_neighbours(embeddings, queries, k + 1)[1][:, -1]
    shares = []
    for row, query, least in zip(rows.tolist(), queries, exact, strict=True):
        found = index.get_nns_by_item(row, k + 1, search_k=search_k)
        others = np.array([other for other in found if other != row][:k])
        similarity = np.asarray(embeddings[others], np.float32) @ query
        shares.append(np.count_nonzero(similarity >= least - 1e-6) / k)
    return float(np.mean(shares))
