"""An atlas whose neighbours Milvus finds, from the index stage to an answer."""

import json
import shutil
from dataclasses import replace

import pytest

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import Question
from dashboard.filters.filters import Choice, Filters
from pipeline.atlas import INDEX, MANIFEST, AtlasError, open_atlas
from pipeline.atlas.atlas import publish, staging_folder
from pipeline.atlas.manifest import IndexInfo, read_manifest
from pipeline.config import IndexConfig
from pipeline.stages import index
from pipeline.store.workspace import Workspace
from tests.pipeline.milvus_server import closed_port, needs_milvus

pytestmark = needs_milvus


@pytest.fixture(scope="module")
def atlas(tiny_build, tiny_atlas, tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("build"))
    workspace.embeddings = tiny_build.workspace.embeddings
    workspace.cutout_store = tiny_build.workspace.cutout_store
    workspace.index.mkdir()
    config = IndexConfig(engine="milvus", milvus_index="FLAT", recall_queries=10)
    index.run(replace(tiny_build.config, index=config), workspace)
    info = IndexInfo(**json.loads(workspace.index_info.read_text()))
    destination = workspace.root / "tiny"
    with staging_folder(destination) as staging:
        shutil.copytree(
            tiny_atlas, staging, ignore=lambda *_: [INDEX, MANIFEST], dirs_exist_ok=True
        )
        shutil.copy(workspace.index / "index.milvus", staging)
        publish(staging, destination, replace(read_manifest(tiny_atlas / MANIFEST), index=info))
    return destination


def test_answers_are_those_of_comparing_with_all(atlas):
    explorer = Explorer(open_atlas(atlas))
    assert explorer.manifest.index.recall_at_100 == 1
    assert "truth_class" in dict(explorer.search.engine.settings.columns)
    filters = Filters((("truth_class", Choice((explorer.values("truth_class")[0],))),))
    allowed = explorer.passing(filters)
    for row in (0, 150, 299):
        found = explorer.neighbours([row], 20, filters)
        exact = explorer.search.exact(Question((row,)), 20, allowed)
        assert found.rows.tolist() == exact.rows.tolist()


def test_a_file_that_was_changed_is_not_opened(atlas, tmp_path):
    shutil.copytree(atlas, tmp_path / "tiny")
    with (tmp_path / "tiny" / "index.milvus").open("r+b") as file:
        file.seek(5_000)
        file.write(b"other")
    with pytest.raises(AtlasError, match=r"index\.milvus"):
        open_atlas(tmp_path / "tiny")


def test_health_tells_that_milvus_is_away(atlas, monkeypatch):
    explorer = Explorer(open_atlas(atlas))
    client = create_app({"tiny": explorer}).test_client()
    away = f"http://127.0.0.1:{closed_port()}"
    monkeypatch.setattr(explorer.search.engine._access, "_address", lambda: away)
    # Of so few galaxies all are looked at instead.
    assert len(explorer.neighbours([3], 5).rows) == 5
    health = client.get("/health/tiny")
    assert (health.status_code, health.json["status"]) == (200, "ok")
    assert "(Milvus) cannot be reached" in health.json["why"]
