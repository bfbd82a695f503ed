"""A Dask cluster of two processes on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

needs_dask = pytest.mark.skipif(
    find_spec("distributed") is None,
    reason="dask.distributed is not installed: pipeline/requirements-optional.txt",
)


def two_processes() -> Iterator[str]:
    """Yield the address of a scheduler; a worker's death is forgiven once."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # two such clusters may run at once
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster.scheduler_address
