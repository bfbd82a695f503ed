"""The usual names of columns: which one is the identifier, the position, the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from pandas.api.types import is_numeric_dtype

from pipeline.atlas.catalogue import CatalogueError

# In order of preference; compared in lower case, with everything but letters, digits and a leading
# underscore as "_". Identifiers of objects come before those of measurements.
OBJECT_ID_NAMES = (
    *("object_id", "objectid", "objid", "obj_id", "source_id", "sourceid", "id", "id_str"),
    *("iauname", "iau_name", "dr8objid", "dr7objid", "specobjid", "targetid", "galaxy_id"),
    *("galaxyid", "coadd_object_id", "pgc", "main_id", "designation", "name", "galaxy", "object"),
    *("number",),
)
# VizieR: _RAJ2000 is in degrees always, RAJ2000 may be sexagesimal.
POSITION_NAMES = (
    *(("ra_deg", "dec_deg"), ("radeg", "decdeg"), ("radeg", "dedeg"), ("_raj2000", "_dej2000")),
    *(("ra_icrs", "de_icrs"), ("ra_icrs", "dec_icrs"), ("_ra_icrs", "_de_icrs")),
    *(("ra", "dec"), ("ra", "de"), ("ra", "decl"), ("_ra", "_de"), ("ra_d", "dec_d")),
    *(("raj2000", "dej2000"), ("raj2000", "decj2000"), ("ra_j2000", "dec_j2000")),
    *(("ra2000", "dec2000"), ("raj", "decj"), ("alpha_j2000", "delta_j2000")),
    *(("alphawin_j2000", "deltawin_j2000"), ("alphapeak_j2000", "deltapeak_j2000")),
    *(("ramean", "decmean"), ("rastack", "decstack"), ("s_ra", "s_dec")),
    *(("target_ra", "target_dec"), ("coord_ra", "coord_dec"), ("plug_ra", "plug_dec")),
    *(("ra_hms", "dec_dms"), ("right_ascension", "declination"), ("alpha", "delta")),
)
FILE_NAMES = (
    *("file", "filename", "file_name", "image", "image_file", "image_path", "path", "filepath"),
    *("file_path", "file_loc", "picture", "cutout", "image_name", "imagename", "img", "thumbnail"),
    *("png", "jpg", "jpeg", "fits", "png_loc"),
)


@dataclass(frozen=True)
class StandardNames:
    """The columns of a catalogue that play the parts every catalogue must fill."""

    object_id: str | None  # None only where a `file` identifies the galaxy
    ra: str | None  # as `angles.degrees` reads it; None where there is none and need not be
    dec: str | None
    file: str | None  # name of the picture


def standard_names(
    frame: pd.DataFrame,
    *,
    object_id: str | None = None,
    ra: str | None = None,
    dec: str | None = None,
    file: str | None = None,
    needs_position: bool = True,
) -> StandardNames:
    """Find the columns of the identifier, the position and the file.

    Parameters
    ----------
    frame : DataFrame
    object_id, ra, dec, file : str, optional
        Columns chosen by hand; they win over the usual names.
    needs_position : bool
        Whether a catalogue without positions is an error.

    Raises
    ------
    CatalogueError
        If there is no position although one is needed, neither identifier nor file, or no column
        chosen by hand.
    """
    by_hand = {"object_id": object_id, "ra": ra, "dec": dec, "file": file}
    for part, name in by_hand.items():
        if name is not None and name not in frame.columns:
            raise CatalogueError(
                f"The config sets {part}_column = {name!r}, but the catalogue has no such column. "
                f"It has {', '.join(frame.columns)}."
            )
    usual: dict[str, str] = {}
    for name in frame.columns:
        usual.setdefault(normal_name(name), name)
    if ra is None and dec is None:
        pairs = [pair for pair in POSITION_NAMES if usual.keys() >= set(pair)]
        ra, dec = (usual[name] for name in pairs[0]) if pairs else (None, None)
    ra = ra or _first(usual, (pair[0] for pair in POSITION_NAMES))
    dec = dec or _first(usual, (pair[1] for pair in POSITION_NAMES))
    texts = {key: name for key, name in usual.items() if not is_numeric_dtype(frame[name])}
    file = file or _first(texts, FILE_NAMES)
    object_id = object_id or _first(usual, OBJECT_ID_NAMES)
    if needs_position and (ra is None or dec is None):
        lacking, key = ("right ascension", "ra") if ra is None else ("declination", "dec")
        raise CatalogueError(_nameless(lacking, f"{key}_column", frame))
    if object_id is None and file is None:
        raise CatalogueError(_nameless("identifier", "object_id_column", frame))
    return StandardNames(object_id, ra, dec, file)


def normal_name(name: str) -> str:
    """Return a name as the usual ones are written.

    >>> normal_name("RA (ICRS)"), normal_name("_RAJ2000")
    ('ra_icrs', '_raj2000')
    """
    return re.sub(r"(?<!^)[^a-z0-9]+", "_", name.strip().lower()).rstrip("_")


def _first(usual: dict[str, str], names: Iterable[str]) -> str | None:
    return next((usual[name] for name in names if name in usual), None)


def _nameless(part: str, key: str, frame: pd.DataFrame) -> str:
    return (
        f"No column of the catalogue has a usual name for the {part}; its columns are "
        f"{', '.join(map(str, frame.columns))}. Name the right one as {key} in the [source] table "
        "of the config."
    )
