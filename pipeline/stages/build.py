"""A build: which stages of one configuration are up to date, and running those that are not."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pipeline import __version__
from pipeline.atlas.whole_files import fingerprint
from pipeline.config import Config, ConfigError, ModelConfig, read_config
from pipeline.sources.registry import source_state
from pipeline.stages.stage import MODEL_STAGES, STAGES, Stage, StageError
from pipeline.store.workspace import ModelWorkspace, Workspace

log = logging.getLogger(__name__)


class Build:
    """All stages of one configuration.

    Parameters
    ----------
    atlases : Path
        The atlas becomes ``atlases / config.name``.
    key : str, optional
        Intermediate results are in ``atlases / ".build" / key``; two configurations of one atlas
        keep theirs apart. The name of the atlas by default.
    scheduler : str, optional
        Address of a Dask cluster that embeds; the result does not depend on it.

    """

    stages: tuple[Stage, ...] = STAGES
    surveys: tuple[Build, ...] = ()  # whose galaxies a model is trained on; an atlas has its own
    config: Any

    def __init__(
        self,
        config: Config | ModelConfig,
        atlases: Path,
        key: str | None = None,
        scheduler: str | None = None,
    ) -> None:
        self.config, self.scheduler = config, scheduler
        self.destination = atlases / config.name
        self.workspace = Workspace(atlases / ".build" / (key or config.name))

    @classmethod
    def of_model(cls, config: ModelConfig, folder: Path, atlases: Path) -> Build:
        """Return the build of a model that is trained on several surveys.

        Their configurations are in ``folder``. What is read is kept where an atlas of the same
        survey looks for it.

        Raises
        ------
        ConfigError
            Surveys that cannot be told apart, from each other or from the model.
        """
        paths = [folder / survey for survey in config.surveys]
        build = cls(config, atlases)
        build.stages = MODEL_STAGES
        build.surveys = tuple(cls(read_config(path), atlases, path.stem) for path in paths)
        build.workspace = ModelWorkspace(build.workspace.root)
        names = [survey.config.name for survey in build.surveys]
        if len(set(names)) < len(names) or config.name in {path.stem for path in paths}:
            raise ConfigError(
                f"Model {config.name} and its surveys ({', '.join(names)}) must all have names of "
                "their own. Rename one, or leave out the survey that is named twice."
            )
        return build

    def run(self, name: str) -> bool:
        """Run one stage unless it is up to date; return whether it ran.

        Raises
        ------
        StageError
            A stage that it needs is not up to date.
        """
        stage = self._stage(name)
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
        self._work(stage)
        self.workspace.finish(name, own_fingerprint)
        log.info("%s: done in %.1f s", name, time.monotonic() - start)
        return True

    def follow(self) -> None:
        """Take part in what another process leads: training, and nothing else.

        That process has seen to what training needs; it alone writes.
        """
        for stage in self.stages:
            if stage.is_shared and not self.is_done(stage.name):
                self._work(stage)

    def run_all(self) -> None:
        """Run all stages that are not up to date, but for those that `left_out` names."""
        stages = [stage for stage in self.stages if stage.applies(self)]
        for stage in stages:
            stage.check(self)
        for survey in self.surveys:
            survey.run("ingest")
        for stage in stages:
            self.run(stage.name)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Stages that make no sense here."""
        return tuple(stage.name for stage in self.stages if not stage.applies(self))

    def is_done(self, name: str) -> bool:
        """Whether the result of a stage is there and belongs to this configuration."""
        stage = self._stage(name)
        return (
            self.workspace.is_done(name, self.fingerprint(name))
            and all(getattr(self.workspace, result).exists() for result in stage.results)
            and stage.is_whole(self)
        )

    def fingerprint(self, name: str) -> str:
        """Return a hash of everything that decides the result of a stage.

        Raises
        ------
        PipelineError
            Files that the configuration names are not there.
        """
        stage, config = self._stage(name), asdict(self.config)
        knobs, outside = [config[knob] for knob in stage.knobs], stage.outside(self)
        if self.surveys:
            seen = [_seen_of(survey) for survey in self.surveys]
            return fingerprint([__version__, "model"], knobs, outside, seen)
        needed = [self.fingerprint(needed) for needed in stage.after]
        return fingerprint([__version__, name, knobs, *outside], needed)

    @cached_property
    def source_state(self) -> list[Any]:
        """The files of the source; what changes while a build runs is for the next to notice."""
        return source_state(self.config.source)

    def _stage(self, name: str) -> Stage:
        return next(stage for stage in self.stages if stage.name == name)

    def _work(self, stage: Stage) -> None:
        given = {name: getattr(self, name) for name in stage.given}
        resolve_name(stage.function)(self.config, self.workspace, **given)


def _seen_of(survey: Build) -> list[Any]:
    """Return what decides which views of a survey a model sees."""
    config = asdict(survey.config)
    return [survey.fingerprint("ingest"), config["input"], config["views"]]
