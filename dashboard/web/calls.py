"""Whether a call is one that the page makes: the callback exists, and all it needs is there.

Dash takes what a browser sends for what its own page sends: a field that is missing, or an output
that is given as a list, would end as a fault of the server. What was found out here was checked
with Dash 4.4.1. What the values mean is for the panels to check.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dashboard.untrusted import is_number, quoted
from dashboard.web.limits import RefusedError

_LONGEST_ID = 1_000  # characters of one part of an id; a suggestion's is a text of the search
_MOST_MATCHING = 1_000  # components that one pattern can mean
_WILDCARDS = (["ALL"], ["MATCH"], ["ALLSMALLER"])

Callbacks = Mapping[str, Mapping[str, Any]]  # by output, as a Dash app has them


def checked_call(body: Any, callbacks: Callbacks) -> str:
    """Check a call; return the name of the function that answers it.

    Of what has changed, which is only named, it keeps what is among the inputs.

    Raises
    ------
    RefusedError
        It is none of a page's.
    """
    if not isinstance(body, dict):
        raise RefusedError("a call that is no object")
    output = body.get("output")
    callback = callbacks.get(output) if isinstance(output, str) else None
    if not isinstance(output, str) or callback is None or "callback" not in callback:
        raise RefusedError(f"no callback has the output {quoted(output)}")
    name = str(callback["callback"].__name__)
    body.setdefault("state", [])
    names = [
        *_checked(body.get("inputs"), callback["inputs"], f"inputs of {name}"),
        *_checked(body["state"], callback["state"], f"state of {name}"),
    ]
    _check_outputs(body.get("outputs"), output, name)
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        raise RefusedError(f"changes of {name} that are no names")
    known = set(names)
    body["changedPropIds"] = [one for one in changed if one in known]
    return name


def _checked(sent: Any, expected: Sequence[Mapping[str, str]], what: str) -> list[str]:
    """Return the names, as Dash spells them, of all that was sent."""
    if not isinstance(sent, list) or len(sent) != len(expected):
        raise RefusedError(f"{what} that are not {len(expected)}")
    names = []
    for one, dependency in zip(sent, expected, strict=True):
        pattern = _pattern(dependency["id"])
        several = pattern is not None and ["MATCH"] not in pattern.values()
        if several and (not isinstance(one, list) or len(one) > _MOST_MATCHING):
            raise RefusedError(f"{what} without a list")
        for part in one if several else [one]:
            if not isinstance(part, dict) or part.get("property") != dependency["property"]:
                raise RefusedError(f"{what} with another property")
            component = part.get("id")
            if part["property"] == "id" and part.get("value") != component:
                raise RefusedError(f"{what} with the id of another component")
            if pattern is None and component == dependency["id"]:
                names.append(f"{component}.{part['property']}")
            elif isinstance(component, dict) and pattern and _matches(component, pattern):
                names += [f"{spelled}.{part['property']}" for spelled in _spelled(component)]
            else:
                raise RefusedError(f"{what} of another component, {quoted(component)}")
    return names


def _check_outputs(sent: Any, output: str, name: str) -> None:
    several = output.startswith("..")
    expected = output.strip(".").split("...") if several else [output]
    parts = sent if several else [sent]
    if not isinstance(parts, list) or len(parts) != len(expected):
        raise RefusedError(f"outputs of {name} that are not {len(expected)}")
    for part, wanted in zip(parts, expected, strict=True):
        component, _, prop = wanted.rpartition(".")
        given = part if isinstance(part, dict) else {}
        if given.get("id") != component or given.get("property") not in (
            prop,
            prop.partition("@")[0],
        ):
            raise RefusedError(f"outputs of {name} that are others")


@lru_cache
def _pattern(component: str) -> dict[str, Any] | None:
    """Return the pattern that the id of a dependency is; None for the id of one component."""
    return dict(json.loads(component)) if component.startswith("{") else None


def _matches(component: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    return set(component) == set(pattern) and all(
        _is_plain(component[name]) if wanted in _WILDCARDS else component[name] == wanted
        for name, wanted in pattern.items()
    )


def _spelled(component: Mapping[str, Any]) -> list[str]:
    """Return the id as Dash spells it, and as browsers do, which write letters as they are."""
    return [
        json.dumps(component, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii_only)
        for ascii_only in (True, False)
    ]


def _is_plain(value: Any) -> bool:
    return is_number(value) or (isinstance(value, str) and len(value) <= _LONGEST_ID)
