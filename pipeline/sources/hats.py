"""Rows of a HATS catalogue: Parquet files, one for each cell of a HEALPix sky, of any size.

Only the cells that a region touches are read, and of them only the columns that are wanted.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.formats import READING_ERRORS
from pipeline.atlas.whole_files import fingerprint, whole_file
from pipeline.sources.source import SourceError, file_states

_STRICT = ConfigDict(extra="forbid")
_Degrees = Annotated[float, Field(ge=0, le=360)]
_Declination = Annotated[float, Field(ge=-90, le=90)]
# Of the files that say what a catalogue is, those that are always there and change with it.
_FILES = ("hats.properties", "properties", "collection.properties", "partition_info.csv")
# Of the cells, in files of former versions of the format.
_OF_CELLS = frozenset({"Norder", "Dir", "Npix"})


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Cone:
    """A circle on the sky, its edge included."""

    ra_deg: _Degrees
    dec_deg: _Declination
    radius_deg: Annotated[float, Field(gt=0, le=180)]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Box:
    """Ranges of right ascension and declination, their ends included.

    ``ra_deg = (359, 1)`` runs across 0.
    """

    ra_deg: tuple[_Degrees, _Degrees]
    dec_deg: tuple[_Declination, _Declination]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class HatsPart:
    """What is wanted of a HATS catalogue: the rows that fulfil everything here.

    Attributes
    ----------
    cone, box : Cone or Box, optional
        One of them at most.
    limits : mapping of str to (least, most)
        Ranges of columns of the catalogue, such as magnitudes; infinite where there is no limit. A
        row without a value is within no limit.
    columns : tuple of str, optional
        Columns to read beside the position. By default what the catalogue itself calls its default,
        else all but those that hold lists.
    """

    cone: Cone | None = None
    box: Box | None = None
    limits: dict[str, tuple[float, float]] = Field(default_factory=dict)
    columns: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> HatsPart:
        if self.cone is not None and self.box is not None:
            raise ValueError("hats has a cone and a box: leave one of them out")
        ranges = dict(self.limits)
        if self.box is not None:
            ranges["dec_deg"] = self.box.dec_deg
        for name, (least, most) in ranges.items():
            if least > most:
                raise ValueError(f"{name} = [{least:g}, {most:g}] has least and most swapped")
        return self


def hats_file(path: str, part: HatsPart, folder: Path) -> Path:
    """Return a Parquet file with a part of a catalogue; what was read once is not read again.

    So rows keep their numbers while an interrupted ingest goes on, whatever becomes of a catalogue
    on the network. One in a folder is read again if it changes. Errors are those of `read_hats`.
    """
    state = file_states(description_files(path))
    kept = folder / f"hats-{fingerprint(path, asdict(part), state)[:16]}.parquet"
    if not kept.exists():
        table = read_hats(path, part)
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(kept) as partial:
            pq.write_table(table, partial)
    return kept


def read_hats(path: str, part: HatsPart) -> pa.Table:
    """Read a part of a HATS catalogue.

    Parameters
    ----------
    path : str
        Folder, or URL, of a catalogue or of a collection, whose main catalogue is then meant.
    part : HatsPart

    Returns
    -------
    Table
        The position, in degrees, as ``ra`` and ``dec``, whatever the catalogue calls it; the other
        columns by their names. Fields keep what the catalogue says of them.

    Raises
    ------
    SourceError
        lsdb is not installed, there is no such catalogue or column, the files cannot be read, or no
        row is within the part.
    """
    with _lsdb(path) as lsdb:
        from hats.loaders.read_hats import read_hats as describe

        described: Any = describe(path)
        described = getattr(described, "main_catalog", described)
        info, schema = described.catalog_info, described.schema
        left_out = {*_OF_CELLS, info.healpix_column or "_healpix_29"}
        names = [
            field.name
            for field in schema
            if field.name not in left_out and not pa.types.is_nested(field.type)
        ]
        asked = part.columns or info.default_columns or names
        if unknown := sorted({*part.limits, *(part.columns or ())} - set(names)):
            raise SourceError(
                f"{path} has no column {', '.join(unknown)}. It has {', '.join(names)}."
            )
        if texts := [name for name in part.limits if _is_text(schema.field(name).type)]:
            raise SourceError(
                f"limits in [source.hats] name {', '.join(texts)}, which holds text. Limits are "
                "for numbers."
            )
        position = {info.ra_column: "ra", info.dec_column: "dec"}
        # Columns of these names that are not the position would be taken for it.
        wanted = [
            name
            for name in names
            if name in position or (name in asked and name.lower() not in ("ra", "dec"))
        ]
        frame = _rows(lsdb, path, part, wanted)
    if frame.empty:
        raise SourceError(f"No row of {path} is within what [source.hats] asks for. Widen it.")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_name(position.get(field.name, field.name)).with_metadata(
            schema.field(field.name).metadata
        )
        for field in table.schema
    ]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def description_files(path: str) -> list[Path]:
    """Return the files that change when a catalogue in a folder changes; none for a URL."""
    return [Path(path) / name for name in _FILES]


def _is_text(kind: pa.DataType) -> bool:
    return not (
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    )


def _rows(lsdb: Any, path: str, part: HatsPart, wanted: list[str]) -> pd.DataFrame:
    region = None
    if cone := part.cone:
        region = lsdb.ConeSearch(cone.ra_deg, cone.dec_deg, cone.radius_deg * 3600)
    elif box := part.box:
        region = lsdb.BoxSearch(box.ra_deg, box.dec_deg)
    filters = [
        (name, comparison, bound)
        for name, bounds in part.limits.items()
        for comparison, bound in zip((">=", "<="), bounds, strict=True)
        if math.isfinite(bound)
    ]
    catalogue = lsdb.open_catalog(
        path,
        search_filter=region,
        columns=wanted,
        filters=filters or None,
        error_empty_filter=False,
    )
    return pd.DataFrame(catalogue.compute(progress_bar=False)).reset_index(drop=True)[wanted]


@contextmanager
def _lsdb(path: str) -> Iterator[Any]:
    """Yield lsdb, and turn what can go wrong with it into sentences."""
    with warnings.catch_warnings():
        # lsdb and what it needs use what pandas 4 will not have any more.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import lsdb
            from aiohttp import ClientError
        except ImportError as error:
            raise SourceError(
                f"A HATS catalogue needs lsdb ({error}). Install it with 'pip install -r "
                "pipeline/requirements-optional.txt'."
            ) from error
        errors: tuple[type[BaseException], ...] = (*READING_ERRORS, ClientError)
        try:
            yield lsdb
        except errors as error:
            raise SourceError(
                f"{path} cannot be read as a HATS catalogue ({error}). It must be the complete "
                "folder, or the URL, that holds hats.properties."
            ) from error
