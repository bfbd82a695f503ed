"""Stage 5: the 2-D map of the representation space.

A layout takes time and memory that a large survey has not: it is given a sample of it, and each
other galaxy is put at the median of the five of the sample that it is most similar to. Of the 15
galaxies most similar to one that was put so among those that UMAP laid out, 37 % (nearby) and 57 %
(mock) were among its 50 nearest on the map, 1,200 being fitted. With UMAP's own, slow way to add
points it was 37 % and 59 %, with the mean of the five, which can lie between two clusters, 30 % and
52 %.
"""

from __future__ import annotations

import logging
from pkgutil import resolve_name
from typing import Any, Protocol

import numpy as np

from pipeline.atlas.engines import Vectors, quick_engine
from pipeline.atlas.whole_files import whole_file, write_array
from pipeline.config import LAYOUTS, Config
from pipeline.store.progress import progress
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)

# One far outlier would stretch the axes until hovering is useless.
QUANTILES = (0.005, 0.995)
MARGIN = 0.05

# Of those that are left out of the fit: neighbours, and how many are in memory at once.
_NEIGHBOURS = 5
_BLOCK_ROWS = 65_536


class Layout(Protocol):
    """Puts galaxies on the map so that those that are alike lie together.

    It is chosen by the configuration, see `pipeline.config.LAYOUTS`.
    """

    def __call__(self, embeddings: np.ndarray, knobs: Any, seed: int, /) -> np.ndarray:
        """Map embeddings (n, dim) to places (n, 2) of any scale, for any n; reproducible."""
        ...


def run(config: Config, workspace: Workspace) -> None:
    """Write the coordinates of every galaxy."""
    embeddings = np.load(workspace.embeddings, mmap_mode="r")
    order = np.random.default_rng(config.seed).permutation(len(embeddings))
    n_fitted = config.layout.n_fitted
    fitted, rest = np.sort(order[:n_fitted]), np.sort(order[n_fitted:])
    log.info("umap2d: %d galaxies by %s", len(fitted), config.layout.name)
    sample = np.asarray(embeddings[fitted], dtype=np.float32)
    lay_out: Layout = resolve_name(LAYOUTS[type(config.layout)])
    sample_xy = lay_out(sample, config.layout, config.seed)
    map_xy = np.empty((len(embeddings), 2), dtype=sample_xy.dtype)
    map_xy[fitted] = sample_xy
    if len(rest):
        map_xy[rest] = _among(sample, sample_xy, embeddings, rest, config.seed)
    map_xy = unit_square(map_xy)
    with whole_file(workspace.map_xy) as partial:
        write_array(partial, map_xy)


def _among(
    sample: np.ndarray, sample_xy: np.ndarray, embeddings: np.ndarray, rest: np.ndarray, seed: int
) -> np.ndarray:
    """Return places (n_rest, 2) of the rows ``rest``, given those of a sample (n_sample, 2)."""
    engine = quick_engine(Vectors(sample), seed)
    places = np.empty((len(rest), 2), dtype=sample_xy.dtype)
    with progress("umap2d", total=len(rest), unit="galaxy") as bar:
        for start in range(0, len(rest), _BLOCK_ROWS):
            nearest = []
            for embedding in embeddings[rest[start : start + _BLOCK_ROWS]]:
                nearest.append(next(engine.proposals(embedding, _NEIGHBOURS)))
                bar.update()
            places[start : start + len(nearest)] = np.median(sample_xy[nearest], axis=1)
    return places


def unit_square(map_xy: np.ndarray) -> np.ndarray:
    """Scale (n, 2) to [0, 1] by robust quantiles, float32; outliers come to rest just outside."""
    low, high = np.quantile(map_xy, QUANTILES, axis=0)
    span = np.where(high > low, high - low, 1)
    scaled = (map_xy - low) / span
    return np.clip(scaled, -MARGIN, 1 + MARGIN).astype(np.float32)
