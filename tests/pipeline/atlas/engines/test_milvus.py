"""What Milvus alone promises: see test_engines for what every engine keeps."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.atlas.engines import AnyOf, Between, ExactEngine, Vectors, among
from pipeline.atlas.engines import milvus_loading as loading
from pipeline.atlas.engines.engine import EngineError
from pipeline.atlas.engines.milvus_access import URI, MilvusParameters
from pipeline.atlas.engines.milvus_engine import MilvusEngine
from pipeline.atlas.errors import AtlasError, ChangedError
from tests.pipeline.milvus_server import (
    OPTIONS,
    build,
    catalogue,
    needs_milvus,
    serving,
    unit_rows,
)

N = 600


def reopened(engine, file):
    parameters = json.loads(json.dumps(engine.parameters))
    return MilvusEngine.open(engine.vectors, file, parameters, file)


def first(engine, row, n, allowed=None):
    return next(engine.proposals(engine.vectors[row], n, allowed))


@needs_milvus
def test_what_is_found_is_what_comparing_with_all_finds(tmp_path):
    file = tmp_path / "index.milvus"
    engine = reopened(build(N, file), file)
    exact = ExactEngine(engine.vectors)
    for row in range(0, N, 50):
        assert set(first(engine, row, 30)) == set(first(exact, row, 30))


@needs_milvus
@pytest.mark.parametrize("kind", ["IVF_SQ8", "HNSW"])
def test_an_index_is_searched_as_hard_as_the_target_asks(kind):
    vectors = Vectors(unit_rows(N))
    exact = ExactEngine(vectors)

    def recall(engine):
        pairs = [(first(exact, row, 50), first(engine, row, 50)) for row in range(0, N, 60)]
        return np.mean([np.isin(nearest, found).mean() for nearest, found in pairs])

    options = OPTIONS | {"milvus_index": kind}
    engine = MilvusEngine.build(vectors, None, options, recall=recall)
    assert recall(engine) >= 0.99
    assert engine.summary.startswith(f"Milvus, {kind}, ")


@needs_milvus
def test_criteria_are_met_inside_the_search(monkeypatch):
    monkeypatch.setattr("pipeline.atlas.engines.milvus_engine._FEW", 0)
    engine, table = build(N), catalogue(N)
    allowed = ((table["mag_r"] <= 16) & (table["kind"] == "ring")).to_numpy(bool)
    told = among(engine, [Between("mag_r", most=16), AnyOf("kind", ("ring",))])
    assert 10 < np.count_nonzero(allowed) < N / 5
    # Ten times as many need not be asked for: each one that comes is allowed.
    nearest = np.flatnonzero(allowed)
    nearest = nearest[np.argsort(-engine.vectors.similarity(engine.vectors[3], nearest))]
    assert set(first(told, 3, 10, allowed)) == set(nearest[:10])
    *_, last = told.proposals(engine.vectors[3], 10, allowed)
    assert sorted(last) == np.flatnonzero(allowed).tolist()


@needs_milvus
def test_an_interrupted_load_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "CHUNK_ROWS", 100)
    file, calls, put = tmp_path / "index.milvus", [], []
    add = loading.MilvusClient.add

    def interrupted():
        calls.append(1)
        if len(calls) == 350:
            raise KeyboardInterrupt

    def counted(client, records, *, again):
        put.append((records[0]["row"], again))
        add(client, records, again=again)

    monkeypatch.setattr(loading.MilvusClient, "add", counted)
    with pytest.raises(KeyboardInterrupt):
        build(N, file, interrupted)
    assert [row for row, _ in put] == [0, 100, 200, 300]
    put.clear()
    engine = build(N, file)
    # The fourth chunk was there; the next might have been, in part.
    assert put == [(400, True), (500, False)]
    assert set(first(engine, 450, 1)) == {450}
    assert [path.name for path in tmp_path.iterdir()] == ["index.milvus"]


@needs_milvus
def test_a_build_that_was_killed_goes_on_where_it_was(tmp_path):
    script = """
import os, sys
from pathlib import Path
from pipeline.atlas.engines import milvus_loading
from tests.pipeline.milvus_server import build
milvus_loading.CHUNK_ROWS = 100
calls = []
def advance():
    calls.append(1)
    if len(calls) == 350:
        os.kill(os.getpid(), 9)
build(600, Path(sys.argv[1]), advance)
"""
    file = tmp_path / "index.milvus"
    command = [sys.executable, "-c", script, str(file)]
    done = subprocess.run(command, cwd=Path(__file__).parents[4], timeout=90, check=False)
    assert done.returncode == -9
    assert json.loads((tmp_path / "milvus.json").read_text())[1] == 400
    assert set(first(build(N, file), 599, 1)) == {599}


@needs_milvus
def test_a_collection_that_lacks_galaxies_is_no_index(tmp_path, monkeypatch):
    file = tmp_path / "index.milvus"
    monkeypatch.setattr(loading.MilvusClient, "n_rows", lambda client: N - 1)
    with pytest.raises(EngineError, match="holds 599 of the 600 galaxies"):
        build(N, file)
    monkeypatch.undo()
    assert set(first(build(N, file), 9, 1)) == {9}


@needs_milvus
def test_a_cluster_keeps_what_it_has_and_another_build_is_not_taken_for_it(tmp_path, monkeypatch):
    file = tmp_path / "index.milvus"
    with serving(tmp_path / "cluster") as address:
        engine = build(N, file, milvus_uri=address)
        assert "Milvus cluster" in file.read_text()
        puts = []
        monkeypatch.setattr(loading.MilvusClient, "add", lambda *_, **__: puts.append(1))
        assert build(N, file, milvus_uri=address).parameters == engine.parameters
        assert not puts
        engine.settings = replace(engine.settings, build="0" * 64)
        with pytest.raises(AtlasError, match="is of another build than this atlas"):
            reopened(engine, file)


@needs_milvus
def test_other_vectors_are_noticed_at_the_first_question(tmp_path):
    file = tmp_path / "index.milvus"
    parameters = build(N, file).parameters
    other = MilvusEngine.open(Vectors(unit_rows(N, seed=3)), file, parameters, file)
    with pytest.raises(ChangedError, match="does not know galaxy 0 of this atlas"):
        first(other, 5, 10)
    with pytest.raises(AtlasError, match="600 vectors of dimension 6, the atlas 20 of 6"):
        MilvusEngine.open(Vectors(unit_rows(20)), file, parameters, file)
    with pytest.raises(AtlasError, match=r"describes .*index\.milvus wrongly .*\(effort\)"):
        MilvusEngine.open(other.vectors, file, parameters | {"effort": 0}, file)


@needs_milvus
def test_processes_that_are_forked_ask_for_themselves(tmp_path):
    file = tmp_path / "index.milvus"
    (tmp_path / "parameters").write_text(json.dumps(build(N, file).parameters))
    script = """
import json, os, sys, time
from pathlib import Path
from pipeline.atlas.engines import Vectors
from pipeline.atlas.engines.milvus_engine import MilvusEngine
from tests.pipeline.milvus_server import unit_rows
folder = Path(sys.argv[1])
parameters, file = json.loads((folder / "parameters").read_text()), folder / "index.milvus"
engine = MilvusEngine.open(Vectors(unit_rows(600)), file, parameters, file)
workers = []
for row in (5, 6):
    pid = os.fork()
    if pid == 0:
        for _ in range(60):  # a busy machine may take longer than visitors wait
            found = next(engine.proposals(engine.vectors[row], 1)).tolist()
            if not engine.trouble():
                os._exit(0 if found == [row] else 1)
            time.sleep(1)
        os._exit(2)
    workers.append(pid)
sys.exit(any(os.waitpid(pid, 0)[1] for pid in workers))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[4], timeout=90, check=False)
    assert done.returncode == 0


def test_without_pymilvus_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(AtlasError, match=r"pip install -r pipeline/requirements-optional\.txt"):
        build(10)


def test_the_environment_says_where_the_cluster_is_now(monkeypatch):
    one = dict.fromkeys(("dim", "n_objects", "n_lists", "effort"), 1)
    settings = MilvusParameters(uri="http://old:1", collection="c", build="", index="FLAT", **one)
    assert settings.address() == "http://old:1"
    monkeypatch.setenv(URI, "http://new:2")
    assert settings.address() == "http://new:2"
