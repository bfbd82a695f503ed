"""Many galaxies of one source in one picture, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.rgb import nanomaggies_to_rgb
from pipeline.sources import Source

GAP_PX = 2  # black line between pictures


def pictures(source: Source, rows: Sequence[int]) -> np.ndarray:
    """Return the given galaxies as the viewer would show them.

    Parameters
    ----------
    source : Source
        With fluxes in g, r, z, or RGB pictures.
    rows : sequence of int
        Candidate rows; those that the source rejects are left out.

    Returns
    -------
    ndarray, shape (n, y, x, 3)
        uint8 RGB.
    """
    cutouts = np.concatenate([source.read(row, row + 1).cutouts for row in rows])
    if source.survey.is_flux:
        return nanomaggies_to_rgb(cutouts)
    return np.ascontiguousarray(np.moveaxis(cutouts, 1, -1))


def tile(images: np.ndarray, n_columns: int | None = None) -> np.ndarray:
    """Lay pictures out on a grid, row by row; missing places stay black.

    Parameters
    ----------
    images : ndarray, shape (n, y, x, 3)
        uint8 RGB.
    n_columns : int, optional
        As square as possible if not given.

    Returns
    -------
    ndarray, shape (height, width, 3)
        uint8 RGB.
    """
    n, height, width, _ = images.shape
    columns = n_columns or int(np.ceil(np.sqrt(n)))
    step_y, step_x = height + GAP_PX, width + GAP_PX
    sheet = np.zeros((-(-n // columns) * step_y - GAP_PX, columns * step_x - GAP_PX, 3), np.uint8)
    for i, image in enumerate(images):
        y, x = divmod(i, columns)
        sheet[y * step_y : y * step_y + height, x * step_x : x * step_x + width] = image
    return sheet


def contact_sheet(
    source: Source, rows: Sequence[int], path: Path, n_columns: int | None = None
) -> None:
    """Write the given galaxies as one picture file.

    Parameters
    ----------
    source : Source
        Where the galaxies come from.
    rows : sequence of int
        Candidate rows, at least one.
    path : Path
        PNG, or any other format that Pillow knows by its ending.
    n_columns : int, optional
        As square as possible if not given.
    """
    from PIL import Image

    if not rows:
        raise ValueError("A contact sheet needs at least one row; ask for one or more.")
    Image.fromarray(tile(pictures(source, rows), n_columns)).save(path)
