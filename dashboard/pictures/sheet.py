"""Small pictures of several galaxies in one answer: for a gallery a quarter of the bytes, at once.

A thumbnail is what science may be done with, at full colour resolution; a card shows it at a part
of its size. On a slow line 25 requests for them took longer than all else that a gallery needs.
"""

from __future__ import annotations

import io
import struct

from flask import Response, abort, request
from PIL import Image

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.memo import remembered
from pipeline.atlas import ChangedError

MOST_ROWS = 25  # of one sheet: the first pictures are seen before the last ones are made
MIME_TYPE = "application/octet-stream"
CARD_PX = 192  # along a side, twice that of a card, for fine screens
_QUALITY = 75  # 5.5 kB for 152 x 152 px of sky with noise; 88 with full colours takes 21 kB
_MOST_KEPT = 2000  # 12 MB
_MOST_PX = 2048  # no thumbnail is larger; what says so is not decoded
_LENGTH = struct.Struct(">I")


def sheet(explorer: Explorer, rows: list[int]) -> bytes:
    """Return the small pictures of galaxies: for each the length in 4 bytes, high first, then it.

    The length is 0 where the picture is gone.
    """
    parts = []
    for row in rows:
        try:
            picture = small_picture(explorer, row)
        except ChangedError:
            picture = b""
        parts += [_LENGTH.pack(len(picture)), picture]
    return b"".join(parts)


@remembered(_MOST_KEPT)
def small_picture(explorer: Explorer, row: int) -> bytes:
    """Return a thumbnail as a JPEG of fewer bytes; as it is, if it is no larger or no JPEG.

    Raises
    ------
    ValueError
        There are no thumbnails.
    ChangedError
        The file of the thumbnails is no longer what it was.
    """
    if explorer.thumbnails is None:
        raise ValueError(f"The atlas {explorer.name} has no thumbnails.")
    picture = explorer.thumbnails[row]
    smaller = io.BytesIO()
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
            if max(image.size) > _MOST_PX:
                return picture
            image.thumbnail((CARD_PX, CARD_PX))
            image.save(smaller, "JPEG", quality=_QUALITY)
    except (OSError, ValueError):  # the browser says what cannot be seen
        return picture
    return min(smaller.getvalue(), picture, key=len)


def asked_rows(explorer: Explorer) -> list[int]:
    """Return the rows that the request asks for, ``rows=3,1,4``; refuse what is not there."""
    texts = request.args.get("rows", "").split(",", MOST_ROWS)
    if len(texts) > MOST_ROWS or not all(_is_number(text) for text in texts):
        abort(404)
    rows = [int(text) for text in texts]
    if explorer.thumbnails is None or max(rows) >= explorer.n_objects:
        abort(404)
    return rows


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12


def sheet_response(explorer: Explorer) -> Response:
    """Return the sheet that the request asks for."""
    return Response(sheet(explorer, asked_rows(explorer)), mimetype=MIME_TYPE)
