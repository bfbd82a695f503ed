from __future__ import annotations

import shutil

import pytest

from tests.pipeline.cutout_stand_in import cutout_stand_in


@pytest.fixture
def copy(tiny_atlas, tmp_path):
    """An atlas of our own to damage."""
    return shutil.copytree(tiny_atlas, tmp_path / "tiny")


@pytest.fixture
def service(monkeypatch):
    """A stand-in of the cutout service."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with cutout_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def targets(tmp_path):
    """A catalogue of three places."""
    path = tmp_path / "targets.csv"
    path.write_text("id,ra,dec,mag_z\na,10,1,15\nb,20,2,16\nc,30,3,17\n")
    return path


@pytest.fixture
def fetching(service, targets, tmp_path):
    """Options of the legacysurvey source: the targets, fetched from the stand-in without delay."""
    return {
        "catalogue": str(targets),
        "viewer_url": service.url,
        "cache": str(tmp_path / "cache"),
        "cutout_px": 32,
        "requests_per_second": 1000,
        "timeout_s": 5,
        "backoff_s": 0.001,
        "attempts": 3,
    }
