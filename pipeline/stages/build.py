"""A build: which stages of one configuration are up to date, and running those that are not."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pipeline import __version__
from pipeline.atlas import MANIFEST
from pipeline.atlas.whole_files import fingerprint
from pipeline.config import Config, ConfigError, ModelConfig, read_config
from pipeline.sources.registry import source_state
from pipeline.stages.stage import MODEL_STAGES, STAGES, Stage, StageError
from pipeline.store.lock import FolderLock
from pipeline.store.sums import remove
from pipeline.store.workspace import OUT_OF_DATE, ModelWorkspace, Workspace

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
        self._lock = FolderLock(self.workspace.root / ".lock")
        # Configurations with folders of their own may make the same atlas.
        self._publishes = FolderLock(atlases / ".build" / f".{config.name}.lock")

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

        Another process that works in the same folder is waited for.

        Raises
        ------
        StageError
            A stage that it needs is not up to date, or its results are damaged.
        """
        stage = self._stage(name)
        own_fingerprint = self.fingerprint(name)
        with self._lock, self._publishes if "destination" in stage.given else nullcontext():
            for needed in self._needed(stage):
                if fault := self.fault(needed.name):
                    raise StageError(
                        f"Stage {name} needs {needed.name}, which {fault}. Run '{needed.name}' "
                        "first with the same configuration, or 'build' for all of them."
                    )
            fault = self.fault(name)
            if fault is None:
                log.info("%s: up to date", name)
                return False
            if fault != OUT_OF_DATE:
                log.warning("%s: again, since it %s", name, fault)
            if "destination" in stage.given:
                self._clear_remains(name)
            self.workspace.begin(name, own_fingerprint)
            start, made_of = time.monotonic(), self._made_of(stage)
            self._work(stage)
            self.workspace.finish(name, own_fingerprint, self._results(stage), made_of)
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
        stages = self._checked_stages()
        with self._lock:
            for survey in self.surveys:
                survey.run("ingest")
            for stage in stages:
                self.run(stage.name)

    def run_until_seen(self) -> None:
        """Run what it takes to look at the atlas, and leave its figures of merit to `run_all`."""
        stages = self._checked_stages()
        with self._lock:
            for stage in stages:
                if stage.name == "publish" and not self.is_evaluated:
                    self._publish_unevaluated(stage)
                elif stage.name != "evaluate":
                    self.run(stage.name)

    @property
    def is_evaluated(self) -> bool:
        """Whether there are figures of merit to publish."""
        return self.is_done("evaluate")

    @property
    def left_out(self) -> tuple[str, ...]:
        """Stages that make no sense here."""
        return tuple(stage.name for stage in self.stages if not stage.applies(self))

    def is_done(self, name: str) -> bool:
        """Whether the results of a stage are there, undamaged, and of this configuration.

        So must those of all stages be that it needs.
        """
        stage = self._stage(name)
        return all(self.fault(each.name) is None for each in (*self._needed(stage), stage))

    def fault(self, name: str) -> str | None:
        """Return why a stage is not done, as what may follow "which"; None if it is.

        Whether those are done that it needs is another question.
        """
        stage = self._stage(name)
        fault = self.workspace.fault(
            name,
            self.fingerprint(name),
            self._results(stage),
            self._made_of(stage),
            by_times=stage.is_large,
        )
        return fault or stage.fault(self)

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

    def _checked_stages(self) -> list[Stage]:
        """Return the stages that make sense here, with all knobs checked before any works."""
        stages = [stage for stage in self.stages if stage.applies(self)]
        for stage in stages:
            stage.check(self)
        return stages

    def _publish_unevaluated(self, stage: Stage) -> None:
        """Publish without a record that it is done, as it will be with the figures of merit."""
        with self._publishes:
            self._clear_remains(stage.name)
            self.workspace.begin(stage.name, self.fingerprint(stage.name))
            start = time.monotonic()
            self._work(stage)
            took_s = time.monotonic() - start
            log.info("%s: done in %.1f s, but for its figures", stage.name, took_s)

    def _stage(self, name: str) -> Stage:
        return next(stage for stage in self.stages if stage.name == name)

    def _needed(self, stage: Stage) -> list[Stage]:
        """Return all stages that a stage needs, and that those need, in their order."""
        names = set(stage.after)
        for other in reversed(self.stages):
            if other.name in names:
                names |= set(other.after)
        return [other for other in self.stages if other.name in names]

    def _clear_remains(self, name: str) -> None:
        """Remove an atlas of ours without manifest, which would be taken for another's folder."""
        manifest = self.destination / MANIFEST
        if not manifest.is_file() and self.workspace.has_remains(name):
            remove(self.destination)

    def _results(self, stage: Stage) -> list[Path]:
        workspace = self.workspace
        return [getattr(workspace, name, None) or getattr(self, name) for name in stage.results]

    def _made_of(self, stage: Stage) -> dict[str, str]:
        """Return the digests of what a stage reads."""
        of_surveys = {each.config.name: each.workspace.digest("ingest") for each in self.surveys}
        return of_surveys | {name: self.workspace.digest(name) for name in stage.after}

    def _work(self, stage: Stage) -> None:
        given = {name: getattr(self, name) for name in stage.given}
        resolve_name(stage.function)(self.config, self.workspace, **given)


def _seen_of(survey: Build) -> list[Any]:
    """Return what decides which views of a survey a model sees."""
    config = asdict(survey.config)
    return [survey.fingerprint("ingest"), config["input"], config["views"]]
