"""An address with a galaxy that the atlas lacks offers the atlases that have it."""

import pytest
from dash import no_update

from dashboard.explorer.across import introduce
from dashboard.panels.page import address
from dashboard.query.address import unknown_galaxies
from tests.dashboard.panel_words import page_of, texts, turn_of
from tests.dashboard.query.test_elsewhere import atlas_called


@pytest.fixture
def explorers():
    explorers = {"a": atlas_called("a", [0, 10, 20]), "b": atlas_called("b", [1, 5])}
    introduce(explorers)
    return explorers


def shown(explorer, search):
    request = ("address", {"search": search})
    return address.show(explorer, turn_of(explorer, page_of(explorer, 0), request))


def test_each_atlas_that_has_it_is_one_click_away(explorers):
    changed, (said, *offers) = shown(explorers["a"], "?galaxy=B1&k=16")
    assert changed is no_update
    assert said.startswith("Atlas a has no galaxy called 'B1'.")
    assert [(texts(one), one.href) for one in offers] == [
        (["Atlas b has B1"], "/atlas/b/?galaxy=B1")
    ]
    _, (_, offer) = shown(explorers["a"], "?galaxy=b0&galaxy=B1")
    assert (offer.href, texts(offer)) == (
        "/atlas/b/?galaxy=B0&galaxy=B1",
        ["Atlas b has B0 and 1 more"],
    )


def test_where_nobody_has_it_or_all_is_well_there_is_nothing_to_offer(explorers):
    assert isinstance(shown(explorers["a"], "?galaxy=nobody")[1], str)
    assert shown(explorers["a"], "?galaxy=A1")[1] == ""
    assert unknown_galaxies(None, explorers["a"]) == []
    assert unknown_galaxies("?galaxy=%ff", explorers["a"]) == []
