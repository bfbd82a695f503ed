"""Stage 1: read a source into the cutout store, chunk by chunk, on all cores."""

from __future__ import annotations

import csv
import logging
import multiprocessing
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.atlas.whole_files import whole_file
from pipeline.atlas.whole_texts import FORMULA
from pipeline.config import Config, ConfigError
from pipeline.sources import Chunk, Rejected, Source, SourceError
from pipeline.sources.registry import open_source
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)

REPORT = "rejected.csv"
# No quantity is as large in any unit; its square, and sums of them, are numbers yet.
LARGEST = 1e100


_Read = tuple[int, dict[str, int]]  # rows of a chunk, and how many values were blanked by column


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
    done = len(source) - sum(_rows(source, number, size) for number in missing)
    if n_processes <= 1:
        reading: Iterable[_Read] = (_read_chunk(source, store, number, size) for number in missing)
    else:
        reading = _read_in_processes(n_processes, source, store, missing, size)
    too_large: Counter[str] = Counter()
    with progress("ingest", total=len(source), unit="galaxy", done=done) as bar:
        for n_read, blanked in reading:
            bar.update(n_read)
            too_large.update(blanked)
    for column, n_values in too_large.items():
        log.warning(
            "%s: %d of its values are beyond %g, and taken for missing", column, n_values, LARGEST
        )
    store.write_survey(source.survey, source.columns, source.rejected)
    _check_knobs(config, source)
    _report(store, workspace.folder("ingest") / REPORT)


def _check_knobs(config: Config, source: Source) -> None:
    """Find what does not fit the survey now, not after hours of training."""
    from pipeline.views.field import Field  # brings torch, 200 MB that no reader is to carry

    Field.of(config.input, source.survey)
    known = {column.name for column in source.columns}
    named = {*config.evaluate.numbers, *config.evaluate.classes, *config.evaluate.find}
    if missing := named - known:
        raise ConfigError(
            f"[evaluate] names {', '.join(sorted(missing))}, which the catalogue does not have. "
            f"It has {', '.join(sorted(known))}."
        )


def _rows(source: Source, number: int, size: int) -> int:
    return min(size, len(source) - number * size)


def _read_in_processes(
    n_processes: int, source: Source, store: CutoutStore, numbers: list[int], size: int
) -> Iterator[_Read]:
    """Yield what `_read_chunk` returns as it is done; none of the processes outlives this one.

    Interrupted, each process ends the chunk that it is on, and begins no other.
    """
    # Forked children would inherit the threads of torch and of the progress bar.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    # A source may carry a catalogue of a million rows: it travels once, not with every chunk.
    arguments = (source, store, size, stop)
    with ProcessPoolExecutor(n_processes, context, _start_reader, arguments) as pool:
        try:
            with _deaf_children():
                jobs = [pool.submit(_work, number) for number in numbers]
            for job in as_completed(jobs):
                yield job.result()
        except BrokenProcessPool as error:
            raise SourceError(
                "A process that reads cutouts was ended from outside, perhaps for want of memory. "
                "Set ingest.processes = 1, or lower ingest.chunk_rows; what is done is kept."
            ) from error
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Keep Ctrl-C, which a terminal sends to all, from processes that begin meanwhile.

    They would say so, each with a traceback; this one is told a little later, and stops them.
    """
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


_reader: tuple[Source, CutoutStore, int, Event]


def _start_reader(source: Source, store: CutoutStore, size: int, stop: Event) -> None:
    global _reader
    _reader = (source, store, size, stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(number: int) -> _Read:
    source, store, size, stop = _reader
    return (0, {}) if stop.is_set() else _read_chunk(source, store, number, size)


def _read_chunk(source: Source, store: CutoutStore, number: int, size: int) -> _Read:
    start = number * size
    stop = start + _rows(source, number, size)
    chunk, blanked = within_reason(source.read(start, stop))
    store.write_chunk(number, chunk)
    return stop - start, blanked


def within_reason(chunk: Chunk) -> tuple[Chunk, dict[str, int]]:
    """Return a chunk without numbers beyond `LARGEST`, which arithmetic cannot take.

    They become NaN; with it comes how many there were in each column that had some.
    """
    catalogue, blanked = chunk.catalogue, {}
    for name in catalogue.columns:
        if pd.api.types.is_float_dtype(catalogue[name]):
            beyond = np.abs(catalogue[name].to_numpy("float64", na_value=np.nan)) > LARGEST
            if beyond.any():
                blanked[name] = int(beyond.sum())
                catalogue = catalogue.assign(**{name: catalogue[name].mask(beyond)})
    return (replace(chunk, catalogue=catalogue) if blanked else chunk), blanked


def _report(store: CutoutStore, path: Path) -> None:
    """Write what was left out and why, and say how much there is."""
    rejected = store.rejected()
    with whole_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["object_id", "reason"])
        writer.writerows((_defused(item.object_id), _defused(item.reason)) for item in rejected)
    if not len(store):
        raise SourceError(f"No galaxy of the source is usable; {path} says why for each.")
    rows = "1 row" if len(rejected) == 1 else f"{len(rejected):,} rows"
    log.info("%d galaxies, %s left out", len(store), rows)
    for reason, count in Counter(_kind(item) for item in rejected).most_common(5):
        log.info("  %d left out: %s", count, reason)
    if rejected:
        log.info("  every one of them is in %s", path)


def _defused(text: str) -> str:
    """Return what no spreadsheet takes for a formula, as exports of the dashboard do."""
    return f"'{text}" if re.match(FORMULA, text) else text


def _kind(rejected: Rejected) -> str:
    # "Row 5: It has no position." and "... (cannot identify image file)" are kinds, not rows.
    return re.sub(r"^Row \d+: ", "", rejected.reason).split(" (")[0].rstrip(".")
