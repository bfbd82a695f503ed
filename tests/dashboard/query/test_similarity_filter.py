"""At least this similar: a filter whose column is the cosine with the query."""

import numpy as np
import pytest

from dashboard.explorer.across import introduce
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import NoCommonDirectionError
from dashboard.filters import FilterError
from dashboard.filters.filters import SIMILARITY, Choice, Filters, Range
from dashboard.panels.query import filters as panel
from dashboard.panels.results import gallery
from dashboard.pictures.addresses import Pictures
from dashboard.query.address import from_address, to_address, unread
from dashboard.query.answer import answer
from dashboard.query.certainty import shares_of_pairs
from dashboard.query.changes import QUERY_CHANGES
from dashboard.query.elsewhere import best_of_all, carried
from dashboard.query.query import Query
from dashboard.query.similarity_column import column_to_filter, similarity_column
from tests.dashboard.panel_words import texts
from tests.dashboard.query.test_elsewhere import atlas_called
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas

HALF = Filters(((SIMILARITY, Range(0.5)),))  # within 60 degrees


@pytest.fixture
def explorer():
    return fan([0, 10, 59, 61, 180])


def test_only_galaxies_at_least_as_similar_are_neighbours_and_pass(explorer):
    assert Query((0,), filters=HALF).neighbours(explorer).rows.tolist() == [1, 2]
    assert Query((0,), filters=HALF, least_similar=True).neighbours(explorer).rows.tolist() == [
        2,
        1,
    ]
    both = Filters(((SIMILARITY, Range(0.5, 0.9)), ("ra_deg", Range(2))))
    assert Query((0,), filters=both).passing(explorer).tolist() == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert answer(explorer, Query((0,), filters=HALF)).n_passing == 3
    assert explorer.passing(HALF) is None  # nobody knows without a query


def test_it_follows_the_query_with_all_its_examples(explorer):
    several = Query((0, 3), negatives=(4,), filters=HALF)
    cosines = explorer.search.similarity(several.question(explorer))
    assert several.passing(explorer).tolist() == (cosines >= np.float32(0.5)).tolist()
    with pytest.raises(NoCommonDirectionError):
        Query((0, 4), filters=HALF).passing(explorer)
    assert answer(explorer, Query((0, 4), filters=HALF)).problem


def test_the_address_and_the_store_keep_it_and_let_nothing_else_in(explorer):
    query = Query((0,), origin="url", filters=HALF)
    assert to_address(query, explorer) == "?galaxy=G0&k=25&f.~similarity=0.5.."
    assert from_address("?galaxy=G0&k=25&f.~similarity=0.5..", explorer) == query
    assert "is not a range" in unread("?galaxy=G0&f.~similarity=much", explorer)
    assert Filters.from_store(HALF.to_store()) == HALF
    with pytest.raises(FilterError, match="give a range"):
        Filters(((SIMILARITY, Choice(("",))),))
    assert HALF.to_words({}) == "similarity: 0.5 or more"


def test_a_random_draw_keeps_within_it(explorer):
    draw = QUERY_CHANGES["random"]
    rows = {draw(explorer, Query((4,), filters=HALF), {"seed": n}).rows for n in range(5)}
    assert rows == {(4,)}


def test_it_holds_in_every_atlas_and_fewer_are_found():
    explorers = {"a": atlas_called("a", [0, 10, 80]), "b": atlas_called("b", [5, 50, 70])}
    introduce(explorers)
    query = Query((0,), filters=HALF, everywhere=True)
    found = best_of_all(explorers["a"], query).found
    assert [f"{one.explorer.name}{one.row}" for one in found] == ["b0", "a1", "b1"]
    assert carried(query, explorers["a"], explorers["b"]).filters == HALF


def test_fewer_than_were_asked_for_are_said_kindly(explorer):
    shown = gallery.show(explorer, Pictures(explorer), answer(explorer, Query((0,), filters=HALF)))
    assert shown.drawn["heading"] == "Only 2 most similar to G0 within the filters"
    high = Filters(((SIMILARITY, Range(0.99)),))
    shown = gallery.show(explorer, Pictures(explorer), answer(explorer, Query((0,), filters=high)))
    assert "".join(texts(shown.instead[0])).startswith(
        "No galaxy is that similar: the most similar one has 0.985. Ask for less"
    )


def test_its_row_says_how_random_pairs_are_spread_and_the_page_their_shares():
    explorer = Explorer(small_atlas(random_unit_rows(200, 8)))
    column = column_to_filter(explorer, SIMILARITY)
    assert column.histogram.high == 1.0
    assert sum(column.histogram.counts) == 20_000
    thresholds = np.array(similarity_column(explorer).thresholds())
    for cosine in (-0.3, 0.1234567, 0.7):
        cut = np.floor(1000 * shares_of_pairs(explorer, np.array([cosine]))[0] + 1e-6)
        assert (thresholds < cosine).sum() == cut
    assert panel.columns_offered(explorer)[0]["label"] == "similarity to the query"
    assert "data-thresholds" in str(panel.row(explorer, SIMILARITY, Range(0.5)).to_plotly_json())
