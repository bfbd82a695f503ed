"""The 2-D layout by UMAP."""

from __future__ import annotations

import logging
import warnings
from contextlib import suppress

import numpy as np

from pipeline.config import UmapConfig
from pipeline.store.progress import bar_options

log = logging.getLogger(__name__)


def lay_out(embeddings: np.ndarray, knobs: UmapConfig, seed: int) -> np.ndarray:
    """Return the places of galaxies; a `pipeline.stages.layout.Layout`."""
    n_neighbors = min(knobs.n_neighbors, len(embeddings) - 1)
    if n_neighbors < 2:
        # UMAP has no answer for fewer than three galaxies; a row of points is as good as any.
        return np.column_stack([np.arange(len(embeddings)), np.zeros(len(embeddings))])
    log.info("umap2d: on one thread, so that it is reproducible")
    with warnings.catch_warnings():
        # Numba's and scikit-learn's deprecations inside umap-learn; nothing that a user can mend.
        warnings.simplefilter("ignore")
        import umap

        _keep_compiled()
        reducer = umap.UMAP(
            n_neighbors=n_neighbors,
            min_dist=knobs.min_dist,
            metric=knobs.metric,
            random_state=seed,
            n_jobs=1,
            # The spectral start fails on small or disconnected graphs.
            init="pca",
            tqdm_kwds={**bar_options("umap2d", "epoch"), "bar_format": None, "disable": False},
        )
        return np.asarray(reducer.fit_transform(embeddings))


def _keep_compiled() -> None:
    """Let numba keep what it compiles of umap, as it does of pynndescent: half the time of a map.

    It lies beside umap's files, or in the folder NUMBA_CACHE_DIR.
    """
    from umap import layouts, umap_, utils

    compiled = (
        utils.fast_knn_indices,
        umap_.smooth_knn_dist,
        umap_.compute_membership_strengths,
        layouts._nb_optimize_layout_euclidean_single_epoch,
    )
    for function in compiled:
        with suppress(RuntimeError):  # there is no folder to keep it in
            function.enable_caching()
