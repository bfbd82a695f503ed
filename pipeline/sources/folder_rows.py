"""The rows of a folder's catalogue: described, cleaned, and only those that can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from pipeline.catalogue import OBJECT_ID, REQUIRED, Column, identifier_text
from pipeline.column_names import StandardNames
from pipeline.positions import degrees, position_faults
from pipeline.sources import Rejected, SourceError

_KNOBS = {"unit", "description", "missing"}


def describe(
    frame: pd.DataFrame,
    found: Mapping[str, Column],
    options: Mapping[str, Mapping[str, Any]],
) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Apply what a config says of the columns.

    Parameters
    ----------
    frame : DataFrame
        A catalogue as it came.
    found : mapping of str to Column
        Its columns, as the file describes them.
    options : mapping of str to mapping
        For each column any of ``unit``, ``description`` and ``missing``, a value or list of values
        that mean "missing".

    Returns
    -------
    frame : DataFrame
        Missing values as NaN, "" in text.
    columns : dict of str to Column
        As the config describes them, else as the file does.

    Raises
    ------
    SourceError
        If the config describes a column that is not there, or uses an unknown key.
    """
    _known(options, frame, "columns")
    columns = dict(found)
    cleaned = {}
    for name, about in options.items():
        if unknown := set(about) - _KNOBS:
            raise SourceError(
                f"The config says {', '.join(sorted(unknown))} of column {name}. It may say "
                f"{', '.join(sorted(_KNOBS))}."
            )
        columns[name] = replace(
            columns[name],
            unit=about.get("unit", columns[name].unit),
            description=about.get("description", columns[name].description),
        )
        if "missing" in about:
            cleaned[name] = blanked(frame[name], about["missing"])
    return frame.assign(**cleaned), columns


def blanked(values: pd.Series, missing: Any) -> pd.Series:
    """Return a column without the values that mean "missing".

    Examples
    --------
    >>> blanked(pd.Series([3, -1]), -1).tolist()
    [3.0, nan]
    """
    missing = missing if isinstance(missing, list | tuple) else [missing]
    if not is_numeric_dtype(values):
        return values.mask(values.isin([str(value) for value in missing]), "")
    hit = values.isin(missing)
    return values.astype("float64").mask(hit) if hit.any() else values


@dataclass(frozen=True)
class Rows:
    """The rows of a catalogue that can be used, and those that cannot.

    Attributes
    ----------
    catalogue : DataFrame
        ``object_id``, ``ra_deg``, ``dec_deg``, then the other columns, but for the file's. A column
        that bears one of the three names without playing the part becomes ``catalogue_...``.
    columns : tuple of Column
        The columns of `catalogue`.
    files : list of str or None
        Names of the pictures; None if the catalogue has none.
    rejected : tuple of Rejected
        The rows left out, in their order.
    """

    catalogue: pd.DataFrame
    columns: tuple[Column, ...]
    files: list[str] | None
    rejected: tuple[Rejected, ...]


def usable_rows(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    names: StandardNames,
    *,
    needs_position: bool = True,
) -> Rows:
    """Keep the rows that have an identifier of their own and, if it is needed, a position.

    Parameters
    ----------
    frame : DataFrame
        A catalogue as it came, cleaned, rows counted from 0.
    columns : mapping of str to Column
        Its columns.
    names : StandardNames
        Which of them hold identifier, position and file.
    needs_position : bool
        Rows without a position are kept, with NaN, where this is false.

    Returns
    -------
    Rows
        Of rows that share an identifier, the first with a position stays.
    """
    if names.object_id is not None:
        ids = identifier_text(frame[names.object_id])
    else:
        ids = frame[names.file].map(lambda name: PurePosixPath(name).stem)
    ra_deg, dec_deg = _positions(frame, columns, names)
    faults = _row_faults(ids, ra_deg, dec_deg, needs_position)
    kept = faults == ""
    rejected = tuple(
        Rejected(ids[row] or f"row {row + 1}", f"Row {row + 1}: {faults[row]}")
        for row in np.flatnonzero(~kept)
    )
    required = dict(zip((c.name for c in REQUIRED), (ids, ra_deg, dec_deg), strict=True))
    used = {names.object_id, names.ra, names.dec, names.file}
    others = {
        f"catalogue_{name}" if name in required else name: name
        for name in frame.columns
        if name not in used
    }
    catalogue = pd.DataFrame(required | {new: frame[old] for new, old in others.items()})
    return Rows(
        catalogue[kept].reset_index(drop=True),
        (
            _identifier_column(columns, names),
            *REQUIRED[1:],
            *(replace(columns[old], name=new) for new, old in others.items()),
        ),
        None if names.file is None else frame[names.file][kept].tolist(),
        rejected,
    )


def _positions(
    frame: pd.DataFrame, columns: Mapping[str, Column], names: StandardNames
) -> tuple[np.ndarray, np.ndarray]:
    if names.ra is None or names.dec is None:
        return np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    return (
        degrees(frame[names.ra], columns[names.ra].unit, hours=True),
        degrees(frame[names.dec], columns[names.dec].unit),
    )


def _row_faults(
    ids: pd.Series, ra_deg: np.ndarray, dec_deg: np.ndarray, needs_position: bool
) -> np.ndarray:
    """Return a sentence for each row, empty where nothing is wrong."""
    faults = position_faults(ra_deg, dec_deg)
    if not needs_position:
        faults[~(np.isfinite(ra_deg) & np.isfinite(dec_deg))] = ""
    faults[(ids == "").to_numpy()] = "It has no identifier."
    candidates = ids[faults == ""]
    repeated = candidates.duplicated()
    first = {object_id: row for row, object_id in candidates[~repeated].items()}
    for row, object_id in candidates[repeated].items():
        faults[row] = f"Its identifier is that of row {first[object_id] + 1}, which is kept."
    return faults


def _identifier_column(columns: Mapping[str, Column], names: StandardNames) -> Column:
    """Return the column of identifiers; a catalogue may say more of them than we can."""
    described = columns[names.object_id].description if names.object_id is not None else ""
    return replace(OBJECT_ID, description=described or OBJECT_ID.description)


def only(
    frame: pd.DataFrame, columns: tuple[Column, ...], keep: Sequence[str] | None
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Return the required columns and those to keep; all where `keep` is None."""
    if keep is None:
        return frame, columns
    _known(keep, frame, "keep")
    names = {column.name for column in REQUIRED} | set(keep)
    columns = tuple(column for column in columns if column.name in names)
    return frame[[column.name for column in columns]], columns


def _known(names: Mapping[str, Any] | Sequence[str], frame: pd.DataFrame, key: str) -> None:
    if missing := [name for name in names if name not in frame.columns]:
        raise SourceError(
            f"{key} in the [source] table names {', '.join(missing)}, but the columns of the "
            f"catalogue are {', '.join(frame.columns)}."
        )
