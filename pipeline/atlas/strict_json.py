"""JSON that means one thing: no name twice, no number that is none, no half characters."""

from __future__ import annotations

import json
import math
from typing import Any


def strict_json(text: str) -> Any:
    """Return what a text of JSON says.

    Raises
    ------
    ValueError
        It is not JSON, is nested too deeply, or names something twice; a number is not finite, or a
        text is not Unicode (half a surrogate pair).
    """
    try:
        content = json.loads(
            text, object_pairs_hook=_once, parse_constant=_refused, parse_float=_finite
        )
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!a} is there twice")
    return content


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is too large")
    return number
