"""Galaxies of a folder: pictures or fluxes beside a catalogue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from pipeline.atlas.catalogue import CatalogueError, read_catalogue
from pipeline.atlas.column_names import OBJECT_ID_NAMES, standard_names
from pipeline.images.pictures import PictureError, square_cutout
from pipeline.sources.folder.config import FolderConfig
from pipeline.sources.folder.files import PictureFiles, find_catalogue, find_images
from pipeline.sources.folder.layout import FolderLayout
from pipeline.sources.rows import Rows, describe, only, usable_rows
from pipeline.sources.source import Chunk, Rejected, SourceError, Survey

# Cutouts are no larger than this unless the config says so.
LARGEST_DEFAULT_PX = 256


class FolderSource:
    """Pictures (JPEG, PNG, FITS) beside a catalogue (CSV, ECSV, FITS, VOTable, Parquet).

    Instead of a picture, a galaxy may have a FITS cube of fluxes or a FITS file for each band: see
    `FluxLayout`. Rows come in the order of the catalogue. Those that cannot be used are reported
    and left out, never fatal: without a position or an identifier, with the identifier of another
    (`rejected`); without a picture, or with one that is broken, blank, too small, too large or
    outside the folder (`Chunk.rejected`).

    Parameters
    ----------
    config : FolderConfig

    Raises
    ------
    SourceError
        If there is no folder, no catalogue or no galaxy with a picture, or knobs do not fit them.
    """

    def __init__(self, config: FolderConfig) -> None:
        folder, scale = Path(config.folder), config.pixel_scale_arcsec
        self._layout = FolderLayout.of(
            config.bands,
            config.rgb,
            config.zero_point_mag,
            scale,
            has_file_for_each_band="{band}" in f"{config.file_pattern}{config.file_column}",
        )
        path = find_catalogue(folder, config.catalogue)
        rows = _read_rows(path, config, self._layout.file_bands)
        if not len(rows.catalogue):
            raise SourceError(_nothing_usable(path, rows.rejected))
        self._catalogue, self.columns = only(rows.catalogue, rows.columns, config.keep)
        self.rejected = rows.rejected
        self._file_names = rows.files
        images = find_images(folder, config.images)
        self._files = PictureFiles(folder.resolve(), images, config.file_pattern)
        _check_brightness(config.brightness_column, self._catalogue, path)
        side_px = self._first_side_px(path)
        cutout_px = config.cutout_px or min(side_px, LARGEST_DEFAULT_PX)
        name = config.name or folder.resolve().name
        self.survey = Survey(
            name=name,
            title=config.title or name,
            simulated=config.simulated,
            bands=self._layout.survey_bands,
            pixel_scale_arcsec=scale and scale * side_px / cutout_px,
            cutout_px=cutout_px,
            brightness_column=config.brightness_column,
            citations=tuple(config.citations),
        )

    def __len__(self) -> int:
        return len(self._catalogue)

    def read(self, start: int, stop: int) -> Chunk:
        """Return the galaxies of candidate rows `start` to `stop`.

        Parameters
        ----------
        start, stop : int
            As in a slice; rows beyond the last are not there.

        Returns
        -------
        Chunk
            Cutouts of shape (n, 3, cutout_px, cutout_px), uint8 RGB or float32 nanomaggies.
        """
        outcomes = [self._cutout(row) for row in range(len(self))[start:stop]]
        return Chunk.of(self.survey, self._catalogue.iloc[start:stop], outcomes)

    def _cutout(self, row: int) -> np.ndarray | str:
        """Return a cutout, or why there is none."""
        try:
            return square_cutout(self._picture(row), self.survey.cutout_px)
        except PictureError as error:
            return str(error)

    def _picture(self, row: int) -> np.ndarray:
        """Return a picture or fluxes in the pixels of the files, shape (3, y, x)."""
        paths, faults = {}, []
        for band in self._layout.file_bands:
            try:
                paths[band] = self._path(row, band)
            except PictureError as error:
                faults.append(f"Band {band}: {error}" if band else str(error))
        if faults:
            raise PictureError(" ".join(faults))
        return self._layout.read(paths)

    def _path(self, row: int, band: str) -> Path:
        if self._file_names:
            return self._files.named(self._file_names[band][row])
        return self._files.of_object(self._catalogue["object_id"].iloc[row], band)

    def _first_side_px(self, path: Path) -> int:
        """Return the shorter side of the first picture that can be read."""
        reason = ""
        for row in range(len(self)):
            try:
                return min(self._picture(row).shape[1:])
            except PictureError as error:
                reason = reason or str(error)
        raise SourceError(
            f"No row of {path} has a picture that can be read; the first one: {reason} Check "
            "images, file_column and file_pattern in the [source] table."
        )


def _check_brightness(name: str | None, catalogue: pd.DataFrame, path: Path) -> None:
    if name is not None and not (name in catalogue and is_numeric_dtype(catalogue[name])):
        raise SourceError(
            f"brightness_column = {name!r} is no numeric column of {path}; it has "
            f"{', '.join(catalogue.columns)}."
        )


def _read_rows(path: Path, config: FolderConfig, file_bands: tuple[str, ...]) -> Rows:
    """Return the usable rows of a catalogue."""
    by_hand = {
        "object_id": config.object_id_column,
        "ra": config.ra_column,
        "dec": config.dec_column,
    }
    column = config.file_column
    has_file_for_each_band = file_bands != ("",)
    if not has_file_for_each_band:
        by_hand["file"], column = column, None
    band_files = {band: column.replace("{band}", band) for band in file_bands if column}
    needs_position = config.needs_position
    try:
        frame, found = read_catalogue(path, text=(*OBJECT_ID_NAMES, by_hand["object_id"] or ""))
        names = standard_names(frame, **by_hand, needs_position=needs_position)
        if has_file_for_each_band:
            names = replace(names, file=None)
        frame, described = describe(frame, found, config.columns or {})
        return usable_rows(frame, described, names, band_files, needs_position=needs_position)
    except CatalogueError as error:
        raise SourceError(str(error)) from error


def _nothing_usable(path: Path, rejected: tuple[Rejected, ...]) -> str:
    return (
        f"None of the {len(rejected):,} rows of {path} can be used; the first one: "
        f"{rejected[0].reason} Check the columns of identifier and position."
    )
