"""Stage 1: read a source into the cutout store, chunk by chunk, on all cores."""

from __future__ import annotations

import csv
import logging
import multiprocessing
import os
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from pipeline.config import Config
from pipeline.cutouts import CutoutStore
from pipeline.progress import progress
from pipeline.sources import Rejected, Source, SourceError
from pipeline.sources.registry import open_source
from pipeline.workspace import Workspace, whole_file

log = logging.getLogger(__name__)

STAGE = "ingest"
REPORT = "rejected.csv"


def run(config: Config, workspace: Workspace) -> None:
    """Read every galaxy of the source that is not in the store yet.

    Raises
    ------
    SourceError
        The source cannot be opened, or no galaxy of it is usable.
    """
    source = open_source(config.source)
    store = CutoutStore(workspace.cutout_store)
    size = config.ingest.chunk_rows
    missing = [number for number in range(-(-len(source) // size)) if not store.has_chunk(number)]
    n_processes = min(config.ingest.processes or os.cpu_count() or 1, len(missing))
    with progress("ingest", total=len(source), unit="galaxy") as bar:
        bar.update(len(source) - sum(_rows(source, number, size) for number in missing))
        if n_processes <= 1:
            for number in missing:
                bar.update(_read_chunk(source, store, number, size))
        else:
            # Forked children would inherit the threads of torch and of the progress bar.
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(
                n_processes, context, initializer=_start_worker, initargs=(source, store, size)
            ) as pool:
                jobs = [pool.submit(_work, number) for number in missing]
                try:
                    for job in as_completed(jobs):
                        bar.update(job.result())
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
    store.write_survey(source.survey, source.columns, source.rejected)
    _report(store, workspace.folder(STAGE) / REPORT)


def _rows(source: Source, number: int, size: int) -> int:
    return min(size, len(source) - number * size)


_worker: tuple[Source, CutoutStore, int]


def _start_worker(source: Source, store: CutoutStore, size: int) -> None:
    # A source may carry a catalogue of a million rows: it travels once, not with every chunk.
    global _worker
    _worker = (source, store, size)


def _work(number: int) -> int:
    source, store, size = _worker
    return _read_chunk(source, store, number, size)


def _read_chunk(source: Source, store: CutoutStore, number: int, size: int) -> int:
    start = number * size
    stop = start + _rows(source, number, size)
    store.write_chunk(number, source.read(start, stop))
    return stop - start


def _report(store: CutoutStore, path: Path) -> None:
    """Remove ids that come twice, write what was left out, and say how much there is."""
    rejected = store.rejected()
    with whole_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["object_id", "reason"])
        writer.writerows((item.object_id, item.reason) for item in rejected)
    if not len(store):
        raise SourceError(f"No galaxy of the source is usable; {path} says why for each.")
    log.info("%d galaxies, %d rows left out", len(store), len(rejected))
    for reason, count in Counter(_kind(item) for item in rejected).most_common(5):
        log.info("  %d left out: %s", count, reason)
    if rejected:
        log.info("  every one of them is in %s", path)


def _kind(rejected: Rejected) -> str:
    # "Row 5: It has no position." and "... (cannot identify image file)" are kinds, not rows.
    return re.sub(r"^Row \d+: ", "", rejected.reason).split(" (")[0].rstrip(".")
