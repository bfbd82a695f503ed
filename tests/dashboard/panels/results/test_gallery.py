"""The gallery: what the browser is given to draw."""

import json

import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.panels.results import gallery
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from dashboard.query.query import Query
from tests.dashboard.panel_words import texts
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas, unit_rows


def shown(explorer, query, size="fit"):
    return gallery.show(explorer, Pictures(explorer), answer(explorer, query), size)


def test_neighbours_come_in_their_order_with_their_similarity(explorer):
    now = shown(explorer, Query((0,), k=16))
    cards = now.drawn["cards"]
    assert [card["row"] for card in cards] == list(range(1, 17))
    first = {"row": 1, "name": "G1", "similarity": "1.000", "url": None}  # cos 1 deg
    assert (
        94 < float(cards[0].pop("share").removesuffix(" % of random pairs")) < 100
    )  # 39 of 780 pairs are as near
    assert cards[0] == first
    assert (cards[9]["name"], cards[9]["similarity"]) == ("NGC 10", "0.985")  # cos 10 deg
    assert (now.drawn["heading"], now.drawn["columns"]) == ("16 most similar to M 1", 4)
    assert now.instead == []


def test_what_is_opposite_has_a_true_minus_sign():
    explorer = Explorer(small_atlas(unit_rows([[1, 0], [-3, 4]])))
    assert shown(explorer, Query((0,))).drawn["cards"][0]["similarity"] == "−0.600"


def test_all_cards_share_their_words(explorer):
    drawn = shown(explorer, Query((0,))).drawn
    assert (drawn["named"], drawn["host"]) == (True, None)
    assert drawn["why"] == "this atlas has none of it"
    without_names = Explorer(small_atlas(unit_rows([[1, 0], [1, 1]])))
    assert not shown(without_names, Query((0,))).drawn["named"]


def test_the_heading_says_what_the_neighbours_are_similar_to(explorer):
    several = Query(rows=(0, 5, 7), k=16)
    assert shown(explorer, several).drawn["heading"] == "16 most similar to M 1 and 2 more"
    unlike = Query(rows=(0,), negatives=(5, 7), k=16, least_similar=True)
    assert shown(explorer, unlike).drawn["heading"] == "16 least similar to M 1, unlike 2"


def test_an_atlas_with_few_galaxies_says_that_there_are_no_more(explorer):
    now = shown(explorer, Query((0,), k=100))
    assert (len(now.drawn["cards"]), now.drawn["heading"]) == (39, "Only 39 most similar to M 1")


def test_a_lonely_galaxy_has_a_sentence_in_the_place_of_cards():
    now = shown(Explorer(small_atlas(unit_rows([[1, 0]]))), Query((0,)))
    assert now.drawn["cards"] == []
    assert "no other galaxy" in texts(now.instead)[0]
    assert now.drawn["heading"] == "Most similar"


@pytest.mark.parametrize("size", [None, "fit", "", "-1", "9999", "1e9", 256, ["256"], "²"])
def test_a_size_that_is_not_offered_gets_pictures_of_the_usual_size(size):
    assert gallery.wanted_px(size) == 192


def test_a_hundred_cards_are_small_enough_to_send_at_every_step():
    explorer = Explorer(small_atlas(random_unit_rows(300, 8)))
    drawn = shown(explorer, Query((0,), k=100)).drawn
    assert len(drawn["cards"]) == 100
    assert len(str(drawn)) < 20_000
    assert json.loads(json.dumps(drawn)) == drawn


def test_opposites_have_a_sentence_in_the_place_of_cards():
    now = shown(fan([0, 180, 90]), Query((0, 1)))
    assert now.drawn["cards"] == []
    assert "opposites of each other" in texts(now.instead)[0]
