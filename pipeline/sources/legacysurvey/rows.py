"""Which rows of a catalogue are fetched, and how large a field around each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import astropy.units as u
import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from pipeline.atlas.cutout_service import fields_arcsec
from pipeline.sources.source import SourceError

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


@dataclass(frozen=True)
class Cuts:
    """Limits on the sky and in magnitude, then a random sample; None means no limit.

    Attributes
    ----------
    dec_min_deg, dec_max_deg : float
    brightness_column : str or None
        Column of the magnitude; None for a usual one.
    brightest_mag, faintest_mag : float or None
        A galaxy without a magnitude is within no limit.
    sample : int or None
    seed : int
    footprint : MOC or None
        Where on the sky.

    Raises
    ------
    SourceError
        The sample is not positive.
    """

    dec_min_deg: float = -90.0
    dec_max_deg: float = 90.0
    brightness_column: str | None = None
    brightest_mag: float | None = None
    faintest_mag: float | None = None
    sample: int | None = None
    seed: int = 1
    footprint: MOC | None = None

    def __post_init__(self) -> None:
        if self.sample is not None and self.sample < 1:
            raise SourceError(
                f"sample = {self.sample} is not positive. Leave it out for all galaxies."
            )

    def within(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows within all limits.

        Raises
        ------
        SourceError
            Limits of a magnitude that the catalogue does not have.
        """
        wanted = frame["dec_deg"].between(self.dec_min_deg, self.dec_max_deg)
        if self.footprint is not None:
            wanted &= self.footprint.contains_lonlat(
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


@dataclass(frozen=True)
class FieldRule:
    """A field in proportion to each galaxy; the knobs of `pipeline.atlas.CutoutService`."""

    column: str | None
    diameters: float
    least_arcsec: float
    default_arcsec: float

    def sides_arcsec(self, frame: pd.DataFrame) -> np.ndarray | None:
        """Return the side of each galaxy's field, None where all have the same pixel scale.

        Raises
        ------
        SourceError
            The column is not there, or a number is not positive.
        """
        if self.column is None:
            return None
        if not _is_number(frame, self.column):
            raise SourceError(_no_such_number("field_column", self.column, frame))
        if not min(self.diameters, self.least_arcsec, self.default_arcsec) > 0:
            raise SourceError(
                "field_diameters, least_field_arcsec and default_field_arcsec must be positive."
            )
        return fields_arcsec(
            frame[self.column].to_numpy("float64"),
            n_diameters=self.diameters,
            least_arcsec=self.least_arcsec,
            default_arcsec=self.default_arcsec,
        )


def _is_number(frame: pd.DataFrame, name: str) -> bool:
    return name in frame and is_numeric_dtype(frame[name])


def _no_such_number(knob: str, name: str, frame: pd.DataFrame) -> str:
    return (
        f"{knob} = {name!r} is no numeric column of the catalogue; it has "
        f"{', '.join(frame.columns)}."
    )
