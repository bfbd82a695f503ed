"""Galaxies of sweep catalogues: those of a kind, with magnitudes, joined to their redshifts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.atlas.catalogue import Column
from pipeline.atlas.column_names import StandardNames
from pipeline.sources.legacysurvey.columns import identifier_keys, measurements
from pipeline.sources.legacysurvey.files import TableChoice, redshift_files, survey_blocks
from pipeline.sources.rows import Rows, describe, usable_rows
from pipeline.sources.source import Rejected, SourceError

# Bit i of MASKBITS. Source: Legacy Surveys DR9 and DR10 (the last two), "Bitmasks".
MASKBITS = (
    *("NPRIMARY", "BRIGHT", "SATUR_G", "SATUR_R", "SATUR_Z", "ALLMASK_G", "ALLMASK_R", "ALLMASK_Z"),
    *("WISEM1", "WISEM2", "BAILOUT", "MEDIUM", "GALAXY", "CLUSTER", "SATUR_I", "ALLMASK_I"),
)
OWN_NAMES = StandardNames("object_id", "ra_deg", "dec_deg", None)


def mask(bits: Sequence[str | int]) -> int:
    """Return the value of MASKBITS that has some bits set, given by name or by number.

    Raises
    ------
    SourceError
        There is no such bit.

    Examples
    --------
    >>> mask(["BRIGHT", 11])
    2050
    """
    numbers = [MASKBITS.index(bit) if bit in MASKBITS else bit for bit in bits]
    if unknown := [bit for bit in numbers if not (isinstance(bit, int) and 0 <= bit < 32)]:
        raise SourceError(
            f"masked_by names {', '.join(map(repr, unknown))}, which is no bit of MASKBITS. Use "
            f"numbers, or {', '.join(MASKBITS)}."
        )
    return sum(1 << int(number) for number in set(numbers))


def read_sweeps(
    files: Sequence[Path], choice: TableChoice, within: Callable[[pd.DataFrame], pd.DataFrame]
) -> Rows:
    """Read the galaxies of sweep catalogues, see `pipeline.sources.legacysurvey.tables.read_table`.

    Every block is cut before the next one is read, so that only what is wanted stays in memory.
    """
    keep = choice.keep or ()
    masked = mask(choice.masked_by)
    parts: list[Rows] = []
    for path, redshift_file in zip(files, redshift_files(files, choice.photo_z), strict=True):
        redshifts = None if redshift_file is None else _redshifts(redshift_file)
        n_wanted = n_joined = 0
        blocks = survey_blocks(path, keep)
        if blocks is None:
            raise SourceError(
                f"{path} is no sweep catalogue: it lacks release, brickid or objid. Leave it out "
                "of catalogue in the [source] table."
            )
        for block in blocks:
            survey = _cut(block, path, choice.source_types, masked)
            n_wanted += len(survey)
            if redshifts is not None:
                joined = redshifts.reindex(identifier_keys(survey)[0])
                n_joined += int(joined.notna().any(axis=1).sum())
                survey = survey.drop(columns=joined.columns, errors="ignore")
                survey = survey.join(joined.set_axis(survey.index))
            rows = _described(survey, choice.columns or {}, keep)
            parts.append(replace(rows, catalogue=within(rows.catalogue)))
        if n_wanted and redshifts is not None and not n_joined:
            raise SourceError(
                f"No galaxy of {path} is in {redshift_file}. Give the photo-z file of the same "
                "part of the sky."
            )
    return _merged(parts)


def _redshifts(path: Path) -> pd.DataFrame:
    """Return the redshifts of a photo-z catalogue by `identifier_keys`."""
    blocks = list(survey_blocks(path) or ())
    names = [name for name in (blocks[0].columns if blocks else ()) if name.startswith("z_")]
    if not names:
        raise SourceError(
            f"{path} is no photo-z catalogue: it lacks release, brickid, objid or redshifts. Set "
            "photo_z in the [source] table to a file such as sweep-...-pz.fits."
        )
    table = pd.concat(block[names].set_axis(identifier_keys(block)[0], axis=0) for block in blocks)
    return table[~table.index.duplicated()]


def _cut(
    survey: pd.DataFrame, path: Path, source_types: Sequence[str], masked: int
) -> pd.DataFrame:
    """Leave what is of the wanted types and has none of the bits."""
    if missing := {"ra", "dec"} - set(survey.columns):
        raise SourceError(
            f"The sweep catalogue {path} lacks {', '.join(sorted(missing))}. Give one with "
            "positions; a photo-z catalogue goes into photo_z of the [source] table."
        )
    if masked and "maskbits" not in survey:
        raise SourceError(
            f"{path} has no column maskbits. Leave masked_by out of the [source] table."
        )
    wanted = np.ones(len(survey), bool)
    if "type" in survey:
        types = survey["type"].map(lambda item: item.decode() if isinstance(item, bytes) else item)
        wanted &= types.astype("str").str.strip().isin(source_types).to_numpy()
    if masked:
        wanted &= (survey["maskbits"].fillna(0).to_numpy().astype(np.int64) & masked) == 0
    return survey[wanted]


def _described(
    survey: pd.DataFrame, options: Mapping[str, Mapping[str, Any]], keep: Sequence[str]
) -> Rows:
    """Return objects of a sweep catalogue as rows of ours."""
    frame, columns = measurements(survey)
    # By its own name: a column of the survey that we do not know the meaning of.
    own = [name for name in keep if name in survey and name not in frame]
    known = {column.name: column for column in (*columns, *map(Column, own))}
    return usable_rows(*describe(frame.join(survey[own]), known, options), OWN_NAMES)


def _merged(parts: Sequence[Rows]) -> Rows:
    """Put the rows of all blocks together; of those that share an identifier the first stays."""
    # An empty table has no types of its own, and would spoil those of the others.
    full = [part for part in parts if len(part.catalogue)] or list(parts[:1])
    if any(part.columns != full[0].columns for part in full):
        raise SourceError(
            "The sweep catalogues have different columns. Give those of one release only."
        )
    catalogue = pd.concat([part.catalogue for part in full], ignore_index=True)
    repeated = catalogue["object_id"].duplicated()
    again = "Its identifier is that of a galaxy of an earlier file, which is kept."
    return replace(
        full[0],
        catalogue=catalogue[~repeated].reset_index(drop=True),
        rejected=(
            *(item for part in parts for item in part.rejected),
            *(Rejected(object_id, again) for object_id in catalogue["object_id"][repeated]),
        ),
    )
