"""What an engine is.

An engine proposes galaxies that may be the most similar to a direction. The vectors decide: true
order, filters, separations and the cut at k are the same whatever proposed (dashboard.explorer).

Another engine takes a module beside this one, its line in the table of `registry`, and its knobs,
if it has any, in `pipeline.config`; ``tests/pipeline/atlas/engines`` tries every engine of
the table. The configuration then takes its name as ``index.engine``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from pipeline.atlas.engines.vectors import Vectors
from pipeline.atlas.errors import REBUILD, AtlasError, PipelineError


class EngineError(PipelineError):
    """An index cannot be built."""


_Parameters = TypeVar("_Parameters")


def read_parameters(
    kind: type[_Parameters], parameters: Mapping[str, Any], file: Path
) -> _Parameters:
    """Return the checked parameters of an engine, whose file is ``file``, from a manifest.

    Raises
    ------
    AtlasError
        Says which of them are wrong.
    """
    try:
        return TypeAdapter(kind).validate_python(parameters)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
        raise AtlasError(
            f"The manifest describes {file} wrongly or not at all ({wrong}). {REBUILD}"
        ) from error


class Engine(Protocol):
    """Proposes neighbours. Safe to share between threads."""

    file: ClassVar[str | None]  # its file in an atlas; None if it needs none

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        file: Path | None,
        options: Mapping[str, Any],
        *,
        recall: Callable[[Engine], float],
        advance: Callable[[], object],
    ) -> Self:
        """Build an engine of some vectors, or raise an EngineError.

        Parameters
        ----------
        vectors : Vectors
        file : Path or None
            Where to write its file, if it has one.
        options : mapping
            The seed and the ``[index]`` part of the configuration, of which it takes what it needs.
        recall : function
            Measures the share of the nearest galaxies that an engine finds.
        advance : function
            Called once for each galaxy.
        """
        ...

    @classmethod
    def open(
        cls, vectors: Vectors, file: Path, parameters: Mapping[str, Any], content: Path | None
    ) -> Self:
        """Open the engine of an atlas after proving that it is one of these vectors.

        Parameters
        ----------
        vectors : Vectors
        file : Path
            Its file in the atlas, to be named in errors; the folder of the atlas if it has none.
        parameters : mapping
            The manifest's, unchecked: an AtlasError says what is wrong with them.
        content : Path or None
            Where to map what is in the file. Its hash has been checked; None if that is still
            being done, or if the engine has no file. Until `load` it then proposes all galaxies.
        """
        ...

    def load(self, file: Path, content: Path) -> None:
        """Map the content of its file as `open` would have done, now that it has been checked."""
        ...

    @property
    def parameters(self) -> dict[str, Any]:
        """What the manifest keeps, of JSON: all that `open` needs beside file and vectors."""
        ...

    @property
    def summary(self) -> str:
        """Name and parameters in a few words, for exports."""
        ...

    @property
    def description(self) -> str:
        """A sentence or two about how it works, for people who use the dashboard."""
        ...

    def proposals(
        self, direction: np.ndarray, n: int, allowed: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """Yield ever more rows that may be the most similar to a direction.

        Parameters
        ----------
        direction : ndarray of float32, shape (dim,)
            Unit length.
        n : int
            How many at first, about.
        allowed : ndarray of bool, shape (n_objects,), optional
            Galaxies that may be proposed; all if not given.

        Yields
        ------
        ndarray of int64
            In any order, none twice; the last, if one goes on, are all that are allowed.
        """
        ...
