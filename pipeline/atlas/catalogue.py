"""The columns of a catalogue: names, units, descriptions; reading and writing them."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.atlas.errors import PipelineError
from pipeline.atlas.formats import (
    ABOUT,
    FORMATS,
    LARGEST_EXACT_INTEGER,
    READERS,
    READING_ERRORS,
    catalogue_format,
    field_metadata,
)


class CatalogueError(PipelineError):
    """A catalogue cannot be read or lacks what every catalogue must have."""


@dataclass(frozen=True)
class Column:
    """One column of a catalogue."""

    name: str  # a quantity carries its unit, e.g. ``ra_deg``
    unit: str = ""  # as `astropy.units` spells it; empty for a pure number or a text
    description: str = ""  # one phrase for people
    ucd: str = ""  # what it means, in the IVOA's words, if the survey says so


OBJECT_ID = Column("object_id", "", "Identifier in the survey")
RA_DEG = Column("ra_deg", "deg", "Right ascension (ICRS)")
DEC_DEG = Column("dec_deg", "deg", "Declination (ICRS)")
REQUIRED = (OBJECT_ID, RA_DEG, DEC_DEG)


def read_catalogue(
    path: str | Path, *, text: Collection[str] = ()
) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Read a catalogue of any of the usual formats.

    Parameters
    ----------
    path : path
        A CSV, TSV, ECSV, FITS, VOTable or Parquet file; all but Parquet may be compressed (.gz).
    text : collection of str
        Columns, in any case, that a CSV file keeps as the text it holds: identifiers, whose
        leading zeros must survive.

    Returns
    -------
    frame : DataFrame
        Numbers in native byte order, NaN where missing; text as str, "" where missing. Integers
        with missing values become float64, or text where that would lose digits. Elements of
        vectors become columns of their own, ``flux_0``, ``flux_1``...
    columns : dict of str to Column
        Unit and description of every column, empty where the format has none.

    Raises
    ------
    CatalogueError
        If the file is missing, broken, empty or of an unknown format.
    """
    path = Path(path)
    kind = catalogue_format(path)
    if kind is None:
        raise CatalogueError(
            f"{path} has a suffix that no catalogue format uses. Give a file that ends in one of "
            f"{', '.join(FORMATS)}."
        )
    if not path.is_file():
        raise CatalogueError(f"There is no catalogue {path}. Check its name and folder.")
    try:
        with warnings.catch_warnings():
            # Published tables break the small print of their standards; the values are fine.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame, descriptions = READERS[kind](path, {name.lower() for name in text})
    except READING_ERRORS as error:
        raise CatalogueError(
            f"{path} cannot be read as {kind} ({error}). Check that the file is complete and that "
            "its suffix tells its format."
        ) from error
    if frame.empty:
        raise CatalogueError(f"{path} has no rows. Give a catalogue with one row for each galaxy.")
    return frame, {name: Column(name, *descriptions.get(name, ())) for name in frame.columns}


def write_catalogue(
    pieces: Iterable[pd.DataFrame], columns: Iterable[Column], path: str | Path
) -> None:
    """Write the catalogue of an atlas: Parquet, every column with its unit and description.

    Parameters
    ----------
    pieces : iterable of DataFrame
        One after another, of the same columns, a row for each galaxy; each becomes a row group.
        ``object_id`` is written as text whatever it is.
    columns : iterable of Column
        Every column of the pieces, in the order in which they are written.
    path : path

    Raises
    ------
    CatalogueError
        If `columns` and the columns of a piece differ, or a required one is missing.
    """
    declared = {column.name: column for column in columns}
    _require(declared, f"The catalogue for {path}")
    schema = None
    with ExitStack() as stack:
        for piece in pieces:
            if set(declared) != set(piece.columns):
                raise CatalogueError(
                    f"The catalogue for {path} and the description of its columns differ in "
                    f"{', '.join(sorted(set(declared) ^ set(piece.columns)))}. Describe every "
                    "column once."
                )
            ordered = piece[list(declared)].assign(object_id=identifier_text(piece["object_id"]))
            table = pa.Table.from_pandas(ordered, schema=schema, preserve_index=False)
            if schema is None:
                schema = _described(table.schema, declared)
                writer = stack.enter_context(pq.ParquetWriter(path, schema, compression="zstd"))
            writer.write_table(table.cast(schema))


def read_atlas_catalogue(
    path: str | Path, content: bytes | None = None
) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Read what `write_catalogue` wrote; ``content`` is what is in the file, if it is known.

    Raises
    ------
    CatalogueError
        If the file is missing or broken, lacks a required column, or holds identifiers as numbers.
    """
    try:
        table = pq.read_table(Path(path) if content is None else pa.BufferReader(content))
    except (OSError, pa.ArrowException) as error:
        raise CatalogueError(f"{path} cannot be read ({error}). Rebuild the atlas.") from error
    columns = {name: Column(name, *about) for name, about in field_metadata(table.schema).items()}
    _require(columns, str(path))
    frame = table.to_pandas()
    if not pd.api.types.is_string_dtype(frame["object_id"]):
        raise CatalogueError(
            f"{path} holds object_id as {frame['object_id'].dtype}, not as text. Rebuild the atlas."
        )
    return frame, columns


def identifier_text(values: pd.Series) -> pd.Series:
    """Return identifiers as text, digit for digit.

    They have no spaces at their ends, and are "" where missing.

    Raises
    ------
    CatalogueError
        If floating-point numbers have a fraction or are too large to have kept their digits.

    Examples
    --------
    >>> identifier_text(pd.Series([587724197202165859, 17])).tolist()
    ['587724197202165859', '17']
    """
    if pd.api.types.is_float_dtype(values):
        known = values.dropna()
        if ((known % 1 != 0) | (known.abs() >= LARGEST_EXACT_INTEGER)).any():
            raise CatalogueError(
                f"The identifiers in column {values.name} are floating-point numbers that have "
                "lost digits. Write the catalogue with identifiers as text or as 64-bit integers."
            )
        values = values.astype("Int64")
    return values.astype("str").where(values.notna(), "").str.strip()


def described(field: pa.Field) -> pa.Field:
    """Return a field with no more than unit, description and UCD beside its name and type."""
    kept = {key: words for key, words in (field.metadata or {}).items() if key in ABOUT}
    return pa.field(field.name, field.type, metadata=kept)


def _described(schema: pa.Schema, declared: Mapping[str, Column]) -> pa.Schema:
    fields = [field.with_metadata(_about(declared[field.name])) for field in schema]
    return pa.schema(fields, metadata=schema.metadata)


def _about(column: Column) -> dict[str, str]:
    about = {"unit": column.unit, "description": column.description}
    return about | ({"ucd": column.ucd} if column.ucd else {})  # few columns have one


def _require(columns: Collection[str], what: str) -> None:
    missing = [column.name for column in REQUIRED if column.name not in columns]
    if missing:
        raise CatalogueError(
            f"{what} lacks {', '.join(missing)}; it has {', '.join(columns)}. Rebuild it."
        )
