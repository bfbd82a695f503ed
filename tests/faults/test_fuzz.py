"""Calls of the page, mangled in every way: none is a fault of the server, whatever it says."""

import base64
import copy
import io
import json
import logging
import random

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.names.sesame import ENVIRONMENT as SESAME
from dashboard.page import create_page
from dashboard.panels.query.own_picture import searched_with
from dashboard.pictures.fetched import ENVIRONMENT as CUTOUTS
from dashboard.web.gate import CALL
from dashboard.web.limits import DEEPEST
from pipeline.atlas import open_atlas
from tests.dashboard.two_pages import explorer_called
from tests.faults.recorded_calls import calls

N_QUICK, N_LONG = 500, 20_000
SEED = 15


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = [
    *(None, True, False, 0, -1, 1, 3.5, 2**31, 2**63, 10**30, -(10**30), 1e308, -1e308, 5e-324),
    *("", " ", "\0", "\ud800", "x\udfff", "é", "ﷺ" * 300, "x" * 5_000, "../../etc/passwd", "NaN"),
    *("<script>alert(1)</script>", "=cmd()", "{}", "[]", "one", "G3", "mag_z", "1e999", "\r\nX: y"),
    *([], {}, [[]], [{}], {"": None}, {"\ud800": "\udfff"}, nested(20), nested(DEEPEST + 5)),
    *([None] * 300, list(range(1_000)), {"points": [{}]}, ["mag_z"], {"rows": [1]}, [0.5, 0.5]),
    *({"type": "x", "column": "y"}, {"id": 1}, [[1, "a", "b", ""]], {"column": ["ALL"]}),
]
RAW_NUMBERS = [b"NaN", b"-Infinity", b"1e999", b"9" * 5_000, b"-0.0", b"1E400", b"00", b"0x1"]
ADDRESSES = [
    "/",
    "/atlas/one/",
    "/atlas/one/method",
    "/export/one/neighbours.csv",
    "/export/tiny/catalogue.fits",
    "/export/one/selection.vot",
    "/export/tiny/neighbours.zip",
    "/enlarged/one/3",
    "/cutouts/tiny/3.jpg",
    "/api",
    "/health",
    "/atlas/one/_dash-component-suites/dash/deps/x.js",
    "/assets/ui.css",
]
FIELDS = [
    "galaxy",
    "not",
    "k",
    "f.mag_z",
    "picture",
    "region",
    "apart",
    "order",
    "in",
    "n",
    "ranks",
]


@pytest.fixture(scope="module")
def site(tiny_atlas):
    """Return the server of two atlases, and the calls of both pages with their addresses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SESAME, "off")
        patch.setenv(CUTOUTS, "off")
        tiny = Explorer(open_atlas(tiny_atlas))
        explorers = {"tiny": tiny, "one": explorer_called("one")}
        client = create_app(explorers).test_client()
        found = []
        for name, other in (("tiny", "one"), ("one", "tiny")):
            app = create_page(Flask("dashboard"), explorers[name], explorers)
            own = searched_with(tiny, picture(), "mine.png")[1] if name == "tiny" else None
            url = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
            bodies = calls(app, explorers[name], explorers[other], url, own)
            found += [(f"/atlas/{name}/{CALL}", body) for body in bodies]
    return client, found


def picture():
    levels = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "png")
    return file.getvalue()


def places(value, path=()):
    """Yield the path of every part of a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else ()
    children = enumerate(value) if isinstance(value, list) else children
    for key, child in children:
        yield from places(child, (*path, key))


def mangled(rng, body):
    """Return a call with one to three of its parts replaced, left out, doubled or renamed."""
    body = copy.deepcopy(body)
    for _ in range(rng.randint(1, 3)):
        found = list(places(body))[1:]
        deep = [path for path in found if "value" in path]
        if not found:
            break
        *way, last = rng.choice(deep if deep and rng.random() < 0.7 else found)
        parent = body
        for step in way:
            parent = parent[step]
        change = rng.randrange(6)
        if change == 0:
            del parent[last]
        elif change == 1:
            parent[last] = [parent[last]]
        elif change == 2 and isinstance(parent, dict):
            parent[rng.choice(["", "id", "value", "rows", "\ud800"])] = parent.pop(last)
        elif change == 3 and isinstance(parent[last], list):
            parent[last] = parent[last] * rng.choice([2, 50])
        else:
            parent[last] = copy.deepcopy(rng.choice(HOSTILE))
    return body


def written(rng, body):
    """Return a call as bytes, now and then mangled once more."""
    data = json.dumps(body).encode()
    choice = rng.randrange(14)
    if choice == 0:
        return data[: rng.randrange(len(data))]
    if choice == 1:
        at = rng.randrange(len(data))
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if choice == 2:
        return data.replace(b": null", b": " + rng.choice(RAW_NUMBERS), 1)
    if choice == 3:
        return data.decode().encode(rng.choice(["utf-16", "utf-8-sig", "utf-32"]))
    return data


def asked(rng, found):
    """Return method, address and body of a request."""
    if rng.random() < 0.15:
        values = [str(rng.choice(HOSTILE)), f"%{rng.randrange(256):02x}", "one", "3", "14..17"]
        fields = [f"{rng.choice(FIELDS)}={rng.choice(values)[:3_000]}" for _ in range(3)]
        search = "&".join(fields).encode("utf-8", "replace").decode()
        address, tail = (
            rng.choice(ADDRESSES),
            rng.choice(["", "", "/", "%00", "/../x", "%ed%a0%80"]),
        )
        if tail:
            address = f"{address.rstrip('/')}{tail}"
        return "GET", f"{address}?{search}", None
    address, body = rng.choice(found)
    return "POST", address, written(rng, mangled(rng, body))


def answers(site, seed, n):
    """Yield for each of ``n`` requests what was asked, and the status."""
    client, found = site
    rng = random.Random(seed)
    for _ in range(n):
        method, address, data = asked(rng, found)
        with client.open(
            address, method=method, data=data, content_type="application/json"
        ) as answer:
            answer.get_data()
            yield f"{method} {address} {(data or b'')[:4_000]!r}", answer.status_code


def check(site, caplog, seed, n):
    """Ask, and return how often each status came."""
    statuses = {}
    with caplog.at_level(logging.WARNING):
        for what, status in answers(site, seed, n):
            statuses[status] = statuses.get(status, 0) + 1
            assert status < 500, f"{status} after {what}"
            faults = [one for one in caplog.records if one.levelno >= logging.ERROR]
            assert not faults, f"{faults[0].exc_text or faults[0]} after {what}"
            refusals = [one for one in caplog.records if one.name == "dashboard.web.gate"]
            assert len(refusals) == (status in (400, 413, 415) and "POST" in what), what
            caplog.clear()
    return statuses


def test_the_recorded_calls_are_those_of_a_page(site, caplog):
    client, found = site
    for address, body in found:
        answer = client.post(address, json=body)
        assert answer.status_code == 200, (body["output"], answer.text)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_mangled_requests_are_answered_by_sentences_and_refusals_by_one_line(site, caplog):
    statuses = check(site, caplog, SEED, N_QUICK)
    assert statuses[200] > 50
    assert statuses[400] > 50


@pytest.mark.long_fault
@pytest.mark.timeout(1_200)
def test_twenty_thousand_mangled_requests_are_no_fault_of_the_server(site, caplog):
    statuses = check(site, caplog, SEED + 1, N_LONG)
    assert sum(statuses.values()) == N_LONG
    print(statuses)  # noqa: T201  # the table of counts
