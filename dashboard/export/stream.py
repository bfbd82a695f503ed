"""What a writer of files writes, taken away piece by piece: a download that is never held whole."""

from __future__ import annotations

import io
from typing import Any


class ChunkStream(io.RawIOBase):
    """A binary file that forgets what was taken out of it.

    A writer may go back and mend what is still there, as `zipfile` does with the sizes of an entry.
    """

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0  # bytes
        self._waiting = io.BytesIO()

    def writable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Write bytes, and return how many."""
        return self._waiting.write(data)

    def tell(self) -> int:
        """Return the place in the whole file, what was taken out included."""
        return self._taken + self._waiting.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place that was not taken out yet.

        Raises
        ------
        ValueError
            That place is gone.
        """
        self._waiting.seek(offset - self._taken if whence == io.SEEK_SET else offset, whence)
        return self.tell()

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data = self._waiting.getvalue()
        self._taken += len(data)
        self._waiting = io.BytesIO()
        return data
