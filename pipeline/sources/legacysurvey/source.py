"""Galaxies of a catalogue, their cutouts fetched from the service of the Legacy Surveys."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from pipeline.atlas.cutout_service import MOST_FIELD_ARCSEC, VIEWER_URL
from pipeline.atlas.footprint import given_footprint
from pipeline.images.legacy_surveys import BANDS, PIXEL_SCALE_ARCSEC
from pipeline.images.pictures import RGB, BlankPictureError, PictureError
from pipeline.sources.hats import HatsPart, hats_file
from pipeline.sources.legacysurvey.columns import LEGACY_SURVEYS
from pipeline.sources.legacysurvey.fetch import Fetcher
from pipeline.sources.legacysurvey.files import Files
from pipeline.sources.legacysurvey.pace import Manners
from pipeline.sources.legacysurvey.rows import Cuts, FieldRule, find_brightness
from pipeline.sources.legacysurvey.service import CutoutQuery, CutoutRequest
from pipeline.sources.legacysurvey.sweeps import GALAXY_TYPES
from pipeline.sources.legacysurvey.tables import PositionNames, read_table
from pipeline.sources.source import Chunk, SourceError, Survey

log = logging.getLogger(__name__)

# Git ignores it, and a build that is begun afresh keeps it.
DEFAULT_CACHE = "atlases/.downloads/legacysurvey"
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
    catalogue : str or sequence of str
        Path of a table, paths or folder of sweep catalogues, or ``"ngc"``: see `read_table`; with
        `hats` the folder or URL of a HATS catalogue.
    hats : mapping, optional
        What is wanted of it: the attributes of `pipeline.sources.hats.HatsPart`.
    photo_z, source_types, masked_by, columns, keep, object_id_column, ra_column, dec_column
        See `read_table`.
    dec_min_deg, dec_max_deg : float
        Range of declinations.
    footprint : str, optional
        Coverage map (MOC) of the survey; no picture is asked for of what lies outside it.
    brightness_column : str, optional
        A magnitude. By default ``mag_z`` of a sweep catalogue, ``mag_b`` of the NGC.
    brightest_mag, faintest_mag : float, optional
        Its range.
    sample, seed : int
        So many galaxies drawn at random of what the other knobs leave; all without `sample`.
    layer, picture_format, cutout_px, bands, viewer_url
        See `CutoutQuery`.
    pixel_scale_arcsec : float
        Of all pictures.
    field_column, field_diameters, least_field_arcsec, default_field_arcsec
        Instead of it a field in proportion to each galaxy: see `pipeline.atlas.CutoutService`.
    cache : path
        Where pictures are kept.
    connections, requests_per_second, timeout_s, attempts, backoff_s
        See `Manners`.
    name, title : str
        Short name, and name for people.
    citations : sequence of str
        What to cite.

    Raises
    ------
    SourceError
        The catalogue cannot be used, no row is left, or a knob is wrong.
    AtlasError
        The footprint cannot be read.
    """

    def __init__(
        self,
        catalogue: Files,
        *,
        hats: Mapping[str, Any] | None = None,
        photo_z: Files | None = None,
        source_types: Sequence[str] = GALAXY_TYPES,
        masked_by: Sequence[str | int] = (),
        columns: Mapping[str, Mapping[str, Any]] | None = None,
        keep: Sequence[str] | None = None,
        object_id_column: str | None = None,
        ra_column: str | None = None,
        dec_column: str | None = None,
        dec_min_deg: float = -90.0,
        dec_max_deg: float = 90.0,
        footprint: str | None = None,
        brightness_column: str | None = None,
        brightest_mag: float | None = None,
        faintest_mag: float | None = None,
        sample: int | None = None,
        seed: int = 1,
        layer: str = "ls-dr9",
        picture_format: str = "fits",
        cutout_px: int = 152,
        bands: str = "".join(BANDS),
        viewer_url: str = VIEWER_URL,
        pixel_scale_arcsec: float = PIXEL_SCALE_ARCSEC,
        field_column: str | None = None,
        field_diameters: float = 1.6,
        least_field_arcsec: float = 30.0,
        default_field_arcsec: float = 90.0,
        cache: str | Path = DEFAULT_CACHE,
        connections: int = Manners.connections,
        requests_per_second: float = Manners.requests_per_second,
        timeout_s: float = Manners.timeout_s,
        attempts: int = Manners.attempts,
        backoff_s: float = Manners.backoff_s,
        name: str = "legacysurvey",
        title: str = "DESI Legacy Surveys",
        citations: Sequence[str] = (LEGACY_SURVEYS,),
    ) -> None:
        self._query = CutoutQuery(viewer_url, layer, picture_format, cutout_px, bands)
        self._manners = Manners(connections, requests_per_second, timeout_s, attempts, backoff_s)
        self._cache = Path(cache).resolve()
        cuts = Cuts(
            dec_min_deg,
            dec_max_deg,
            brightness_column,
            brightest_mag,
            faintest_mag,
            sample,
            seed,
            None if footprint is None else given_footprint(footprint),
        )
        if hats is not None:
            catalogue = str(hats_file(str(catalogue), HatsPart(**hats), self._cache))
        rows = read_table(
            catalogue,
            photo_z=photo_z,
            source_types=source_types,
            masked_by=masked_by,
            by_hand=PositionNames(object_id_column, ra_column, dec_column),
            options=columns,
            keep=keep,
            within=cuts.within,
        )
        self.rejected = rows.rejected
        brightness = find_brightness(rows.catalogue, brightness_column)
        self._catalogue = cuts.sampled(rows.catalogue)
        if self._catalogue.empty:
            raise SourceError(
                f"No row of {catalogue} is left: {len(rows.rejected):,} cannot be used, and the "
                "others are not of the types, or not within the footprint, declinations and "
                "magnitudes of the [source] table."
            )
        self.columns = rows.columns
        fields = FieldRule(field_column, field_diameters, least_field_arcsec, default_field_arcsec)
        sides_arcsec = fields.sides_arcsec(self._catalogue)
        if not 0 < pixel_scale_arcsec * cutout_px <= MOST_FIELD_ARCSEC:
            raise SourceError(
                f"pixel_scale_arcsec = {pixel_scale_arcsec} with {cutout_px} px is no field "
                f"between 0 and {MOST_FIELD_ARCSEC:g} arcsec."
            )
        self._pixel_scales_arcsec = (
            np.full(len(self._catalogue), pixel_scale_arcsec)
            if sides_arcsec is None
            else sides_arcsec / cutout_px
        )
        self.survey = Survey(
            name=name,
            title=title,
            simulated=False,
            bands=BANDS if self._query.is_flux else RGB,
            pixel_scale_arcsec=pixel_scale_arcsec if sides_arcsec is None else None,
            cutout_px=cutout_px,
            brightness_column=brightness,
            citations=tuple(citations),
        )

    def __len__(self) -> int:
        return len(self._catalogue)

    def read(self, start: int, stop: int) -> Chunk:
        """Return the galaxies of candidate rows `start` to `stop`, fetched if need be.

        Parameters
        ----------
        start, stop : int
            As in a slice; rows beyond the last are not there.

        Returns
        -------
        Chunk
            Cutouts of shape (n, 3, cutout_px, cutout_px), uint8 RGB or float32 nanomaggies, row 0
            of each in the North and column 0 in the East.

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
            with Fetcher(self._query, self._manners, self._cache) as fetcher:
                failures = fetcher.fetch(missing)
        for request in missing:
            found[request] = (
                f"Its cutout could not be fetched ({failures[request]})."
                if request in failures
                else self._kept(request)
            )
        return found
