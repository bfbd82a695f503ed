"""The table formats in which a catalogue may come: each becomes plain columns."""

from __future__ import annotations

import csv
import gzip
import logging
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

logger = logging.getLogger(__name__)

# Unit, description and UCD of each column.
Descriptions = dict[str, tuple[str, ...]]
ABOUT = (b"unit", b"description", b"ucd")

FORMATS = {
    ".csv": "CSV",
    ".tsv": "CSV",
    ".ecsv": "ECSV",
    ".fits": "FITS",
    ".fit": "FITS",
    ".vot": "VOTable",
    ".votable": "VOTable",
    ".xml": "VOTable",
    ".parquet": "Parquet",
    ".pq": "Parquet",
}
# What the readers of pandas, pyarrow and astropy raise for a broken file.
READING_ERRORS: tuple[type[BaseException], ...] = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, SyntaxError, EOFError),
    *(zlib.error, ExpatError, pa.ArrowException, pd.errors.ParserWarning),
)
# Integers beyond this are not exact as float64.
LARGEST_EXACT_INTEGER = 2**53
# A vector column becomes one column for each element, up to this many elements.
MOST_ELEMENTS = 16


def catalogue_format(path: str | Path) -> str | None:
    """Return the format that a file's suffix stands for, None where it stands for none.

    Examples
    --------
    >>> catalogue_format("galaxies.csv.gz"), catalogue_format("picture.jpg")
    ('CSV', None)
    """
    name = Path(path).name.lower()
    return FORMATS.get(Path(name.removesuffix(".gz")).suffix)


def read_csv(path: Path, text: Collection[str]) -> tuple[pd.DataFrame, Descriptions]:
    """Read a CSV file; the columns named in `text` (lower case) stay as they are written."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig") as lines:
        header = lines.readline()
    if header.startswith("# %ECSV"):
        return read_astropy(path, "ascii.ecsv")
    # Spreadsheets of half of Europe write semicolons.
    separator = max(",\t;", key=header.count)
    names = next(csv.reader([header], delimiter=separator, skipinitialspace=True), [])
    frame = pd.read_csv(
        path,
        sep=separator,
        # By position: names may be quoted or repeated.
        dtype={i: "str" for i, name in enumerate(names) if name.strip().lower() in text},
        # Nullable integers: a blank cell must not push 64-bit identifiers through float.
        dtype_backend="numpy_nullable",
        encoding="utf-8-sig",
        index_col=False,
        skipinitialspace=True,
        low_memory=False,
    )
    frame.columns = [str(name).strip() for name in frame.columns]
    return frame.apply(plain), {}


def read_astropy(path: Path, kind: str) -> tuple[pd.DataFrame, Descriptions]:
    """Read the first table of an ECSV, FITS or VOTable file."""
    from astropy.io import fits, votable
    from astropy.table import Table

    try:
        if kind == "votable":
            table = votable.parse_single_table(path, verify="ignore")
            return table_columns(table.to_table(use_names_over_ids=True))
        if kind == "fits":
            with open(path, "rb") as file, fits.open(file) as hdus:
                first = first_fits_table(hdus)
                if first is None:
                    raise ValueError("it holds no table")
                return table_columns(Table.read(first))
        return table_columns(Table.read(path, format=kind))
    except fits.VerifyError as error:
        raise ValueError(str(error)) from error


def first_fits_table(hdus: Any) -> Any:
    """Return the first HDU with a table, binary or not, of an open FITS file; None without one."""
    from astropy.io import fits

    kinds = fits.BinTableHDU | fits.TableHDU
    return next((hdu for hdu in hdus if isinstance(hdu, kinds)), None)


def table_columns(table: Any) -> tuple[pd.DataFrame, Descriptions]:
    """Return the columns of an astropy table, masked or not, as `plain` columns.

    A column of sky coordinates becomes ``ra_deg`` and ``dec_deg``, a vector column one column for
    each element.
    """
    from astropy.coordinates import SkyCoord

    found: dict[str, pd.Series] = {}
    descriptions: Descriptions = {}
    for name in table.colnames:
        column = table[name]
        if isinstance(column, SkyCoord):
            unit, parts = "deg", {"ra_deg": column.icrs.ra.deg, "dec_deg": column.icrs.dec.deg}
        else:
            unit, parts = str(getattr(column, "unit", None) or ""), _elements(name, column)
        for part, values in parts.items():
            found[part] = _plain_masked(values)
            descriptions[part] = (unit, column.info.description or "", _ucd(table, name))
    return pd.DataFrame(found), descriptions


def read_parquet(path: Path) -> tuple[pd.DataFrame, Descriptions]:
    """Read a Parquet file; unit and description from the metadata of its fields."""
    table = pq.read_table(path)
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    if nested:
        logger.warning("%s: left out %s, which hold lists.", path.name, ", ".join(nested))
        table = table.drop_columns(nested)
    nullable = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}
    frame = table.to_pandas(types_mapper=nullable.get)
    named_index = [name for name in frame.index.names if name is not None]
    frame = frame.reset_index(drop=not named_index).apply(plain)
    return frame, field_metadata(table.schema)


def field_metadata(schema: pa.Schema) -> Descriptions:
    """Return unit, description and UCD that the fields of a Parquet file carry."""
    return {
        field.name: (
            *((field.metadata or {}).get(key, b"").decode("utf-8", "replace") for key in ABOUT),
        )
        for field in schema
    }


def plain(values: pd.Series) -> pd.Series:
    """Return a column of any type that a table format yields as plain numbers or text.

    Those are bool, integers or floats of numpy, NaN where missing, or str, "" where missing.
    Integers with missing values become float64, or text where that would lose digits.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    missing = values.isna()
    if missing.all():
        return pd.Series(np.nan, index=values.index, name=values.name, dtype="float64")
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_complex_dtype(values):
        nullable: Any = values.dtype
        dtype: np.dtype = getattr(nullable, "numpy_dtype", nullable)
        if dtype.kind == "f" or not missing.any():
            return values.astype(dtype.newbyteorder("="))
        if dtype.kind == "b" or values.dropna().abs().max() < LARGEST_EXACT_INTEGER:
            return values.astype("float64")
    elif values.dtype == object:
        values = values.map(lambda v: v.decode("utf-8", "replace") if isinstance(v, bytes) else v)
    return values.astype("str").where(~missing, "").str.strip()


def _ucd(table: Any, name: str) -> str:
    """Return what a column means in the IVOA's words, as VOTables and FITS files say it."""
    of_fits = table.meta.get(f"TUCD{table.colnames.index(name) + 1}", "")
    return str((table[name].info.meta or {}).get("ucd") or of_fits)


def _elements(name: str, column: Any) -> dict[str, Any]:
    """Return a scalar column as it is, a vector column by elements, nothing for an array."""
    shape: tuple[int, ...] = getattr(column, "shape", (len(column),))
    if len(shape) == 1:
        return {name: column}
    if len(shape) == 2 and shape[-1] <= MOST_ELEMENTS:
        return {f"{name}_{i}": column[:, i] for i in range(shape[-1])}
    logger.warning("Left out column %s, whose cells hold arrays of shape %s.", name, shape[1:])
    return {}


def _plain_masked(column: Any) -> pd.Series:
    """Return a column of an astropy table as a plain one, masked values as missing."""
    if not hasattr(column, "dtype"):  # times and other objects of astropy
        column = np.array([str(value) for value in column])
    values = np.ma.asarray(column)
    mask = np.ma.getmaskarray(values)
    data: Any = values.data.astype(values.dtype.newbyteorder("="))
    if data.dtype.kind in "iu":
        return plain(pd.Series(pd.arrays.IntegerArray(data, mask)))
    if data.dtype.kind == "b":
        return plain(pd.Series(pd.arrays.BooleanArray(data, mask)))
    if data.dtype.kind in "SU":
        data = data.astype(object)
    return plain(pd.Series(data).mask(mask))


READERS: dict[str, Callable[[Path, Collection[str]], tuple[pd.DataFrame, Descriptions]]] = {
    "CSV": read_csv,
    "ECSV": lambda path, _: read_astropy(path, "ascii.ecsv"),
    "FITS": lambda path, _: read_astropy(path, "fits"),
    "VOTable": lambda path, _: read_astropy(path, "votable"),
    "Parquet": lambda path, _: read_parquet(path),
}
