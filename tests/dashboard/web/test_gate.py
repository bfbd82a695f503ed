"""What is refused before anything is done, and what is said of it."""

import io
import json
import logging

import pytest

from dashboard import ids
from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.web.limits import MOST_BYTES, MOST_UPLOAD_BYTES
from tests.dashboard.two_pages import callback_of, explorer_called

CALL = "/atlas/one/_dash-update-component"


@pytest.fixture(scope="module")
def app_client():
    return create_app({"one": explorer_called("one")}).test_client()


def body_of(app, name, values):
    """Return a call of a callback, with values of its inputs and state by their components."""
    output = callback_of(app, name)
    callback = app.callback_map[output]
    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in output.strip(".").split("...")
    ]
    inputs, state = (
        [part | {"value": values.get(part["id"])} for part in callback[kind]]
        for kind in ("inputs", "state")
    )
    outputs = outputs if output.startswith("..") else outputs[0]
    return {"output": output, "outputs": outputs, "inputs": inputs, "state": state}


def post(client, body, **options):
    """Send a call as browsers do, who keep the order of its fields."""
    return client.post(CALL, data=json.dumps(body), content_type="application/json", **options)


def upload(app, n_bytes):
    body = body_of(app, "read_list", {ids.LIST_UPLOAD: "data:text/csv;base64,"})
    body["changedPropIds"] = [f"{ids.LIST_UPLOAD}.contents"]
    contents = next(one for one in body["inputs"] if one["id"] == ids.LIST_UPLOAD)
    missing = n_bytes - len(json.dumps(body))
    contents["value"] += "A" * (missing - missing % 4)
    return body


def test_a_file_may_be_large_and_all_else_may_not(app, app_client, caplog):
    assert post(app_client, upload(app, MOST_UPLOAD_BYTES - 1_000)).status_code == 200
    for body in (
        upload(app, MOST_UPLOAD_BYTES + 1_000),
        body_of(app, "show_query", {ids.SKY_ASKED: "x" * MOST_BYTES}),
    ):
        caplog.clear()
        answer = post(app_client, body)
        assert answer.status_code == 413
        assert "larger than the server takes" in answer.text
        assert answer.headers["X-Request-ID"] in answer.text
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert "\n" not in record.getMessage()


def test_one_that_does_not_say_how_long_it_is_is_counted(app, app_client):
    def send(body):
        data = json.dumps(body).encode()
        return app_client.post(
            CALL,
            input_stream=io.BytesIO(data),
            content_type="application/json",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        ).status_code

    assert send(body_of(app, "show_query", {ids.SKY_ASKED: "x"})) == 200
    assert send(body_of(app, "show_query", {ids.SKY_ASKED: "x" * MOST_BYTES})) == 413
    assert send(upload(app, MOST_UPLOAD_BYTES + 100_000)) == 413


def test_what_no_page_sends_is_refused_with_a_sentence(app, app_client):
    body = body_of(app, "show_query", {})
    for data, content_type, status in (
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (json.dumps(body | {"output": "x.y"}).encode(), "application/json", 400),
        (json.dumps(body).encode(), "text/plain", 415),
    ):
        answer = app_client.post(CALL, data=data, content_type=content_type)
        assert answer.status_code == status
        assert answer.mimetype == "text/plain"
        assert "did not understand" in answer.text


def test_scripts_that_are_not_there_are_no_fault(app_client, caplog):
    for name in ("x/y.js", "dash/../x.js", "dash/nowhere.js"):
        address = f"/atlas/one/_dash-component-suites/{name}"
        assert app_client.get(address).status_code == 404
    assert not caplog.records


def fail(*_arguments):
    raise RuntimeError("a secret of the server")


def test_a_fault_is_told_with_the_identifier_that_the_log_has(app, monkeypatch, caplog):
    client = create_app({"one": explorer_called("one")}).test_client()
    monkeypatch.setattr(Explorer, "galaxy", fail)
    sent = {"X-Request-ID": "of-the-proxy-1"}
    answer = client.get("/enlarged/one/3", headers=sent)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "(Request of-the-proxy-1.)" in answer.text
    assert "a secret of the server" in caplog.text


def test_a_callback_that_fails_names_its_request_on_the_page(app, monkeypatch):
    client = create_app({"one": explorer_called("one")}).test_client()
    monkeypatch.setattr("dashboard.panels.map.sky_view.query_on_sky", fail)
    asked = {"atlas": "one", "query": {"rows": [1], "k": 25}}
    body = body_of(app, "show_query", {ids.SKY_ASKED: asked}) | {
        "outputs": {"id": ids.SKY_QUERY, "property": "data"}
    }
    answer = post(client, body, headers={"X-Request-ID": "of-the-proxy-2"})
    assert answer.status_code == 200
    assert "(Request of-the-proxy-2.)" in answer.get_json()["sideUpdate"][ids.NOTICE]["children"]
