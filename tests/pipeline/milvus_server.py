"""Milvus for tests: Milvus Lite behind a port stands in for a cluster; others never answer."""

import contextlib
import socket
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from pipeline.atlas.engines import ENGINES, Vectors

needs_milvus = pytest.mark.skipif(
    find_spec("pymilvus") is None or find_spec("milvus_lite") is None,
    reason="pymilvus is not installed: pipeline/requirements-optional.txt",
)
OPTIONS = {"seed": 1, "recall_target": 0.99, "milvus_index": "FLAT"}


def unit_rows(n, seed=0, dim=6):
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def catalogue(n):
    """Return the columns of some galaxies, each kind that Milvus keeps among them."""
    rng = np.random.default_rng(5)
    magnitudes = rng.uniform(14, 20, n).astype(np.float32)
    magnitudes[::7] = np.nan
    kinds = np.array(["disk", "ring", 'a "b"', "", None], dtype=object)[rng.integers(0, 5, n)]
    return pd.DataFrame(
        {
            "object_id": [f"g{row}" for row in range(n)],
            "mag_r": magnitudes,
            "n_arms": rng.integers(0, 4, n),
            "kind": pd.array(kinds, dtype="str"),
            "is_star": rng.random(n) < 0.5,
        }
    )


def build(n, file=None, advance=lambda: None, **options):
    """Return a Milvus engine of some galaxies and their catalogue, as the index stage makes it."""
    pieces = {"catalogue": lambda: iter([catalogue(n)])}
    return ENGINES["milvus"].build(
        Vectors(unit_rows(n)),
        file,
        OPTIONS | pieces | options,
        recall=lambda engine: 1.0,
        advance=advance,
    )


@contextlib.contextmanager
def serving(folder, port=0):
    """Yield the address of a Milvus that ends with the block."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    server, database, port = start_server_in_thread(str(folder), port=port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=0).wait()
        database.close()


@contextlib.contextmanager
def silent():
    """Yield the address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def closed_port():
    """Return a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
