"""Each engine beside exact search in the same run: what it finds of the 100 nearest, and how soon.

The vectors are mixtures of neighbours among shipped embeddings (`tests.bench.interpolated`). Run
with ``python -m tests.bench.bench_engines [--rows 100000 1000000] [--engines faiss annoy]``; a
million takes Annoy a minute or two to build.
"""

import argparse
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from pipeline.atlas.engines import ENGINES, ExactEngine, Vectors, exact_neighbours
from pipeline.config import IndexConfig
from pipeline.stages.trial import Trial
from tests.bench.interpolated import interpolated, shipped

N_QUERIES = 100
SHARES = (0.1, 0.01)  # of the galaxies that a filter leaves


def mapped_rows(n, file):
    """Return ``n`` vectors that are mapped, float16, as those of large atlases are."""
    few = shipped()
    array = np.lib.format.open_memmap(file, "w+", np.float16, (n, few.shape[1]))
    start = 0
    for chunk in interpolated(few, n, np.random.default_rng(0)):
        array[start : start + len(chunk)] = chunk
        start += len(chunk)
    return array


class Asked:
    """Questions of one kind with their answers: directions, and how alike the 100th is."""

    def __init__(self, name, array, directions, allowed=None):
        self.name, self.directions, self.allowed = name, directions, allowed
        self._vectors = Vectors(array)
        among = array if allowed is None else array[np.flatnonzero(allowed)]
        self._least = exact_neighbours(among, directions, 100)[1][:, -1]

    def answered(self, engine):
        """Return the recall of an engine, and the median time of a question in ms."""
        shares, times = [], []
        for direction, least in zip(self.directions, self._least, strict=True):
            start = time.perf_counter()
            found = next(engine.proposals(direction, 202, self.allowed))
            similarity = self._vectors.similarity(direction, found)
            times.append(1e3 * (time.perf_counter() - start))
            shares.append(min(np.count_nonzero(similarity >= least - 1e-6), 100) / 100)
        return np.mean(shares), np.median(times)


def kinds_of_question(array, rng):
    rows = np.sort(rng.choice(len(array), N_QUERIES, replace=False))
    directions = array[rows].astype(np.float32)
    few = directions[::5]
    yield Asked("all", array, directions)
    for share in SHARES:
        yield Asked(f"{share:.0%} pass", array, few, rng.random(len(array)) < share)
    yield Asked("least similar", array, -few)


def bench(n, names, folder):
    array = mapped_rows(n, folder / "embeddings.npy")
    vectors = Vectors(array)
    questions = list(kinds_of_question(array, np.random.default_rng(1)))
    options = asdict(IndexConfig(recall_queries=200)) | {"seed": 1}
    trial = Trial.of(vectors, 1, options["recall_queries"])
    exact = [asked.answered(ExactEngine(vectors))[1] for asked in questions]
    print(f"\n{n:,} x {vectors.dim}, recall of the 100 nearest; exact search takes", end=" ")
    print(", ".join(f"{ms:.1f} ms ({q.name})" for ms, q in zip(exact, questions, strict=True)))
    for name in names:
        file = ENGINES[name].file and folder / ENGINES[name].file
        start = time.perf_counter()
        engine = ENGINES[name].build(
            vectors, file, options, recall=trial.recall, advance=lambda: None
        )
        built_s = time.perf_counter() - start
        size = 0 if file is None else file.stat().st_size / 1e6
        print(f"  {engine.summary}: {size:,.0f} MB, built in {built_s:.0f} s")
        for asked, exact_ms in zip(questions, exact, strict=True):
            recall, ms = asked.answered(engine)
            ratio = exact_ms / ms
            print(
                f"    {asked.name:<14}{recall:>8.4f}{ms:>9.2f} ms{ratio:>8.1f} x as fast as exact"
            )


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=["faiss", "annoy"])
    arguments = parser.parse_args(argv)
    for n in arguments.rows:
        with tempfile.TemporaryDirectory(prefix="bench-engines-") as folder:
            bench(n, arguments.engines, Path(folder))


if __name__ == "__main__":
    main()
