from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def copy(tiny_atlas, tmp_path):
    """An atlas of our own to damage."""
    return shutil.copytree(tiny_atlas, tmp_path / "tiny")
