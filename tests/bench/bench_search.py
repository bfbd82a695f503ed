"""How fast an atlas answers, as a ratio to the plain way in the same run.

Run with ``python -m tests.bench.bench_search [--rows 100000]``.
"""

import argparse
import statistics
import time

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import Question
from dashboard.sky.coordinates import SkyPosition
from tests.bench.interpolated import interpolated, shipped
from tests.dashboard.small_atlas import random_positions, small_atlas

N_QUERIES = 50
KS = (25, 100)


def milliseconds(ask, questions):
    """Return the median time of an answer, in ms, and the answers."""
    ask(questions[0])
    times, answers = [], []
    for question in questions:
        start = time.perf_counter()
        answers.append(ask(question))
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), answers


def exact_numpy(embeddings, k):
    """Return a search that compares with every row and sorts the k best; no cleaning at all."""

    def search(row):
        similarity = embeddings @ embeddings[row]
        similarity[row] = -np.inf
        best = np.argpartition(-similarity, k)[:k]
        return best[np.argsort(-similarity[best])]

    return search


def report(question, ours, theirs, name, extra=""):
    print(f"{question:<24}{ours:>9.2f} ms   {theirs / ours:>7.1f} x faster than {name}{extra}")


def bench_neighbours(explorer, embeddings, rng):
    rows = rng.choice(len(embeddings), N_QUERIES, replace=False).tolist()
    for k in KS:
        ours, found = milliseconds(lambda row, k=k: explorer.neighbours([row], k).rows, rows)
        oracle = [explorer.search.exact(Question((row,)), k).rows for row in rows]
        shares = [len(np.intersect1d(*pair)) / k for pair in zip(found, oracle, strict=True)]
        theirs, _ = milliseconds(exact_numpy(embeddings, k), rows)
        extra = f" ({theirs:.2f} ms), recall {np.mean(shares):.4f}"
        report(f"neighbours, k = {k}", ours, theirs, "exact numpy", extra)


def bench_sky(explorer, positions, rng):
    sky = SkyCoord(*positions, unit="deg")
    asked = [
        SkyPosition(float(ra), float(dec))
        for ra, dec in zip(*random_positions(N_QUERIES, int(rng.integers(99))), strict=True)
    ]
    ours, found = milliseconds(explorer.nearest_on_sky, asked)
    scan, scanned = milliseconds(
        lambda position: int(SkyCoord(*position, unit=u.deg).separation(sky).argmin()), asked
    )
    # astropy keeps the tree of its first match; milliseconds() warms up, so that is not counted.
    match, _ = milliseconds(
        lambda position: SkyCoord(*position, unit=u.deg).match_to_catalog_sky(sky), asked
    )
    same = sum(row == other for (row, _), other in zip(found, scanned, strict=True))
    extra = f" ({scan:.2f} ms), {same} of {N_QUERIES} the same"
    report("nearest_on_sky", ours, scan, "astropy's full scan", extra)
    report("nearest_on_sky", ours, match, "match_to_catalog_sky", f" ({match:.2f} ms)")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="galaxies (default: %(default)s)")
    parser.add_argument("--search-k", type=int, default=20_000, help="(default: %(default)s)")
    arguments = parser.parse_args(argv)
    rng = np.random.default_rng(0)
    embeddings = np.vstack(list(interpolated(shipped(), arguments.rows, rng)))
    positions = random_positions(arguments.rows)
    start = time.perf_counter()
    atlas = small_atlas(embeddings, positions, search_k=arguments.search_k)
    built = time.perf_counter()
    explorer = Explorer(atlas)
    opened = time.perf_counter()
    print(
        f"{arguments.rows} x {embeddings.shape[1]}, 10 trees, search_k {arguments.search_k}: "
        f"index built in {built - start:.1f} s, explorer ready in {opened - built:.2f} s"
    )
    bench_neighbours(explorer, embeddings, rng)
    bench_sky(explorer, positions, rng)


if __name__ == "__main__":
    main()
