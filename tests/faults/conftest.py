"""Faults, done on purpose: the quick ones run with all tests, all of them with `make faults`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch

from pipeline.stages import umap_layout
from pipeline.stages.build import Build
from tests.faults.pipeline_builds import build_in

ALL = "GALAXY_FINDER_ALL_FAULTS"
# As they are before any fixture: those of the session begin before those of a module.
_LAY_OUT, _N_THREADS = umap_layout.lay_out, torch.get_num_threads()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless it is asked for."""
    if os.environ.get(ALL) == "1":
        return
    long = [item for item in items if item.get_closest_marker("long_fault")]
    items[:] = [item for item in items if item not in long]
    config.hook.pytest_deselected(items=long)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return a build of a few galaxies, to be copied and broken."""
    build = build_in(tmp_path_factory.mktemp("whole") / "atlases")
    build.run_all()
    return build


@pytest.fixture(autouse=True, scope="module")
def _builds_as_before() -> Iterator[None]:
    """Take back what `build_in` changes in this process, for the tests of other modules."""
    yield
    umap_layout.lay_out = _LAY_OUT
    torch.set_num_threads(_N_THREADS)
