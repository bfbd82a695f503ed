"""A cluster of two processes, and what can go wrong with one."""

import socket
import sys
from itertools import count, islice

import pytest

from pipeline.atlas.errors import PipelineError
from pipeline.stages import cluster
from pipeline.stages.cluster import ClusterError, on_workers
from tests.pipeline import worker_tasks
from tests.pipeline.dask_cluster import needs_dask, two_processes

address = pytest.fixture(scope="module")(two_processes)


@needs_dask
def test_every_number_comes_back_with_its_result(address):
    numbers = range(150)  # more than are under way at a time
    assert sorted(on_workers(address, worker_tasks.square, numbers)) == [(i, i**2) for i in numbers]
    assert list(on_workers(address, worker_tasks.square, [])) == []


@needs_dask
def test_both_processes_work(address):
    pids = {pid for _, pid in on_workers(address, worker_tasks.process_number, range(8))}
    assert len(pids) == 2


@needs_dask
def test_what_is_closed_early_begins_no_more(address):
    results = on_workers(address, worker_tasks.square, count())  # without an end
    assert len(list(islice(results, 3))) == 3
    results.close()
    assert list(on_workers(address, worker_tasks.square, [5])) == [(5, 25)]


@needs_dask
def test_the_work_of_a_worker_that_dies_is_done_by_another(address, tmp_path):
    results = on_workers(address, worker_tasks.Deadly(tmp_path, deaths=1), range(5))
    assert sorted(results) == [(0, 0), (1, 1), (2, 4), (3, 9), (4, 16)]
    assert len(list(tmp_path.iterdir())) == 1


@needs_dask
def test_work_that_ends_every_worker_is_given_up(address, tmp_path):
    with pytest.raises(ClusterError, match="Workers died again and again"):
        list(on_workers(address, worker_tasks.Deadly(tmp_path, deaths=99), range(5)))


@needs_dask
@pytest.mark.parametrize(
    ("work", "error", "words"),
    [
        (worker_tasks.fail, PipelineError, "Number 1 is no good"),
        (worker_tasks.read_what_is_not_there, ClusterError, "under the same path"),
        (worker_tasks.import_what_is_not_there, ClusterError, "Start the workers in this folder"),
    ],
)
def test_what_goes_wrong_on_a_worker_is_said_here(address, work, error, words):
    with pytest.raises(error, match=words):
        list(on_workers(address, work, [1]))


@needs_dask
def test_workers_with_another_version_are_refused(address, monkeypatch):
    from distributed import versions

    real = versions.get_package_info
    monkeypatch.setattr(
        versions, "get_package_info", lambda names: real(names) | {"torch": "1.0.0"}
    )
    with pytest.raises(ClusterError, match="Install the same requirements everywhere") as raised:
        list(on_workers(address, worker_tasks.square, [1]))
    row = next(line for line in str(raised.value).splitlines() if "torch" in line)
    assert "1.0.0" in row


@needs_dask
@pytest.mark.parametrize("wrong", ["localhost", "bar://localhost:1", "tcp://localhost:99999"])
def test_what_is_no_address_is_an_error(wrong):
    with pytest.raises(ClusterError, match=f"No Dask scheduler answers at {wrong}"):
        list(on_workers(wrong, worker_tasks.square, [1]))


@needs_dask
def test_a_port_where_nobody_or_another_service_listens_is_an_error(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ClusterError, match=r"answers at 127.* \(timed out\)"):
            list(on_workers(f"127.0.0.1:{port}", worker_tasks.square, [1]))
    with pytest.raises(ClusterError, match="refused"):
        list(on_workers(f"tcp://127.0.0.1:{port}", worker_tasks.square, [1]))


def test_without_dask_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install -r pipeline/requirements-optional\.txt"):
        list(on_workers("tcp://127.0.0.1:1", worker_tasks.square, [1]))
