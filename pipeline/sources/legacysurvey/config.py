"""The knobs of galaxies whose cutouts are fetched from the service of the Legacy Surveys.

In TOML they all stand in one table; here each group of them is a noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.cutout_service import MOST_FIELD_ARCSEC, fields_arcsec
from pipeline.images.legacy_surveys import PIXEL_SCALE_ARCSEC
from pipeline.sources.hats import description_files
from pipeline.sources.legacysurvey.columns import LEGACY_SURVEYS
from pipeline.sources.legacysurvey.files import TableChoice, table_files
from pipeline.sources.legacysurvey.service import CutoutQuery, Pace
from pipeline.sources.rows import Sample, is_number, need_number, sampled, within
from pipeline.sources.source import STRICT, SourceConfig, SourceError

if TYPE_CHECKING:
    from mocpy import MOC

# Git ignores it, and a build that is begun afresh keeps it.
DEFAULT_CACHE = "atlases/.downloads/legacysurvey"
# The usual magnitude of a sweep catalogue, and that of the NGC.
BRIGHTNESS_COLUMNS = ("mag_z", "mag_b")


def find_brightness(frame: pd.DataFrame, chosen: str | None) -> str | None:
    """Return the magnitude column: the one chosen, else a usual one, else None.

    Raises
    ------
    SourceError
        The one chosen is not there or holds no numbers.
    """
    if chosen is None:
        return next((name for name in BRIGHTNESS_COLUMNS if is_number(frame, name)), None)
    need_number(frame, "brightness_column", chosen)
    return chosen


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Cuts:
    """Limits on the sky and in magnitude, then a random sample; None means no limit.

    Attributes
    ----------
    dec_min_deg, dec_max_deg : float
        Range of declinations.
    footprint : str or None
        Coverage map (MOC) of the survey; no picture is asked for of what lies outside it.
    brightness_column : str or None
        Column of the magnitude; None for a usual one: ``mag_z`` of a sweep catalogue, ``mag_b`` of
        the NGC.
    brightest_mag, faintest_mag : float or None
        Its range. A galaxy without a magnitude is within no limit.
    sample, seed : int
        So many galaxies drawn at random of what the other knobs leave; all without `sample`.
    """

    dec_min_deg: float = -90.0
    dec_max_deg: float = 90.0
    footprint: str | None = None
    brightness_column: str | None = None
    brightest_mag: float | None = None
    faintest_mag: float | None = None
    sample: Sample | None = None
    seed: int = 1

    def within(self, frame: pd.DataFrame, footprint: MOC | None = None) -> pd.DataFrame:
        """Return the rows within all limits, and within what the file of the footprint holds.

        Raises
        ------
        SourceError
            Limits of a magnitude that the catalogue does not have.
        """
        wanted = frame["dec_deg"].between(self.dec_min_deg, self.dec_max_deg)
        if footprint is not None:
            from astropy import units as u

            wanted &= footprint.contains_lonlat(
                frame["ra_deg"].to_numpy() * u.deg, frame["dec_deg"].to_numpy() * u.deg
            )
        if (self.brightest_mag, self.faintest_mag) != (None, None):
            brightness = find_brightness(frame, self.brightness_column)
            if brightness is None:
                raise SourceError(
                    "brightest_mag and faintest_mag need a magnitude. Name it as brightness_column "
                    "in the [source] table."
                )
            wanted &= within(frame[brightness], self.brightest_mag, self.faintest_mag)
        return frame[wanted]

    def sampled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the sample in the order of the rows, counted from 0; all without one."""
        rows = sampled(np.arange(len(frame)), self.sample, self.seed)
        return frame.iloc[rows].reset_index(drop=True)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FieldRule:
    """How much of the sky a picture shows.

    Attributes
    ----------
    pixel_scale_arcsec : float
        Of all pictures.
    field_column, field_diameters, least_field_arcsec, default_field_arcsec
        Instead of it a field in proportion to each galaxy: see `pipeline.atlas.CutoutService`.
    """

    pixel_scale_arcsec: float = PIXEL_SCALE_ARCSEC
    field_column: str | None = None
    field_diameters: float = 1.6
    least_field_arcsec: float = 30.0
    default_field_arcsec: float = 90.0

    def sides_arcsec(self, frame: pd.DataFrame) -> np.ndarray | None:
        """Return the side of each galaxy's field, None where all have the same pixel scale.

        Raises
        ------
        SourceError
            The column is not there, or a number is not positive.
        """
        if self.field_column is None:
            return None
        need_number(frame, "field_column", self.field_column)
        if not min(self.field_diameters, self.least_field_arcsec, self.default_field_arcsec) > 0:
            raise SourceError(
                "field_diameters, least_field_arcsec and default_field_arcsec must be positive."
            )
        return fields_arcsec(
            frame[self.field_column].to_numpy("float64"),
            n_diameters=self.field_diameters,
            least_arcsec=self.least_field_arcsec,
            default_arcsec=self.default_field_arcsec,
        )


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
