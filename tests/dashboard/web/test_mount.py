"""Below a path, and behind proxies: what is answered, and what is believed."""

import csv
import io
import json
import re

import pytest
from flask import Flask, request
from werkzeug.test import Client

from dashboard.app import create_app
from dashboard.export.routes import download_address
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from dashboard.web.mount import believe_proxies, mount
from tests.dashboard.two_pages import explorer_called

BASE = "/galaxies"
# Where addresses begin, as documents and JSON have them.
ADDRESS = re.compile(r"(?<=[\"'(])/(?=(?:atlas|assets|export|cutouts|enlarged|_dash)[/-])")
PAGES = [
    "/atlas/one/",
    "/atlas/two/",
    "/atlas/one/method",
    "/atlas/one/_dash-layout",
    "/atlas/nope/",
    "/api",
]


@pytest.fixture(scope="module")
def explorers():
    one, two = explorer_called("one"), explorer_called("two", object_ids="H")
    one.thumbnails = [b""] * one.n_objects
    return {"one": one, "two": two}


@pytest.fixture(scope="module")
def at_root(explorers):
    return Client(create_app(explorers))


@pytest.fixture(scope="module")
def below(explorers):
    return Client(create_app(explorers, base_path=BASE))


def document(client, address):
    """Return a document or JSON, slashes as such, without what is its own: its path, a number."""
    text = client.get(address).text.replace("\\u002f", "/")
    text = re.sub('"end_id":"[^"]+"', "", text)
    return text.replace(f'data-base="{BASE}"', 'data-base=""')


@pytest.mark.parametrize("page", PAGES)
def test_a_page_below_a_path_is_that_of_the_root_with_the_path_before_each_address(
    at_root, below, page
):
    root, found = document(at_root, page), document(below, BASE + page)
    n_addresses = len(ADDRESS.findall(root))
    assert n_addresses > 1
    assert found.replace(f"{BASE}/", "/") == root  # nothing else is different
    assert found.count(f"{BASE}/") == n_addresses


def test_answers_to_a_click_have_the_path_too(explorers, below):
    server = create_app(explorers, base_path=BASE)
    with server.app_context():
        one = explorers["one"]
        assert Pictures(one).url(3).startswith(f"{BASE}/cutouts/one/3.jpg?v=")
        file = download_address(one, "neighbours", ".csv", Query((3,), k=16))
    assert file.startswith(f"{BASE}/export/one/neighbours.csv?galaxy=")
    text = below.get(file, base_url="https://sky.example").text
    row = next(csv.DictReader(io.StringIO(text)))
    page = json.loads(row["provenance"])["page"]
    assert page.startswith(f"https://sky.example{BASE}/atlas/one/?galaxy=")


def test_only_what_is_below_the_path_is_answered_and_what_programs_here_ask(below):
    elsewhere = below.get("/")
    assert (elsewhere.status_code, elsewhere.text) == (404, f"Galaxy Finder is at {BASE}/\n")
    for address in ("/atlas/one/", "/galaxiesatlas/one/", "/api", "/assets/early.js"):
        assert below.get(address).status_code == 404
    for address in ("/health", f"{BASE}/health", f"{BASE}/api", f"{BASE}/atlas/one/"):
        assert below.get(address).status_code == 200


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        (BASE, f"{BASE}/"),
        (f"{BASE}?k=36", f"{BASE}/?k=36"),
        (f"{BASE}/", f"{BASE}/atlas/one/"),
        (f"{BASE}/?galaxy=H3", f"{BASE}/atlas/two/?galaxy=H3"),
        (f"{BASE}/atlas/two", f"{BASE}/atlas/two/"),
    ],
)
def test_redirects_lead_to_paths_below_it(below, asked, location):
    answer = below.get(asked)
    assert answer.status_code in (302, 308)
    assert answer.headers["Location"].removeprefix("http://localhost") == location


def test_scripts_of_dash_come_from_below_the_path(below):
    page = below.get(f"{BASE}/atlas/one/").text
    scripts = re.findall(r'<script src="([^"]+)"', page)
    assert len(scripts) == 2
    for script in scripts:
        with below.get(script) as answer:
            assert answer.status_code == 200, script
    with below.get(
        f"{BASE}/atlas/one/_dash-component-suites/plotly/package_data/plotly.min.js"
    ) as answer:
        assert answer.headers["Location"].startswith(f"{BASE}/_dash-component-suites/")
    with below.get(answer.headers["Location"]) as script:
        assert script.status_code == 200


# Behind proxies


def seen(n_proxies, base_path="", path="/seen", **headers):
    """Return what the application sees of a request from 10.0.0.9, sent to http://inside."""
    server = Flask("seen")
    mount(server, base_path)
    believe_proxies(server, n_proxies)

    @server.get("/seen")
    def tell():
        return f"{request.remote_addr} {request.url}"

    answer = Client(server).get(
        path,
        base_url="http://inside",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
    )
    return answer.text


FORWARDED = {
    "X_Forwarded_For": "6.6.6.6, 192.0.2.7",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_Host": "sky.example",
}


def test_what_anybody_may_send_is_not_believed():
    assert seen(0, **FORWARDED) == "10.0.0.9 http://inside/seen"
    assert seen(0, BASE, f"{BASE}/seen", **FORWARDED) == f"10.0.0.9 http://inside{BASE}/seen"


def test_one_proxy_is_believed_as_far_as_it_speaks_itself():
    assert seen(1, **FORWARDED) == "192.0.2.7 https://sky.example/seen"
    assert seen(1, BASE, f"{BASE}/seen", **FORWARDED) == (
        f"192.0.2.7 https://sky.example{BASE}/seen"
    )


def test_of_two_proxies_the_outer_one_knows_the_client():
    both = FORWARDED | {
        "X_Forwarded_Proto": "https, http",
        "X_Forwarded_Host": "sky.example, inner",
    }
    assert seen(2, **both) == "6.6.6.6 https://sky.example/seen"


def test_a_proxy_that_takes_the_path_off_says_so():
    prefix = {"X_Forwarded_Prefix": f"{BASE}/"}
    expected = f"192.0.2.7 https://sky.example{BASE}/seen"
    assert seen(1, BASE, **FORWARDED, **prefix) == expected
    assert seen(1, BASE, f"{BASE}/seen", **FORWARDED, **prefix) == expected
    assert seen(1, BASE, **FORWARDED) == f"Galaxy Finder is at {BASE}/\n"
    assert seen(0, BASE, **prefix) == f"Galaxy Finder is at {BASE}/\n"
