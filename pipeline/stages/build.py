"""The stages in their order, what each depends on, and which of them are up to date."""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.atlas import AtlasError, check_destination, open_atlas
from pipeline.atlas.errors import PipelineError
from pipeline.atlas.footprint import given_footprint
from pipeline.atlas.whole_files import file_sha256, fingerprint
from pipeline.config import Config, TrainConfig
from pipeline.sources.registry import source_state
from pipeline.store.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stage:
    """One step from a survey to an atlas.

    Attributes
    ----------
    name : str
        Also the module that does the work (umap2d: layout), imported only when it has to.
    after : tuple of str
        Stages whose results it reads.
    knobs : tuple of str
        Parts of the configuration that change its result.
    help : str
        One line for the command line.
    """

    name: str
    after: tuple[str, ...]
    knobs: tuple[str, ...]
    help: str


STAGES = (
    Stage("ingest", (), ("source",), "read the survey into the cutout store"),
    Stage(
        "train",
        ("ingest",),
        ("input", "views", "encoder", "train", "seed"),
        "train the encoder by SimCLR, or take ready-made weights",
    ),
    Stage("embed", ("ingest", "train"), ("input", "embed"), "export the embedding of each galaxy"),
    Stage("index", ("embed",), ("index", "seed"), "build the Annoy index and measure its recall"),
    Stage("umap2d", ("embed",), ("umap", "seed"), "draw the 2-D map"),
    Stage("evaluate", ("embed",), ("evaluate", "seed"), "measure how good the similarity is"),
    Stage(
        "publish",
        ("index", "umap2d", "evaluate"),
        ("name", "thumbnails", "cutout_service", "showpiece", "footprint"),
        "put everything together as an atlas",
    ),
)
BY_NAME = {stage.name: stage for stage in STAGES}
_MODULES = {"umap2d": "layout"}  # all others are in the module of their name


class StageError(PipelineError):
    """A stage was asked for before the stages that it needs."""


class Build:
    """All stages of one configuration.

    Parameters
    ----------
    config : Config
    atlases : Path
        The atlas becomes ``atlases / config.name``.
    key : str, optional
        Intermediate results are in ``atlases / ".build" / key``; two configurations of one atlas
        keep theirs apart. The name of the atlas by default.
    scheduler : str, optional
        Address of a Dask cluster that embeds; the result does not depend on it.
    """

    def __init__(
        self,
        config: Config,
        atlases: Path,
        key: str | None = None,
        scheduler: str | None = None,
    ) -> None:
        self.config, self.scheduler = config, scheduler
        self.destination = atlases / config.name
        self.workspace = Workspace(atlases / ".build" / (key or config.name))

    def run(self, name: str) -> bool:
        """Run one stage unless it is up to date; return whether it ran.

        Raises
        ------
        StageError
            A stage that it needs is not up to date.
        """
        stage = BY_NAME[name]
        for needed in stage.after:
            if not self.is_done(needed):
                raise StageError(
                    f"Stage {name} needs {needed}, which is missing or out of date. "
                    f"Run '{needed}' first with the same configuration, or 'build' for all of them."
                )
        if self.is_done(name):
            log.info("%s: up to date", name)
            return False
        own_fingerprint = self.fingerprint(name)
        self.workspace.begin(name, own_fingerprint)
        start = time.monotonic()
        self._work(name)()
        self.workspace.finish(name, own_fingerprint)
        log.info("%s: done in %.1f s", name, time.monotonic() - start)
        return True

    def follow(self) -> None:
        """Take part in the training that another process leads, and in nothing else.

        That process has seen to what training needs; it alone writes.
        """
        if self.config.train.weights is None and not self.is_done("train"):
            self._work("train")()

    def run_all(self) -> None:
        """Run all stages that are not up to date, but for those that `left_out` names."""
        check_destination(self.destination)
        if self.config.footprint is not None:
            given_footprint(self.config.footprint)  # not after hours of training
        for stage in STAGES:
            if stage.name not in self.left_out:
                self.run(stage.name)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Stages that make no sense here: galaxies without a position make no atlas."""
        return ("publish",) if self.config.source.get("needs_position") is False else ()

    def is_done(self, name: str) -> bool:
        """Whether the result of a stage is there and belongs to this configuration."""
        if not self.workspace.is_done(name, self.fingerprint(name)):
            return False
        if name == "publish":
            try:
                open_atlas(self.destination)
            except AtlasError as error:
                log.info("publish: again, since %s", error)
                return False
        return True

    def fingerprint(self, name: str) -> str:
        """Return a hash of everything that decides the result of a stage.

        Raises
        ------
        PipelineError
            Files that the configuration names are not there.
        """
        stage, config = BY_NAME[name], asdict(self.config)
        parts: list[Any] = [__version__, name, [config[knob] for knob in stage.knobs]]
        if name == "ingest":
            parts += [config["ingest"]["chunk_rows"], self._source_state]
        if name == "train":
            parts += weights_state(self.config.train)
        if name == "publish":
            parts.append(file_state("footprint", self.config.footprint))
        return fingerprint(parts, [self.fingerprint(needed) for needed in stage.after])

    # Looked at once: what changes while a build runs is for the next one to notice.
    @cached_property
    def _source_state(self) -> list[Any]:
        return source_state(self.config.source)

    def _work(self, name: str) -> Callable[[], None]:
        # torch, umap and galsim are slow to import; a stage that is up to date needs none of them.
        module = importlib.import_module(f"pipeline.stages.{_MODULES.get(name, name)}")
        if name == "publish":
            return lambda: module.run(self.config, self.workspace, self.destination)
        if name == "embed":
            return lambda: module.run(self.config, self.workspace, self.scheduler)
        return lambda: module.run(self.config, self.workspace)


def weights_state(train: TrainConfig) -> list[str | None]:
    """Return hashes of the weights that training uses or starts from; None for none.

    Raises
    ------
    StageError
        They cannot be read.
    """
    return [file_state("train.weights", train.weights), file_state("train.start", train.start)]


def file_state(knob: str, path: str | None) -> str | None:
    """Return the hash of the file that a knob names; None for none.

    Raises
    ------
    StageError
        It cannot be read.
    """
    try:
        return None if path is None else file_sha256(Path(path))
    except OSError as error:
        raise StageError(f"{knob} is {path}, which cannot be read ({error.strerror}).") from error
