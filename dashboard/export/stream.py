"""What a writer of files writes, taken away piece by piece: a download that is never held whole."""

from __future__ import annotations

import io


class ChunkStream(io.BytesIO):
    """A binary file that forgets what was taken out of it.

    A writer may go back and mend what is still there, as `zipfile` does with the sizes of an entry.
    """

    _taken = 0  # bytes

    def tell(self) -> int:
        """Return the place in the whole file, what was taken out included."""
        return self._taken + super().tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place that was not taken out yet; raise a ValueError if it was."""
        super().seek(offset - self._taken if whence == io.SEEK_SET else offset, whence)
        return self.tell()

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data = self.getvalue()
        self._taken += len(data)
        super().seek(0)
        self.truncate()
        return data
