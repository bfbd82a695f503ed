"""Answers that are worth keeping as long as the atlas they are about is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
_Function = Callable[Concatenate["Explorer", Arguments], Answer]


def remembered(
    most: int,
) -> Callable[[_Function[Arguments, Answer]], _Function[Arguments, Answer]]:
    """Let a function of an explorer keep its last ``most`` answers for each explorer.

    The explorer itself holds them (`Explorer.memory`): they go when it goes, and may refer to it.
    The other arguments are hashable and given by position. Threads may ask at once.
    """

    def decorate(function: _Function[Arguments, Answer]) -> _Function[Arguments, Answer]:
        @wraps(function)
        def answer(explorer: Explorer, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            answers = explorer.memory.setdefault(answer, {})
            try:
                return answers[args]
            except KeyError:
                found = function(explorer, *args, **kwargs)
            answers[args] = found
            for oldest in list(answers)[:-most]:
                answers.pop(oldest, None)
            return found

        return answer

    return decorate
