"""Thumbnails of an atlas: encoded pictures one after another in a file, and where each begins."""

from __future__ import annotations

import io
import shutil
import zlib
from array import array
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.atlas.checked_files import BLOCK_BYTES, CheckedFile, changed
from pipeline.atlas.errors import AtlasError, ChangedError

MIME_TYPE = "image/jpeg"


def encode_thumbnail(rgb: np.ndarray, quality: int) -> bytes:
    """Encode one picture, uint8 (y, x, 3), as JPEG with full colour resolution."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def write_thumbnails(pictures: Iterable[bytes], data_path: Path, offsets_path: Path) -> int:
    """Write encoded pictures to ``data_path``, their boundaries to ``offsets_path``; count them."""
    offsets = array("q", [0])
    with data_path.open("wb") as file:
        for picture in pictures:
            file.write(picture)
            offsets.append(offsets[-1] + len(picture))
    with offsets_path.open("wb") as file:  # by its name alone, np.save would change the suffix
        np.save(file, np.asarray(offsets, dtype=np.int64))
    return len(offsets) - 1


def join_thumbnails(
    parts: Iterable[tuple[Path, Path]], data_path: Path, offsets_path: Path
) -> None:
    """Join what `write_thumbnails` wrote in several parts, each given by its two paths."""
    offsets, end = [np.zeros(1, dtype=np.int64)], 0
    with data_path.open("wb") as file:
        for part_data, part_offsets in parts:
            with part_data.open("rb") as part:
                shutil.copyfileobj(part, file)
            offsets.append(np.load(part_offsets)[1:] + end)
            end = file.tell()
    np.save(offsets_path, np.concatenate(offsets))


class Thumbnails:
    """Random access to the thumbnails of an atlas, each checked as it is read.

    Parameters
    ----------
    data : CheckedFile
        The pictures; it stays open.
    offsets : ndarray of int64, shape (n_objects + 1,)
        Where each picture begins, and the last ends.

    Raises
    ------
    ValueError
        The boundaries do not fit the file or ``n_objects``.
    """

    def __init__(self, data: CheckedFile, offsets: np.ndarray, n_objects: int) -> None:
        if offsets.dtype != np.int64 or offsets.shape != (n_objects + 1,):
            raise ValueError(
                f"the offsets have {offsets.dtype} {offsets.shape}, expected int64 "
                f"({n_objects + 1},)"
            )
        if offsets[0] != 0 or offsets[-1] != data.size or (np.diff(offsets) <= 0).any():
            raise ValueError(f"the offsets do not fit {data.name}")
        self._data, self._offsets = data, offsets
        self._marks: np.ndarray | None = None  # CRC-32 of each picture
        self._is_damaged = False

    def mark(self) -> None:
        """Learn by what each picture is known again; to be done before the file is checked."""
        marks = np.empty(len(self), np.uint32)
        row = 0
        while row < len(self):
            start = int(self._offsets[row])
            end = int(np.searchsorted(self._offsets, start + BLOCK_BYTES, side="right")) - 1
            end = max(end, row + 1)
            block = memoryview(self._data.part(start, int(self._offsets[end])))
            bounds = self._offsets[row : end + 1] - start
            for place, (first, last) in enumerate(pairwise(bounds.tolist())):
                marks[row + place] = zlib.crc32(block[first:last])
            row = end
        self._marks = marks

    def settle(self, is_whole: bool) -> None:
        """Take note of whether the file is what was published, after it has been checked."""
        self._is_damaged = not is_whole

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        """Return the encoded picture of ``row``.

        Raises
        ------
        ChangedError
            The file was cut off or overwritten since the atlas was opened.
        """
        if not 0 <= row < len(self):
            raise IndexError(row)
        try:
            return self._read(row)
        except AtlasError:
            try:
                self._data.reopen()
                return self._read(row)
            except AtlasError as error:
                raise ChangedError(changed(self._data.name)) from error

    def _read(self, row: int) -> bytes:
        """Return a picture, or raise an AtlasError if it is not what it was."""
        start, stop = int(self._offsets[row]), int(self._offsets[row + 1])
        picture = self._data.part(start, stop)
        is_known = self._marks is None or zlib.crc32(picture) == self._marks[row]
        if self._is_damaged or len(picture) < stop - start or not is_known:
            raise ChangedError(changed(self._data.name))
        return picture
