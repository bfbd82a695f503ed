"""Which rows of a catalogue are fetched, and how large a field around each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.cutout_service import fields_arcsec
from pipeline.images.legacy_surveys import PIXEL_SCALE_ARCSEC
from pipeline.sources.source import STRICT, SourceError

if TYPE_CHECKING:
    from mocpy import MOC

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
        return next((name for name in BRIGHTNESS_COLUMNS if _is_number(frame, name)), None)
    if not _is_number(frame, chosen):
        raise SourceError(_no_such_number("brightness_column", chosen, frame))
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

    Raises
    ------
    SourceError
        The sample is not positive.
    """

    dec_min_deg: float = -90.0
    dec_max_deg: float = 90.0
    footprint: str | None = None
    brightness_column: str | None = None
    brightest_mag: float | None = None
    faintest_mag: float | None = None
    sample: int | None = None
    seed: int = 1

    @model_validator(mode="after")
    def _positive(self) -> Cuts:
        if self.sample is not None and self.sample < 1:
            raise SourceError(
                f"sample = {self.sample} is not positive. Leave it out for all galaxies."
            )
        return self

    def within(self, frame: pd.DataFrame, footprint: MOC | None = None) -> pd.DataFrame:
        """Return the rows within all limits.

        Parameters
        ----------
        frame : DataFrame
        footprint : MOC, optional
            What the file of this name holds.

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
            wanted &= frame[brightness].notna()
            if self.brightest_mag is not None:
                wanted &= frame[brightness] >= self.brightest_mag
            if self.faintest_mag is not None:
                wanted &= frame[brightness] <= self.faintest_mag
        return frame[wanted]

    def sampled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the sample in the order of the rows, counted from 0; all without one."""
        if self.sample is not None and self.sample < len(frame):
            rng = np.random.default_rng(self.seed)
            frame = frame.iloc[np.sort(rng.choice(len(frame), self.sample, replace=False))]
        return frame.reset_index(drop=True)


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
        if not _is_number(frame, self.field_column):
            raise SourceError(_no_such_number("field_column", self.field_column, frame))
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


def _is_number(frame: pd.DataFrame, name: str) -> bool:
    return name in frame and is_numeric_dtype(frame[name])


def _no_such_number(knob: str, name: str, frame: pd.DataFrame) -> str:
    return (
        f"{knob} = {name!r} is no numeric column of the catalogue; it has "
        f"{', '.join(frame.columns)}."
    )
