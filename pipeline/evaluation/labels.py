"""What is known of galaxies besides their pictures: numbers and classes to be predicted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from pipeline.atlas.catalogue import REQUIRED
from pipeline.atlas.errors import PipelineError
from pipeline.config import EvaluateConfig

MOST_CLASSES = 30  # a text column with more words is a name or a remark
FEWEST_KNOWN = 30  # of a column that is taken without being named
_IDENTIFIER = re.compile(r"(id|name|names)$", re.IGNORECASE)


class LabelError(PipelineError):
    """A label that the configuration names cannot be evaluated."""


@dataclass(frozen=True, eq=False)
class Label:
    """One column, ready to be predicted."""

    name: str  # as shown; the column's name, and what was done to it
    kind: Literal["number", "class"]
    values: np.ndarray  # (n,): float with NaN, or text, empty where unknown

    @property
    def known(self) -> np.ndarray:
        """Which galaxies have the label: ndarray of bool, shape (n,)."""
        return np.isfinite(self.values) if self.kind == "number" else self.values != ""


def labels_of(catalogue: pd.DataFrame, config: EvaluateConfig) -> list[Label]:
    """Return the labels that a configuration names or, if it names none, all that can serve.

    Raises
    ------
    LabelError
        A column or class is not there, or too few galaxies have it.
    """
    check_columns(catalogue, (*config.numbers, *config.classes))
    if not (config.numbers or config.classes):
        return _all_that_serve(catalogue, config.k)
    labels = []
    for name in config.numbers:
        label = _number(name, catalogue[name])
        labels.append(label)
        if name in config.undefined and not label.known.all():
            value = config.undefined[name]
            values = np.where(label.known, label.values, value)
            shown = f"{name} (undefined = {value:g})"
            labels.append(replace(label, name=shown, values=values))
    for name in config.classes:
        merge, leave_out = config.merge.get(name, {}), config.leave_out.get(name, ())
        labels.append(_regrouped(text_of(name, catalogue[name]), merge, leave_out))
    for label in labels:
        _check_enough(label, config.k)
    return labels


def check_columns(catalogue: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Raise `LabelError` unless the catalogue has all these columns."""
    if missing := [name for name in names if name not in catalogue]:
        raise LabelError(
            f"The catalogue has no column {', '.join(missing)}. Mend [evaluate] in the "
            f"configuration; there are {', '.join(catalogue.columns)}."
        )


def text_of(name: str, column: pd.Series) -> Label:
    """Return a column as a class."""
    values = np.array([str(v) if k else "" for v, k in zip(column, column.notna(), strict=True)])
    return Label(name, "class", values)


def _number(name: str, column: pd.Series) -> Label:
    values = pd.to_numeric(column, errors="coerce").to_numpy(float)
    return Label(name, "number", np.where(np.isfinite(values), values, np.nan))


def _regrouped(
    label: Label, merge: Mapping[str, tuple[str, ...]], leave_out: tuple[str, ...]
) -> Label:
    values, there = label.values.astype(object), set(label.values)
    named = {word for words in merge.values() for word in words} | set(leave_out)
    if strangers := sorted(named - there):
        raise LabelError(
            f"{label.name} has no class {', '.join(strangers)}. Mend evaluate.merge or "
            f"evaluate.leave_out; there are {', '.join(sorted(there - {''}))}."
        )
    for name, words in merge.items():
        values[np.isin(label.values, words)] = name
    values[np.isin(label.values, leave_out)] = ""
    return replace(label, values=values.astype(str))


def _check_enough(label: Label, k: int) -> None:
    n = int(label.known.sum())
    if n <= k:
        raise LabelError(
            f"Only {n} galaxies have a {label.name}: too few for {k} neighbours. Leave it out of "
            "[evaluate]."
        )
    if len(np.unique(label.values[label.known])) < 2:
        raise LabelError(
            f"All galaxies have the same {label.name}: nothing can be predicted. Leave it out of "
            "[evaluate]."
        )


def _all_that_serve(catalogue: pd.DataFrame, k: int) -> list[Label]:
    """Return all columns but positions, identifiers, constants and texts of many words."""
    labels = []
    for name in catalogue.columns:
        if name in {column.name for column in REQUIRED} or _IDENTIFIER.search(name):
            continue
        column = catalogue[name]
        is_number = is_numeric_dtype(column) and not is_bool_dtype(column)
        label = _number(name, column) if is_number else text_of(name, column)
        known = label.values[label.known]
        n_values = len(np.unique(known))
        # Integers that are all different count something, most often rows.
        is_counter = is_integer_dtype(column) and is_number and n_values == len(known)
        is_remark = not is_number and n_values > MOST_CLASSES
        if (
            n_values > 1
            and len(known) >= max(FEWEST_KNOWN, 2 * k)
            and not (is_counter or is_remark)
        ):
            labels.append(label)
    return labels
