"""Labels predicted from those of the nearest neighbours, and by a linear model of the vectors."""

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

from pipeline.evaluation.estimate import SEEDS, Estimate, bootstrapped, over_seeds
from pipeline.evaluation.labels import Label
from pipeline.evaluation.neighbourhood import Neighbourhood

FOLDS = 5
MOST_DIM = 256  # longer representations are cut to so many principal components, for speed
MOST_GALAXIES = 5_000
FEWEST_OF_A_CLASS = 2 * FOLDS  # of the second most frequent: every fold must be able to learn two

Figures = dict[str, Estimate]


def knn_figures(
    neighbourhood: Neighbourhood, label: Label, k: int, rng: np.random.Generator
) -> Figures:
    """Return RMSE and R2 of a number, accuracy and macro-F1 of a class.

    Each galaxy that has the label is predicted from its k nearest others that have it: by their
    mean, or by their majority. Spreads are standard errors: predictions stay, galaxies are
    resampled.
    """
    nearest = neighbourhood.among(label.known, k)
    truth = label.values[label.known]
    if label.kind == "number":
        predicted = label.values[nearest].mean(axis=1)
        return {
            "k-NN RMSE": bootstrapped(lambda w: rmse(truth, predicted, w), len(truth), rng),
            "k-NN R2": bootstrapped(lambda w: r2(truth, predicted, w), len(truth), rng),
        }
    names, codes = np.unique(truth, return_inverse=True)
    of_row = np.zeros(len(label.values), dtype=np.int64)
    of_row[label.known] = codes
    predicted = majority(of_row[nearest], len(names))
    return {
        "k-NN accuracy": bootstrapped(lambda w: accuracy(codes, predicted, w), len(truth), rng),
        "k-NN macro-F1": bootstrapped(lambda w: macro_f1(codes, predicted, w), len(truth), rng),
    }


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


def majority(codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the most frequent class of each row; of several, that which comes first in the row.

    Parameters
    ----------
    codes : ndarray of int, shape (n, k)
        Classes 0 to n_classes - 1, nearest first.
    """
    n = len(codes)
    cells = np.arange(n)[:, None] * n_classes + codes
    votes = np.bincount(cells.ravel(), minlength=n * n_classes).reshape(n, n_classes)
    own_votes = np.take_along_axis(votes, codes, axis=1)
    return np.take_along_axis(codes, own_votes.argmax(axis=1)[:, None], axis=1)[:, 0]


def rmse(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray) -> float:
    """Return the root of the mean squared error; all arguments of shape (n,)."""
    return float(np.sqrt(weights @ (predicted - truth) ** 2 / weights.sum()))


def r2(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray) -> float:
    """Return the share of the variance that is predicted; NaN where there is none."""
    variance = weights @ (truth - np.average(truth, weights=weights)) ** 2
    return float(1 - weights @ (predicted - truth) ** 2 / variance) if variance > 0 else np.nan


def accuracy(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray) -> float:
    """Return the share of galaxies whose class is right."""
    return float(weights @ (truth == predicted) / weights.sum())


def macro_f1(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean over classes of the harmonic mean of precision and recall.

    A class counts if it occurs, in truth or in predictions, as in scikit-learn's ``f1_score``.
    """
    n_classes = int(max(truth.max(), predicted.max())) + 1
    right = np.bincount(truth[truth == predicted], weights[truth == predicted], n_classes)
    true, given = (np.bincount(codes, weights, n_classes) for codes in (truth, predicted))
    occurs = true + given > 0
    return float(np.mean(2 * right[occurs] / (true + given)[occurs]))
