"""The stages as data: what does the work, what decides its result, and which files that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.atlas import AtlasError, check_destination, open_atlas
from pipeline.atlas.errors import PipelineError
from pipeline.atlas.footprint import given_footprint
from pipeline.atlas.whole_files import file_sha256
from pipeline.sources.registry import source_config

if TYPE_CHECKING:
    from pipeline.stages.build import Build


class StageError(PipelineError):
    """A stage was asked for before what it needs is there."""


@dataclass(frozen=True)
class Stage:
    """One step from a survey to an atlas, or from several to a model."""

    name: str  # also that of its folder
    help: str  # one line for the command line
    # ``module:name`` of what does the work, imported only when it has to: torch, umap and galsim
    # are slow to import. It is called with the configuration, the workspace and what `given` names.
    function: str
    knobs: tuple[str, ...]  # parts of the configuration that change its result
    after: tuple[str, ...] = ()  # stages whose results it reads
    # The files that it leaves, or folders of them, as the workspace calls them, or else the build.
    results: tuple[str, ...] = ()
    given: tuple[str, ...] = ()  # attributes of the build that the function takes by name
    # What else changes the result, files above all; whether the stage makes sense; what finds
    # mistakes before any stage has worked for hours; why results that are as they were left cannot
    # be used, as what may follow "which".
    outside: Callable[[Build], list[Any]] = lambda _: []
    applies: Callable[[Build], bool] = lambda _: True
    check: Callable[[Build], None] = lambda _: None
    fault: Callable[[Build], str | None] = lambda _: None
    is_shared: bool = False  # whether other processes take part, each of which calls the function
    # Whether results are as large as a survey: hashed again only if their times have changed.
    is_large: bool = False


def _weights(build: Build) -> list[str | None]:
    train = build.config.train
    return [_file_state("train.weights", train.weights), _file_state("train.start", train.start)]


def _file_state(knob: str, path: str | None) -> str | None:
    """Return the hash of the file that a knob names, None for none; StageError without it."""
    try:
        return None if path is None else file_sha256(Path(path))
    except OSError as error:
        raise StageError(f"{knob} is {path}, which cannot be read ({error.strerror}).") from error


def _check_atlas(build: Build) -> None:
    if not build.workspace.has_remains("publish"):  # of an atlas that has lost its manifest
        check_destination(build.destination)
    if build.config.footprint is not None:
        given_footprint(build.config.footprint)


def _cannot_be_opened(build: Build) -> str | None:
    try:
        open_atlas(build.destination)
    except AtlasError as error:
        return f"cannot be opened: {str(error).rstrip('.')}"
    return None


STAGES = (
    Stage(
        "ingest",
        "read the survey into the cutout store",
        "pipeline.stages.ingest:run",
        knobs=("source",),
        results=("cutout_store",),
        is_large=True,
        outside=lambda build: [build.config.ingest.chunk_rows, build.source_state],
    ),
    Stage(
        "train",
        "train the encoder by SimCLR, or take ready-made weights",
        "pipeline.stages.train:run",
        after=("ingest",),
        knobs=("input", "views", "encoder", "train", "seed"),
        results=("encoder_weights",),
        outside=_weights,
        is_shared=True,
    ),
    Stage(
        "embed",
        "export the embedding of each galaxy",
        "pipeline.stages.embed:run",
        after=("ingest", "train"),
        knobs=("input", "embed"),
        results=("embeddings", "embedding_info"),
        given=("scheduler",),
    ),
    Stage(
        "index",
        "build what finds neighbours, and measure its recall",
        "pipeline.stages.index:run",
        after=("embed",),
        knobs=("index", "seed"),
        results=("index",),
    ),
    Stage(
        "umap2d",
        "draw the 2-D map",
        "pipeline.stages.layout:run",
        after=("embed",),
        knobs=("layout", "seed"),
        results=("map_xy",),
    ),
    Stage(
        "evaluate",
        "measure how good the similarity is",
        "pipeline.stages.evaluate:run",
        after=("embed",),
        knobs=("evaluate", "seed"),
        results=("evaluation",),
    ),
    Stage(
        "publish",
        "put everything together as an atlas",
        "pipeline.stages.publish:run",
        after=("index", "umap2d", "evaluate"),
        knobs=("name", "thumbnails", "cutout_service", "first_object_id", "footprint"),
        results=("destination",),
        given=("destination", "is_evaluated"),
        is_large=True,
        outside=lambda build: [_file_state("footprint", build.config.footprint)],
        # Galaxies without a position make no atlas.
        applies=lambda build: source_config(build.config.source).needs_position,
        check=_check_atlas,
        fault=_cannot_be_opened,
    ),
)
# Of a model: the surveys are ingested by builds of their own.
MODEL_STAGES = (
    Stage(
        "train",
        "train one encoder on several surveys, and export it as ONNX",
        "pipeline.stages.train:run_on_several",
        knobs=("name", "seed", "encoder", "train"),
        results=("encoder_weights", "encoder_onnx"),
        given=("surveys",),
        outside=_weights,
        is_shared=True,
    ),
)
