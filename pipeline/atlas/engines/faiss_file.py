"""The file of a faiss index of inverted lists, as plain numbers: written, and checked, by us.

faiss itself would fill the lists in memory. And what it reads it trusts: a size that is wrong may
end the process. So a file is read as plain numbers before faiss maps it, as Annoy's is.

The layout is that of faiss 1.15: what stands before the lists, the length of each list, and then
list by list its codes (uint8, one for each dimension) and its rows (int64).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.atlas.engines.vectors import Vectors

_ROW_BYTES = 8
_N_SAMPLED = 64
# A code and its list's centre are within a few hundredths of the vector; others are far off.
_LEAST_ALIKE = 0.9


def header_of(dim: int, n_lists: int) -> np.dtype:
    """Return what stands in a file before the codes, as a record."""

    def index(prefix: str) -> list[tuple]:
        return [
            (f"{prefix}kind", "S4"),
            (f"{prefix}dim", "<i4"),
            (f"{prefix}n", "<i8"),
            (f"{prefix}unused", "<i8", 2),
            (f"{prefix}is_trained", "u1"),
            (f"{prefix}metric", "<i4"),
        ]

    return np.dtype(
        [
            *index(""),
            ("n_lists", "<u8"),
            ("nprobe", "<u8"),
            *index("centres_"),
            ("n_centre_values", "<u8"),
            ("centres", "<f4", (n_lists, dim)),
            ("direct_map", "u1"),
            ("n_direct", "<u8"),
            ("quantiser", "<i4"),
            ("range_kind", "<i4"),
            ("range_argument", "<f4"),
            ("quantiser_dim", "<u8"),
            ("quantiser_bytes", "<u8"),
            ("n_range_values", "<u8"),
            ("ranges", "<f4", (2, dim)),  # least value, and width, of each dimension
            ("code_bytes", "<u8"),
            ("by_residual", "u1"),
            ("lists_kind", "S4"),
            ("lists_n", "<u8"),
            ("lists_code_bytes", "<u8"),
            ("lengths_kind", "S4"),
            ("n_lengths", "<u8"),
            ("lengths", "<u8", n_lists),
        ]
    )


def _expected(dim: int, n_lists: int, n: int) -> dict[str, object]:
    """Return the value of each part of a header that could be no other."""
    return {
        "kind": b"IwSq",
        "dim": dim,
        "n": n,
        "is_trained": 1,
        "metric": 0,  # inner product
        "n_lists": n_lists,
        "centres_kind": b"IxFI",
        "centres_dim": dim,
        "centres_n": n_lists,
        "centres_is_trained": 1,
        "centres_metric": 0,
        "n_centre_values": n_lists * dim,
        "direct_map": 0,
        "n_direct": 0,
        "quantiser": 0,  # 8 bits, a range for each dimension
        "range_kind": 0,
        "quantiser_dim": dim,
        "quantiser_bytes": dim,
        "n_range_values": 2 * dim,
        "code_bytes": dim,
        "by_residual": 1,
        "lists_kind": b"ilar",
        "lists_n": n_lists,
        "lists_code_bytes": dim,
        "lengths_kind": b"full",
        "n_lengths": n_lists,
    }


class Lists:
    """The lists of a new file, to be filled in chunks in any order of the rows.

    Parameters
    ----------
    file : Path
    trained : bytes
        What faiss writes of the index while it is empty.
    lengths : ndarray of int, shape (n_lists,)
    dim : int
    """

    def __init__(self, file: Path, trained: bytes, lengths: np.ndarray, dim: int) -> None:
        layout = header_of(dim, len(lengths))
        header = np.zeros(1, dtype=layout)
        # Where faiss says that all lists are empty, our lengths begin.
        same = layout.fields["lengths_kind"][1] if layout.fields is not None else 0
        header.view(np.uint8)[:same] = np.frombuffer(trained[:same], np.uint8)
        expected = _expected(dim, len(lengths), int(lengths.sum()))
        for name in ("n", "lengths_kind", "n_lengths"):
            header[name] = expected[name]
        header["lengths"] = lengths
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        self._put(header.tobytes(), 0)
        self._starts = _starts(lengths, dim)
        self._lengths, self._dim = lengths.tolist(), dim
        self._filled = [0] * len(lengths)

    def add(self, lists: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> None:
        """Write codes (n, dim) and rows (n,) of galaxies at the ends of their lists (n,)."""
        order = np.argsort(lists, kind="stable")
        ends = np.flatnonzero(np.diff(lists[order], append=-1)) + 1
        codes, rows, begin = codes[order], rows[order].astype("<i8"), 0
        for end, number in zip(ends.tolist(), lists[order][ends - 1].tolist(), strict=True):
            start, filled = self._starts[number], self._filled[number]
            self._put(codes[begin:end].data, start + filled * self._dim)
            start += self._lengths[number] * self._dim
            self._put(rows[begin:end].data, start + filled * _ROW_BYTES)
            self._filled[number] = filled + end - begin
            begin = end

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _put(self, content: bytes | memoryview, place: int) -> None:
        """Write something at its place: not into a mapped file, which takes memory until it ends.

        Nor does a disk without room end the process so; it raises an OSError.
        """
        rest = memoryview(content).cast("B")
        while rest:
            n_written = os.pwrite(self._descriptor, rest, place)
            rest, place = rest[n_written:], place + n_written


def fault_in(content: Path, vectors: Vectors, n_lists: int) -> str | None:
    """Return what tells a file from an index of these vectors; None if it is one.

    Every number that faiss allocates or jumps by is compared with what it has to be; every row is
    in one list, once; and some codes are decoded and compared with the vectors.
    """
    layout, n = header_of(vectors.dim, n_lists), len(vectors)
    if content.stat().st_size != layout.itemsize + n * (vectors.dim + _ROW_BYTES):
        return "another length, dimension or number of galaxies"
    data = np.memmap(content, dtype=np.uint8, mode="r")
    header = np.frombuffer(data[: layout.itemsize], dtype=layout)[0]
    for name, value in _expected(vectors.dim, n_lists, n).items():
        if header[name] != value:
            return f"another {name.replace('_', ' ')}"
    if not (np.isfinite(header["centres"]).all() and np.isfinite(header["ranges"]).all()):
        return "numbers that are not finite"
    lengths = header["lengths"]
    if lengths.max() > n or lengths.sum() != n:
        return "lists of other lengths"
    has_come = np.zeros(n, dtype=bool)
    for rows, _ in _lists(data, lengths, vectors.dim):
        if len(rows) and (rows.min() < 0 or rows.max() >= n):
            return "rows that are no galaxies"
        has_come[rows] = True
    if not has_come.all():
        return "some galaxies twice"
    return None if _alike(data, header, vectors) >= _LEAST_ALIKE else "other embeddings"


def _alike(data: np.ndarray, header: np.void, vectors: Vectors) -> float:
    """Return the mean similarity of some vectors and what their codes say."""
    filled = np.flatnonzero(header["lengths"])
    sampled = filled[np.unique(np.linspace(0, len(filled) - 1, _N_SAMPLED).astype(int))]
    lengths, dim = header["lengths"], vectors.dim
    starts = _starts(lengths, dim)
    decoded, at = [], []
    for number in sampled.tolist():
        codes, start = data[starts[number] : starts[number] + dim], starts[number]
        place = start + int(lengths[number]) * dim
        least, width = header["ranges"]
        decoded.append(header["centres"][number] + least + (codes + 0.5) / 255 * width)
        at.append(int(data[place : place + _ROW_BYTES].view("<i8")[0]))
    order = np.argsort(at)
    found = vectors[np.array(at)[order]]
    return float(np.mean(np.sum(found * np.array(decoded)[order], axis=1)))


def _starts(lengths: np.ndarray, dim: int) -> list[int]:
    """Return where in a file each list starts."""
    before = np.cumsum(lengths.astype(np.int64)) - lengths.astype(np.int64)
    starts = header_of(dim, len(lengths)).itemsize + before * (dim + _ROW_BYTES)
    return [int(start) for start in starts]


def _lists(
    data: np.ndarray, lengths: np.ndarray, dim: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows of each list, and their codes, as views."""
    for start, length in zip(_starts(lengths, dim), lengths.tolist(), strict=True):
        middle, end = start + length * dim, start + length * (dim + _ROW_BYTES)
        yield data[middle:end].view("<i8"), data[start:middle].reshape(length, dim)
