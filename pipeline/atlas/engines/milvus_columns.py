"""The columns of a catalogue that Milvus keeps beside the vectors, and criteria in its language."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.atlas.engines.criteria import AnyOf, Between, Criterion

NUMBER, TEXT, TRUTH = "number", "text", "truth"
LONGEST_TEXT = 1_024  # bytes of UTF-8: more than any label of a filter
MOST_COLUMNS = 60  # Milvus takes 64 fields, the row and the vector among them
_NEVER = ("object_id", "ra_deg", "dec_deg")  # nobody filters by them
# A float32 is compared in its own precision by the dashboard, and as a float64 by Milvus.
_LEEWAY = 1e-6


def kinds_of(piece: pd.DataFrame, wanted: Sequence[str] | None = None) -> dict[str, str]:
    """Return what kind of values each column holds that Milvus can keep.

    Examples
    --------
    >>> kinds_of(pd.DataFrame({"object_id": ["a"], "mag_r": [17.5], "is_star": [False]}))
    {'mag_r': 'number', 'is_star': 'truth'}
    """
    found = {}
    for name in piece if wanted is None else wanted:
        if name in _NEVER or name not in piece:
            continue
        dtype = piece[name].dtype
        if pd.api.types.is_bool_dtype(dtype):
            found[str(name)] = TRUTH
        elif pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
            found[str(name)] = NUMBER
        elif isinstance(dtype, pd.StringDtype):
            found[str(name)] = TEXT
    return dict(list(found.items())[:MOST_COLUMNS])


def field(place: int) -> str:
    """Return what Milvus calls a column: its names may have letters and digits only."""
    return f"c{place}"


def records(piece: pd.DataFrame, kinds: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what Milvus keeps of each galaxy; None where a value is missing."""
    values = [_values(piece[name], kind) for name, kind in kinds.items()]
    names = [field(place) for place in range(len(kinds))]
    for row in zip(*values, strict=True) if values else iter([()] * len(piece)):
        yield dict(zip(names, row, strict=True))


def _values(column: pd.Series, kind: str) -> list[Any]:
    missing = column.isna().to_numpy()
    if kind == NUMBER:
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return [x if math.isfinite(x) else None for x in numbers.tolist()]
    if kind == TRUTH:
        return [None if gone else bool(x) for x, gone in zip(column, missing, strict=True)]
    return [
        None if gone or not text or len(text.encode()) > LONGEST_TEXT else text
        for text, gone in zip(column, missing, strict=True)
    ]


def expression(criteria: Sequence[Criterion], kinds: Mapping[str, str]) -> str:
    """Return criteria as Milvus reads them; what it cannot be asked is left out.

    Examples
    --------
    >>> expression([AnyOf("kind", ("disk", "ring"))], {"mag_r": "number", "kind": "text"})
    '(c1 in ["disk", "ring"])'
    >>> expression([AnyOf("kind", or_missing=True), AnyOf("colour", ("red",))], {"kind": "text"})
    '(c0 is null)'
    """
    fields = {name: (field(place), kind) for place, (name, kind) in enumerate(kinds.items())}
    said = []
    for one in criteria:
        if one.column not in fields:
            continue
        name, kind = fields[one.column]
        words = _range(one, name) if isinstance(one, Between) else _choice(one, name, kind)
        if words:
            said.append(f"({words})")
    return " and ".join(said)


def _range(wanted: Between, name: str) -> str:
    ends = []
    for end, sign, compare in ((wanted.least, -1, ">="), (wanted.most, 1, "<=")):
        if end is not None:
            wide = end + sign * _LEEWAY * max(abs(end), 1e-30)
            if math.isfinite(wide):
                ends.append(f"{name} {compare} {float(wide)!r}")
    return " and ".join(ends)


def _choice(wanted: AnyOf, name: str, kind: str) -> str:
    parts = [f"{name} is null"] if wanted.or_missing else []
    if wanted.labels:
        labels = [_literal(label, kind) for label in wanted.labels]
        if None in labels:
            return ""
        parts.append(f"{name} in [{', '.join(map(str, labels))}]")
    return " or ".join(parts)


def _literal(label: str, kind: str) -> str | None:
    """Return a label as a value of a column; None if Milvus might read it otherwise."""
    if kind == TRUTH:
        return {"yes": "true", "no": "false"}.get(label)
    if kind == NUMBER:
        try:
            number = float(label)
        except ValueError:
            return None
        return repr(number) if math.isfinite(number) else None
    plain = label.isprintable() and not set(label) & set("\\\"'")
    return json.dumps(label, ensure_ascii=False) if plain else None
