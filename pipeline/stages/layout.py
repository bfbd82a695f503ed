"""Stage 5: the 2-D map of the representation space.

A layout takes time and memory that a large survey has not: it is given a sample of it, and each
other galaxy is put at the median of the five of the sample that it is most similar to. Of the 15
galaxies most similar to one that was put so among those that UMAP laid out, 37 % (nearby) and 57 %
(mock) were among its 50 nearest on the map, 1,200 being fitted. With UMAP's own, slow way to add
points it was 37 % and 59 %, with the mean of the five, which can lie between two clusters, 30 % and
52 %.

What takes long is kept: the places of the sample, and those of each block of the others.
"""

from __future__ import annotations

import logging
from pkgutil import resolve_name
from typing import Any, Protocol

import numpy as np

from pipeline.atlas.engines import SampleSearch
from pipeline.atlas.whole_files import whole_file, write_array
from pipeline.config import LAYOUTS, Config
from pipeline.store.array_file import ArrayFile
from pipeline.store.progress import progress
from pipeline.store.sums import Ledger, kept_file
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)

# One far outlier would stretch the axes until hovering is useless.
QUANTILES = (0.005, 0.995)
MARGIN = 0.05

_NEIGHBOURS = 5  # of those that are left out of the fit
# Rows that are in memory at once, and whose places are kept together.
_BLOCK_ROWS = 131_072


class Layout(Protocol):
    """Puts galaxies on the map so that those that are alike lie together.

    It is chosen by the configuration, see `pipeline.config.LAYOUTS`.
    """

    def __call__(self, embeddings: np.ndarray, knobs: Any, seed: int, /) -> np.ndarray:
        """Map embeddings (n, dim) to places (n, 2) of any scale, for any n; reproducible."""
        ...


def run(config: Config, workspace: Workspace) -> None:
    """Write the coordinates of every galaxy; what an interrupted run has placed stays."""
    embeddings = ArrayFile(workspace.embeddings)
    order = np.random.default_rng(config.seed).permutation(len(embeddings))
    fitted = np.sort(order[: config.layout.n_fitted])
    del order
    parts = _Parts(workspace)
    sample = embeddings.rows(fitted).astype(np.float32)
    if len(fitted) == len(embeddings):
        map_xy = _laid_out(sample, config)
    else:
        sample_xy = parts.get("fitted.npy")
        if sample_xy is None:
            sample_xy = _laid_out(sample, config)
            parts.keep("fitted.npy", sample_xy)
        search = SampleSearch(sample, config.seed)
        map_xy = _placed(search, sample_xy, embeddings, parts)
        map_xy[fitted] = sample_xy
    with whole_file(workspace.map_xy) as partial:
        write_array(partial, unit_square(map_xy))
    parts.remove()


def _laid_out(sample: np.ndarray, config: Config) -> np.ndarray:
    log.info("umap2d: %d galaxies by %s", len(sample), config.layout.name)
    lay_out: Layout = resolve_name(LAYOUTS[type(config.layout)])
    return lay_out(sample, config.layout, config.seed)


def _placed(
    search: SampleSearch, sample_xy: np.ndarray, embeddings: ArrayFile, parts: _Parts
) -> np.ndarray:
    """Return places (n, 2) of all galaxies, given those of a sample, block by block."""
    blocks = []
    with progress("umap2d", total=len(embeddings), unit="galaxy") as bar:
        for start in range(0, len(embeddings), _BLOCK_ROWS):
            name = f"places-{start:010d}-{_BLOCK_ROWS}.npy"
            places = parts.get(name)
            if places is None:
                block = embeddings.between(start, start + _BLOCK_ROWS)
                nearest = sample_xy[search.nearest(block, _NEIGHBOURS)]
                places = np.median(nearest, axis=1).astype(sample_xy.dtype)
                parts.keep(name, places)
            blocks.append(places)
            bar.update(len(places))
    return np.concatenate(blocks)


class _Parts:
    """What is done of the map, in files of its stage until the whole is there."""

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.folder("umap2d")
        self._ledger = Ledger(self._folder)

    def get(self, name: str) -> np.ndarray | None:
        """Return what was kept under a name, whole and undamaged; None if it was not."""
        path = self._folder / name
        return np.load(path, allow_pickle=False) if self._ledger.knows(path) else None

    def keep(self, name: str, places: np.ndarray) -> None:
        with kept_file(self._folder / name) as partial:
            write_array(partial, places)

    def remove(self) -> None:
        for path in [*self._folder.glob("places-*.npy"), *self._folder.glob("fitted.npy")]:
            path.unlink()


def unit_square(map_xy: np.ndarray) -> np.ndarray:
    """Scale (n, 2) to [0, 1] by robust quantiles, float32; outliers come to rest just outside."""
    low, high = np.quantile(map_xy, QUANTILES, axis=0)
    span = np.where(high > low, high - low, 1)
    scaled = (map_xy - low) / span
    return np.clip(scaled, -MARGIN, 1 + MARGIN).astype(np.float32)
