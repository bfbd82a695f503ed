"""How much better neighbours are for being told what they should not look like.

Run with ``python -m tests.bench.bench_negatives [ATLAS]``; where decision 011 has its table from.
Someone who looks for galaxies of one class has found some, and some of others among their
neighbours: how many of the next ten are of the class?
"""

import argparse
from pathlib import Path

import numpy as np

from dashboard.explorer.explorer import Explorer
from pipeline.atlas import open_atlas

N_QUERIES = 1_500
N_LOOKED_AT = 60  # neighbours among which the examples are found
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
# Hubble types to classes: E, S0, early, intermediate and late spirals, irregulars.
_TYPES = (-3.5, -0.5, 2.5, 4.5, 6.5, 9.5)


def classes_of(explorer):
    """Return a class for each galaxy: the truth of a simulation, or groups of Hubble types."""
    if "truth_class" in explorer.catalogue:
        return explorer.values("truth_class")
    return np.digitize(explorer.values("t_type"), _TYPES)


def examples_of(row, order, classes, n):
    """Return ``n`` galaxies of the class of ``row``, itself the first, and ``n`` of others."""
    order = order[order != row]
    same = classes[order] == classes[row]
    return [row, *order[same][: n - 1]], order[~same][:n]


def precision(embeddings, classes, n_examples, share):
    """Return the share of the next ten galaxies that are of the class that is looked for."""
    rows = np.random.default_rng(0).choice(len(embeddings), N_QUERIES, replace=False)
    hits = []
    for row in rows:
        nearest = np.argsort(-(embeddings @ embeddings[row]), kind="stable")[:N_LOOKED_AT]
        positives, negatives = examples_of(row, nearest, classes, n_examples)
        if len(negatives) == 0:
            continue
        vector = embeddings[positives].mean(axis=0) - share * embeddings[negatives].mean(axis=0)
        closeness = embeddings @ vector
        closeness[[*positives, *negatives]] = -np.inf
        best = np.argpartition(-closeness, 10)[:10]
        hits.append(np.mean(classes[best] == classes[row]))
    return float(np.mean(hits))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("atlas", nargs="?", type=Path, default=Path("atlases/nearby"))
    explorer = Explorer(open_atlas(parser.parse_args().atlas))
    embeddings, classes = explorer.search.vectors[:], classes_of(explorer)
    print(f"{explorer.title}: share of the next ten that are of the class looked for")
    print("examples and negatives", *(f"{share:>6.2f}" for share in SHARES))
    for n in (1, 3):
        found = (f"{precision(embeddings, classes, n, share):>6.3f}" for share in SHARES)
        print(f"{f'{n} and {n}':<22}", *found)


if __name__ == "__main__":
    main()
