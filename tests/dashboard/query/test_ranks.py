"""Selected ranks as text: short, back as they were, and nothing else is taken for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.query.query import QueryError
from dashboard.query.ranks import MOST_RANKS, checked_ranks, ranks_from_text, ranks_to_text

RANKS = st.sets(st.integers(1, MOST_RANKS), min_size=1).map(sorted)


@given(RANKS)
def test_ranks_come_back_from_text_as_they_were(ranks):
    assert list(ranks_from_text(ranks_to_text(ranks))) == ranks


@given(RANKS)
def test_an_address_has_room_for_them_and_takes_their_letters(ranks):
    text = ranks_to_text(ranks)
    assert len(text) <= 167
    assert text.isascii()
    assert text.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("ranks", "text"),
    [
        ([1], "gA"),  # 1000 0000
        ([8], "AQ"),  # 0000 0001
        ([1, 3, 12], "oBA"),  # 1010 0000 0001 0000
        (range(1, MOST_RANKS + 1), "_" * 166 + "8"),  # 1,000 = 166 x 6 + 4
    ],
)
def test_each_rank_is_a_bit(ranks, text):
    assert ranks_to_text(ranks) == text


@pytest.mark.parametrize(
    "text", ["", "A", "AA", "gA==", "g A", "gA,gA", "é", "_" * 168, "A" * 9000]
)
def test_what_is_no_selection_is_said_to_be_none(text):
    with pytest.raises(QueryError, match="cannot be read") as refused:
        ranks_from_text(text)
    assert len(str(refused.value)) < 200


@given(st.text(max_size=20))
def test_no_text_is_a_failure(text):
    try:
        ranks = ranks_from_text(text)
    except QueryError:
        return
    assert 1 <= ranks[0] <= ranks[-1] <= MOST_RANKS


def test_ranks_of_a_page_are_put_in_order_each_once():
    assert checked_ranks([7, 2, 7]) == (2, 7)


@pytest.mark.parametrize("ranks", [None, "1", {"1": 1}, [0], [1001], [1.0], [True], [1] * 1001])
def test_a_page_cannot_send_other_ranks(ranks):
    with pytest.raises(QueryError, match="Reload the page"):
        checked_ranks(ranks)
