"""What nginx with the configuration that ships lets through, keeps, limits and says."""

import csv
import http.client
import io
import json
import shutil
import socket
import ssl
import subprocess

import pytest

from dashboard.pictures.addresses import atlas_version
from pipeline.atlas import open_atlas
from tests.browser.proxy import (
    MISSING,
    SHIPPED,
    SITE,
    complaints_about,
    find_nginx,
    free_port,
    proxied,
    write_configuration,
)
from tests.browser.serving import serving

HOST = "galaxies.example"
CALL = "/galaxies/atlas/tiny/_dash-update-component"
FORGED = {
    "X-Forwarded-For": "203.0.113.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/evil",
}
# As docs/deployment.md has them: another path, and the root of a host.
TO_SKY = ["sed", "-i", r"s#/galaxies\([^.a-z]\|$\)#/sky\1#"]
TO_ROOT = [
    "sed",
    "-i",
    "-e",
    "/^ *location = .galaxies {/,/^ *}/d",
    "-e",
    "/^ *location = . {/,/^ *}/d",
    "-e",
    "s#/galaxies/#/#",
]


@pytest.fixture(scope="module")
def site(tiny_atlas, tmp_path_factory):
    """The ports for http and https, and the folder, of the whole site as it ships."""
    if find_nginx() is None:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("site")
    plain, secure = free_port(), free_port()
    options = ["--base-path", "/galaxies", "--proxies", "1"]
    changes = changes_of(folder, plain, secure) | {"    127.0.0.1 0;": ""}  # no one is spared
    with serving(tiny_atlas, options=options) as address, proxied(folder, address, SITE, changes):
        yield plain, secure, folder


def changes_of(folder, plain, secure):
    """Return what this machine needs otherwise: ports above 1024, a certificate of its own."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate for https")
    certificate = ["-keyout", folder / "key.pem", "-out", folder / "chain.pem", "-days", "1"]
    key = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(
        ["openssl", "req", *key, "-subj", f"/CN={HOST}", *certificate],
        check=True,
        capture_output=True,
    )
    return {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "    listen [::]:80;": "",
        "    listen [::]:443 ssl http2;": "",
        f"/etc/letsencrypt/live/{HOST}/fullchain.pem": str(folder / "chain.pem"),
        f"/etc/letsencrypt/live/{HOST}/privkey.pem": str(folder / "key.pem"),
    }


def ask(site, path, method="GET", body=None, **headers):
    """Ask the site, by https, under its name; return the answer with its text."""
    context = ssl.create_default_context(cafile=site[2] / "chain.pem")
    context.check_hostname = False  # it is asked by its number
    connection = http.client.HTTPSConnection("127.0.0.1", site[1], context=context, timeout=30)
    connection.request(method, path, body, {"Host": HOST, **headers})
    answer = connection.getresponse()
    answer.text = answer.read()
    connection.close()
    return answer


def test_visitors_without_https_are_sent_there(site):
    connection = http.client.HTTPConnection("127.0.0.1", site[0], timeout=30)
    connection.request("GET", "/galaxies/?galaxy=X", headers={"Host": HOST})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (
        308,
        f"https://{HOST}/galaxies/?galaxy=X",
    )
    connection.close()


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/", "/galaxies/"),
        ("/galaxies", "/galaxies/"),
        ("/galaxies?k=36", "/galaxies/?k=36"),
        ("/galaxies/", "/galaxies/atlas/tiny/"),
    ],
)
def test_redirects_name_no_host(site, path, location):
    assert ask(site, path).headers["Location"] == location


def test_files_carry_the_public_address_whatever_a_visitor_writes_into_headers(site):
    file = ask(site, "/galaxies/export/tiny/neighbours.csv", **FORGED)
    row = next(csv.DictReader(io.StringIO(file.text.decode())))
    page = json.loads(row["provenance"])["page"]
    assert page.startswith(f"https://{HOST}/galaxies/atlas/tiny/?galaxy=")


@pytest.mark.parametrize(
    "path", ["/galaxies/api", "/galaxies/atlas/tiny/", "/galaxies/assets/early.js"]
)
def test_no_header_is_sent_twice_and_https_is_asked_to_be_kept(site, path):
    answer = ask(site, path)
    assert answer.status == 200
    names = [name.lower() for name in answer.headers if name.lower() != "vary"]
    assert len(names) == len(set(names))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "nginx/" not in answer.headers["Server"]  # no version of anything


def test_what_is_not_below_the_path_or_for_programs_here_only_is_not_let_through(site):
    for path in ("/atlas/tiny/", "/health", "/metrics", "/galaxies/metrics"):
        assert ask(site, path).status == 404
    assert json.loads(ask(site, "/galaxies/health").text)["status"] == "ok"


def test_only_calls_of_the_page_may_be_large(site):
    assert ask(site, "/galaxies/api", "POST", b"x" * 20_000).status == 413
    assert ask(site, CALL, "POST", b"x" * 20_000).status != 413
    assert ask(site, CALL, "POST", None, **{"Content-Length": "15000000"}).status == 413


def test_pictures_are_kept_and_given_again_without_the_server(site, tiny_atlas):
    version = atlas_version(open_atlas(tiny_atlas).manifest)
    picture = f"/galaxies/cutouts/tiny/3.jpg?v={version}"
    first, second = ask(site, picture), ask(site, picture)
    assert first.status == second.status == 200
    assert first.text == second.text
    assert "immutable" in first.headers["Cache-Control"]
    kept = [path.read_bytes() for path in (site[2] / "cache").rglob("*") if path.is_file()]
    assert any(first.text in content for content in kept)


def test_who_sends_too_many_large_files_is_told_to_wait_and_queries_go_on(site):
    context = ssl.create_default_context(cafile=site[2] / "chain.pem")
    context.check_hostname = False
    head = f"POST {CALL} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2000000\r\n\r\n".encode()
    refused = 0
    for _ in range(60):
        with (
            socket.create_connection(("127.0.0.1", site[1]), timeout=30) as plain,
            context.wrap_socket(plain) as connection,
        ):
            connection.sendall(head)
            connection.settimeout(0.02)  # one that is let through waits for its body
            try:
                refused += b" 429 " in connection.recv(200)
            except TimeoutError:
                continue
    assert 1 <= refused <= 30
    assert ask(site, "/galaxies/api").status == 200


def test_a_server_that_is_away_is_said_to_be(tmp_path):
    if find_nginx() is None:
        pytest.skip(MISSING)
    with proxied(tmp_path, f"http://127.0.0.1:{free_port()}") as host:
        connection = http.client.HTTPConnection(host.removeprefix("http://"), timeout=30)
        connection.request("GET", "/galaxies/")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        assert b"try again in a minute" in answer.read()
        connection.close()


@pytest.mark.parametrize(("command", "there"), [(TO_SKY, "/sky/"), (TO_ROOT, "/")])
def test_another_path_is_one_command_away(tmp_path, command, there):
    if find_nginx() is None:
        pytest.skip(MISSING)
    main = write_configuration(tmp_path, SITE, changes_of(tmp_path, 8080, 8443))
    subprocess.run([*command, *tmp_path.glob("galaxy-finder-*.conf")], check=True)
    assert complaints_about(main) == ""
    text = "".join((tmp_path / path.name).read_text() for path in SHIPPED.glob("*.conf"))
    assert f"location {there} {{" in text
    assert f"location {there}export/ {{" in text
    directives = [line.split("#")[0] for line in text.splitlines()]
    named = [line.strip() for line in directives if "/galaxies" in line]
    assert named == [f"return 308 https://{HOST}$request_uri;"]
    manual = (SHIPPED.parents[1] / "deployment.md").read_text(encoding="utf-8")
    assert all(f"'{word}'" in manual for word in command if word.startswith(("s#", "/")))
