"""The rows of a catalogue: described, cleaned, and only those that can be used and are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from pydantic import AfterValidator

from pipeline.atlas.angles import degrees, position_faults
from pipeline.atlas.catalogue import OBJECT_ID, REQUIRED, Column, identifier_text
from pipeline.atlas.column_names import StandardNames
from pipeline.sources.source import Rejected, SourceError

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
    files : mapping of str to list of str
        Names of the pictures by band, or of all bands as ``""``; empty if the catalogue has none.
    rejected : tuple of Rejected
        The rows left out, in their order.
    """

    catalogue: pd.DataFrame
    columns: tuple[Column, ...]
    files: Mapping[str, list[str]]
    rejected: tuple[Rejected, ...]


def usable_rows(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    names: StandardNames,
    band_files: Mapping[str, str] | None = None,
    *,
    needs_position: bool = True,
) -> Rows:
    """Keep the rows that have an identifier of their own and, if it is needed, a position.

    Parameters
    ----------
    frame : DataFrame
        A catalogue as it came, cleaned; its index counts the rows of the file from 0.
    columns : mapping of str to Column
    names : StandardNames
    band_files : mapping of str to str, optional
        Which hold the file of each band, where there is more than one.
    needs_position : bool
        Rows without a position are kept, with NaN, where this is false.

    Returns
    -------
    Rows
        Of rows that share an identifier, the first with a position stays.

    Raises
    ------
    SourceError
        A column that `names` or `band_files` ask for is not there.
    """
    files = dict(band_files or ({} if names.file is None else {"": names.file}))
    _known(list(files.values()), frame, "file_column")
    if names.object_id is not None:
        ids = identifier_text(frame[names.object_id])
    elif names.file is not None:
        ids = frame[names.file].map(lambda name: PurePosixPath(name).stem)
    else:
        raise SourceError(
            "The catalogue has no identifier, which galaxies with a file for each band need. Name "
            "its column as object_id_column in the [source] table."
        )
    numbers = frame.index.to_numpy() + 1
    ra_deg = dec_deg = np.full(len(frame), np.nan)
    if names.ra is not None and names.dec is not None:
        ra_deg = degrees(frame[names.ra], columns[names.ra].unit, hours=True)
        dec_deg = degrees(frame[names.dec], columns[names.dec].unit)
    faults = _row_faults(ids, numbers, ra_deg, dec_deg, needs_position)
    kept = faults == ""
    rejected = tuple(
        Rejected(ids.iloc[row] or f"row {numbers[row]}", f"Row {numbers[row]}: {faults[row]}")
        for row in np.flatnonzero(~kept)
    )
    required = dict(zip((c.name for c in REQUIRED), (ids, ra_deg, dec_deg), strict=True))
    used = {names.object_id, names.ra, names.dec, *files.values()}
    others = {
        f"catalogue_{name}" if name in required else name: name
        for name in frame.columns
        if name not in used
    }
    catalogue = pd.DataFrame(required | {new: frame[old] for new, old in others.items()})
    # A catalogue may say more of its identifiers than we can.
    described = columns[names.object_id].description if names.object_id is not None else ""
    return Rows(
        catalogue[kept].reset_index(drop=True),
        (
            replace(OBJECT_ID, description=described or OBJECT_ID.description),
            *REQUIRED[1:],
            *(replace(columns[old], name=new) for new, old in others.items()),
        ),
        {band: frame[column][kept].tolist() for band, column in files.items()},
        rejected,
    )


def _row_faults(
    ids: pd.Series,
    numbers: np.ndarray,
    ra_deg: np.ndarray,
    dec_deg: np.ndarray,
    needs_position: bool,
) -> np.ndarray:
    """Return a sentence for each row, empty where nothing is wrong."""
    faults = position_faults(ra_deg, dec_deg)
    if not needs_position:
        faults[~(np.isfinite(ra_deg) & np.isfinite(dec_deg))] = ""
    faults[(ids == "").to_numpy()] = "It has no identifier."
    candidates = ids.reset_index(drop=True)[faults == ""]
    repeats = candidates[candidates.duplicated()]
    # Of ten million identifiers few are repeated, and only those become objects.
    alike = candidates[candidates.isin(repeats)] if len(repeats) else repeats
    first = {object_id: numbers[row] for row, object_id in alike[~alike.duplicated()].items()}
    for row, object_id in repeats.items():
        faults[row] = f"Its identifier is that of row {first[object_id]}, which is kept."
    return faults


def within(mags: pd.Series, brightest: float | None, faintest: float | None) -> np.ndarray:
    """Tell which magnitudes are within limits, where there are any; NaN is within no limit."""
    inside = (mags > -np.inf) & (mags < np.inf)
    # Compared in the precision of the column: a limit is the number that a catalogue writes.
    if brightest is not None:
        inside &= mags >= brightest
    if faintest is not None:
        inside &= mags <= faintest
    return inside.fillna(False).to_numpy(bool)


def _positive(sample: int) -> int:
    if sample < 1:
        raise SourceError(f"sample = {sample} is not positive. Leave it out for all galaxies.")
    return sample


# The number of galaxies that are drawn at random of what the other knobs leave.
Sample = Annotated[int, AfterValidator(_positive)]


def sampled(rows: np.ndarray, sample: int | None, seed: int) -> np.ndarray:
    """Return a random sample of ascending rows, ascending; all of them without one."""
    if sample is None or sample >= len(rows):
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))


def is_number(frame: pd.DataFrame, name: str) -> bool:
    """Tell whether a catalogue has a column of this name, with numbers."""
    return name in frame and is_numeric_dtype(frame[name])


def need_number(frame: pd.DataFrame, knob: str, name: str, where: str = "the catalogue") -> None:
    """See that a column that a knob names holds numbers.

    Raises
    ------
    SourceError
        It is not there, or does not.
    """
    if not is_number(frame, name):
        raise SourceError(
            f"{knob} = {name!r} is no numeric column of {where}; it has {', '.join(frame.columns)}."
        )


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
