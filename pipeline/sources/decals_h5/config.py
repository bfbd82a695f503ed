"""The knobs of the published cutouts of DR9."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from pipeline.sources.legacysurvey.columns import LEGACY_SURVEYS, PHOTO_Z
from pipeline.sources.rows import Sample
from pipeline.sources.source import STRICT, SourceConfig

CITATIONS = (
    LEGACY_SURVEYS,
    "Cutouts: Stein et al. 2021, arXiv 2110.13151",
    PHOTO_Z,
)


@dataclass(frozen=True, config=STRICT)
class DecalsH5Config(SourceConfig):
    """The knobs of `pipeline.sources.decals_h5.source.DecalsH5Source`.

    Attributes
    ----------
    path : path
        One file, or a folder of them.
    rows : (int, int), optional
        First row and the one after the last, counted through all usable files.
    brightest_mag_z, faintest_mag_z : float, optional
        Range of AB magnitudes in z, not corrected for Galactic extinction.
    sample, seed : int
        So many galaxies drawn at random, without replacement, of what the other knobs leave; all
        without `sample`.
    cutout_px : int, optional
        Side of the central square that is kept; all of the cutout by default.
    name, title : str
        Short name, and name for people.
    citations : sequence of str
    """

    path: str | Path
    rows: Sequence[int] | None = None
    brightest_mag_z: float | None = None
    faintest_mag_z: float | None = None
    sample: Sample | None = None
    seed: int = 1
    cutout_px: int | None = None
    name: str = "decals"
    title: str = "DESI Legacy Surveys DR9"
    citations: Sequence[str] = CITATIONS
    kind: Literal["decals_h5"] = "decals_h5"
    opened_by: ClassVar = "pipeline.sources.decals_h5.source:DecalsH5Source"

    def files(self) -> list[Path]:
        """Return the file, or the files of the folder."""
        from pipeline.sources.decals_h5.files import find_files

        return find_files(Path(self.path))
