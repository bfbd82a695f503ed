"""Many galaxies of one source in one picture, or views of a few of them, to look at.

``python -m pipeline.stages.contact_sheet pipeline/configs/mock.toml views.png`` draws views of the
first galaxies of a configuration; with ``--galaxies 64 --views 0`` many galaxies as they are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from pipeline.atlas.errors import PipelineError
from pipeline.atlas.rgb import nanomaggies_to_rgb
from pipeline.config import Config, read_config
from pipeline.sources.registry import open_source

GAP_PX = 2  # black line between pictures


def tile(images: np.ndarray, n_columns: int | None = None) -> np.ndarray:
    """Lay pictures out on a grid, row by row; missing places stay black.

    Parameters
    ----------
    images : ndarray, shape (n, y, x, 3)
        uint8 RGB, as is the result, (height, width, 3).
    n_columns : int, optional
        As square as possible if not given.
    """
    n, height, width, _ = images.shape
    columns = n_columns or int(np.ceil(np.sqrt(n)))
    step_y, step_x = height + GAP_PX, width + GAP_PX
    sheet = np.zeros((-(-n // columns) * step_y - GAP_PX, columns * step_x - GAP_PX, 3), np.uint8)
    for i, image in enumerate(images):
        y, x = divmod(i, columns)
        sheet[y * step_y : y * step_y + height, x * step_x : x * step_x + width] = image
    return sheet


def galaxies_sheet(config: Config, n_galaxies: int) -> np.ndarray:
    """Draw the first galaxies of a survey as the viewer would show them.

    Returns
    -------
    ndarray, shape (height, width, 3)
        uint8 RGB, as square as possible; galaxies that the source rejects are left out.

    Raises
    ------
    ValueError
        Fewer than one galaxy asked for.
    """
    source = open_source(config.source)
    rows = range(min(n_galaxies, len(source)))
    if not rows:
        raise ValueError("A contact sheet needs at least one row; ask for one or more.")
    cutouts = np.concatenate([source.read(row, row + 1).cutouts for row in rows])
    if source.survey.is_flux:
        return tile(nanomaggies_to_rgb(cutouts))
    return tile(np.moveaxis(cutouts, 1, -1))


def views_sheet(config: Config, n_galaxies: int, n_views: int) -> np.ndarray:
    """Draw views of the first galaxies of a survey, as training would.

    Returns
    -------
    ndarray, shape (height, width, 3)
        uint8 RGB: a row for each galaxy; first as it is embedded, then ``n_views`` views.

    Raises
    ------
    ValueError
        Fewer than one galaxy or one view asked for.
    """
    import torch

    from pipeline.views.augmentations import Views
    from pipeline.views.field import Field
    from pipeline.views.nuisances import own_psf

    if min(n_galaxies, n_views) < 1:
        raise ValueError("A sheet of views needs at least one galaxy and one view; ask for more.")
    source = open_source(config.source)
    field = Field.of(config.input, source.survey)
    views = Views(config.views, field)
    generator = torch.Generator().manual_seed(config.seed)
    rows: list[torch.Tensor] = []
    for number in range(len(source)):
        if len(rows) == n_galaxies:
            break
        chunk = source.read(number, number + 1)
        if not len(chunk.catalogue):
            continue  # rejected, with a reason that ingest reports
        cutouts, sigma = torch.from_numpy(chunk.cutouts), own_psf(chunk.catalogue)
        known = None if sigma is None else torch.from_numpy(sigma).expand(n_views, -1)
        pictures = field.prepare(cutouts).expand(n_views, -1, -1, -1)
        rows.append(torch.cat([field.encoder_input(cutouts), views(pictures, generator, known)]))
    levels = (torch.cat(rows) * 255).round().to(torch.uint8)
    return tile(levels.movedim(1, -1).numpy(), n_views + 1)


def main(arguments: list[str] | None = None) -> int:
    """Write a contact sheet and return the exit status."""
    from PIL import Image

    parser = argparse.ArgumentParser(
        prog="python -m pipeline.stages.contact_sheet",
        description="Draw views of a few galaxies: what training takes for the same galaxy. "
        "Without views, draw the galaxies alone.",
    )
    parser.add_argument("config", type=Path, help="TOML file of an atlas")
    parser.add_argument("path", type=Path, help="picture to write, e.g. views.png")
    parser.add_argument("--galaxies", type=int, default=8, help="the first so many (default 8)")
    parser.add_argument("--views", type=int, default=8, help="of each galaxy (default 8); 0: none")
    options = parser.parse_args(arguments)
    try:
        config = read_config(options.config)
        if options.views == 0:
            sheet = galaxies_sheet(config, options.galaxies)
        else:
            sheet = views_sheet(config, options.galaxies, options.views)
        Image.fromarray(sheet).save(options.path)
    except (PipelineError, OSError, ValueError) as error:
        print(f"galaxy-finder: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
