"""Thumbnails of an atlas: encoded pictures one after another in a file, and where each begins."""

from __future__ import annotations

import io
import shutil
from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

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
    """Random access to the thumbnails of an atlas, memory-mapped.

    Raises
    ------
    ValueError
        The boundaries do not fit the file or ``n_objects``.
    """

    def __init__(self, data_path: Path, offsets_path: Path, n_objects: int) -> None:
        self._offsets = np.load(offsets_path, mmap_mode="r", allow_pickle=False)
        if self._offsets.dtype != np.int64 or self._offsets.shape != (n_objects + 1,):
            raise ValueError(
                f"{offsets_path.name} has {self._offsets.dtype} {self._offsets.shape}, "
                f"expected int64 ({n_objects + 1},)"
            )
        if (
            self._offsets[0] != 0
            or self._offsets[-1] != data_path.stat().st_size
            or (np.diff(self._offsets) <= 0).any()
        ):
            raise ValueError(f"{offsets_path.name} does not fit {data_path.name}")
        self._data = np.memmap(data_path, dtype=np.uint8, mode="r")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        """Return the encoded picture of ``row``."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        return self._data[self._offsets[row] : self._offsets[row + 1]].tobytes()
