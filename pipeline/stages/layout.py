"""Stage 5: the 2-D map of the representation space.

UMAP takes time and memory that a large survey has not: it lays out a sample of it, and each other
galaxy is put at the median of the five of the sample that it is most similar to. Of the 15 galaxies
most similar to one that was put so, 37 % (nearby) and 57 % (mock) were among its 50 nearest on the
map, 1,200 being fitted. With UMAP's own, slow way to add points it was 37 % and 59 %, with the mean
of the five, which can lie between two clusters, 30 % and 52 %.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
from annoy import AnnoyIndex

from pipeline.atlas.whole_files import whole_file
from pipeline.config import Config
from pipeline.store.progress import bar_options, progress
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)


# One far outlier would stretch the axes until hovering is useless.
QUANTILES = (0.005, 0.995)
MARGIN = 0.05

# Of those that are left out of the fit: neighbours, trees of the index that finds them, nodes that
# it looks at, and how many are in memory at once.
_NEIGHBOURS = 5
_TREES, _SEARCH_K = 10, 1000
_BLOCK_ROWS = 65_536


def run(config: Config, workspace: Workspace) -> None:
    """Write ``umap.npy``."""
    embeddings = np.load(workspace.embeddings, mmap_mode="r")
    order = np.random.default_rng(config.seed).permutation(len(embeddings))
    fitted, rest = np.sort(order[: config.umap.n_fitted]), np.sort(order[config.umap.n_fitted :])
    log.info("umap2d: %d galaxies; one thread, so that it is reproducible", len(fitted))
    sample = np.asarray(embeddings[fitted], dtype=np.float32)
    sample_xy = _umap(sample, config)
    umap_xy = np.empty((len(embeddings), 2), dtype=sample_xy.dtype)
    umap_xy[fitted] = sample_xy
    if len(rest):
        umap_xy[rest] = _among(sample, sample_xy, embeddings, rest, config.seed)
    umap_xy = unit_square(umap_xy)
    with whole_file(workspace.map_xy) as partial, partial.open("wb") as file:
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


def _among(
    sample: np.ndarray, sample_xy: np.ndarray, embeddings: np.ndarray, rest: np.ndarray, seed: int
) -> np.ndarray:
    """Return places (n_rest, 2) of the rows ``rest``, given those of a sample (n_sample, 2)."""
    index = AnnoyIndex(sample.shape[1], "angular")
    index.set_seed(seed)
    for row, embedding in enumerate(sample):
        index.add_item(row, embedding)
    index.build(_TREES, n_jobs=1)
    places = np.empty((len(rest), 2), dtype=sample_xy.dtype)
    with progress("umap2d", total=len(rest), unit="galaxy") as bar:
        for start in range(0, len(rest), _BLOCK_ROWS):
            nearest = []
            for embedding in embeddings[rest[start : start + _BLOCK_ROWS]]:
                nearest.append(index.get_nns_by_vector(embedding, _NEIGHBOURS, search_k=_SEARCH_K))
                bar.update()
            places[start : start + len(nearest)] = np.median(sample_xy[nearest], axis=1)
    return places


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
