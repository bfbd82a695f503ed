"""Faults, done on purpose: the quick ones run with all tests, all of them with `make faults`."""

from __future__ import annotations

import os

import pytest

from pipeline.stages.build import Build
from tests.faults.pipeline_builds import build_in

ALL = "GALAXY_FINDER_ALL_FAULTS"


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
