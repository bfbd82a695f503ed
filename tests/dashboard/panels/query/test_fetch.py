"""The button that fetches a position, without a browser and without a network."""

import base64
from dataclasses import replace

import numpy as np
import pytest
from dash import no_update

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.query import fetch, search
from dashboard.pictures.fetched import Fetcher
from pipeline.atlas import CutoutService
from tests.dashboard.panel_words import texts
from tests.dashboard.small_atlas import small_atlas

NOTHING = (no_update,) * 3


@pytest.fixture(scope="module")
def served():
    """An atlas with a cutout service and a model."""
    service = CutoutService(
        base_url="https://www.legacysurvey.org/viewer/jpeg-cutout", layer="ls-dr9"
    )
    atlas = small_atlas(np.eye(2, dtype=np.float32))
    manifest = replace(atlas.manifest, cutout_service=service)
    explorer = Explorer(replace(atlas, manifest=manifest))
    explorer.embedder = object()
    return explorer


def test_a_position_that_an_atlas_lacks_can_be_fetched_if_its_model_knows_such_pictures(
    served, explorer
):
    offers = search.find(served, "M 51")[-1]
    buttons = [one for one in offers if search.FETCH in texts(one)]
    assert [one.id for one in buttons] == [ids.search_fetch("202.469625, +47.19516667", "M 51")]
    assert search.FETCH not in texts(search.find(explorer, "M 51")[-1])


def test_what_is_fetched_is_a_file_of_ones_own_that_is_called_after_what_was_asked(served):
    asked = []

    def ask(address):
        asked.append(address)
        return b"picture"

    contents, name, message = fetch.fetch(
        served, Fetcher(ask), ids.search_fetch("10 5", "X 1"), [1]
    )
    assert base64.b64decode(contents.partition(",")[2]) == b"picture"
    assert (name, message) == ("X 1, from legacysurvey.org", "")
    assert asked[0].startswith("https://www.legacysurvey.org/viewer/fits-cutout?ra=10.000000&dec=5")


def test_without_a_network_it_says_so(served):
    def ask(_address):
        raise OSError("no network")

    *same, message = fetch.fetch(served, Fetcher(ask), ids.search_fetch("10 5", "X"), [1])
    assert same == [no_update, no_update]
    assert message == "legacysurvey.org cannot be reached."


@pytest.mark.parametrize("chosen", [None, 7, {}, {"position": 7}, {"position": "400 5"}])
def test_a_position_that_was_never_offered_is_asked_of_nobody(served, chosen):
    *same, _ = fetch.fetch(served, Fetcher(lambda _: pytest.fail("asked")), chosen, [1])
    assert same == [no_update, no_update]


def test_a_button_that_only_appears_is_no_click(served, explorer):
    nobody = Fetcher(lambda _: pytest.fail("asked"))
    chosen = ids.search_fetch("10 5", "X")
    assert fetch.fetch(served, nobody, chosen, [None]) == NOTHING
    assert fetch.fetch(explorer, nobody, chosen, [1]) == NOTHING
