"""The panels that follow the query answer in one request, each for itself."""

from dash import Output, no_update

from dashboard.panels.parts import Follower
from dashboard.panels.results.following import answers


def follower(name, *props, show):
    return Follower(tuple(Output(name, prop) for prop in props), show)


def test_the_answers_of_all_followers_come_in_the_order_of_their_outputs():
    followers = [
        follower("a", "x", "y", show=lambda store, _colour: (store, 2)),
        follower("b", "z", show=lambda _store, colour: (colour,)),
    ]
    assert answers(followers, None, "query", "mag_z") == ["query", 2, "mag_z"]


def test_a_follower_that_fails_is_told_of_and_the_others_answer_all_the_same():
    def fail(_store, _colour):
        raise ValueError("opposites")

    told = []
    followers = [
        follower("a", "x", "y", show=fail),
        follower("b", "z", show=lambda _store, _colour: ("well",)),
    ]
    assert answers(followers, told.append, {}, "") == [no_update, no_update, "well"]
    assert [str(error) for error in told] == ["opposites"]
