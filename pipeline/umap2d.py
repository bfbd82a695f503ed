"""Stage 5: the 2-D map of the representation space."""

from __future__ import annotations

import logging
import warnings

import numpy as np

from pipeline.config import Config
from pipeline.progress import bar_options
from pipeline.workspace import Workspace, whole_file

log = logging.getLogger(__name__)


# One far outlier would stretch the axes until hovering is useless.
QUANTILES = (0.005, 0.995)
MARGIN = 0.05


def run(config: Config, workspace: Workspace) -> None:
    """Write ``umap.npy``."""
    embeddings = np.load(workspace.embeddings)
    log.info("umap2d: %d galaxies; one thread, so that it is reproducible", len(embeddings))
    umap_xy = unit_square(_umap(embeddings.astype(np.float32), config))
    with whole_file(workspace.umap_xy) as partial, partial.open("wb") as file:
        np.save(file, umap_xy)


def _umap(embeddings: np.ndarray, config: Config) -> np.ndarray:
    n_neighbors = min(config.umap.n_neighbors, len(embeddings) - 1)
    if n_neighbors < 2:
        # UMAP has no answer for fewer than three galaxies; a row of points is as good as any.
        return np.column_stack([np.arange(len(embeddings)), np.zeros(len(embeddings))])
    with warnings.catch_warnings():
        # Numba's and scikit-learn's deprecations inside umap-learn; nothing that a user can mend.
        warnings.simplefilter("ignore")
        import umap

        reducer = umap.UMAP(
            n_neighbors=n_neighbors,
            min_dist=config.umap.min_dist,
            metric=config.umap.metric,
            random_state=config.seed,
            n_jobs=1,
            # The spectral start fails on small or disconnected graphs.
            init="pca",
            tqdm_kwds={**bar_options("umap2d", "epoch"), "bar_format": None, "disable": False},
        )
        return np.asarray(reducer.fit_transform(embeddings))


def unit_square(umap_xy: np.ndarray) -> np.ndarray:
    """Scale coordinates to [0, 1] by robust quantiles; outliers come to rest just outside.

    Parameters
    ----------
    umap_xy : ndarray, shape (n, 2)

    Returns
    -------
    ndarray, shape (n, 2), float32
    """
    low, high = np.quantile(umap_xy, QUANTILES, axis=0)
    span = np.where(high > low, high - low, 1)
    scaled = (umap_xy - low) / span
    return np.clip(scaled, -MARGIN, 1 + MARGIN).astype(np.float32)
