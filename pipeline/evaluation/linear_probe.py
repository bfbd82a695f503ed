"""Labels predicted by a linear model of the representation, with cross-validation."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipeline.evaluation.estimate import SEEDS, over_seeds
from pipeline.evaluation.knn import Figures, accuracy, macro_f1, r2
from pipeline.evaluation.labels import Label

FOLDS = 5
MOST_DIM = 256  # longer representations are cut to so many principal components, for speed
MOST_GALAXIES = 5_000
FEWEST_OF_A_CLASS = 2 * FOLDS  # of the second most frequent: every fold must be able to learn two


def probe_input(vectors: np.ndarray) -> np.ndarray:
    """Return what the probe sees: the representation or, if it is long, principal components."""
    if vectors.shape[1] <= MOST_DIM:
        return vectors
    dim = min(MOST_DIM, len(vectors))
    return PCA(dim, svd_solver="randomized", random_state=0).fit_transform(vectors)


def probe_figures(inputs: list[np.ndarray], label: Label, seed: int) -> Figures:
    """Return R2 of a number, accuracy and macro-F1 of a class, of galaxies held out.

    Ridge or logistic regression of standardised columns, fitted on four fifths and applied to the
    last; the penalty is as strong as one galaxy for each column, for every representation the same,
    and not tuned. At most `MOST_GALAXIES`, drawn afresh for each seed. Spreads are standard
    deviations over `SEEDS` ways to draw galaxies and folds.

    Parameters
    ----------
    inputs : list of ndarray, shape (n, dim)
        Of `probe_input`; several if the representation is random: one is taken for each seed.

    Returns
    -------
    dict of str to Estimate
        Empty for classes of which all but one are rarer than `FEWEST_OF_A_CLASS`.
    """
    if label.kind == "class":
        counts = np.sort(np.unique(label.values[label.known], return_counts=True)[1])
        if counts[-2] < FEWEST_OF_A_CLASS:
            return {}
    measured: dict[str, list[float]] = {}
    for number in range(SEEDS):
        rng = np.random.default_rng([seed, number])
        rows = rng.permutation(np.flatnonzero(label.known))[:MOST_GALAXIES]
        x = inputs[number % len(inputs)][rows].astype(np.float64)
        truth, weights = label.values[rows], np.ones(len(rows))
        if label.kind == "number":
            predicted = _held_out(Ridge(alpha=x.shape[1]), x, truth)
            values = {"probe R2": r2(truth, predicted, weights)}
        else:
            codes = np.unique(truth, return_inverse=True)[1]
            predicted = _held_out(LogisticRegression(C=1 / x.shape[1], tol=1e-2), x, codes)
            values = {
                "probe accuracy": accuracy(codes, predicted, weights),
                "probe macro-F1": macro_f1(codes, predicted, weights),
            }
        for name, value in values.items():
            measured.setdefault(name, []).append(value)
    return {name: over_seeds(values) for name, values in measured.items()}


def _held_out(model: BaseEstimator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the prediction for each galaxy by a model that was fitted without it."""
    folds = KFold(min(FOLDS, len(y)))  # the rows come shuffled
    with warnings.catch_warnings():
        # Stopped early, it is still a linear probe.
        warnings.simplefilter("ignore", ConvergenceWarning)
        predicted = cross_val_predict(make_pipeline(StandardScaler(), model), x, y, cv=folds)
    return np.asarray(predicted)
