"""An atlas whose neighbours Milvus finds, from its configuration to an answer."""

import shutil
from dataclasses import replace

import pytest

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import Question
from dashboard.filters.filters import Choice, Filters
from pipeline.atlas import AtlasError, open_atlas
from pipeline.config import Config, IndexConfig
from pipeline.stages.build import Build
from tests.pipeline.milvus_server import closed_port, needs_milvus

pytestmark = needs_milvus


@pytest.fixture(scope="module")
def atlas(tiny_build, tmp_path_factory):
    folder = tmp_path_factory.mktemp("atlases")
    index = IndexConfig(engine="milvus", milvus_index="FLAT")
    config: Config = replace(tiny_build.config, index=index)
    shutil.copytree(tiny_build.workspace.root, folder / ".build" / config.name)
    build = Build(config, folder)
    build.run("index")
    build.run("publish")
    return build.destination


def test_answers_are_those_of_comparing_with_all(atlas):
    explorer = Explorer(open_atlas(atlas))
    assert explorer.manifest.index.recall_at_100 == 1
    assert "truth_class" in dict(explorer.search.engine.settings.columns)
    label = explorer.values("truth_class")[0]
    filters = Filters((("truth_class", Choice((label,))),))
    allowed = explorer.passing(filters)
    search = explorer.search
    for row in (0, 150, 299):
        found = explorer.neighbours([row], 20, filters)
        exact = search.exact(Question((row,)), 20, allowed)
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
