"""What Prometheus reads, and who may."""

import ipaddress
import subprocess
import sys

import pytest

from dashboard.app import create_app
from dashboard.counted import SEARCH, UPLOAD, count, count_refused
from dashboard.web.gate import Gate
from dashboard.web.metrics import may_read
from tests.dashboard.two_pages import explorer_called


def samples(client):
    """Return the values of all that is counted, by name and labels as they are written."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
def client():
    return create_app({name: explorer_called(name) for name in ("one", "two")}).test_client()


def requests(route, status):
    name = "galaxy_finder_request_duration_seconds_count"
    return f'{name}{{route="{route}",status="{status}"}}'


def test_requests_are_counted_by_rule_and_status(client):
    for address in ("/atlas/one/", "/atlas/two/", "/health", "/enlarged/one/3", "/enlarged/one/99"):
        client.get(address, buffered=True)
    found = samples(client)
    assert found[requests("/atlas/<atlas>/", 200)] == 2
    assert found[requests("/health", 200)] == 1
    assert found[requests("/enlarged/<atlas>/<int:row>", 200)] == 1
    assert found[requests("/enlarged/<atlas>/<int:row>", 404)] == 1


def test_what_visitors_make_up_has_no_label_of_its_own(client):
    client.get("/", buffered=True)
    for n in range(40):
        client.get(f"/nowhere/{n}", buffered=True)
        client.open(f"/{n}", method=f"X{n}", buffered=True)
        client.get(f"/cutouts/one/{n}.jpg", buffered=True)
    found = samples(client)
    assert found[requests("unmatched", 404)] == 80
    assert found[requests("/cutouts/<atlas>/<int:row>.jpg", 404)] == 40
    assert not [name for name in found if "nowhere" in name or "/3" in name or "X3" in name]


def test_searches_and_uploads_are_counted_by_whoever_tells_of_them(client):
    count(SEARCH, "card")
    count(UPLOAD, "picture")
    count_refused("list", ValueError("a sentence of any length"))
    error = ValueError()
    error.reason = "busy"
    count_refused("picture", error)
    found = samples(client)
    assert found['galaxy_finder_searches_total{origin="card"}'] == 1
    for kind, outcome in (("picture", "accepted"), ("list", "ValueError"), ("picture", "busy")):
        assert found[f'galaxy_finder_uploads_total{{kind="{kind}",outcome="{outcome}"}}'] == 1


def test_atlases_and_version_are_told(client):
    found = samples(client)
    assert found['galaxy_finder_atlas_state{atlas="two",state="ok"}'] == 1
    assert any(name.startswith("galaxy_finder_build_info{version=") for name in found)


def test_what_a_proxy_passes_on_and_other_machines_find_nothing(client):
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404
    far = {"REMOTE_ADDR": "203.0.113.5"}
    assert client.get("/metrics", environ_overrides=far).status_code == 404
    near = {"REMOTE_ADDR": "10.1.2.3"}
    gate = Gate(metrics_from=("10.1.0.0/16",))
    inside = create_app({"one": explorer_called("one")}, gate).test_client()
    assert inside.get("/metrics", environ_overrides=near).status_code == 200
    assert inside.get("/metrics", environ_overrides=far).status_code == 404


@pytest.mark.parametrize(
    ("environ", "may"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, True),
        ({"REMOTE_ADDR": ""}, False),
        ({}, False),
        ({"REMOTE_ADDR": "10.0.0.1"}, False),
        # A visitor who says to be this machine, through a proxy that is believed.
        (
            {
                "REMOTE_ADDR": "127.0.0.1",
                "werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "127.0.0.1"},
                "HTTP_X_FORWARDED_FOR": "127.0.0.1",
            },
            False,
        ),
        (
            {"REMOTE_ADDR": "127.0.0.1", "werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "9.9.9.9"}},
            False,
        ),
    ],
)
def test_it_is_the_other_end_of_the_connection_that_counts(environ, may):
    networks = [ipaddress.ip_network(one) for one in ("127.0.0.0/8", "::1/128")]
    assert may_read(environ, networks) == may


SHARED = """
import os
from dashboard.web.metrics import SHARED_FOLDER, Metrics, share_between_processes
share_between_processes()
from dashboard.web.observed import Answered
metrics = Metrics(lambda: {"one": "ok"})
for _ in range(3):
    if os.fork() == 0:
        metrics.answered(Answered("", "GET", "/", route="/", status=200, n_bytes=5))
        os._exit(0)
    os.wait()
metrics.answered(Answered("", "GET", "/", route="/", status=200, n_bytes=5))
print(metrics.text()[0].decode())
print(os.environ[SHARED_FOLDER])
"""


def test_several_processes_count_together_and_leave_nothing_behind():
    done = subprocess.run(
        [sys.executable, "-c", SHARED], capture_output=True, text=True, check=True, timeout=60
    )
    assert 'duration_seconds_count{route="/",status="200"} 4.0' in done.stdout
    assert 'response_bytes_total{route="/"} 20.0' in done.stdout
    assert 'atlas_state{atlas="one",state="ok"} 1.0' in done.stdout
    *_, folder = done.stdout.split()
    assert subprocess.run(["ls", folder], capture_output=True, check=False).returncode != 0
