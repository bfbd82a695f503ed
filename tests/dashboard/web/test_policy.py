"""What browsers are told with every answer."""

import base64
import hashlib
import logging
import re
from importlib.resources import files

import pytest

from dashboard.app import create_app
from dashboard.web.assets import asset_address
from dashboard.web.policy import HEADERS, content_policy
from dashboard.web.strict_bundle import BUNDLE, ENVIRONMENT, find_strict_bundle
from tests.dashboard.test_app import explorer_called

_PLOTLY = files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8")
VERSION = re.search(r"plotly\.js v([\d.]+)", _PLOTLY)[1]


def policy_of(answer):
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, *sources in map(str.split, directives)}


@pytest.fixture(scope="module")
def client():
    return create_app({name: explorer_called(name) for name in ("one", "two")}).test_client()


ADDRESSES = [
    "/",
    "/atlas/one/",
    "/atlas/one",
    "/atlas/one/method",
    "/atlas/one/_dash-layout",
    "/atlas/nobody/",
    "/nowhere",
    "/cutouts/one/3.jpg",
    "/cutouts/one/99999.jpg",
    "/export/one/catalogue.csv",
    "/export/one/neighbours.csv?galaxy=nobody",
    "/enlarged/one/3",
    "/health",
    "/assets/ui.css",
    "/assets/nothing.css",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_policy_and_its_companions(client, address):
    answer = client.get(address)
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value], name
    policy = policy_of(answer)
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert policy["frame-ancestors"] == policy["form-action"] == ["'none'"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert not any(
        source.startswith(("http", "*", "data", "blob")) for source in policy["script-src"]
    )


def test_a_request_that_fails_is_answered_with_them_too(client):
    server = create_app({"one": explorer_called("one")})
    server.add_url_rule("/fails", view_func=lambda: 1 / 0)
    for answer in (
        server.test_client().get("/fails"),
        client.post("/atlas/one/_dash-update-component", data="{"),
        client.put("/atlas/one/"),
    ):
        assert answer.status_code >= 400
        assert policy_of(answer)["default-src"] == ["'none'"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "address", ["/atlas/one/", "/atlas/two/", "/atlas/one/method", "/atlas/x/"]
)
def test_what_pages_have_written_into_them_as_scripts_is_known_by_its_hash(client, address):
    answer = client.get(address)
    allowed = policy_of(answer)["script-src"]
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    scripts = [text for kind, text in scripts if text and "application/json" not in kind]
    assert scripts
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed
    assert not re.search(r"<[^>]+\son[a-z]+=", answer.text)  # no handlers, which no hash allows
    assert "javascript:" not in answer.text


def test_pictures_come_from_here_and_from_cutout_services_only(client):
    assert policy_of(client.get("/"))["img-src"] == ["'self'", "data:", "blob:"]
    policy = content_policy([], ["www.legacysurvey.org"], allows_eval=False)
    assert "img-src 'self' data: blob: https://www.legacysurvey.org;" in policy


def test_a_policy_allows_eval_only_where_it_is_told_to():
    assert "eval" not in content_policy([], [], allows_eval=False)
    assert "script-src 'self' 'unsafe-eval';" in content_policy([], [], allows_eval=True)


def bundle(folder, title):
    path = folder / "plotly-strict.min.js"
    path.write_text(f"/**\n* {title}\n* Copyright\n*/\n(function() {{}})();\n")
    return path


def test_with_the_strict_bundle_eval_is_forbidden_and_the_map_is_drawn_by_it(tmp_path, monkeypatch):
    path = bundle(tmp_path, f"plotly.js (strict - minified) v{VERSION}")
    monkeypatch.setenv(ENVIRONMENT, str(path))
    client = create_app({"one": explorer_called("one")}).test_client()
    assert "'unsafe-eval'" not in policy_of(client.get("/"))["script-src"]
    script = "/atlas/one/_dash-component-suites/plotly/package_data/plotly.min.js"
    answer = client.get(script, follow_redirects=True)
    assert answer.data == path.read_bytes()
    assert answer.cache_control.immutable


@pytest.mark.parametrize(
    ("title", "complaint"),
    [
        (None, "is not here; 'make strict' fetches it. Scripts may use eval"),
        ("plotly.js (strict - minified) v3.0.1", "of another version"),
        (f"plotly.js v{VERSION}", "is not the strict bundle"),
        ("something else", "of another version"),
    ],
)
def test_a_bundle_that_is_missing_or_another_one_is_not_served_and_the_log_says_so(
    tmp_path, monkeypatch, caplog, title, complaint
):
    path = tmp_path / "none.js" if title is None else bundle(tmp_path, title)
    monkeypatch.setenv(ENVIRONMENT, str(path))
    assert find_strict_bundle() is None
    assert complaint in caplog.text
    client = create_app({"one": explorer_called("one")}).test_client()
    assert "'unsafe-eval'" in policy_of(client.get("/"))["script-src"]


def test_whoever_wants_no_strict_bundle_is_not_told_of_it(monkeypatch, caplog):
    monkeypatch.setenv(ENVIRONMENT, "off")
    with caplog.at_level(logging.DEBUG):
        assert find_strict_bundle() is None
    assert caplog.text == ""
    assert BUNDLE.parts[-3] == "node_modules"  # which git ignores


def test_an_asset_has_the_mime_type_without_which_nosniff_would_refuse_it(client):
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript")):
        assert client.get(asset_address(name)).mimetype == kind
    assert client.get(asset_address("icon.svg")).mimetype == "image/svg+xml"
