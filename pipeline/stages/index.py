"""Stage 4: build the engine that finds neighbours, and measure it beside exact search."""

from __future__ import annotations

import json
import logging
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from pipeline.atlas.engines import ENGINES, Vectors
from pipeline.atlas.manifest import IndexInfo
from pipeline.atlas.whole_files import whole_file
from pipeline.config import AUTO, Config
from pipeline.stages.engine_choice import choose
from pipeline.stages.trial import Trial
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)

# In smaller atlases nobody waits for either, and each query is compared with all galaxies anyhow.
_MANY = 50_000


def run(config: Config, workspace: Workspace) -> None:
    """Write the engine's file, if it has one, and ``index.json``: an `IndexInfo`.

    Raises
    ------
    EngineError
        It cannot be built, as where the disk has no room for it.
    """
    vectors = Vectors(np.load(workspace.embeddings, mmap_mode="r"))
    options = asdict(config.index) | {"seed": config.seed}
    options["catalogue"] = CutoutStore(workspace.cutout_store).catalogue_pieces
    target = config.index.recall_target
    name, why = config.index.engine, None
    if name == AUTO:
        name, why = choose(vectors, config.seed, options)
        log.info("index: %s. %s", name, why)
    with progress("exact", total=len(vectors), unit="galaxy", shown=len(vectors) > _MANY) as bar:
        trial = Trial.of(vectors, config.seed, config.index.recall_queries, bar.update)
    exact_ms = trial.exact_ms()
    vectors.let_go()
    info = _built(name, workspace, options, trial, exact_ms)
    if why is not None and not _pays(info, target):
        why = f"{why} Among all galaxies it took {info.query_ms:g} ms, so exact search does it."
        log.info("index: %s", why)
        (workspace.folder("index") / (ENGINES[name].file or "")).unlink()
        info = _built("exact", workspace, options, trial, exact_ms)
    said = {
        key: value
        for key, value in asdict(replace(info, why=why)).items()
        if (key, value) != ("why", None)
    }
    with whole_file(workspace.index_info) as partial_info:
        partial_info.write_text(json.dumps(said, indent=1))
    if not _pays(info, target):
        matters = len(vectors) > _MANY or info.recall_at_100 < target
        log.log(
            logging.WARNING if matters else logging.INFO,
            'index: %s does not reach the target of %g in less time than exact search. "exact" '
            'is better here, or index.engine = "auto", which finds what is quickest, such as '
            '"faiss" among very many galaxies',
            name,
            target,
        )


def _built(
    name: str, workspace: Workspace, options: dict[str, Any], trial: Trial, exact_ms: float
) -> IndexInfo:
    """Build an engine and return how it did."""
    file_name = ENGINES[name].file
    place = None if file_name is None else workspace.folder("index") / file_name
    # The file takes its place if all goes well.
    with nullcontext() if place is None else whole_file(place) as file:
        with progress("index", total=len(trial.vectors), unit="galaxy") as bar:
            engine = ENGINES[name].build(
                trial.vectors, file, options, recall=trial.recall, advance=bar.update
            )
        info = IndexInfo(
            engine=name,
            parameters=engine.parameters,
            recall_at_100=round(trial.recall(engine), 5),
            query_ms=trial.query_ms(engine),
            exact_ms=exact_ms,
        )
    log.info(
        "index: %s: recall@100 %.4f, %g ms for a query, %g ms for an exact one",
        engine.summary,
        info.recall_at_100,
        info.query_ms,
        info.exact_ms,
    )
    return info


def _pays(info: IndexInfo, target: float) -> bool:
    """Return whether an engine reaches the target in less time than exact search, or is that."""
    if info.engine == "exact" or info.query_ms is None or info.exact_ms is None:
        return True
    return info.recall_at_100 >= target and info.query_ms < info.exact_ms
