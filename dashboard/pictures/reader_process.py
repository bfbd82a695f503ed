"""The process in which pictures of strangers are decoded; `reader` is the other end.

It reads one picture after the other from standard input, writes what it found to standard output,
and ends with its input.
"""

from __future__ import annotations

import gc
import json
import struct
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np
from pydantic import TypeAdapter

from dashboard.pictures.crop import Crop
from dashboard.pictures.files import OwnPictureError
from dashboard.pictures.sky_plane import SkyPlane
from dashboard.pictures.uploaded import SIDE_PX, OwnPicture, read_own_picture
from pipeline.atlas import Manifest

_LENGTHS = struct.Struct("<II")  # of what is said as JSON, and of the bytes that follow it
_MOST_SAID = 10_000_000  # a manifest has some kB
_TOO_MUCH_MEMORY = (
    "The picture takes more memory to be read than there is for it. Crop or shrink it."
)


def send(stream: IO[bytes], said: dict[str, Any], content: bytes) -> None:
    """Write one message."""
    text = json.dumps(said).encode()
    stream.write(_LENGTHS.pack(len(text), len(content)))
    stream.write(text)
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes], most: int) -> tuple[Any, bytes] | None:
    """Read one message; None at the end of the stream.

    Raises
    ------
    ValueError
        It is longer than ``most`` bytes, or no message.
    """
    head = stream.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return None
    n_said, n_content = _LENGTHS.unpack(head)
    if n_said > _MOST_SAID or n_content > most:
        raise ValueError("a message too long")
    text, content = stream.read(n_said), stream.read(n_content)
    if len(text) < n_said or len(content) < n_content:
        return None
    return json.loads(text), content


def to_message(picture: OwnPicture) -> tuple[dict[str, Any], bytes]:
    """Return a picture as a message."""
    said = {
        "side": picture.planes.shape[-1],
        "flux": picture.planes.dtype != np.uint8,
        "crop": picture.crop.to_store(),
        "note": picture.note,
        "framing": picture.framing,
        "sky": picture.sky and picture.sky.to_store(),
    }
    kind = "u1" if picture.planes.dtype == np.uint8 else "<f4"
    return said, picture.planes.astype(kind).tobytes()


def from_message(said: Any, content: bytes) -> OwnPicture:
    """Read what `to_message` wrote.

    Raises
    ------
    OwnPictureError
        It says why there is no picture.
    ValueError, KeyError, TypeError
        It is not such a message: a decoder that was taken over may write anything.
    """
    if "error" in said:
        raise OwnPictureError(str(said["error"]))
    side, crop = int(said["side"]), Crop.from_store(said["crop"])
    if not 0 < side <= SIDE_PX or crop is None:
        raise ValueError("not a picture that was written")
    planes = np.frombuffer(content, "<f4" if said["flux"] else "u1").reshape(3, side, side)
    sky = SkyPlane.from_store(said["sky"])
    return OwnPicture(planes, crop, str(said["note"]), str(said["framing"]), sky)


def _limit_memory(most_mb: int) -> None:
    """Let this process have so much memory more than it has now, where that can be said."""
    status = Path("/proc/self/status")
    if not status.exists():
        return
    import resource

    now_kb = next(
        int(line.split()[1]) for line in status.read_text().splitlines() if line[:7] == "VmData:"
    )
    most = (now_kb << 10) + (most_mb << 20)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing is written to files, either
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time(most_s: int) -> None:
    """End this process when it has worked so long from now, whoever else forgets it."""
    if sys.platform == "win32":
        return
    import resource

    used_s = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used_s) + most_s + 1, hard))


def main() -> int:
    """Answer one message after the other."""
    # What libraries load when they are first used is no memory of a picture.
    import astropy.io.fits
    import astropy.wcs
    import astropy.wcs.utils  # noqa: F401

    most_mb, most_s, most_bytes = map(int, sys.argv[1:4])
    _limit_memory(most_mb)
    manifests = TypeAdapter(Manifest)
    while (message := receive(sys.stdin.buffer, most_bytes)) is not None:
        asked, content = message
        _limit_time(most_s)
        try:
            manifest = manifests.validate_python(asked["manifest"])
            found = to_message(read_own_picture(content, manifest, asked["share"]))
        except (OwnPictureError, MemoryError) as error:
            if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
                # What was held then may not come back, so that this is the last one.
                send(sys.stdout.buffer, {"error": _TOO_MUCH_MEMORY, "last": True}, b"")
                return 0
            found = {"error": str(error)}, b""
        del message, asked, content
        gc.collect()
        send(sys.stdout.buffer, *found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
