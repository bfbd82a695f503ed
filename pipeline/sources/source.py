"""What a source of galaxies is, and what it yields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as pydantic_dataclass

from pipeline.atlas.catalogue import Column
from pipeline.atlas.errors import PipelineError

# What is in TOML is taken as it is: neither '3' nor true is a number.
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class SourceError(PipelineError):
    """A source cannot be opened, or yields nothing usable."""


@pydantic_dataclass(frozen=True)
class Survey:
    """What is true of every galaxy of one source.

    Attributes
    ----------
    name, title : str
        Short name, and the name that people read.
    simulated : bool
        Whether the sky is made up; every screen then says so.
    bands : tuple of str
        ``("g", "r", "z")`` for flux cutouts in nanomaggies, ``("R", "G", "B")`` for pictures.
    pixel_scale_arcsec : float or None
        None where every picture has a scale of its own.
    cutout_px : int
        Side of the square cutouts.
    brightness_column : str or None
        Magnitude column by which galaxies are sorted from bright to faint.
    citations : tuple of str
    north_up : bool
        Whether every cutout is known to have North up and East left.
    """

    name: str
    title: str
    simulated: bool
    bands: tuple[str, ...]
    pixel_scale_arcsec: float | None
    cutout_px: int
    brightness_column: str | None = None
    citations: tuple[str, ...] = ()
    north_up: bool = False

    @property
    def is_flux(self) -> bool:
        """Whether cutouts are fluxes (float) rather than pictures (uint8)."""
        return self.bands != ("R", "G", "B")

    @property
    def dtype(self) -> type[np.generic]:
        """Type of the numbers of its cutouts."""
        return np.float32 if self.is_flux else np.uint8


@dataclass(frozen=True)
class Rejected:
    """A row that was left out: which one, and why, as a sentence for the report."""

    object_id: str
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Consecutive galaxies of a source.

    Attributes
    ----------
    catalogue : DataFrame, n rows
        The columns that the source declares, ``object_id`` as str.
    cutouts : ndarray, shape (n, band, cutout_px, cutout_px)
        float32 nanomaggies, or uint8 RGB; North up, East left where the survey has it so.
    rejected : tuple of Rejected
        Rows of this range that were left out.
    """

    catalogue: pd.DataFrame
    cutouts: np.ndarray
    rejected: tuple[Rejected, ...] = ()

    @classmethod
    def of(
        cls, survey: Survey, catalogue: pd.DataFrame, outcomes: Sequence[np.ndarray | str]
    ) -> Chunk:
        """Put galaxies of a survey together, and leave out those without a cutout.

        For each row of the catalogue there is an outcome: its cutout, or why there is none.
        """
        has_cutout = np.array([isinstance(outcome, np.ndarray) for outcome in outcomes], bool)
        cutouts = [outcome for outcome in outcomes if isinstance(outcome, np.ndarray)]
        shape = (0, 3, survey.cutout_px, survey.cutout_px)
        return cls(
            catalogue[has_cutout].reset_index(drop=True),
            np.stack(cutouts) if cutouts else np.empty(shape, survey.dtype),
            tuple(
                Rejected(object_id, outcome)
                for object_id, outcome in zip(catalogue["object_id"], outcomes, strict=True)
                if isinstance(outcome, str)
            ),
        )


class Source(Protocol):
    """A survey that can be read by ranges of rows, in any order and by several processes.

    ``len(source)`` is the number of candidate rows; ``read(start, stop)`` is a pure function of its
    arguments. Instances are picklable.
    """

    @property
    def survey(self) -> Survey:
        """What is true of every galaxy."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column of the catalogue, the required ones first."""
        ...

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """Rows left out before any cutout was read (no position, duplicate...)."""
        ...

    def __len__(self) -> int: ...

    def read(self, start: int, stop: int) -> Chunk:
        """Return the galaxies of candidate rows `start` to `stop`, as in a slice."""
        ...


def file_states(files: Iterable[Path]) -> list[list[Any]]:
    """Return what changes when files change: names, sizes, times of those that are there."""
    return [
        [str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.exists()
    ]


class SourceConfig:
    """The ``[source]`` table of one kind: a pydantic dataclass with a field for each knob.

    A member of the union `pipeline.sources.registry.SOURCES`, told from the others by its field
    ``kind``. To add a source, write one in ``NAME/config.py`` and its `Source` in
    ``NAME/source.py``, name it in that table, and test it.

    Attributes
    ----------
    opened_by : str
        ``module:class`` of the source, which is made of this; imported when it has to be.
    """

    opened_by: ClassVar[str]

    @property
    def needs_position(self) -> bool:
        """Whether galaxies without a position are left out; an atlas has no others."""
        return True

    def files(self) -> list[Path]:
        """Return the local files that are read: where they change, the galaxies do.

        Raises
        ------
        SourceError
            The folder, or a catalogue in it, cannot be found.
        """
        return []

    def open(self) -> Source:
        """Open the source.

        Raises
        ------
        SourceError
            It cannot be read, or yields nothing usable.
        """
        source: Source = resolve_name(self.opened_by)(self)
        return source
