"""Pictures made to hold the server up: none takes ten seconds, nor all memory there is."""

import contextlib
import gzip
import io
import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from dashboard.pictures.files import OwnPictureError
from dashboard.pictures.reader import DEADLINE_S, Reader
from pipeline.atlas import EncoderInput
from tests.dashboard.own_pictures import encoded, rgb_galaxy
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

logger = logging.getLogger(__name__)

MOST_MB = 300
MANIFEST = replace(
    small_atlas(random_unit_rows(4, 3)).manifest,
    encoder_input=EncoderInput(field_px=96, input_px=64),
)


def jpeg_of_scans(n, side=4096):
    """Return a progressive JPEG that goes over the whole picture ``n`` times more."""
    content = encoded(Image.new("L", (side, side), 90), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * n + b"\xff\xd9"


def plain(mode, width, height, form, **options):
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, form, **options)
    return buffer.getvalue()


def packed_fits(shape, dtype, **cards):
    buffer = io.BytesIO()
    hdu = fits.PrimaryHDU(np.zeros(shape, dtype))
    hdu.header.update(cards)
    hdu.writeto(buffer)
    return gzip.compress(buffer.getvalue(), 1)


def claims(content, at, size):
    """Return a PNG whose header claims other sides."""
    return content[:at] + size.to_bytes(4, "big") * 2 + content[at + 8 :]


HOSTILE = {
    "1,500 scans": lambda: jpeg_of_scans(1500),
    "as many scans as are read": lambda: jpeg_of_scans(50, 5000),
    "large PNG": lambda: plain("RGBA", 6120, 4080, "PNG"),
    "huge PNG": lambda: claims(plain("1", 64, 64, "PNG"), 16, 60_000),
    "PNG of a false size": lambda: claims(plain("RGB", 64, 64, "PNG"), 16, 2**30),
    "large WebP": lambda: plain("RGB", 3160, 3160, "WEBP"),
    "larger WebP": lambda: plain("RGB", 6120, 4080, "WEBP"),
    "TIFF of 16 bits": lambda: plain("I;16", 5000, 4990, "TIFF", compression="tiff_lzw"),
    "TIFF of one strip": lambda: plain("F", 5000, 4990, "TIFF", compression="tiff_deflate"),
    "gzip bomb": lambda: gzip.compress(b"SIMPLE  =" + bytes(150_000_000), 1),
    "FITS of 100 MB": lambda: packed_fits((3, 2870, 2870), "f4"),
    "scaled FITS": lambda: packed_fits((5000, 4990), "i2", BSCALE=1.5),
}


def memory_mb(reader):
    """Return the private memory of this process and of its reader, in MB."""
    pids = ["self"] + ([str(reader._process.pid)] if reader._process else [])
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
    return total / 1000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_no_hostile_picture_takes_long_or_much_memory_and_the_next_one_is_read():
    contents = {name: make() for name, make in HOSTILE.items()}
    reader = Reader()
    before = memory_mb(reader)
    seen, done = [], threading.Event()

    def watch():
        while not done.wait(0.005):
            seen.append(memory_mb(reader))

    watching = threading.Thread(target=watch)
    watching.start()
    longest = {}
    try:
        for name, content in contents.items():
            start = time.monotonic()
            with contextlib.suppress(OwnPictureError):
                reader.read(content, MANIFEST, 0.3)
            longest[name] = time.monotonic() - start
        assert reader.read(encoded(rgb_galaxy(96)), MANIFEST, 0.3).planes.shape == (3, 96, 96)
    finally:
        done.set()
        watching.join()
        reader.close()
    assert max(longest.values()) < DEADLINE_S + 1, longest
    assert max(seen) - before < MOST_MB
    grown = max(seen) - before
    logger.info("longest %.1f s, memory +%.0f MB", max(longest.values()), grown)
