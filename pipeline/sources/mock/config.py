"""The knobs of the mock survey."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from pipeline.sources.source import STRICT, SourceConfig, SourceError


@dataclass(frozen=True, config=STRICT)
class MockConfig(SourceConfig):
    """The knobs of `pipeline.sources.mock.source.MockSource`.

    Attributes
    ----------
    n_objects : int
        Number of galaxies, at least 1.
    seed : int
        Not negative; another seed is another sky.

    Raises
    ------
    SourceError
        No such survey can be made.
    """

    n_objects: int
    seed: int = 1
    kind: Literal["mock"] = "mock"
    opened_by: ClassVar = "pipeline.sources.mock.source:MockSource"

    @model_validator(mode="after")
    def _possible(self) -> MockConfig:
        if self.n_objects < 1 or self.seed < 0:
            raise SourceError(
                f"A mock survey of {self.n_objects} objects with seed {self.seed} cannot be made. "
                "Ask for at least 1 object and a seed of 0 or more."
            )
        return self
