"""Tables that say where galaxies are: sweep catalogues, the NGC and IC, any catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.atlas.angles import degrees
from pipeline.atlas.catalogue import (
    DEC_DEG,
    OBJECT_ID,
    RA_DEG,
    CatalogueError,
    Column,
    read_catalogue,
)
from pipeline.atlas.column_names import OBJECT_ID_NAMES, standard_names
from pipeline.sources.legacysurvey.files import Files, survey_blocks, table_files
from pipeline.sources.legacysurvey.sweeps import GALAXY_TYPES, OWN_NAMES, read_sweeps
from pipeline.sources.rows import Rows, describe, only, usable_rows
from pipeline.sources.source import SourceError

NGC = "ngc"
_NGC_COLUMNS = {
    "majax": Column("major_axis_arcmin", "arcmin", "Major axis"),
    "minax": Column("minor_axis_arcmin", "arcmin", "Minor axis"),
    "pa": Column("position_angle_deg", "deg", "Position angle of the major axis, North to East"),
    "bmag": Column("mag_b", "mag", "B magnitude"),
    "vmag": Column("mag_v", "mag", "V magnitude"),
    "redshift": Column("redshift", "", "Redshift"),
    "hubble": Column("hubble_type", "", "Hubble type, as compiled from the literature"),
}


class PositionNames(NamedTuple):
    """Columns of the identifier and the position, chosen by hand; None where the usual name is."""

    object_id: str | None = None
    ra: str | None = None
    dec: str | None = None


def read_table(
    catalogue: Files,
    *,
    photo_z: Files | None = None,
    source_types: Sequence[str] = GALAXY_TYPES,
    masked_by: Sequence[str | int] = (),
    by_hand: PositionNames | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    keep: Sequence[str] | None = None,
    within: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
) -> Rows:
    """Read the rows that a catalogue supplies.

    Parameters
    ----------
    catalogue : str or sequence of str
        Path of a file, or ``"ngc"``. A file with the columns RELEASE, BRICKID, OBJID, RA and DEC is
        taken for a sweep catalogue of the Legacy Surveys; of these there may be several, or a
        folder.
    photo_z : str or sequence of str, optional
        Photo-z catalogues that are joined to the sweep catalogues: see `redshift_files`.
    source_types : sequence of str
        Models of a sweep catalogue whose objects are wanted.
    masked_by : sequence of str or int
        Bits of MASKBITS; objects of a sweep catalogue with any of them are left out.
    by_hand : PositionNames, optional
        Columns to use where the usual names mislead.
    options : mapping, optional
        Unit, description and missing values by column, as of `describe`.
    keep : sequence of str, optional
        Columns to keep; of a sweep catalogue those to keep beside the usual ones.
    within : callable
        Given usable rows as a DataFrame, returns those that are wanted. Of large catalogues it sees
        some at a time.

    Returns
    -------
    Rows
        Without `files`.

    Raises
    ------
    SourceError
        The catalogue cannot be read, or has no positions.
    """
    options = options or {}
    if catalogue == NGC:
        frame, columns = _ngc()
        return _kept(usable_rows(*describe(frame, columns, options), OWN_NAMES), keep, within)
    files = table_files(catalogue)
    try:
        if len(files) > 1 or survey_blocks(files[0]) is not None:
            return read_sweeps(
                files,
                photo_z=photo_z,
                source_types=source_types,
                masked_by=masked_by,
                options=options,
                keep=keep or (),
                within=within,
            )
        if photo_z is not None or masked_by:
            raise SourceError(
                f"photo_z and masked_by are for sweep catalogues, and {files[0]} is no sweep "
                "catalogue: it lacks release, brickid or objid. Leave them out of the [source] "
                "table."
            )
        return _kept(_any_rows(files[0], by_hand or PositionNames(), options), keep, within)
    except CatalogueError as error:
        raise SourceError(str(error)) from error


def _kept(
    rows: Rows, keep: Sequence[str] | None, within: Callable[[pd.DataFrame], pd.DataFrame]
) -> Rows:
    # The cuts first: they may be in a column that is not kept.
    catalogue, columns = only(within(rows.catalogue), rows.columns, keep)
    return replace(rows, catalogue=catalogue, columns=columns)


def _any_rows(path: Path, by_hand: PositionNames, options: Mapping[str, Mapping[str, Any]]) -> Rows:
    """Return the rows of any catalogue; a mere list of positions is named by them."""
    text = (*OBJECT_ID_NAMES, by_hand.object_id or "")
    frame, found = read_catalogue(path, text=text)
    try:
        names = standard_names(frame, **by_hand._asdict())
    except CatalogueError:
        if by_hand.object_id:
            raise
        names = standard_names(frame.assign(object_id=""), **by_hand._asdict())
        assert names.ra is not None
        assert names.dec is not None
        ra_deg = degrees(frame[names.ra], found[names.ra].unit, hours=True)
        dec_deg = degrees(frame[names.dec], found[names.dec].unit)
        places = [f"{ra:.5f}{dec:+.5f}" for ra, dec in zip(ra_deg, dec_deg, strict=True)]
        frame = frame.assign(object_id=places)
        found = {**found, "object_id": replace(OBJECT_ID, description="Position, degrees")}
    if names.object_id is not None:
        names = replace(names, file=None)
    return replace(usable_rows(*describe(frame, found, options), names), files={})


def _ngc() -> tuple[pd.DataFrame, dict[str, Column]]:
    """Return the galaxies of the NGC and the IC."""
    from pyongc import data  # it opens a data base of 14,000 objects

    found = data.galaxies(extra_ids=True).reset_index(drop=True)
    texts = found[["messier", "ngc", "ic", "identifiers", "commonnames"]].fillna("").astype("str")
    common = texts["commonnames"].str.split(",")
    frame = pd.DataFrame(
        {
            "object_id": found["name"].map(_readable),
            "ra_deg": np.degrees(found["ra"]) % 360,
            "dec_deg": np.degrees(found["dec"]),
            "name": common.str[0],
            "other_names": [_other_names(row) for row in texts.itertuples(index=False)],
            **{column.name: found[name] for name, column in _NGC_COLUMNS.items()},
        }
    )
    columns = (
        replace(OBJECT_ID, description="Number in the NGC or the IC"),
        RA_DEG,
        DEC_DEG,
        Column("name", "", "Common name"),
        Column("other_names", "", "Other names, separated by semicolons"),
        *_NGC_COLUMNS.values(),
    )
    return frame, {column.name: column for column in columns}


def _readable(name: str) -> str:
    """Return a name as people write it.

    Examples
    --------
    >>> _readable("NGC0205"), _readable("IC0080 NED01")
    ('NGC 205', 'IC 80 NED01')
    """
    return re.sub(r"^(NGC|IC|M)0*(\d)", r"\1 \2", name)


def _other_names(row: Any) -> str:
    parts = (
        *(f"M{number}" for number in row.messier.split(",") if number),
        *(f"NGC{number}" for number in row.ngc.split(",") if number),
        *(f"IC{number}" for number in row.ic.split(",") if number),
        *row.identifiers.split(","),
        *row.commonnames.split(","),
    )
    return "; ".join(_readable(part) for part in parts if part)
