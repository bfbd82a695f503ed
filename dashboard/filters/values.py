"""The values of a catalogue as the dashboard uses them: what is missing is missing in one way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd


def is_category(column: pd.Series) -> bool:
    """Return whether a column holds words or truth values rather than numbers."""
    return pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column)


def numbers(column: pd.Series) -> np.ndarray:
    """Return the numbers of a column in their own type, not copied where that can be avoided.

    Returns
    -------
    ndarray, shape (n_objects,)
        float64 instead of the types of pandas that know a missing value. NaN where missing.
    """
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy()
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def categories(column: pd.Series) -> tuple[np.ndarray, list[str | None]]:
    """Return the words of a column by number, not copied where it has them so.

    Returns
    -------
    codes : ndarray of int, shape (n_objects,)
        Which of the labels is a galaxy's; -1, the last one, where missing. Read-only.
    labels : list of str or None
        "yes" and "no" for truth values. None for what is missing: the last one, and empty texts.
        Some may be no galaxy's, and several the same.
    """
    if isinstance(array := column.array, pd.Categorical):
        codes, different = array.codes, array.categories
    elif column.dtype == np.dtype(bool):
        codes, different = column.to_numpy().view(np.int8), pd.Index([False, True])
    else:
        codes, different = pd.factorize(column)
    return codes, [*(word(python_scalar(value)) for value in different), None]


def python_scalar(value: Any) -> Any:
    """Return a str, bool, int or finite float; None for what is missing, an empty text too."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value == "":
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | bool | int) else str(value)


def word(scalar: Any) -> str | None:
    """Return what `python_scalar` gave as a word; "yes" or "no" for a truth value."""
    if isinstance(scalar, bool):
        return "yes" if scalar else "no"
    return None if scalar is None else str(scalar)
