"""Categories written as numbers, such as Hubble types: their order, and what they stand for."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pandas as pd

from dashboard.filters.values import is_category, numbers
from pipeline.atlas import Column

MOST_CODES = 30  # different ones, of a column that can be chosen from
_BLOCK = 1 << 20  # galaxies that are looked at at once
# As descriptions say it: "0 (face-on) to 1 (edge-on)", "1 = spiral, 2 = elliptical".
_SAID = re.compile(
    r"(?<![\w.])(?P<code>[-−]?\d+)"
    r"(?: \((?P<aside>[^()]{1,40})\)| ?[=:] ?(?P<word>[^,;.()=:]{1,40}))"
)
_CODE = re.compile(r"[-−]?\d{1,6}")
# Source: the numerical stage of the Third Reference Catalogue (de Vaucouleurs et al. 1991).
_STAGE = re.compile(r"(?i)\bt[ _]?type\b|\bhubble[ _](type|stage)|\bde vaucouleurs\b.*\btype\b")
_STAGES = {
    "-6": "cE", "-5": "E", "-4": "E+", "-3": "S0−", "-2": "S0", "-1": "S0+", "0": "S0/a",
    "1": "Sa", "2": "Sab", "3": "Sb", "4": "Sbc", "5": "Sc", "6": "Scd", "7": "Sd", "8": "Sdm",
    "9": "Sm", "10": "Im",
}  # fmt: skip


@lru_cache(maxsize=512)
def names_of_codes(column: Column) -> dict[str, str]:
    """Return what the codes of a column stand for, where its description or custom says so.

    >>> names_of_codes(Column("kind", "", "Visual class: 1 = spiral, 2 = elliptical"))
    {'1': 'spiral', '2': 'elliptical'}
    >>> names_of_codes(Column("hubble_type"))["-5"], names_of_codes(Column("mag_z"))
    ('E', {})
    """
    said = {
        found["code"].replace("−", "-"): (found["aside"] or found["word"]).strip()
        for found in _SAID.finditer(column.description)
    }
    is_stage = any(map(_STAGE.search, (column.name.replace("_", " "), column.description)))
    custom = _STAGES if is_stage else {}
    return custom | (said if len(said) > 1 else {})


def called(column: Column, label: str) -> str:
    """Return a category as people read it: a code with a true minus sign and what it stands for.

    >>> [called(Column("t_type"), label) for label in ("3", "-5", "Sb")]
    ['3 (Sb)', '−5 (E)', 'Sb']
    """
    if not is_code(label):
        return label
    name = names_of_codes(column).get(label)
    return label.replace("-", "−") + (f" ({name})" if name else "")


def is_code(label: str) -> bool:
    """Return whether a label is a whole number.

    >>> is_code("-5"), is_code("Sb"), is_code("2.5")
    (True, False, False)
    """
    return _CODE.fullmatch(label) is not None


def code_order(label: str) -> tuple[bool, int, str]:
    """Return what labels are sorted by: codes by their size, then words.

    >>> sorted(["Sb", "10", "-5", "3"], key=code_order)
    ['-5', '3', '10', 'Sb']
    """
    return (False, int(label), label) if is_code(label) else (True, 0, label)


def is_coded(column: Column, series: pd.Series) -> bool:
    """Return whether a column of numbers holds codes: a few whole ones, half of them named."""
    if is_category(series) or not (names := names_of_codes(column)):
        return False
    known = _different(numbers(series))
    if not 1 <= len(known) <= MOST_CODES or (known % 1 != 0).any():
        return False
    return sum(f"{code:.0f}" in names for code in known) >= len(known) / 2


def as_codes(series: pd.Series) -> pd.Series:
    """Return a column of at most `MOST_CODES` whole numbers as categories, those as texts."""
    values = numbers(series)
    known = _different(values)
    codes = np.empty(len(values), dtype=np.int8)
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK].astype(np.float64)
        places = np.searchsorted(known, block)
        codes[start : start + _BLOCK] = np.where(np.isfinite(block), places, -1)
    labels = [f"{code:.0f}" for code in known]
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(labels, dtype="str")), copy=False)


def _different(values: np.ndarray) -> np.ndarray:
    """Return the finite numbers among some, each once: float64, in order; the first of many."""
    found = np.empty(0)
    for start in range(0, len(values), _BLOCK):
        block = pd.unique(values[start : start + _BLOCK].astype(np.float64))
        found = np.unique(np.concatenate([found, block[np.isfinite(block)]]))
        if len(found) > MOST_CODES:
            break
    return found
