"""A Milvus that is dead or slow: a sentence in time, and answers again when it is back."""

import json
import time
from dataclasses import asdict

import pytest

from pipeline.atlas.engines import Vectors
from pipeline.atlas.engines.milvus_access import MilvusAccess, check_collection
from pipeline.atlas.engines.milvus_engine import MilvusEngine
from pipeline.atlas.errors import UnreachableError
from tests.pipeline.milvus_server import (
    build,
    closed_port,
    needs_milvus,
    serving,
    silent,
    unit_rows,
)

pytestmark = needs_milvus
TIMEOUT_S, PAUSE_S = 0.7, 0.3


def opened(parameters, address):
    """Return the engine of 50 galaxies as a server would open it, but in less of a hurry."""
    engine = MilvusEngine(Vectors(unit_rows(50)), parameters, None)

    def check(client):
        check_collection(client, parameters, [0, 49], engine.vectors[[0, 49]])

    engine._access = MilvusAccess(
        parameters.collection, lambda: address[0], check, timeout_s=TIMEOUT_S, pause_s=PAUSE_S
    )
    return engine


def rows(engine):
    return next(engine.proposals(engine.vectors[3], 5)).tolist()


@pytest.fixture
def no_substitute(monkeypatch):
    monkeypatch.setattr("pipeline.atlas.engines.milvus_engine.MOST_COMPARED", 0)


@pytest.fixture
def settings(tmp_path):
    with serving(tmp_path / "cluster") as address:
        return build(50, milvus_uri=address).settings


def test_a_silent_server_is_not_waited_for_and_left_alone(settings, no_substitute):
    with silent() as address:
        engine = opened(settings, [address])
        start = time.monotonic()
        with pytest.raises(UnreachableError, match=r"did not answer|cannot be reached"):
            rows(engine)
        assert time.monotonic() - start < TIMEOUT_S + 1
        start = time.monotonic()
        with pytest.raises(UnreachableError, match="could not be reached a moment ago"):
            rows(engine)
        assert time.monotonic() - start < 0.1
    assert "Milvus" in engine.trouble()


def test_a_server_that_comes_back_is_asked_again(settings, no_substitute, tmp_path):
    port = closed_port()
    engine = opened(settings, [f"http://127.0.0.1:{port}"])
    with pytest.raises(UnreachableError, match="cannot be reached"):
        rows(engine)
    with serving(tmp_path / "cluster", port):
        assert 3 in _wait_for(lambda: rows(engine))
        assert engine.trouble() == ""
    time.sleep(PAUSE_S)
    with pytest.raises(UnreachableError):
        rows(engine)
    with serving(tmp_path / "cluster", port):
        _wait_for(lambda: rows(engine))


def test_the_galaxies_of_a_small_atlas_are_compared_one_by_one_meanwhile(settings):
    engine = opened(settings, [f"http://127.0.0.1:{closed_port()}"])
    assert engine.has_substitute
    assert 3 in rows(engine)
    assert "cannot be reached" in engine.trouble()


def test_an_atlas_opens_while_its_cluster_is_away(settings, tmp_path, monkeypatch, caplog):
    parameters = json.loads(json.dumps(asdict(settings)))
    monkeypatch.setenv("GALAXY_FINDER_MILVUS_URI", f"http://127.0.0.1:{closed_port()}")
    engine = MilvusEngine.open(Vectors(unit_rows(50)), tmp_path, parameters, tmp_path)
    assert "could not be asked" in caplog.text
    assert 3 in rows(engine)


def _wait_for(question):
    last = time.monotonic() + 20
    while True:
        try:
            return question()
        except UnreachableError:
            if time.monotonic() > last:
                raise
            time.sleep(0.1)
