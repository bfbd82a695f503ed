"""Tables that say where galaxies are: sweep catalogues, the NGC and IC, any catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

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
from pipeline.sources.legacysurvey.files import TableChoice, survey_blocks, table_files
from pipeline.sources.legacysurvey.sweeps import OWN_NAMES, read_sweeps
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


def read_table(
    choice: TableChoice, within: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame
) -> Rows:
    """Read the rows that a catalogue supplies.

    Parameters
    ----------
    choice : TableChoice
        Its `hats` is not looked at: the catalogue is a file that there is.
    within : callable
        Given usable rows as a DataFrame, returns those that are wanted. Of large catalogues it sees
        some at a time.

    Raises
    ------
    SourceError
        The catalogue cannot be read, or has no positions.
    """
    options = choice.columns or {}
    if choice.catalogue == NGC:
        rows = usable_rows(*describe(*_ngc(), options), OWN_NAMES)
    else:
        files = table_files(choice.catalogue)
        try:
            if len(files) > 1 or survey_blocks(files[0]) is not None:
                return read_sweeps(files, choice, within)
            if choice.photo_z is not None or choice.masked_by:
                raise SourceError(
                    f"photo_z and masked_by are for sweep catalogues, and {files[0]} is no sweep "
                    "catalogue: it lacks release, brickid or objid. Leave them out of the [source] "
                    "table."
                )
            rows = _any_rows(files[0], choice, options)
        except CatalogueError as error:
            raise SourceError(str(error)) from error
    # The cuts first: they may be in a column that is not kept.
    catalogue, columns = only(within(rows.catalogue), rows.columns, choice.keep)
    return replace(rows, catalogue=catalogue, columns=columns)


def _any_rows(path: Path, choice: TableChoice, options: Mapping[str, Mapping[str, Any]]) -> Rows:
    """Return the rows of any catalogue; a mere list of positions is named by them."""
    object_id = choice.object_id_column
    frame, found = read_catalogue(path, text=(*OBJECT_ID_NAMES, object_id or ""))
    named = partial(standard_names, object_id=object_id, ra=choice.ra_column, dec=choice.dec_column)
    try:
        names = named(frame)
    except CatalogueError:
        if object_id:
            raise
        names = named(frame.assign(object_id=""))
        assert names.ra is not None  # else standard_names has raised  # nosec B101
        assert names.dec is not None  # else standard_names has raised  # nosec B101
        ra_deg = degrees(frame[names.ra], found[names.ra].unit, hours=True)
        dec_deg = degrees(frame[names.dec], found[names.dec].unit)
        places = [f"{ra:.5f}{dec:+.5f}" for ra, dec in zip(ra_deg, dec_deg, strict=True)]
        frame = frame.assign(object_id=places)
        found = {**found, "object_id": replace(OBJECT_ID, description="Position, degrees")}
    if names.object_id is not None:
        names = replace(names, file=None)
    return usable_rows(*describe(frame, found, options), names)


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
