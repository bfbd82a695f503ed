"""What galaxies must be like, said to an engine that keeps values beside the vectors.

Criteria spare an engine proposals in vain, and decide nothing: which galaxies are allowed says the
mask. A criterion may therefore be left out, or let more pass, but never fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pipeline.atlas.engines.engine import Engine


@dataclass(frozen=True)
class Between:
    """Numbers from ``least`` to ``most``, both included; None where an end is open."""

    column: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class AnyOf:
    """Any of some labels: words, whole numbers, or "yes" and "no" for truth values.

    Galaxies without a value pass only with ``or_missing``.
    """

    column: str
    labels: tuple[str, ...] = ()
    or_missing: bool = False


Criterion = Between | AnyOf


@runtime_checkable
class Selective(Protocol):
    """An engine that can be told what galaxies must be like."""

    def among(self, criteria: Sequence[Criterion]) -> Engine:
        """Return the engine of the galaxies that meet all criteria, and perhaps of more."""
        ...


def among(engine: Engine, criteria: Sequence[Criterion]) -> Engine:
    """Return an engine that knows of the criteria if it can, else as it is."""
    return engine.among(criteria) if criteria and isinstance(engine, Selective) else engine


@runtime_checkable
class Remote(Protocol):
    """An engine that asks a service, which may not answer."""

    def trouble(self) -> str:
        """Return why nothing can be found just now, or only slowly; empty if all is well."""
        ...

    @property
    def has_substitute(self) -> bool:
        """Whether answers are right while the service is away."""
        ...
