"""The knobs of galaxies whose cutouts are fetched from the service of the Legacy Surveys.

In TOML they all stand in one table; here each group of them is a noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.cutout_service import MOST_FIELD_ARCSEC
from pipeline.sources.hats import description_files
from pipeline.sources.legacysurvey.columns import LEGACY_SURVEYS
from pipeline.sources.legacysurvey.files import TableChoice, table_files
from pipeline.sources.legacysurvey.rows import Cuts, FieldRule
from pipeline.sources.legacysurvey.service import CutoutQuery, Pace
from pipeline.sources.source import STRICT, SourceConfig, SourceError

# Git ignores it, and a build that is begun afresh keeps it.
DEFAULT_CACHE = "atlases/.downloads/legacysurvey"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LegacySurveyConfig(TableChoice, Cuts, CutoutQuery, FieldRule, Pace, SourceConfig):
    """The knobs of `pipeline.sources.legacysurvey.source.LegacySurveySource`.

    They are those of its bases, and these.

    Attributes
    ----------
    cache : path
        Where pictures are kept.
    name, title : str
        Short name, and name for people.
    citations : sequence of str

    Raises
    ------
    SourceError
        A knob is out of range.
    """

    cache: str | Path = DEFAULT_CACHE
    name: str = "legacysurvey"
    title: str = "DESI Legacy Surveys"
    citations: Sequence[str] = (LEGACY_SURVEYS,)
    kind: Literal["legacysurvey"] = "legacysurvey"
    opened_by: ClassVar = "pipeline.sources.legacysurvey.source:LegacySurveySource"

    @model_validator(mode="after")
    def _not_too_large(self) -> LegacySurveyConfig:
        if not 0 < self.pixel_scale_arcsec * self.cutout_px <= MOST_FIELD_ARCSEC:
            raise SourceError(
                f"pixel_scale_arcsec = {self.pixel_scale_arcsec} with {self.cutout_px} px is no "
                f"field between 0 and {MOST_FIELD_ARCSEC:g} arcsec."
            )
        return self

    def files(self) -> list[Path]:
        """Return the catalogues; a service's pictures are the same whenever they are fetched."""
        footprint = [] if self.footprint is None else [Path(self.footprint)]
        redshifts = [] if self.photo_z is None else table_files(self.photo_z, photo_z=True)
        if self.hats is not None:
            return [*description_files(str(self.catalogue)), *footprint, *redshifts]
        return [*footprint, *table_files(self.catalogue), *redshifts]
