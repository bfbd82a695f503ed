"""Under which names the server answers, and that it never repeats one."""

import pytest

from dashboard.app import create_app
from dashboard.web.gate import Gate
from dashboard.web.hosts import is_trusted
from tests.dashboard.two_pages import explorer_called

REDIRECTED = {
    "/": "/atlas/one/",
    "/atlas/one": "/atlas/one/",
    "/atlas//one/?galaxy=G1": "/atlas/one/?galaxy=G1",
    "/?galaxy=G3": "/atlas/one/?galaxy=G3",
}


@pytest.fixture(scope="module")
def explorers():
    return {"one": explorer_called("one")}


@pytest.mark.parametrize("address", REDIRECTED)
def test_redirects_lead_to_a_path_whatever_name_was_asked(explorers, address):
    answer = create_app(explorers).test_client().get(address, headers={"Host": "forged.example"})
    assert answer.status_code in (302, 308)
    assert answer.headers["Location"] == REDIRECTED[address]
    assert "forged" not in answer.text


def test_other_names_than_the_trusted_are_refused_with_a_sentence(explorers):
    client = create_app(explorers, Gate(trusted_hosts=("galaxies.example",))).test_client()

    def status(host, address="/api"):
        return client.get(address, headers={"Host": host}).status_code

    assert status("galaxies.example") == status("galaxies.example:8443") == 200
    for host in ("forged.example", "127.0.0.1:8050", "a.galaxies.example", "", "a b", "x" * 300):
        for address in ("/api", "/", "/atlas/one/", "/nowhere"):
            assert status(host, address) == 400, (host, address)
    assert status("127.0.0.1:8050", "/health") == 200  # asked by the machine itself
    assert "another name" in client.get("/", headers={"Host": "forged.example"}).text


def test_without_a_list_any_name_is_answered(explorers):
    client = create_app(explorers).test_client()
    for host in ("127.0.0.1:8050", "localhost", "[::1]:8050", "anything.example"):
        assert client.get("/api", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("a.example", True),
        ("A.example:443", True),
        ("b.a.example", False),
        ("example", False),
        ("b.of.many", True),
        ("a.example.evil", False),
        ("[::1]:80", True),
        ("", False),
    ],
)
def test_a_name_is_compared_whole_and_without_its_port(host, trusted):
    assert is_trusted(host, ("a.example", ".of.many", "[::1]")) == trusted
