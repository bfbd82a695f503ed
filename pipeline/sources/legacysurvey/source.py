"""Galaxies of a catalogue, their cutouts fetched from the service of the Legacy Surveys."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from filelock import FileLock

from pipeline.atlas.footprint import given_footprint
from pipeline.images.legacy_surveys import BANDS
from pipeline.images.pictures import RGB, BlankPictureError, PictureError
from pipeline.sources.hats import hats_file
from pipeline.sources.legacysurvey.config import LegacySurveyConfig, find_brightness
from pipeline.sources.legacysurvey.fetch import Fetcher
from pipeline.sources.legacysurvey.service import CutoutQuery, CutoutRequest, Pace
from pipeline.sources.legacysurvey.tables import read_table
from pipeline.sources.rows import Rows
from pipeline.sources.source import Chunk, SourceError, Survey

_NO_IMAGE = (
    "The survey has no image at its position, or not in every band: outside the footprint, or "
    "masked."
)
_UNREADABLE = "Its cutout was fetched but cannot be read back."


class LegacySurveySource:
    """Positions from a catalogue, cutouts from the service.

    Pictures are fetched when they are read, and kept: a build that goes on, or begins afresh,
    fetches none again. Whatever the number of processes, here or in another build with the same
    cache, one at a time fetches.

    Parameters
    ----------
    config : LegacySurveyConfig

    Raises
    ------
    SourceError
        The catalogue cannot be used, no row of it is left, or a knob does not fit it.
    AtlasError
        The footprint cannot be read.
    """

    def __init__(self, config: LegacySurveyConfig) -> None:
        self._query: CutoutQuery = config
        self._pace: Pace = config
        self._cache = Path(config.cache).resolve()
        rows = _read_rows(config, self._cache)
        self.rejected, self.columns = rows.rejected, rows.columns
        brightness = find_brightness(rows.catalogue, config.brightness_column)
        self._catalogue = config.sampled(rows.catalogue)
        if self._catalogue.empty:
            raise SourceError(
                f"No row of {config.catalogue} is left: {len(rows.rejected):,} cannot be used, and "
                "the others are not of the types, or not within the footprint, declinations and "
                "magnitudes of the [source] table."
            )
        sides_arcsec = config.sides_arcsec(self._catalogue)
        self._pixel_scales_arcsec = (
            np.full(len(self._catalogue), config.pixel_scale_arcsec)
            if sides_arcsec is None
            else sides_arcsec / config.cutout_px
        )
        self.survey = Survey(
            name=config.name,
            title=config.title,
            simulated=False,
            bands=BANDS if config.is_flux else RGB,
            pixel_scale_arcsec=config.pixel_scale_arcsec if sides_arcsec is None else None,
            cutout_px=config.cutout_px,
            north_up=True,
            brightness_column=brightness,
            citations=tuple(config.citations),
        )

    def __len__(self) -> int:
        return len(self._catalogue)

    def read(self, start: int, stop: int) -> Chunk:
        """Return the galaxies of candidate rows `start` to `stop`, fetched if need be.

        Cutouts are uint8 RGB or float32 nanomaggies, row 0 of each in the North and column 0 in the
        East.

        Raises
        ------
        SourceError
            The service is not well; what was fetched is kept.
        """
        requests = [self._request(row) for row in range(len(self))[start:stop]]
        found = {request: self._kept(request) for request in requests}
        found |= self._fetch([request for request in found if found[request] is None])
        outcomes = (found[request] for request in requests)
        return Chunk.of(
            self.survey,
            self._catalogue.iloc[start:stop],
            [_UNREADABLE if outcome is None else outcome for outcome in outcomes],
        )

    def _request(self, row: int) -> CutoutRequest:
        place = self._catalogue.iloc[row]
        return CutoutRequest.near(place["ra_deg"], place["dec_deg"], self._pixel_scales_arcsec[row])

    def _kept(self, request: CutoutRequest) -> np.ndarray | str | None:
        """Return a picture, or why there is none; None if it has to be fetched."""
        try:
            return self._query.read(self._query.path(self._cache, request))
        except BlankPictureError:
            return _NO_IMAGE
        except PictureError:  # not there, or spoilt on the disk
            return None

    def _fetch(self, wanted: list[CutoutRequest]) -> dict[CutoutRequest, np.ndarray | str | None]:
        """Fetch what is missing; return it as `_kept` does."""
        if not wanted:
            return {}
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"{self._cache} cannot be made ({error.strerror}). Set cache in the [source] table "
                "to a folder where pictures can be kept."
            ) from error
        # Several processes of ingest, or several builds, would each open connections of their own.
        with FileLock(self._cache / ".lock", poll_interval=0.5):
            found = {request: self._kept(request) for request in wanted}
            missing = [request for request in wanted if found[request] is None]
            with Fetcher(self._query, self._pace, self._cache) as fetcher:
                failures = fetcher.fetch(missing)
        for request in missing:
            found[request] = (
                f"Its cutout could not be fetched ({failures[request]})."
                if request in failures
                else self._kept(request)
            )
        return found


def _read_rows(config: LegacySurveyConfig, cache: Path) -> Rows:
    """Return the rows of the catalogue that the cuts leave."""
    footprint = None if config.footprint is None else given_footprint(config.footprint)
    if config.hats is not None:
        file = hats_file(str(config.catalogue), config.hats, cache)
        config = replace(config, catalogue=str(file))
    return read_table(config, partial(config.within, footprint=footprint))
