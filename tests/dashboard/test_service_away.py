"""What people see while a service that finds neighbours is away: a sentence, never a fault."""

import pytest
from flask import Flask

from dashboard import ids
from dashboard.app import create_app
from dashboard.page import create_page
from pipeline.atlas.errors import UnreachableError
from tests.dashboard.test_app_requests import card, happened, page_of, value
from tests.dashboard.two_pages import explorer_called

AWAY = "The service that finds neighbours cannot be reached."


class AwayEngine:
    """Asks a service that gives no answer."""

    summary, description, has_substitute = "a service", "It asks.", False

    def __init__(self, engine):
        self.engine, self.is_away = engine, True

    def trouble(self):
        return AWAY if self.is_away else ""

    def proposals(self, direction, n, allowed=None):
        if self.is_away:
            raise UnreachableError(AWAY)
        return self.engine.proposals(direction, n, allowed)


@pytest.fixture
def served():
    explorer = explorer_called("one")
    engine = explorer.search.engine = AwayEngine(explorer.search.engine)
    page = create_page(Flask("dashboard"), explorer, {"one": explorer})
    return create_app({"one": explorer}).test_client(), page, engine


def test_a_page_says_so_keeps_its_query_and_answers_when_the_service_is_back(served):
    client, page, engine = served
    status, shown, notice = happened(client, page, page_of([5]), card(3))
    assert (status, notice) == (200, AWAY)
    assert value(shown, ids.QUERY)["query"]["rows"] == [5]
    assert list(shown) == [f"{ids.QUERY}.data"]
    engine.is_away = False
    _, shown, notice = happened(client, page, page_of([5]), card(3, 2))
    assert notice == ""
    assert value(shown, ids.QUERY)["query"]["rows"] == [3]


def test_health_and_files_say_so(served):
    client, _, engine = served
    health = client.get("/health/one")
    assert (health.status_code, health.json["status"], health.json["why"]) == (
        503,
        "unreachable",
        AWAY,
    )
    answer = client.get("/export/one/neighbours.csv?n=5")
    assert (answer.status_code, answer.text) == (503, f"{AWAY}\n")
    engine.is_away = False
    assert client.get("/health/one").status_code == 200
    assert client.get("/export/one/neighbours.csv?n=5").status_code == 200
