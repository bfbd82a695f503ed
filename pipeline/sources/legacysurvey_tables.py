"""Tables that say where galaxies are: sweep catalogues, the NGC and IC, any catalogue."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.catalogue import (
    DEC_DEG,
    OBJECT_ID,
    RA_DEG,
    CatalogueError,
    Column,
    read_catalogue,
)
from pipeline.catalogue_formats import READING_ERRORS, catalogue_format
from pipeline.column_names import OBJECT_ID_NAMES, StandardNames, standard_names
from pipeline.positions import degrees
from pipeline.sources import SourceError
from pipeline.sources.folder_rows import Rows, describe, only, usable_rows
from pipeline.sources.legacysurvey_columns import (
    IDENTIFIERS,
    MEASURED,
    identifier_keys,
    measurements,
    object_ids,
)

NGC = "ngc"
# Models that the survey fits to what is extended; PSF is a star, DUP a star's second entry.
GALAXY_TYPES = ("REX", "EXP", "DEV", "SER")
_FITS_ERRORS: tuple[type[BaseException], ...] = (*READING_ERRORS, UserWarning)
_OWN_NAMES = StandardNames("object_id", "ra_deg", "dec_deg", None)
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
    catalogue: str,
    *,
    photo_z: str | None = None,
    source_types: Sequence[str] = GALAXY_TYPES,
    by_hand: PositionNames | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    keep: Sequence[str] | None = None,
) -> Rows:
    """Read the rows that a catalogue supplies.

    Parameters
    ----------
    catalogue : str
        Path of a file, or ``"ngc"``. A file with the columns RELEASE, BRICKID, OBJID, RA and DEC is
        taken for a sweep catalogue of the Legacy Surveys.
    photo_z : str, optional
        Photo-z catalogue that is joined to a sweep catalogue by its identifiers.
    source_types : sequence of str
        Models of a sweep catalogue whose objects are wanted.
    by_hand : PositionNames, optional
        Columns to use where the usual names mislead.
    options : mapping, optional
        Unit, description and missing values by column, as of `describe`.
    keep : sequence of str, optional
        Columns to keep; of a sweep catalogue those to keep beside the usual ones.

    Returns
    -------
    Rows
        With `files` None.

    Raises
    ------
    SourceError
        The catalogue cannot be read, or has no positions.
    """
    if catalogue == NGC:
        frame, columns = _ngc()
        return _kept(usable_rows(*describe(frame, columns, options or {}), _OWN_NAMES), keep)
    path = Path(catalogue)
    try:
        survey = _read_survey_table(path, keep or ())
        if survey is not None:
            return _sweep_rows(survey, photo_z, source_types, options or {}, keep or ())
        if photo_z is not None:
            raise SourceError(
                f"photo_z is set, but {path} is no sweep catalogue with release, brickid and objid "
                "to join it by. Leave photo_z out of the [source] table."
            )
        return _kept(_any_rows(path, by_hand or PositionNames(), options or {}), keep)
    except CatalogueError as error:
        raise SourceError(str(error)) from error


def _kept(rows: Rows, keep: Sequence[str] | None) -> Rows:
    catalogue, columns = only(rows.catalogue, rows.columns, keep)
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
    return replace(usable_rows(*describe(frame, found, options), names), files=None)


def _read_survey_table(path: Path, extra: Sequence[str]) -> pd.DataFrame | None:
    """Return what we use of a catalogue of the Legacy Surveys, in small letters; None for others.

    A sweep file has over a hundred columns and millions of rows: of FITS files only the columns
    that are used are read.
    """
    needed = {"ra", "dec", *IDENTIFIERS, *MEASURED, *extra}
    if catalogue_format(path) != "FITS":
        frame = read_catalogue(path)[0].rename(columns=str.lower)
        known = set(frame.columns)
        return frame[sorted(needed & known)] if known >= set(IDENTIFIERS) else None
    if path.name.endswith(".gz") or not path.is_file():
        return None  # read_catalogue says what is wrong
    from astropy.io import fits

    try:
        with warnings.catch_warnings(), fits.open(path, memmap=True) as hdus:
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message=".*truncated")
            for hdu in hdus:
                if not isinstance(hdu, fits.BinTableHDU):
                    continue
                names = {name.lower(): name for name in hdu.columns.names}
                if not names.keys() >= set(IDENTIFIERS):
                    return None
                columns = {key: np.array(hdu.data[names[key]]) for key in needed & names.keys()}
                return pd.DataFrame(
                    {
                        key: values.astype(values.dtype.newbyteorder("="))
                        for key, values in columns.items()
                        if values.ndim == 1
                    }
                )
    except _FITS_ERRORS as error:
        raise CatalogueError(
            f"{path} cannot be read as FITS ({error}). Check that the file is complete."
        ) from error
    return None


def _sweep_rows(
    survey: pd.DataFrame,
    photo_z: str | None,
    source_types: Sequence[str],
    options: Mapping[str, Mapping[str, Any]],
    keep: Sequence[str],
) -> Rows:
    """Return the galaxies of a sweep catalogue."""
    if missing := {"ra", "dec"} - set(survey.columns):
        raise SourceError(
            f"The sweep catalogue lacks {', '.join(sorted(missing))}. Give one with positions; a "
            "photo-z catalogue goes into photo_z of the [source] table."
        )
    if "type" in survey:
        types = survey["type"].map(lambda item: item.decode() if isinstance(item, bytes) else item)
        survey = survey[types.astype("str").str.strip().isin(source_types)].reset_index(drop=True)
        if survey.empty:
            raise SourceError(
                f"No object of the sweep catalogue is of type {', '.join(source_types)}. Set "
                "source_types in the [source] table."
            )
    if photo_z is not None:
        survey = _with_photo_z(survey, Path(photo_z))
    measured, columns = measurements(survey)
    # By its own name: a column of the survey that we do not know the meaning of.
    own = [name for name in keep if name in survey and name not in measured]
    required = {
        "object_id": object_ids(survey).where(identifier_keys(survey)[1], ""),
        "ra_deg": survey["ra"].astype("float64"),
        "dec_deg": survey["dec"].astype("float64"),
    }
    frame = pd.concat([pd.DataFrame(required), measured, survey[own]], axis=1)
    known = (OBJECT_ID, RA_DEG, DEC_DEG, *columns, *(Column(name) for name in own))
    described = describe(frame, {column.name: column for column in known}, options)
    return usable_rows(*described, _OWN_NAMES)


def _with_photo_z(survey: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Add the redshifts of a photo-z catalogue to rows of a sweep catalogue."""
    found = _read_survey_table(path, ())
    redshifts = [] if found is None else [name for name in found.columns if name.startswith("z_")]
    if found is None or not redshifts:
        raise SourceError(
            f"{path} is no photo-z catalogue: it lacks release, brickid, objid or redshifts. Set "
            "photo_z in the [source] table to a file such as sweep-...-pz.fits."
        )
    table = found[redshifts].set_axis(pd.Index(identifier_keys(found)[0]), axis=0)
    table = table[~table.index.duplicated()]
    joined = table.reindex(identifier_keys(survey)[0]).reset_index(drop=True)
    if joined.isna().all(axis=None):
        raise SourceError(
            f"No galaxy of the sweep catalogue is in {path}. Give the photo-z file of the same "
            "part of the sky."
        )
    return pd.concat([survey.drop(columns=redshifts, errors="ignore"), joined], axis=1)


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
