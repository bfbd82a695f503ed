"""Labels predicted from the labels of the nearest neighbours."""

from __future__ import annotations

import numpy as np

from pipeline.evaluation.estimate import Estimate, bootstrapped
from pipeline.evaluation.labels import Label
from pipeline.evaluation.neighbourhood import Neighbourhood

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


def majority(codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the most frequent class of each row; of several, that which comes first in the row.

    Parameters
    ----------
    codes : ndarray of int, shape (n, k)
        Classes 0 to n_classes - 1, nearest first.

    Returns
    -------
    ndarray of int, shape (n,)
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

    Parameters
    ----------
    truth, predicted : ndarray of int, shape (n,)
    weights : ndarray, shape (n,)
    """
    n_classes = int(max(truth.max(), predicted.max())) + 1
    right = np.bincount(truth[truth == predicted], weights[truth == predicted], n_classes)
    true, given = (np.bincount(codes, weights, n_classes) for codes in (truth, predicted))
    occurs = true + given > 0
    return float(np.mean(2 * right[occurs] / (true + given)[occurs]))
