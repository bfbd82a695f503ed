"""What tests of all packages share: a small atlas, built once a session by the real pipeline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from pipeline.config import (
    Config,
    EncoderConfig,
    EvaluateConfig,
    IngestConfig,
    InputConfig,
    TrainConfig,
)
from pipeline.stages.build import Build

# Tests do without plotly's strict bundle, whether it is here or not, but those that are about it.
os.environ["GALAXY_FINDER_PLOTLY"] = "off"
# A shared machine is at times ten times slower than a quiet one: no test depends on its speed.
settings.register_profile("galaxy-finder", deadline=None)
settings.load_profile("galaxy-finder")

TINY = Config(
    name="tiny",
    source={"kind": "mock", "n_objects": 300, "seed": 1},
    ingest=IngestConfig(chunk_rows=75),
    input=InputConfig(field_px=128, input_px=32),
    encoder=EncoderConfig(width=8, head_dim=32),
    train=TrainConfig(epochs=2, batch_size=100, warmup_epochs=1),
    evaluate=EvaluateConfig(
        numbers=("truth_bulge_fraction",), classes=("truth_class",), find={"truth_fault": ()}
    ),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process do what needs no atlas while the other builds what nearly all tests need."""
    items.sort(key=lambda item: item.path.name != "test_distributed.py")


@pytest.fixture(scope="session")
def tiny_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """All stages of a mock survey of 300 galaxies, which all processes of the tests share."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    build = Build(TINY, folder / "atlases")
    with FileLock(folder / "atlases.lock"):
        build.run_all()  # does nothing where another has done it
    return build


@pytest.fixture(scope="session")
def tiny_atlas(tiny_build: Build) -> Path:
    """The folder of a published atlas of 300 mock galaxies."""
    return tiny_build.destination


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real galaxies, which is not part of the repository."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real galaxies of ../shared/data are not here")
    return folder
