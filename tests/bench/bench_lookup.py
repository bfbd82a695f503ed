"""How fast galaxies are found by name and position among millions, and all else beside the search.

Run with ``python -m tests.bench.bench_lookup [--rows 1000000]``: it makes up a catalogue, with the
files that large atlases have for it, and fails above the bounds; with ``--atlas FOLDER`` it asks a
published one. Ten million rows take 3 GB of disk and some minutes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import far_apart
from dashboard.explorer.random_draw import random_row
from dashboard.filters.filters import SIMILARITY, Filters, Range
from dashboard.method.examples import small_map
from dashboard.names.spellings import suggest
from dashboard.query.answer import answer
from dashboard.query.certainty import random_pairs
from dashboard.query.query import MOST_NEIGHBOURS, Query
from dashboard.query.similarity_column import similarity_column
from dashboard.search.list_reading import read_text
from dashboard.search.target_list import match_all
from dashboard.sky.coordinates import SkyPosition
from pipeline.atlas import Catalogue, ExactEngine, SkyOrder, Vectors, open_atlas, unit_vectors
from pipeline.atlas.lookup_files import NAMES, SKY_BOXES, SKY_ROWS, write_lookup_files
from tests.dashboard.small_atlas import small_atlas, unit_rows

N_ASKED = 200
N_LISTED = 1_000
_PIECE = 250_000
DIM = 128


def milliseconds(ask: Callable[..., object], questions: Iterable[object]) -> float:
    """Return the median time of an answer, in ms; the first answer, which may read more, first."""
    times = []
    for question in questions:
        start = time.perf_counter()
        ask(question)
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def bench(explorer: Explorer, rng: np.random.Generator) -> list[str]:
    """Print what each question takes, in ms, beside its bound; return those that took more."""
    n = explorer.n_objects
    rows = rng.integers(n, size=N_ASKED).tolist()
    galaxies = [explorer.galaxy(row) for row in rows]
    ids = [galaxy.object_id for galaxy in galaxies]
    near = [
        SkyPosition(galaxy.position.ra_deg, galaxy.position.dec_deg * 0.9999) for galaxy in galaxies
    ]
    anywhere = [
        SkyPosition(float(ra), float(np.degrees(np.arcsin(z))))
        for ra, z in zip(rng.uniform(0, 360, N_ASKED), rng.uniform(-1, 1, N_ASKED), strict=True)
    ]
    apart = unit_vectors(rng.uniform(0, 360, 2 * MOST_NEIGHBOURS), rng.uniform(-30, 30, 2_000))
    passing = rng.random(n) < 0.1
    text = "\n".join([*ids[: N_LISTED // 4], *(f"{p.ra_deg} {p.dec_deg}" for p in near)])
    listed = read_text("\n".join([text] * (N_LISTED // (2 * N_ASKED))))
    draw = np.random.default_rng(1)
    query = Query((rows[0],), filters=Filters(((SIMILARITY, Range(0.5)),)))

    failed = []
    for what, ask, questions, bound_ms in (
        ("first name asked for", explorer.rows_called, ids[:1], 20_000 if n > 10**6 else 5_000),
        ("identifier", explorer.row_of, ids, 1),
        ("name in another spelling", explorer.rows_called, [one.lower() for one in ids], 1),
        ("name that nobody has", explorer.rows_called, [f"{one}X" for one in ids], 1),
        (
            "first suggestions",
            lambda text: suggest(text, [explorer.names.spellings]),
            ["Nobodys Galaxy"],
            5_000,
        ),
        (
            "suggestions",
            lambda text: suggest(text, [explorer.names.spellings]),
            [f"{one}X" for one in ids[:20]],
            200,
        ),
        ("nearest galaxy, close by", explorer.nearest_on_sky, near, 1),
        ("nearest galaxy, anywhere", explorer.nearest_on_sky, anywhere, 1),
        ("first galaxy that reaches there", explorer.galaxy_at, anywhere[:1], 2_000),
        ("galaxy that reaches there", explorer.galaxy_at, anywhere, 2),
        (f"list of {len(listed.entries)}", lambda one: match_all(explorer, one), [listed], 5_000),
        ("1,000 galaxies kept apart", lambda one: far_apart(one, one[:1], 25, 1_000), [apart], 50),
        ("random galaxy", lambda _: random_row(explorer, draw), range(5), 300),
        (
            "random galaxy that passes",
            lambda _: random_row(explorer, draw, passing=passing),
            range(5),
            300,
        ),
        ("random pairs, for certainty", lambda _: random_pairs(explorer), [0], 3_000),
        ("similarity as a column", lambda _: similarity_column(explorer), [0], 1_000),
        ("filter by similarity, first", lambda _: query.passing(explorer), [0], 10_000),
        ("filter by similarity, again", lambda _: query.passing(explorer), [0], 50),
    ):
        failed += _said(what, milliseconds(ask, questions), bound_ms)
    return failed + bench_queries(explorer, rng)


class _Instant:
    """An engine that takes no time and proposes any galaxies: what is left is all else."""

    def __init__(self, n_objects: int) -> None:
        self._rng, self._n_objects = np.random.default_rng(0), n_objects

    def proposals(
        self, direction: np.ndarray, n: int, allowed: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """Yield ever more galaxies that may be proposed."""
        while True:
            rows = np.unique(self._rng.integers(self._n_objects, size=n))
            yield rows if allowed is None else np.flatnonzero(allowed[:1_000_000])[:n]
            n *= 4


def bench_queries(explorer: Explorer, rng: np.random.Generator) -> list[str]:
    """Print what a query takes beside its engine, with k = 100; return what took more than that."""
    name = explorer.manifest.brightness_column
    values = explorer.values(name)[:: -(-explorer.n_objects // 10_000)] if name else np.empty(0)
    low, high = np.nanquantile(values, [0.3, 0.9]) if name else (0.0, 1.0)
    rows = rng.integers(explorer.n_objects, size=(3, 20)).tolist()
    same = Filters(((name, Range(low, high)),) if name else ())
    queries = [
        [Query((row,), k=100) for row in rows[0]],
        [Query((row,), k=100, filters=same) for row in rows[1]],
        [
            Query((row,), k=100, filters=Filters(((name, Range(low, high + step / 1e3)),)))
            for step, row in enumerate(rows[2])
            if name
        ],
    ]
    kinds = ("query", "query, same filter", "query, another filter each time")
    engine, explorer.search.engine = explorer.search.engine, _Instant(explorer.n_objects)
    try:
        failed: list[str] = []
        for kind, asked in zip(kinds, queries, strict=True):
            took_ms = milliseconds(lambda one: answer(explorer, one), asked) if asked else 0.0
            failed += _said(f"{kind}, but its engine", took_ms, 50)
        small_map_ms = milliseconds(small_map, [explorer])
        failed += _said("small map, but its engine", small_map_ms, 3_000)
    finally:
        explorer.search.engine = engine
        explorer.memory.clear()  # of what is no answer
    return failed


def _said(what: str, took_ms: float, bound_ms: float) -> list[str]:
    print(f"{what:<34}{took_ms:>12.2f} ms   at most {bound_ms:>8,.0f}", flush=True)
    return [what] if took_ms > bound_ms else []


def resident_mb() -> tuple[float, float]:
    """Return how much memory this process has, and how much of it is no file that is mapped."""
    status = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in status if line.startswith("Rss")}
    total = sum(map(int, sizes.values()))
    return total / 1e3, int(sizes["RssAnon"]) / 1e3


def pieces_of(n: int) -> Iterable[pd.DataFrame]:
    """Yield a catalogue with identifiers, names for one galaxy in ten, sizes and brightness."""
    for start in range(0, n, _PIECE):
        rng, rows = np.random.default_rng(start), np.arange(start, min(start + _PIECE, n))
        named = [f"UGC {row}" if row % 10 == 0 else "" for row in rows.tolist()]
        yield pd.DataFrame(
            {
                "object_id": [f"GENERATED-{row:012d}" for row in rows.tolist()],
                "name": named,
                "other_names": [f"{name}A;MCG {name[4:]}" if name else "" for name in named],
                "ra_deg": rng.uniform(0, 360, len(rows)),
                "dec_deg": np.degrees(np.arcsin(rng.uniform(-1, 1, len(rows)))),
                "mag_z": rng.normal(20, 2, len(rows)),
                "half_light_radius_arcsec": rng.lognormal(0, 1, len(rows)),
            }
        )


def write_embeddings(file: Path, n: int) -> None:
    """Write random unit vectors, piece by piece."""
    array = np.lib.format.open_memmap(file, "w+", np.float16, (n, DIM))
    for start in range(0, n, _PIECE):
        rng = np.random.default_rng(start)
        rows = rng.standard_normal((min(_PIECE, n - start), DIM), np.float32)
        array[start : start + _PIECE] = unit_rows(rows)
    array.flush()


def generated_explorer(folder: Path, n: int) -> Explorer:
    """Return an explorer of so many galaxies, their files mapped; it says what took how long."""
    start = time.perf_counter()
    catalogue = pd.concat(pieces_of(n), ignore_index=True)
    write_embeddings(folder / "embeddings.npy", n)
    made = time.perf_counter()
    columns = ["object_id", "name", "other_names"]
    pieces = (catalogue[columns].iloc[start : start + _PIECE] for start in range(0, n, _PIECE))
    positions = [catalogue[name].to_numpy() for name in ("ra_deg", "dec_deg")]
    write_lookup_files(folder, pieces, *positions)
    written = time.perf_counter()
    few = catalogue.iloc[:2]
    tiny = small_atlas(
        np.eye(2, dtype=np.float32),
        [few[name].to_numpy() for name in ("ra_deg", "dec_deg")],
        brightness_column="mag_z",
    )
    vectors = Vectors(np.load(folder / "embeddings.npy", mmap_mode="r"))
    atlas = replace(
        tiny,
        manifest=replace(tiny.manifest, n_objects=n),
        catalogue=Catalogue.of_frame(catalogue),
        columns={},
        vectors=vectors,
        engine=ExactEngine(vectors),
        map_xy=np.random.default_rng(0).random((n, 2), np.float32),
        names=np.load(folder / NAMES, mmap_mode="r"),
        sky=SkyOrder(*(np.load(folder / name, mmap_mode="r") for name in (SKY_ROWS, SKY_BOXES))),
    )
    before_mb = resident_mb()[1]
    ready = time.perf_counter()
    explorer = Explorer(atlas)
    took_s = time.perf_counter() - ready
    print(
        f"{n:,} galaxies: made in {made - start:.1f} s, lookup files in {written - made:.1f} s, "
        f"explorer ready in {took_s:.2f} s with {resident_mb()[1] - before_mb:.0f} MB more"
    )
    return explorer


def opened_explorer(path: Path) -> Explorer:
    """Return the explorer of a published atlas; it says what that takes."""
    start, before_mb = time.perf_counter(), resident_mb()[1]
    explorer = Explorer(open_atlas(path))
    took_s = time.perf_counter() - start
    total_mb, own_mb = resident_mb()
    print(
        f"{explorer.n_objects:,} galaxies: open after {took_s:.2f} s with "
        f"{own_mb - before_mb:.0f} MB more; {total_mb:.0f} MB resident with mapped files"
    )
    return explorer


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="(default: %(default)s)")
    parser.add_argument("--atlas", type=Path, help="a published atlas, instead of one made up")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.atlas is not None:
            explorer = opened_explorer(arguments.atlas)
        else:
            explorer = generated_explorer(Path(folder), arguments.rows)
        before_mb = resident_mb()[1]
        failed = bench(explorer, np.random.default_rng(0))
        print(f"{resident_mb()[1] - before_mb:.0f} MB more that are no mapped file")
    if failed:
        sys.exit(f"{', '.join(failed)}: above the bound.")


if __name__ == "__main__":
    main()
