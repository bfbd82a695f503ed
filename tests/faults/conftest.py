"""Faults, done on purpose: the quick ones run with all tests, all of them with `make faults`."""

from __future__ import annotations

import os

import pytest

ALL = "GALAXY_FINDER_ALL_FAULTS"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless it is asked for."""
    if os.environ.get(ALL) == "1":
        return
    long = [item for item in items if item.get_closest_marker("long_fault")]
    items[:] = [item for item in items if item not in long]
    config.hook.pytest_deselected(items=long)
