"""A catalogue as one uncompressed Arrow file, of which every column can be used as it is mapped.

Parquet is packed: to use a column is to unpack it, and a text of its own for each of ten million
galaxies is a gigabyte. Here the numbers of a column lie in one piece, as numpy has them, texts that
repeat as the numbers of their labels, others one behind the other: see docs/decisions/025. Made
from ``catalogue.parquet``, column by column, so that one column's block is all that is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.atlas.catalogue import Column, described
from pipeline.atlas.errors import REBUILD, AtlasError
from pipeline.atlas.formats import field_metadata

_TRUTH = {b"truth": b"yes"}  # of a field of bytes that are 0 or 1; Arrow's own take a bit
_HASHED = 1 << 18
_BROKEN = (pa.ArrowException, ValueError, OSError, MemoryError, OverflowError)


@dataclass(frozen=True)
class ColumnPlan:
    """How a column lies in the file.

    Attributes
    ----------
    field : Field
        Name, type, unit and description.
    labels : Array or None
        The different texts, in the order in which they first come; None unless it has their
        numbers.
    """

    field: pa.Field
    labels: pa.Array | None = None

    @property
    def n_buffers(self) -> int:
        """In how many pieces it comes: texts have their ends, and their letters."""
        return 2 if self.field.type == pa.large_string() else 1


def plan_columns(parquet: Path) -> list[ColumnPlan]:
    """Return how each column of a catalogue will lie in the file; looks at the texts."""
    with pq.ParquetFile(parquet) as source:
        return [_plan(source, field) for field in source.schema_arrow]


def write_buffers(parquet: Path, plan: ColumnPlan, files: Sequence[Path]) -> None:
    """Write the pieces of a column, each as a file of its own, block by block."""
    streams = [file.open("wb") for file in files]
    try:
        with pq.ParquetFile(parquet) as source:
            for pieces in _pieces(source, plan):
                for stream, piece in zip(streams, pieces, strict=True):
                    stream.write(piece)
    finally:
        for stream in streams:
            stream.close()


def join_columns(
    plans: Sequence[ColumnPlan], parts: Sequence[Sequence[Path]], n_rows: int, file: Path
) -> None:
    """Write the file from the pieces of all its columns."""
    arrays = []
    for plan, paths in zip(plans, parts, strict=True):
        buffers = [None, *(pa.py_buffer(_mapped(path)) for path in paths)]
        kind = plan.field.type
        stored = kind.index_type if plan.labels is not None else kind
        array = pa.Array.from_buffers(stored, n_rows, buffers, null_count=0)
        if plan.labels is not None:
            array = pa.DictionaryArray.from_arrays(array, plan.labels, safe=False)
        arrays.append(array)
    schema = pa.schema([plan.field for plan in plans])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def map_columns(
    file: Path, content: np.ndarray, n_rows: int, *, thorough: bool
) -> tuple[dict[str, pd.Series], dict[str, Column]]:
    """Return the columns that lie in the mapped ``content`` of a file, and what they are.

    What could crash a reader is looked at: types, lengths, the ends of texts, numbers of labels;
    with ``thorough`` also every letter.

    Raises
    ------
    AtlasError
        It is damaged, compressed, or of another length.
    """
    try:
        with pa.ipc.open_file(pa.py_buffer(content)) as reader:
            if reader.num_record_batches != 1:
                raise ValueError(f"it is in {reader.num_record_batches} parts, not in one")
            batch = reader.get_batch(0)
        for array in batch.columns:
            _check_place(array, content)
        batch.validate(full=thorough)
        if batch.num_rows != n_rows:
            raise ValueError(f"it has {batch.num_rows} rows, the manifest says {n_rows}")
        schema = batch.schema
        if len(set(schema.names)) != len(schema):
            raise ValueError("it has two columns of one name")
        series = {
            field.name: _series(field, array)
            for field, array in zip(schema, batch.columns, strict=True)
        }
    except _BROKEN as error:
        raise AtlasError(f"{file} cannot be read ({error}). {REBUILD}") from error
    about = {name: Column(name, *words) for name, words in field_metadata(schema).items()}
    return series, about


def are_unique(texts: pd.Series) -> bool:
    """Return whether no two texts are the same: 8 bytes of memory for each of them."""
    hashes = np.empty(len(texts), dtype=np.uint64)
    for start in range(0, len(texts), _HASHED):
        block = texts.iloc[start : start + _HASHED].astype(object)
        hashes[start : start + _HASHED] = pd.util.hash_array(block.to_numpy(), categorize=False)
    order = np.argsort(hashes)
    ordered = hashes[order]
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    if not again.size:
        return True
    alike = np.unique(order[np.concatenate([again, again + 1])])
    return bool(texts.iloc[alike].is_unique)  # or else two texts of one hash


def _plan(source: pq.ParquetFile, field: pa.Field) -> ColumnPlan:
    kind, about = field.type, described(field)
    has_nulls = any(block.null_count for block in _blocks(source, field.name))
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and not has_nulls):
        return ColumnPlan(about)
    if pa.types.is_integer(kind):  # as pandas has them
        return ColumnPlan(about.with_type(pa.float64()))
    if pa.types.is_boolean(kind) and not has_nulls:
        metadata = {**(about.metadata or {}), **_TRUTH}
        return ColumnPlan(about.with_type(pa.uint8()).with_metadata(metadata))
    labels = pa.array([], pa.large_string())
    for block in _blocks(source, field.name):
        labels = pc.unique(pa.concat_arrays([labels, pc.unique(_texts(block))]))
        if len(labels) >= np.iinfo(np.int16).max:
            return ColumnPlan(about.with_type(pa.large_string()))
    # As pandas chooses, which else would copy the numbers.
    numbers = pa.int8() if len(labels) < np.iinfo(np.int8).max else pa.int16()
    return ColumnPlan(about.with_type(pa.dictionary(numbers, pa.large_string())), labels)


def _blocks(source: pq.ParquetFile, name: str) -> Iterator[pa.Array]:
    for number in range(source.num_row_groups):
        # By its name: to ask for "a" also brings a column "a.b".
        yield source.read_row_group(number, [name]).column(name).combine_chunks()


def _texts(block: pa.Array) -> pa.Array:
    if pa.types.is_boolean(block.type):
        block = pc.if_else(block, "yes", "no")
    return block.cast(pa.large_string()).fill_null("")


def _pieces(source: pq.ParquetFile, plan: ColumnPlan) -> Iterator[tuple[bytes, ...]]:
    kind, end = plan.field.type, 0
    if plan.n_buffers == 2:
        yield np.zeros(1, np.int64).tobytes(), b""
    for block in _blocks(source, plan.field.name):
        if plan.labels is not None:
            numbers = pc.index_in(_texts(block), plan.labels).cast(kind.index_type)
            yield (_raw(numbers),)
        elif plan.n_buffers == 2:
            texts = _texts(block)
            ends = end + np.cumsum(pc.binary_length(texts).to_numpy(), dtype=np.int64)
            yield ends.tobytes(), b"".join(texts.cast(pa.large_binary()).to_pylist())
            end = int(ends[-1]) if len(ends) else end
        elif pa.types.is_floating(kind):
            yield (_raw(block.cast(kind).fill_null(np.nan)),)
        else:
            yield (_raw(block.cast(kind)),)


def _raw(block: pa.Array) -> bytes:
    return block.to_numpy(zero_copy_only=False).tobytes()


def _mapped(path: Path) -> np.ndarray:
    if path.stat().st_size == 0:  # cannot be mapped
        return np.empty(0, np.uint8)
    return np.memmap(path, np.uint8, "r")


def _check_place(array: pa.Array, content: np.ndarray) -> None:
    """Raise a ValueError unless all of an array lies in the file, and none of it is missing.

    To be asked first: of a damaged file Arrow makes arrays beyond its end, and looks there whether
    values are missing. What was compressed lies elsewhere.
    """
    missing, *buffers = array.buffers()
    first, last = content.ctypes.data, content.ctypes.data + content.nbytes
    for buffer in buffers:
        if not buffer:  # an empty one lies nowhere
            continue
        if not first <= buffer.address <= last - buffer.size:
            raise ValueError("it is compressed, or cut off")
    if missing is not None:
        raise ValueError("it lacks values")
    if isinstance(array, pa.DictionaryArray):
        _check_place(array.dictionary, content)


def _series(field: pa.Field, array: pa.Array) -> pd.Series:
    """Return a column as a series that lies where the array does."""
    kind = field.type
    if kind == pa.large_string():
        return _series_of_texts(field.name, array)
    if pa.types.is_dictionary(kind) and kind.value_type == pa.large_string():
        labels = pd.Index(_series_of_texts(field.name, array.dictionary).tolist(), dtype="str")
        numbers = _numbers(array.indices)
        return pd.Series(pd.Categorical.from_codes(numbers, labels), name=field.name, copy=False)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise ValueError(f"column {field.name} is of type {kind}")
    values = _numbers(array)
    if _TRUTH.items() <= (field.metadata or {}).items():
        if kind != pa.uint8() or (values > 1).any():
            raise ValueError(f"column {field.name} has truth values that are none")
        values = values.view(bool)
    return pd.Series(values, name=field.name, copy=False)


def _series_of_texts(name: str, array: pa.Array) -> pd.Series:
    _, ends_buffer, letters = array.buffers()
    ends = np.frombuffer(ends_buffer, np.int64, len(array) + 1)
    n_bytes = 0 if letters is None else letters.size
    if ends[0] != 0 or ends[-1] > n_bytes or (ends[1:] < ends[:-1]).any():
        raise ValueError(f"the texts of column {name} overlap")
    kind = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.Series(pd.array(array, dtype=kind), name=name, copy=False)


def _numbers(array: pa.Array) -> np.ndarray:
    kind = np.dtype(array.type.to_pandas_dtype())
    return np.frombuffer(array.buffers()[1], kind, len(array))
