"""Engines of every kind, built as the index stage builds them, to be tried beside brute force."""

from dataclasses import asdict
from functools import cache

import numpy as np
import pytest

from pipeline.atlas.engines import ENGINES, Vectors
from pipeline.config import IndexConfig
from pipeline.stages.trial import Trial
from tests.bench.interpolated import interpolated, shipped
from tests.pipeline.milvus_server import needs_milvus

OPTIONS = asdict(
    IndexConfig(n_trees=5, recall_target=0.99, recall_queries=40, milvus_index="FLAT")
) | {"seed": 1}
# The engines of the registry, without those that are not installed.
TRIED = [pytest.param(name, marks=needs_milvus if name == "milvus" else ()) for name in ENGINES]
N_MANY = 8_000
TARGET = 0.98  # of the queries of tests, few as they are


def unit_rows(n, seed=0, dim=6):
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def built(name, vectors, file=None):
    """Return an engine that measured itself while it was built, as in the index stage."""
    trial = Trial.of(vectors, OPTIONS["seed"], OPTIONS["recall_queries"])
    return ENGINES[name].build(vectors, file, OPTIONS, recall=trial.recall, advance=lambda: None)


@cache
def many():
    """Return embeddings like those of a survey, for which no engine compares with all."""
    return np.vstack(list(interpolated(shipped()[:600], N_MANY, np.random.default_rng(0))))


@cache
def built_of_many(name):
    return built(name, Vectors(many()))


def nearest_by_brute_force(embeddings, direction, k, allowed=None, without=()):
    """Return the rows nearest to a direction, the lower row first where two are equally near."""
    cosine = embeddings.astype(float) @ np.asarray(direction, dtype=float)
    order = np.argsort(-cosine, kind="stable")
    kept = (
        ~np.isin(order, without) if allowed is None else allowed[order] & ~np.isin(order, without)
    )
    return order[kept][:k]


def share_found(found, nearest, embeddings, direction):
    """Return the share of the nearest that was found; what is as near as the last counts, too."""
    if not len(nearest):
        return 1.0
    cosine = embeddings.astype(float) @ np.asarray(direction, dtype=float)
    n_found = np.count_nonzero(cosine[found] >= cosine[nearest].min() - 1e-6)
    return min(n_found, len(nearest)) / len(nearest)
