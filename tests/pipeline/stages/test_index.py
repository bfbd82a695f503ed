"""The engine: Annoy's file the same as in memory, a word in time on a full disk, its measures."""

import json
import shutil
from collections import namedtuple

import numpy as np
import pytest
from annoy import AnnoyIndex

from pipeline.atlas import INDEX
from pipeline.atlas.engines import EngineError
from pipeline.config import Config, IndexConfig
from pipeline.stages import index
from pipeline.store.workspace import Workspace

CONFIG = Config(name="any", source={}, index=IndexConfig(n_trees=3, recall_queries=10))
N, DIM = 2_000, 16


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path)
    for stage in ("embed", "index"):
        workspace.folder(stage).mkdir()
    embeddings = np.random.default_rng(1).standard_normal((N, DIM)).astype(np.float32)
    embeddings[:300] = embeddings[0]  # twins, which Annoy parts by its own random numbers
    np.save(workspace.embeddings, embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True))
    return workspace


def index_file(workspace):
    return workspace.folder("index") / INDEX


def test_the_index_is_the_one_that_is_built_in_memory_byte_for_byte(workspace, tmp_path):
    index.run(CONFIG, workspace)
    in_memory = AnnoyIndex(DIM, "angular")
    in_memory.set_seed(CONFIG.seed)
    for row, embedding in enumerate(np.load(workspace.embeddings)):
        in_memory.add_item(row, embedding)
    in_memory.build(3, n_jobs=1)
    in_memory.save(str(tmp_path / "in_memory.ann"))
    assert index_file(workspace).read_bytes() == (tmp_path / "in_memory.ann").read_bytes()


def test_the_room_that_is_asked_for_is_enough_and_not_much_more(workspace, monkeypatch):
    index.run(CONFIG, workspace)
    size = index_file(workspace).stat().st_size
    disk = namedtuple("disk", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: disk(3 * size))
    index.run(CONFIG, workspace)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: disk(size))
    with pytest.raises(EngineError, match=r"needs up to .* GB .* lower index\.n_trees"):
        index.run(CONFIG, workspace)


def test_exact_search_needs_no_file_and_misses_nothing(workspace):
    index.run(Config(name="any", source={}, index=IndexConfig(engine="exact")), workspace)
    assert not index_file(workspace).exists()
    said = json.loads(workspace.index_info.read_text())
    assert (said["engine"], said["parameters"], said["recall_at_100"]) == ("exact", {}, 1.0)


def test_recall_and_time_beside_exact_search_are_written_down(workspace):
    index.run(CONFIG, workspace)
    said = json.loads(workspace.index_info.read_text())
    assert said["engine"] == "annoy"
    assert said["parameters"]["n_trees"] == 3
    assert 0.999 <= said["recall_at_100"] <= 1
    assert said["query_ms"] > 0
    assert said["exact_ms"] > 0
