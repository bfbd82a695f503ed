"""What a survey larger than memory takes, stage by stage, and how it is then served.

Run with ``python -m tests.bench.bench_million [--rows 10000000] [--folder FOLDER]``. Ten million
rows need 20 GB of disk, and two hours on two cores. The same command goes on in the same folder
where it was; ``--only build`` and ``--only serve`` do half of it.

Few galaxies go through every stage with pictures and a network, which shows what each picture
costs. All of them go through every stage with embeddings that are given, see `generated_survey`,
and without thumbnails. Exit status 1: a stage, or what is served, is beyond one of the bounds.

Each stage runs in a process of its own, as ``python -m pipeline`` runs them. Its memory is the most
that was resident at any time, mapped files included, which the system could take back; of ingest,
with as much again for each of its readers as the largest of them took.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from pipeline.atlas.engines import ENGINES
from pipeline.stages.build import STAGES
from tests.bench.bench_serving import Bounds, bench_serving
from tests.bench.generated_survey import ENCODER, GIVEN, PICTURED

MOST_MB = 4_000
PICTURED_ROWS = 5_000
# Benchmarks of a published atlas with bounds of their own, called with ``--atlas FOLDER``.
FURTHER = ("bench_lookup",)
ENGINE = "faiss" if "faiss" in ENGINES else "annoy"

# In a process of its own, too: children begin with the mark that their parent's memory has left.
WRITE_THE_ENCODER = """
import sys
from pathlib import Path
from tests.bench.generated_survey import write_encoder
write_encoder(Path(sys.argv[1]))
"""

GIVE_EMBEDDINGS = """
import sys
from pathlib import Path
from tests.bench.generated_survey import generated_build, give_embeddings
give_embeddings(generated_build(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]))
"""

# What a run that was killed has taken is not known; what it has left is not done again.
RUN_A_STAGE = """
import resource, sys, time
from pathlib import Path
from tests.bench.generated_survey import READERS, generated_build
folder, name, rows, engine, stage = Path(sys.argv[1]), *sys.argv[2:]
build, start = generated_build(folder, name, int(rows), engine), time.monotonic()
has_run = build.run(stage)
seconds = time.monotonic() - start
own, child = (
    resource.getrusage(who).ru_maxrss * 1024 / 1e6
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
)
peak = own + READERS * child if stage == "ingest" else own
note = build.workspace.folder(stage) / ".bench.txt"
if has_run or not note.exists():
    note.write_text(f"{seconds} {peak}")
print(note.read_text())
"""


def measured(code: str, *arguments: object) -> list[str]:
    """Return the lines that a process of its own prints; its progress stays visible."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def bench_build(folder: Path, name: str, rows: int, engine: str, bounds: Bounds) -> Path:
    """Run all stages, print a line for each, and return the atlas."""
    about = f"{rows:,} galaxies, " + (
        "pictures of 16 px, a network of width 16" if name == PICTURED else "embeddings given"
    )
    print(f"\nBuild: {about}, {engine}", flush=True)
    for stage in STAGES:
        if name == GIVEN and stage.name == "embed":
            measured(GIVE_EMBEDDINGS, folder, name, rows, engine)
        line = measured(RUN_A_STAGE, folder, name, rows, engine, stage.name)[-1]
        seconds, peak_mb = map(float, line.split())
        each = f"{1e6 * seconds / rows:,.0f} us a galaxy"
        bounds.check(f"{stage.name}: {seconds:,.1f} s, {each}; memory", peak_mb, MOST_MB, "MB")
    atlas = folder / "atlases" / name
    for file in sorted(atlas.iterdir(), key=lambda file: -file.stat().st_size):
        if file.stat().st_size > 1e6:
            print(f"  {file.name:<32}{file.stat().st_size / 1e6:>10,.0f} MB", flush=True)
    return atlas


def bench(folder: Path, given: argparse.Namespace) -> Bounds:
    """Build and serve as the command line says; return what was measured, and its bounds."""
    bounds, rows, engine, pictured = Bounds(), given.rows, given.engine, given.pictured
    if given.only != "serve":
        if not (folder / ENCODER).exists():
            measured(WRITE_THE_ENCODER, folder)
        if pictured:
            bench_build(folder, PICTURED, min(rows, pictured), engine, bounds)
        bench_build(folder, GIVEN, rows, engine, bounds)
    if given.only != "build":
        atlas = folder / "atlases" / GIVEN
        print(f"\nServe: {rows:,} galaxies", flush=True)
        bench_serving(atlas, given.workers, bounds)
        for name in FURTHER:
            print(f"\n{name}", flush=True)
            command = [sys.executable, "-m", f"tests.bench.{name}", "--atlas", str(atlas)]
            if subprocess.run(command).returncode:
                bounds.too_much.append(f"what {name} has measured")
    return bounds


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_million")
    parser.add_argument("--rows", type=int, default=50_000, help="galaxies (default: %(default)s)")
    parser.add_argument(
        "--pictured",
        type=int,
        default=PICTURED_ROWS,
        help="galaxies with pictures and a network, 0 for none (default: %(default)s)",
    )
    parser.add_argument("--folder", type=Path, help="where it is kept (default: nowhere)")
    parser.add_argument("--engine", choices=list(ENGINES), default=ENGINE)
    parser.add_argument("--only", choices=("build", "serve"), help="half of it (default: both)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bounds = bench(folder, given)
    sys.exit(bounds.above())


if __name__ == "__main__":
    main()
