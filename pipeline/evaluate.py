"""Stage 6: how well similarity predicts what it never saw, beside baselines.

Each label of a galaxy is predicted from its k nearest neighbours in three representations: the
embeddings, the first 64 principal components of 32 x 32 pixels, and random numbers.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, f1_score, r2_score, root_mean_squared_error

from pipeline.config import Config
from pipeline.cutouts import CutoutStore
from pipeline.errors import PipelineError
from pipeline.exact import exact_neighbours
from pipeline.field import Field
from pipeline.workspace import Workspace, whole_file

# Beyond this the figures no longer change, only the time.
MOST_GALAXIES = 20_000
PCA_DIM, PCA_PX = 64, 32

Figures = dict[str, dict[str, Any]]


class EvaluationError(PipelineError):
    """A label that the configuration names cannot be evaluated."""


def run(config: Config, workspace: Workspace) -> None:
    """Write ``evaluation.json``.

    Raises
    ------
    EvaluationError
        The catalogue lacks a label.
    """
    store = CutoutStore(workspace.cutout_store)
    catalogue = store.catalogue()
    labels = config.evaluate.numbers + config.evaluate.classes
    if missing := [label for label in labels if label not in catalogue]:
        raise EvaluationError(
            f"The catalogue has no column {', '.join(missing)}. Mend [evaluate] in the "
            f"configuration; there are {', '.join(catalogue.columns)}."
        )
    rng = np.random.default_rng(config.seed)
    rows = np.sort(rng.permutation(len(catalogue))[:MOST_GALAXIES])
    embeddings = np.asarray(np.load(workspace.embeddings, mmap_mode="r")[rows], np.float32)
    representations = {
        "embedding": embeddings,
        "PCA of pixels": _unit(_pixel_pca(store, rows, config)),
        "random": _unit(rng.standard_normal((len(rows), PCA_DIM))),
    }
    figures: Figures = {
        label: {
            name: _figures(representation, catalogue[label].iloc[rows], label, config)
            for name, representation in representations.items()
        }
        for label in labels
    }
    content = {"k": config.evaluate.k, "n_galaxies": len(rows), "labels": figures}
    with whole_file(workspace.evaluation) as partial:
        partial.write_text(json.dumps(content, indent=1))


def _figures(
    representation: np.ndarray, values: pd.Series, label: str, config: Config
) -> dict[str, float]:
    is_class = label in config.evaluate.classes
    known = (values.notna() & (values != "")).to_numpy() if is_class else _finite(values)
    k = config.evaluate.k
    if known.sum() <= k:
        raise EvaluationError(
            f"Only {known.sum()} galaxies have a {label}: too few for {k} neighbours. Leave it out "
            "of [evaluate]."
        )
    labelled, truth = representation[known], values[known].to_numpy()
    nearest = truth[leave_one_out(labelled, k)]
    if is_class:
        predicted = pd.DataFrame(nearest).mode(axis=1)[0].to_numpy()
        return {
            "n": len(truth),
            "accuracy": float(accuracy_score(truth, predicted)),
            "macro F1": float(f1_score(truth, predicted, average="macro")),
        }
    predicted = nearest.astype(float).mean(axis=1)
    return {
        "n": len(truth),
        "RMSE": float(root_mean_squared_error(truth, predicted)),
        "R2": float(r2_score(truth, predicted)),
    }


def leave_one_out(representation: np.ndarray, k: int) -> np.ndarray:
    """Return the k nearest other rows of every row.

    Parameters
    ----------
    representation : ndarray, shape (n, dim)
        Unit length.
    k : int
        Less than n.

    Returns
    -------
    ndarray of int, shape (n, k)
    """
    own = np.arange(len(representation))
    rows = np.concatenate(
        [
            exact_neighbours(representation, representation[start : start + 1024], k + 1)[0]
            for start in range(0, len(representation), 1024)
        ]
    )
    # A twin may come before the row itself; if k twins do, the row is not among them at all.
    is_own = rows == own[:, None]
    is_own[~is_own.any(axis=1), -1] = True
    return rows[~is_own].reshape(-1, k)


def _finite(values: pd.Series) -> np.ndarray:
    return np.isfinite(pd.to_numeric(values, errors="coerce").to_numpy(float))


def _unit(representation: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(representation, axis=1, keepdims=True)
    return (representation / np.where(length > 0, length, 1)).astype(np.float32)


def _pixel_pca(store: CutoutStore, rows: np.ndarray, config: Config) -> np.ndarray:
    field = Field.of(config.input, store.survey)
    pixels = []
    for start in range(0, len(rows), 512):
        cutouts = torch.from_numpy(store.read(rows[start : start + 512]))
        pictures = field.encoder_input(cutouts)
        small = F.interpolate(pictures, size=(PCA_PX, PCA_PX), mode="area")
        pixels.append(small.flatten(1).numpy())
    stacked = np.concatenate(pixels)
    dim = min(PCA_DIM, len(stacked))
    return PCA(dim, svd_solver="randomized", random_state=config.seed).fit_transform(stacked)
