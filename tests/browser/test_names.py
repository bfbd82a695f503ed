"""Names in the search field, with a stand-in for Sesame, in a real browser."""

import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from dashboard.sesame import ENVIRONMENT
from tests.browser.conftest import serving, visiting

SLOW = "Mrk 1018"


class StandIn(ThreadingHTTPServer):
    """Knows one galaxy, by a name that nobody else has; answers to another one when it may."""

    def __init__(self, position):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = f"%J {position.ra_deg:.7f} {position.dec_deg:+.7f} =\n"
        self.may_answer = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = unquote(self.path.partition("?")[2])
        if name == SLOW:
            self.server.may_answer.wait(20)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer.encode() if name == SLOW else b"#! nothing\n")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def sesame(explorer):
    server = StandIn(explorer.galaxy(42).position)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def server_with_sesame(tiny_atlas, sesame):
    before = os.environ.get(ENVIRONMENT)
    os.environ[ENVIRONMENT] = f"http://127.0.0.1:{sesame.server_port}/"
    try:
        with serving(tiny_atlas) as address:
            yield address
    finally:
        os.environ.pop(ENVIRONMENT)
        if before is not None:
            os.environ[ENVIRONMENT] = before


@pytest.fixture
def caller(browser, server_with_sesame):
    with visiting(browser, server_with_sesame) as visitor:
        yield visitor


def test_names_are_found_in_any_spelling_and_echoed_with_their_positions(caller, explorer):
    caller.open()
    identifier = explorer.galaxy(7).object_id
    caller.search(f" {identifier.lower().replace('-0', ' ')} ")
    caller.sees_selected(identifier)
    caller.sees_message(f"{identifier}, ")
    caller.sees_message("(this atlas)")
    caller.sees_address(f"?galaxy={identifier}&k=25")
    caller.search("messier 051")
    caller.sees_message("M 51 = NGC 5194, 13:29:52.7 +47:11:42.6 (bundled NGC/IC catalogue)")
    expect(caller.page.locator("#search-message.is-far")).to_contain_text("away, is shown")


def test_a_misspelled_name_has_suggestions_and_hostile_ones_are_shown_as_they_are(caller):
    caller.open()
    caller.search("whirpool")
    caller.sees_message("Did you mean")
    field = caller.page.get_by_label("Name or position")
    expect(field).to_have_class(re.compile("is-invalid"))
    caller.page.get_by_role("button", name="Whirlpool", exact=True).click()
    expect(field).to_have_value("Whirlpool")
    caller.sees_message("Whirlpool = NGC 5194")
    expect(caller.page.locator(".suggestion")).to_have_count(0)
    caller.search("whirpool")  # the same buttons again are not clicked by themselves
    expect(caller.page.locator(".suggestion")).to_have_count(1)
    caller.wait_until_idle()
    caller.sees_message("Did you mean")
    caller.page.get_by_role("button", name="Random").click()
    expect(caller.page.locator(".suggestion")).to_have_count(0)
    expect(caller.page.locator("#search-message")).to_be_hidden()
    for text in ("<img src=x onerror=alert(1)>", "'; DROP TABLE objects; --"):
        caller.search(text)
        caller.sees_message(text)
        assert caller.page.locator("#search-message img").count() == 0


def test_a_long_question_to_sesame_is_said_to_be_under_way(caller, explorer, sesame):
    caller.open()
    asking = caller.page.locator(".search-asking")
    expect(asking).to_be_hidden()
    caller.search(SLOW)
    expect(asking).to_be_visible()
    expect(caller.page.locator(".search-help")).to_be_hidden()
    sesame.may_answer.set()
    caller.sees_selected(explorer.galaxy(42).object_id)
    caller.sees_message(f"{SLOW}, ")
    caller.sees_message("(Sesame). Found 0.0 arcsec off.")
    expect(asking).to_be_hidden()
    expect(caller.page.locator(".search-help")).to_be_visible()
