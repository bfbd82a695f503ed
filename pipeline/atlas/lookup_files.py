"""The files of an atlas by which one of very many galaxies is found: by its name, by its position.

Small atlases have none: what is in them is worked out when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.atlas.errors import REBUILD, AtlasError
from pipeline.atlas.names import bearers_of, name_table
from pipeline.atlas.sky_order import SkyOrder, sky_order

NAMES = "names.npy"  # whoever changes what a key or its hash is gives this file another name
SKY_ROWS = "sky.rows.npy"
SKY_BOXES = "sky.boxes.npy"
LOOKUP_FILES = (NAMES, SKY_ROWS, SKY_BOXES)

ARRAY_HEADER_BYTES = 128  # of an array as numpy writes it
_BLOCK = 1 << 20


def write_lookup_files(
    folder: Path, pieces: Iterable[pd.DataFrame], ra_deg: np.ndarray, dec_deg: np.ndarray
) -> None:
    """Write them.

    Parameters
    ----------
    folder : Path
    pieces : iterable of DataFrame
        The catalogue in order, with those of `NAME_COLUMNS` that it has.
    ra_deg, dec_deg : ndarray, shape (n_objects,)
        ICRS.
    """
    np.save(folder / NAMES, name_table(pieces))
    order = sky_order(ra_deg, dec_deg)
    np.save(folder / SKY_ROWS, order.rows)
    np.save(folder / SKY_BOXES, order.boxes)


def check_names(file: Path, table: np.ndarray, n_objects: int) -> None:
    """Raise an AtlasError unless a table of names is in order, and of so many galaxies."""
    for start in range(0, table.shape[1], _BLOCK):
        hashes = table[0, start : start + _BLOCK + 1]
        rows, kinds = bearers_of(table[1, start : start + _BLOCK])
        if (hashes[1:] < hashes[:-1]).any() or rows.max() >= n_objects or kinds.max() > 2:
            raise AtlasError(f"{file} is not a table of the names of this atlas. {REBUILD}")


def check_sky(folder: Path, order: SkyOrder) -> None:
    """Raise an AtlasError unless all rows are there, each once, and boxes are boxes."""
    seen = np.zeros(len(order.rows), bool)
    for start in range(0, len(order.rows), _BLOCK):
        rows = order.rows[start : start + _BLOCK]
        seen[rows[rows < len(seen)]] = True
    if not seen.all():
        raise AtlasError(f"{folder / SKY_ROWS} does not have every galaxy once. {REBUILD}")
    low, high = order.boxes[:, :3], order.boxes[:, 3:]
    if not ((low > -1.1) & (low < high) & (high < 1.1)).all():  # NaN fails, too
        raise AtlasError(f"{folder / SKY_BOXES} has boxes that are none. {REBUILD}")
