"""What a survey larger than memory takes, stage by stage; fails if a stage takes more than 2 GB.

Run with ``python -m tests.bench.bench_million [--rows 1000000] [--folder FOLDER]``. A million rows
need 6 GB of disk. The same command goes on in the same folder where it was.

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

from pipeline.stages.build import STAGES
from tests.bench.generated_survey import ENCODER

LIMIT_MB = 2_000

# In a process of its own, too: children begin with the mark that their parent's memory has left.
WRITE_THE_ENCODER = """
import sys
from pathlib import Path
from tests.bench.generated_survey import write_encoder
write_encoder(Path(sys.argv[1]))
"""

RUN_A_STAGE = """
import resource, sys, time
from pathlib import Path
from tests.bench.generated_survey import READERS, generated_build
name, folder, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
build, start = generated_build(folder, rows), time.monotonic()
done = not build.run(name)
own, child = (
    resource.getrusage(who).ru_maxrss * 1024 / 1e6
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
)
peak = own + READERS * child if name == "ingest" else own
if not done:
    (folder / f"{name}.txt").write_text(f"{time.monotonic() - start} {peak}")
"""

OPEN_THE_ATLAS = """
import resource, sys, time
from pathlib import Path
import numpy as np
from dashboard.explorer.explorer import Explorer
from pipeline.atlas import open_atlas
from tests.bench.bench_search import bench_sky
start = time.monotonic()
explorer = Explorer(open_atlas(Path(sys.argv[1])))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(time.monotonic() - start, peak)
positions = [explorer.catalogue[name].to_numpy() for name in ("ra_deg", "dec_deg")]
bench_sky(explorer, positions, np.random.default_rng(0))
"""


def measured(code: str, *arguments: str) -> list[str]:
    """Return the lines that a process of its own prints; its progress stays visible."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def report(name: str, line: str) -> float:
    """Print one line of the table, and return the memory."""
    time_s, peak_mb = map(float, line.split())
    print(f"{name:<10}{time_s:>10.1f} s{peak_mb:>10.0f} MB", flush=True)
    return peak_mb


def bench(folder: Path, rows: int) -> None:
    """Run all stages, open the atlas, and fail if a stage took too much."""
    print(f"{rows:,} generated galaxies, 128-d embeddings; most memory, at most {LIMIT_MB} MB")
    if not (folder / ENCODER).exists():
        measured(WRITE_THE_ENCODER, str(folder))
    peaks = {}
    for stage in STAGES:
        measured(RUN_A_STAGE, stage.name, str(folder), str(rows))
        # A stage that a former run of this command has done keeps what was measured then.
        peaks[stage.name] = report(stage.name, (folder / f"{stage.name}.txt").read_text())
    line, *sky = measured(OPEN_THE_ATLAS, str(folder / "atlases" / "generated"))
    report("dashboard", line)
    print("\n".join(sky))
    if above := [name for name, peak in peaks.items() if peak > LIMIT_MB]:
        sys.exit(f"{', '.join(above)} took more than {LIMIT_MB} MB.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000, help="galaxies (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where it is kept (default: nowhere)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench(folder, arguments.rows)


if __name__ == "__main__":
    main()
