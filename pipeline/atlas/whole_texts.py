r"""Texts that go on to others: without halves of characters, and no formulae of a spreadsheet.

``"\ud800"`` is JSON, but no UTF-8: a page or a file that has it in a name could not be sent.
"""

from __future__ import annotations

import json
import re
from typing import Any

# What spreadsheets take for the beginning of a formula, or skip before one.
# Source: OWASP, "CSV Injection"; the wide signs are those of Japanese keyboards.
FORMULA = "^'*[=+\\-@\t\r\n＝＋－＠]"
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def json_value(text: str, **options: Any) -> Any:
    r"""Return what a JSON text says, with U+FFFD for each half of a character, in names, too.

    Parameters
    ----------
    **options
        As of `json.loads`.

    Raises
    ------
    ValueError
        No JSON.

    >>> json_value('["M 51", {"M\\ud800": "\\ud83c\\udf0c"}]')
    ['M 51', {'M�': '🌌'}]
    """
    value = json.loads(text, **options)
    return _whole(value) if _HALF.search(text) else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(one) for name, one in value.items()}
    return value
