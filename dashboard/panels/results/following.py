"""What follows the query: the panels that show it answer in one request, not in one each.

For every callback the browser goes through all components of the page several times; one callback
instead of six takes a third off the time between a click and its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import Dash, Input, State, no_update

from dashboard import ids
from dashboard.panels.parts import Follower


def answers(
    followers: Sequence[Follower], tell: Callable[[Exception], None], store: Any, colour: Any
) -> list[Any]:
    """Return the values of all outputs; a follower that fails is told of and changes nothing."""
    values: list[Any] = []
    for follower in followers:
        try:
            values.extend(follower.show(store, colour))
        except Exception as error:  # noqa: BLE001 - the other panels are to answer all the same
            tell(error)
            values.extend([no_update] * len(follower.outputs))
    return values


def register(app: Dash, followers: Sequence[Follower], tell: Callable[[Exception], None]) -> None:
    """Let all followers answer whenever the query changes."""

    @app.callback(
        *(output for follower in followers for output in follower.outputs),
        Input(ids.QUERY, "data"),
        State(ids.MAP_COLOUR, "value"),
        prevent_initial_call=True,
    )
    def follow_query(store: Any, colour: Any) -> Any:
        return answers(followers, tell, store, colour)
