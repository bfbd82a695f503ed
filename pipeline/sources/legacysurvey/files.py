"""Catalogues that are asked for: which files there are, and reading them block by block."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic.dataclasses import dataclass

from pipeline.atlas.catalogue import CatalogueError, read_catalogue
from pipeline.atlas.formats import READING_ERRORS, catalogue_format, first_fits_table
from pipeline.sources.hats import HatsPart, description_files
from pipeline.sources.legacysurvey.columns import IDENTIFIERS, MEASURED
from pipeline.sources.source import STRICT, SourceError

# A row of a sweep catalogue has about 700 bytes, of which we use a fifth.
BLOCK_ROWS = 2**17
SUFFIXES = (".fits", ".fits.gz")
PHOTO_Z_SUFFIXES = ("-pz.fits", "-pz.fits.gz")
_FITS_ERRORS: tuple[type[BaseException], ...] = (*READING_ERRORS, UserWarning)

# Models that the survey fits to what is extended; PSF is a star, DUP a star's second entry.
GALAXY_TYPES = ("REX", "EXP", "DEV", "SER")

Files = str | Sequence[str]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TableChoice:
    """The catalogue that says where galaxies are.

    Attributes
    ----------
    catalogue : str or sequence of str
        Path of a file, or ``"ngc"``; with `hats` the folder or URL of a HATS catalogue. A file with
        the columns RELEASE, BRICKID, OBJID, RA and DEC is taken for a sweep catalogue of the Legacy
        Surveys; of these there may be several, or a folder.
    hats : HatsPart, optional
        What is wanted of it.
    photo_z : str or sequence of str, optional
        Photo-z catalogues that are joined to the sweep catalogues: see `redshift_files`.
    source_types : sequence of str
        Models of a sweep catalogue whose objects are wanted.
    masked_by : sequence of str or int
        Bits of MASKBITS; objects of a sweep catalogue with any of them are left out.
    columns : mapping, optional
        Unit, description and missing values by column, as of `pipeline.sources.rows.describe`.
    keep : sequence of str, optional
        Columns to keep; of a sweep catalogue those to keep beside the usual ones.
    object_id_column, ra_column, dec_column : str, optional
        Columns of any other catalogue to use where the usual names mislead.
    """

    catalogue: Files
    hats: HatsPart | None = None
    photo_z: Files | None = None
    source_types: Sequence[str] = GALAXY_TYPES
    masked_by: Sequence[str | int] = ()
    columns: Mapping[str, Mapping[str, Any]] | None = None
    keep: Sequence[str] | None = None
    object_id_column: str | None = None
    ra_column: str | None = None
    dec_column: str | None = None


def table_files(files: Files, *, photo_z: bool = False) -> list[Path]:
    """Return the files of a catalogue.

    A folder has files ``sweep-*.fits``, and ``sweep-*-pz.fits`` for `photo_z`, all of which may be
    compressed (.gz).

    Raises
    ------
    SourceError
        The folder has none, or holds a HATS catalogue.
    """
    if not isinstance(files, str):
        return [Path(name) for name in files]
    folder = Path(files)
    if not folder.is_dir():
        return [folder]
    found = [
        path
        for path in sorted(folder.glob("sweep-*"))
        if path.name.endswith(SUFFIXES) and path.name.endswith(PHOTO_Z_SUFFIXES) == photo_z
    ]
    if not found and any(path.exists() for path in description_files(files)):
        raise SourceError(
            f"The folder {folder} holds a HATS catalogue. Add a table [source.hats] that says what "
            "is wanted of it; an empty one stands for all."
        )
    if not found:
        key, suffix = ("photo_z", "-pz.fits") if photo_z else ("catalogue", ".fits")
        raise SourceError(
            f"The folder {folder} has no files sweep-*{suffix}. Set {key} in the [source] table to "
            "where they are."
        )
    return found


def redshift_files(files: Sequence[Path], photo_z: Files | None) -> list[Path | None]:
    """Return the photo-z file of each sweep catalogue.

    ``NAME-pz.fits`` belongs to ``NAME.fits``; one file alone belongs to one catalogue alone,
    whatever its name.

    Raises
    ------
    SourceError
        A catalogue has none.
    """
    if photo_z is None:
        return [None] * len(files)
    found = table_files(photo_z, photo_z=True)
    if len(files) == len(found) == 1:
        return list(found)
    by_name = {path.name.removesuffix(".gz"): path for path in found}
    wanted = [f"{path.name.removesuffix('.gz').removesuffix('.fits')}-pz.fits" for path in files]
    if missing := [name for name in wanted if name not in by_name]:
        raise SourceError(
            f"The sweep catalogues have no photo-z files {', '.join(missing)}. Put them beside the "
            "others, or leave photo_z out of the [source] table."
        )
    return [by_name[name] for name in wanted]


def survey_blocks(path: Path, extra: Sequence[str] = ()) -> Iterator[pd.DataFrame] | None:
    """Read what we use of a catalogue of the Legacy Surveys.

    A sweep file has over a hundred columns and millions of rows: of a FITS file only some rows at a
    time, and of them only the columns that are used, are in memory. A compressed file is read
    whole.

    Parameters
    ----------
    path : Path
    extra : sequence of str
        Columns to read beside those that we know.

    Returns
    -------
    iterator of DataFrame, or None
        Columns in small letters, the index counting the rows of the file from 0; None if it is no
        such catalogue.

    Raises
    ------
    CatalogueError
        It cannot be read; also while iterating.
    """
    needed = {"ra", "dec", *IDENTIFIERS, *MEASURED, *extra}
    if catalogue_format(path) != "FITS" or path.suffix.lower() == ".gz" or not path.is_file():
        frame = read_catalogue(path)[0].rename(columns=str.lower)
        known = set(frame.columns)
        return iter([frame[sorted(needed & known)]]) if known >= set(IDENTIFIERS) else None
    with _first_table(path) as table:
        names = {} if table is None else {name.lower(): name for name in table.columns.names}
        if table is None or not names.keys() >= set(IDENTIFIERS):
            return None
        return _fits_blocks(path, {key: names[key] for key in needed & names.keys()}, table.header)


def _fits_blocks(path: Path, names: Mapping[str, str], header: Any) -> Iterator[pd.DataFrame]:
    for start in range(0, header["NAXIS2"], BLOCK_ROWS):
        # Opened for each block: the parts of a mapped file that were read stay in memory until it
        # is closed.
        with _first_table(path) as table:
            block = table.data[start : start + BLOCK_ROWS]
            columns = {key: np.array(block[name]) for key, name in names.items()}
            del block
        yield pd.DataFrame(
            {
                key: values.astype(values.dtype.newbyteorder("="))
                for key, values in columns.items()
                if values.ndim == 1
            }
        ).set_axis(range(start, start + len(columns[IDENTIFIERS[0]])), axis=0)


@contextmanager
def _first_table(path: Path) -> Iterator[Any]:
    """Open the first table of a FITS file, mapped; None if it has none."""
    from astropy.io import fits

    try:
        with warnings.catch_warnings(), fits.open(path, memmap=True) as hdus:
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message=".*truncated")
            yield first_fits_table(hdus)
    except _FITS_ERRORS as error:
        raise CatalogueError(
            f"{path} cannot be read as FITS ({error}). Check that the file is complete."
        ) from error
