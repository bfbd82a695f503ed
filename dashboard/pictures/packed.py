"""What may hide more than it seems to: files that are unpacked, or decoded by foreign code.

Each is looked at before that: nothing is unpacked further than `MOST_BYTES`.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from itertools import islice
from typing import Any

import numpy as np

MOST_BYTES = 100_000_000  # of a file or an image when it is unpacked; ten times the largest upload
GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS  # of zlib, for a stream with the header of gzip
_RICE = ("RICE_1", "RICE_ONE")
# Others decode in C what they find without asking how long it may be.
_KINDS = (*_RICE, "GZIP_1", "GZIP_2")
_TILE_COLUMNS = ("COMPRESSED_DATA", "GZIP_COMPRESSED_DATA")
# What begins a segment of a JPEG: not a stuffed byte, nor a mark to begin anew, nor filling.
_JPEG_MARK = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]", re.DOTALL)
_JPEG_SCAN, _JPEG_END, _JPEG_START = 0xDA, 0xD9, 0xD8
_TILE_TAGS = (322, 323)  # of TIFF: the width and the height of its tiles


class TooLargeError(ValueError):
    """It would be larger than `MOST_BYTES` when unpacked."""


class PackedError(ValueError):
    """It is packed in a way that is not read here, or not as it should be."""


def unpacked(content: bytes) -> bytes:
    """Return what a gzip file holds.

    Raises
    ------
    TooLargeError
        More than `MOST_BYTES`.
    OSError, EOFError, zlib.error
        It is broken.
    """
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        found = file.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise TooLargeError
    return found


def is_tiled(content: bytes, most_hdus: int) -> bool:
    """Return whether the first image of a FITS file is compressed in tiles, having checked them.

    Raises
    ------
    TooLargeError, PackedError, KeyError, TypeError, ValueError
        As `check_tiles`.
    EOFError
        It was cut off.
    """
    from astropy.io import fits

    with fits.open(io.BytesIO(content), memmap=False, disable_image_compression=True) as hdus:
        for hdu in islice(hdus, most_hdus):
            if isinstance(hdu, fits.BinTableHDU) and hdu.header.get("ZIMAGE") is True:
                if hdu.fileinfo()["datLoc"] + hdu.size > len(content):
                    raise EOFError
                check_tiles(hdu)
                return True
            if hdu.is_image and len(hdu.shape) >= 2:
                return False
    return False


def check_tiles(hdu: Any) -> None:
    """See that a tile-compressed image holds as much as its header says, and not too much.

    Parameters
    ----------
    hdu : astropy.io.fits.BinTableHDU
        The table that an image was compressed to, with ``ZIMAGE`` in its header.

    Raises
    ------
    TooLargeError
        More than `MOST_BYTES`, or a tile has more than it should.
    PackedError
        Not by Rice or gzip, or the header contradicts itself.
    KeyError, TypeError, ValueError
        It is broken.
    """
    header = hdu.header
    if str(header["ZCMPTYPE"]) not in _KINDS:
        raise PackedError
    n_axes = int(header["ZNAXIS"])
    if not 2 <= n_axes <= 4:
        raise PackedError
    axes = range(1, n_axes + 1)
    image = [int(header[f"ZNAXIS{axis}"]) for axis in axes]
    # Without a word of it, a tile is a line.
    tile = [int(header.get(f"ZTILE{i}", image[0] if i == 1 else 1)) for i in axes]
    # Of numbers that were scaled the result has at least 4 bytes.
    depth = max(4, abs(int(header["ZBITPIX"])) // 8)
    if min(image) < 1 or depth * np.prod(image, dtype=np.float64) > MOST_BYTES:
        raise TooLargeError
    if any(not 1 <= n <= side for n, side in zip(tile, image, strict=True)):
        raise PackedError
    tiles = [-(-side // n) for n, side in zip(tile, image, strict=True)]
    if np.prod(tiles, dtype=np.float64) != len(hdu.data):
        raise PackedError
    _check_gzip_tiles(hdu, depth * int(np.prod(tile)))


def _check_gzip_tiles(hdu: Any, most: int) -> None:
    """See that no tile of gzip unpacks to more bytes than ``most``: it is unpacked whole later."""
    is_rice = str(hdu.header["ZCMPTYPE"]) in _RICE
    names = _TILE_COLUMNS[1:] if is_rice else _TILE_COLUMNS
    for name in set(names) & set(hdu.columns.names):
        for packed in hdu.data[name]:
            stream = zlib.decompressobj(_GZIP)
            n = len(stream.decompress(np.asarray(packed).tobytes(), most + 1))
            if n > most or stream.unconsumed_tail or stream.unused_data:
                raise TooLargeError


def webp_size(content: bytes) -> tuple[int, int]:
    """Return width and height of a WebP file, whose decoder asks for memory when it is opened.

    Raises
    ------
    PackedError
        It does not begin as one.

    Notes
    -----
    Source: "WebP Container Specification" and RFC 6386, section 9.1, for the three kinds.
    """
    kind, body = content[12:16], content[20:30]
    if len(body) == 10:
        if kind == b"VP8X":  # 24 bits each, less one
            return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:], "little")
        if kind == b"VP8L":  # 14 bits each, less one, after a byte
            bits = int.from_bytes(body[1:5], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if kind == b"VP8 ":  # 14 bits each, after three bytes and a mark of three
            width, height = (int.from_bytes(body[i : i + 2], "little") for i in (6, 8))
            return width & 0x3FFF, height & 0x3FFF
    raise PackedError


def is_webp(content: bytes) -> bool:
    """Tell WebP by its first bytes."""
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def tile_of_tiff(image: Any) -> tuple[int, int]:
    """Return width and height of the tiles of a TIFF file that Pillow has opened; 0 without.

    Its decoder asks for the memory of a whole one.
    """
    width, height = (int(image.tag_v2.get(tag, 0)) for tag in _TILE_TAGS)
    return width, height


def n_scans(content: bytes, most: int) -> int:
    """Return how many scans a JPEG has, counting no further than to more than ``most``.

    Each goes over the whole picture, of which a scan of a few bytes need not change anything.

    Notes
    -----
    Source: ITU-T T.81, annex B, for the segments.
    """
    n, at = 0, 0
    while n <= most and (found := _JPEG_MARK.search(content, at)):
        at, kind = found.end(), content[found.end() - 1]
        if kind == _JPEG_END:
            break
        if kind != _JPEG_START:
            at += int.from_bytes(content[at : at + 2], "big")
        n += kind == _JPEG_SCAN
    return n
