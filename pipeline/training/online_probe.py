"""The online probe: what the encoder of the moment can do, to look at while it trains.

It steers nothing: training never sees a label, and no choice is made by these figures.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.encoder.encoder import Encoder
from pipeline.training.training_set import Galaxies, TrainingSet, generator_of

MOST_GALAXIES = 1000
NEIGHBOURS = 10
_BATCH = 64
# Encoding a view takes about a fifth of a training step's share of it: asked once in so many times
# its own size, the probe costs less than a twentieth of training.
_RARITY = 5
_STREAM = 2**31  # of random numbers, apart from every epoch's


class OnlineProbe:
    """Two views of a fixed sample of galaxies, and a label of theirs if the catalogue has one.

    Epochs from one probe to the next are its attribute ``every``.
    """

    def __init__(self, galaxies: Galaxies, seed: int, device: torch.device) -> None:
        n = min(MOST_GALAXIES, len(galaxies))
        self.every = -(-_RARITY * n // len(galaxies))
        rng = np.random.default_rng(seed)
        self.rows = np.sort(rng.choice(len(galaxies), n, replace=False))
        self.views = galaxies.empty(2 * n, device).half()  # kept for as long as training lasts
        places = self.views.unflatten(0, (2, n)).split(_BATCH, dim=1)
        for number, place in enumerate(places):
            rows = self.rows[number * _BATCH : (number + 1) * _BATCH]
            galaxies.draw(galaxies.read(rows), generator_of(seed, _STREAM, number), place)
        self.labels: dict[str, tuple[np.ndarray, np.ndarray, bool]] = {}
        for number, training_set in enumerate(galaxies.training_sets):
            start, stop = galaxies.starts[number : number + 2]
            here = np.flatnonzero((self.rows >= start) & (self.rows < stop))
            if training_set.label is not None:
                name = f"{training_set.name} {training_set.label}".strip()
                known, values = _known(training_set, self.rows[here] - start)
                if len(values) > NEIGHBOURS:
                    self.labels[name] = (here[known], values, training_set.is_class)

    def figures(self, encoder: Encoder) -> dict[str, float]:
        """Return how often a view finds its galaxy, and how well neighbours predict labels.

        Returns
        -------
        dict
            ``probe_recall``: share of galaxies whose second view is more like their own first view
            than like any other galaxy's. For each label: R2, or accuracy, of 10 nearest neighbours.
        """
        encoder.eval()
        with torch.inference_mode():
            batches = [encoder(batch.float()).float() for batch in self.views.split(2 * _BATCH)]
        encoder.train()
        first, second = F.normalize(torch.cat(batches), dim=1).cpu().chunk(2)
        found = (second @ first.T).argmax(dim=1) == torch.arange(len(first))
        figures = {"probe_recall": round(float(found.float().mean()), 4)}
        for name, (places, values, is_class) in self.labels.items():
            figure = accuracy_of if is_class else r2_of
            measure = "accuracy" if is_class else "R2"
            figures[f"{name} {measure}"] = round(figure(nearest(first[places]), values), 4)
        return figures


def nearest(embeddings: Tensor) -> np.ndarray:
    """Return the 10 most similar other rows of each row of (n, dim) embeddings of unit length."""
    similarity = embeddings @ embeddings.T
    similarity.fill_diagonal_(-torch.inf)
    return similarity.topk(NEIGHBOURS, dim=1).indices.numpy()


def r2_of(neighbours: np.ndarray, values: np.ndarray) -> float:
    """Return the share of the variance of ``values`` (n,) that the neighbours' mean explains."""
    residual = values - values[neighbours].mean(axis=1)
    variance = float(((values - values.mean()) ** 2).sum())
    return 1 - float((residual**2).sum()) / variance if variance else 0.0


def accuracy_of(neighbours: np.ndarray, values: np.ndarray) -> float:
    """Return the share of ``values`` (n,) that are the most frequent among their neighbours."""
    frequent = pd.DataFrame(values[neighbours]).mode(axis=1)[0].to_numpy()
    return float((frequent == values).mean())


def _known(training_set: TrainingSet, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which of the rows have a label, and the labels of those."""
    label = str(training_set.label)
    values = training_set.store.catalogue([label])[label].iloc[rows]
    if training_set.is_class:
        known = (values.notna() & (values != "")).to_numpy()
        return known, values[known].astype(str).to_numpy()
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
    known = np.isfinite(numbers)
    return known, numbers[known]
