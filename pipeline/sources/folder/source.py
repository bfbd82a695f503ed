"""Galaxies of a folder: pictures or fluxes beside a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.atlas.catalogue import CatalogueError, read_catalogue
from pipeline.atlas.column_names import OBJECT_ID_NAMES, standard_names
from pipeline.atlas.rgb import LuptonColours
from pipeline.images.flux_files import FluxLayout
from pipeline.images.legacy_surveys import BANDS
from pipeline.images.pictures import RGB, PictureError, read_picture, square_cutout
from pipeline.sources.folder.config import FolderConfig
from pipeline.sources.folder.files import PictureFiles, find_catalogue, find_images
from pipeline.sources.rows import Rows, describe, need_number, only, usable_rows
from pipeline.sources.source import Chunk, SourceError, Survey

# Cutouts are no larger than this unless the config says so.
LARGEST_DEFAULT_PX = 256


@dataclass(frozen=True)
class FolderLayout:
    """Pictures; or fluxes, which stay fluxes or become pictures.

    Attributes
    ----------
    flux : FluxLayout or None
        None where the files are pictures.
    colours : LuptonColours or None
        How pictures are made of fluxes.
    file_bands : tuple of str
        Bands that have a file each; ``("",)`` where one file holds all of a galaxy.
    """

    flux: FluxLayout | None
    colours: LuptonColours | None
    file_bands: tuple[str, ...]

    @classmethod
    def of(cls, config: FolderConfig) -> FolderLayout:
        """Return the layout that the knobs describe.

        Raises
        ------
        SourceError
            They contradict each other.
        """
        colours, zero_point_mag = config.rgb, config.zero_point_mag
        has_file_for_each_band = "{band}" in f"{config.file_pattern}{config.file_column}"
        planes = tuple(config.bands or ())
        if colours is None and planes in ((), RGB):
            if zero_point_mag is not None or has_file_for_each_band:
                raise SourceError(
                    "zero_point_mag, and {band} in the names of files, mean nothing for pictures. "
                    f"Set bands = {list(BANDS)} in the [source] table for fluxes, or say in "
                    "[source.rgb] which bands to show red, green and blue."
                )
            return cls(None, None, ("",))
        wanted = BANDS if colours is None else colours.bands
        if planes and not set(wanted) <= set(planes):
            raise SourceError(
                f"bands = {list(planes)} lacks one of {', '.join(wanted)}, of which cutouts are "
                "made. Add it, say in [source.rgb] which bands to show red, green and blue, or "
                "leave bands out for pictures."
            )
        flux = FluxLayout(wanted, planes, zero_point_mag, config.pixel_scale_arcsec)
        return cls(flux, colours, wanted if has_file_for_each_band else ("",))

    @property
    def survey_bands(self) -> tuple[str, ...]:
        """Bands of the cutouts."""
        return RGB if self.flux is None or self.colours is not None else BANDS

    def read(self, paths: Mapping[str, Path]) -> np.ndarray:
        """Read a galaxy, given a file for each of `file_bands`.

        Returns
        -------
        ndarray, shape (3, y, x)
            uint8 RGB, or float32 nanomaggies in g, r and z.

        Raises
        ------
        PictureError
            A file cannot be used.
        """
        if self.flux is None:
            return read_picture(paths[""])
        cube = self.flux.read_cube(paths[""]) if "" in paths else self.flux.read_bands(paths)
        return cube if self.colours is None else self.colours.rgb(cube)


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
        self._layout = FolderLayout.of(config)
        path = find_catalogue(folder, config.catalogue)
        rows = _read_rows(path, config, self._layout.file_bands)
        self._catalogue, self.columns = only(rows.catalogue, rows.columns, config.keep)
        self.rejected = rows.rejected
        self._file_names = rows.files
        images = find_images(folder, config.images)
        self._files = PictureFiles(folder.resolve(), images, config.file_pattern)
        if config.brightness_column is not None:
            need_number(self._catalogue, "brightness_column", config.brightness_column, str(path))
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
            north_up=config.north_up,
            brightness_column=config.brightness_column,
            citations=tuple(config.citations),
        )

    def __len__(self) -> int:
        return len(self._catalogue)

    def read(self, start: int, stop: int) -> Chunk:
        """Return the galaxies of candidate rows `start` to `stop`: RGB, or nanomaggies."""
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


def _read_rows(path: Path, config: FolderConfig, file_bands: tuple[str, ...]) -> Rows:
    """Return the usable rows of a catalogue."""
    column, needs_position = config.file_column, config.needs_position
    has_file_for_each_band = file_bands != ("",)
    band_files = {}
    if has_file_for_each_band and column:
        band_files = {band: column.replace("{band}", band) for band in file_bands}
    try:
        text = (*OBJECT_ID_NAMES, config.object_id_column or "")
        frame, found = read_catalogue(path, text=text)
        names = standard_names(
            frame,
            object_id=config.object_id_column,
            ra=config.ra_column,
            dec=config.dec_column,
            file=None if has_file_for_each_band else column,
            needs_position=needs_position,
        )
        if has_file_for_each_band:
            names = replace(names, file=None)
        frame, described = describe(frame, found, config.columns or {})
        rows = usable_rows(frame, described, names, band_files, needs_position=needs_position)
    except CatalogueError as error:
        raise SourceError(str(error)) from error
    if not len(rows.catalogue):
        raise SourceError(
            f"None of the {len(rows.rejected):,} rows of {path} can be used; the first one: "
            f"{rows.rejected[0].reason} Check the columns of identifier and position."
        )
    return rows
