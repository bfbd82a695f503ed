"""Stage 4: build the engine that finds neighbours, and measure it beside exact search."""

from __future__ import annotations

import json
import logging
import time
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial

import numpy as np

from pipeline.atlas.engines import ENGINES, Engine, ExactEngine, Vectors, exact_neighbours
from pipeline.atlas.manifest import IndexInfo
from pipeline.atlas.whole_files import whole_file
from pipeline.config import Config
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)

RECALL_AT = 100
_QUERIES_TIMED = 50  # a comparison with each of a million galaxies takes 100 ms


def run(config: Config, workspace: Workspace) -> None:
    """Write the engine's file, if it has one, and ``index.json``: an `IndexInfo`.

    Raises
    ------
    EngineError
        It cannot be built, as where the disk has no room for it.
    """
    embeddings = np.load(workspace.embeddings, mmap_mode="r")
    vectors = Vectors(embeddings)
    rng = np.random.default_rng(config.seed)
    rows = np.sort(rng.permutation(len(vectors))[: config.index.recall_queries])
    k = min(RECALL_AT, len(vectors) - 1)
    least = kth_similarity(embeddings, rows, k)
    recall = partial(recall_at, vectors=vectors, rows=rows, least=least, k=k)
    name = ENGINES[config.index.engine].file
    # The file takes its place if all goes well.
    with nullcontext() if name is None else whole_file(workspace.folder("index") / name) as file:
        with progress("index", total=len(vectors), unit="galaxy") as bar:
            engine = ENGINES[config.index.engine].build(
                vectors,
                file,
                asdict(config.index)
                | {"seed": config.seed}
                | {"catalogue": CutoutStore(workspace.cutout_store).catalogue_pieces},
                recall=recall,
                advance=bar.update,
            )
        timed = rows[:: -(-len(rows) // _QUERIES_TIMED)]
        info = IndexInfo(
            engine=config.index.engine,
            parameters=engine.parameters,
            recall_at_100=round(recall(engine), 5),
            query_ms=query_ms(engine, vectors, timed, k),
            exact_ms=query_ms(ExactEngine(vectors), vectors, timed, k),
        )
    with whole_file(workspace.index_info) as partial_info:
        partial_info.write_text(json.dumps(asdict(info), indent=1))
    log.info(
        "index: %s: recall@100 %.4f, %g ms for a query, %g ms for an exact one",
        engine.summary,
        info.recall_at_100,
        info.query_ms,
        info.exact_ms,
    )
    if info.recall_at_100 < config.index.recall_target:
        log.warning("index: that is below the target %s", config.index.recall_target)


def kth_similarity(embeddings: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """Return how similar the k-th nearest other galaxy is to each of some rows (n_queries,)."""
    return exact_neighbours(embeddings, embeddings[rows], k + 1)[1][:, -1]


def recall_at(
    engine: Engine, vectors: Vectors, rows: np.ndarray, least: np.ndarray, k: int
) -> float:
    """Return the mean share of the k nearest others that an engine finds at its first attempt.

    What it proposes counts as found if it is as similar as the k-th nearest: twins are equally
    good.

    Parameters
    ----------
    rows : ndarray of int, shape (n_queries,)
    least : ndarray, shape (n_queries,)
        Their `kth_similarity`.
    """
    shares = []
    for row, kth in zip(rows.tolist(), least, strict=True):
        found, similarity = _first_proposals(engine, vectors, row, k + 1)
        n_found = int(np.count_nonzero(similarity[found != row] >= kth - 1e-6))
        shares.append(min(n_found, k) / k)
    return float(np.mean(shares))


def query_ms(engine: Engine, vectors: Vectors, rows: np.ndarray, k: int) -> float:
    """Return the median time, ms, in which an engine proposes the k nearest others of some rows."""
    took = []
    for row in rows.tolist():
        start = time.perf_counter()
        _first_proposals(engine, vectors, row, k + 1)
        took.append(1000 * (time.perf_counter() - start))
    return round(float(np.median(took)), 3)


def _first_proposals(
    engine: Engine, vectors: Vectors, row: int, n: int
) -> tuple[np.ndarray, np.ndarray]:
    direction = vectors[row]
    found = next(engine.proposals(direction, n))
    return found, vectors.similarity(direction, found)
