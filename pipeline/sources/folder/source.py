"""Galaxies of a folder: pictures or fluxes beside a catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pandas.api.types import is_numeric_dtype

from pipeline.atlas.catalogue import CatalogueError, read_catalogue
from pipeline.atlas.column_names import OBJECT_ID_NAMES, standard_names
from pipeline.images.pictures import LEAST_PX, PictureError, square_cutout
from pipeline.sources.folder.files import DEFAULT_PATTERN, PictureFiles, find_catalogue, find_images
from pipeline.sources.folder.layout import FolderLayout
from pipeline.sources.rows import Rows, describe, only, usable_rows
from pipeline.sources.source import Chunk, Rejected, SourceError, Survey

# Cutouts are no larger than this unless the config says so.
LARGEST_DEFAULT_PX = 256
MOST_PX = 1024


class FolderSource:
    """Pictures (JPEG, PNG, FITS) beside a catalogue (CSV, ECSV, FITS, VOTable, Parquet).

    Instead of a picture, a galaxy may have a FITS cube of fluxes or a FITS file for each band: see
    `FluxLayout`. Rows come in the order of the catalogue. Those that cannot be used are reported
    and left out, never fatal: without a position or an identifier, with the identifier of another
    (`rejected`); without a picture, or with one that is broken, blank, too small, too large or
    outside the folder (`Chunk.rejected`).

    Parameters
    ----------
    folder : path
        Where the catalogue is.
    catalogue : str, optional
        Its file name; found by itself if there is one only.
    images : str, optional
        Folder of the pictures, relative to `folder`; ``images`` if there is one, else `folder`.
    file_pattern : str
        Name of a picture where the catalogue has no column for it; ``{object_id}`` stands for the
        identifier, and ``{band}`` for the band where each has a file.
    name, title : str, optional
        Short name, and name for people; the folder's name without them.
    cutout_px : int, optional
        Side of the cutouts. Of every picture the central square is taken and resampled to this. By
        default the side of the first picture that can be read, at most 256.
    pixel_scale_arcsec : float, optional
        Scale of the pictures as they are on disk, if all have the same scale and size. Files of
        fluxes whose WCS says otherwise are left out.
    simulated : bool
        Whether the sky is made up; every screen then says so.
    bands : sequence of str, optional
        ``("R", "G", "B")`` for pictures, which is the default. Otherwise files hold fluxes, and
        these are the planes of cubes whose header does not name them. Cutouts are the fluxes in g,
        r and z, unless there is an `rgb`.
    zero_point_mag : float, optional
        AB magnitude of one unit of flux; by default as the header says, else nanomaggies.
    rgb : mapping, optional
        Makes pictures of fluxes in any three bands: see `LuptonColours`.
    brightness_column : str, optional
        A magnitude of the catalogue.
    citations : sequence of str
        What to cite.
    needs_position : bool
        False keeps galaxies without a position: enough to train and to evaluate on, not to publish.
    object_id_column, ra_column, dec_column, file_column : str, optional
        Columns to use where the usual names mislead; ``{band}`` in `file_column` stands for the
        band where each has a column.
    columns : mapping, optional
        For each column of the catalogue any of ``unit``, ``description`` and ``missing``, the value
        or values that mean "missing".
    keep : sequence of str, optional
        Columns to keep beside the required ones; all by default.

    Raises
    ------
    SourceError
        If there is no folder, no catalogue, no galaxy with a picture, or a wrong knob.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        catalogue: str | None = None,
        images: str | None = None,
        file_pattern: str = DEFAULT_PATTERN,
        name: str | None = None,
        title: str | None = None,
        cutout_px: int | None = None,
        pixel_scale_arcsec: float | None = None,
        simulated: bool = False,
        bands: Sequence[str] | None = None,
        zero_point_mag: float | None = None,
        rgb: Mapping[str, Any] | None = None,
        brightness_column: str | None = None,
        citations: Sequence[str] = (),
        needs_position: bool = True,
        object_id_column: str | None = None,
        ra_column: str | None = None,
        dec_column: str | None = None,
        file_column: str | None = None,
        columns: Mapping[str, Mapping[str, Any]] | None = None,
        keep: Sequence[str] | None = None,
    ) -> None:
        folder = Path(folder)
        _check_knobs(cutout_px, pixel_scale_arcsec, file_pattern, file_column)
        self._layout = FolderLayout.of(
            bands,
            rgb,
            zero_point_mag,
            pixel_scale_arcsec,
            has_file_for_each_band="{band}" in f"{file_pattern}{file_column}",
        )
        path = find_catalogue(folder, catalogue)
        by_hand = {
            "object_id": object_id_column,
            "ra": ra_column,
            "dec": dec_column,
            "file": file_column,
        }
        rows = _read_rows(path, by_hand, self._layout.file_bands, columns or {}, needs_position)
        if not len(rows.catalogue):
            raise SourceError(_nothing_usable(path, rows.rejected))
        self._catalogue, self.columns = only(rows.catalogue, rows.columns, keep)
        self.rejected = rows.rejected
        self._file_names = rows.files
        self._files = PictureFiles(folder.resolve(), find_images(folder, images), file_pattern)
        if brightness_column is not None and not (
            brightness_column in self._catalogue
            and is_numeric_dtype(self._catalogue[brightness_column])
        ):
            raise SourceError(
                f"brightness_column = {brightness_column!r} is no numeric column of {path}; it has "
                f"{', '.join(self._catalogue.columns)}."
            )
        side_px = self._first_side_px(path)
        cutout_px = cutout_px or min(side_px, LARGEST_DEFAULT_PX)
        self.survey = Survey(
            name=name or folder.resolve().name,
            title=title or name or folder.resolve().name,
            simulated=simulated,
            bands=self._layout.survey_bands,
            pixel_scale_arcsec=pixel_scale_arcsec and pixel_scale_arcsec * side_px / cutout_px,
            cutout_px=cutout_px,
            brightness_column=brightness_column,
            citations=tuple(citations),
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


def _check_knobs(
    cutout_px: int | None, scale: float | None, file_pattern: str, file_column: str | None
) -> None:
    if cutout_px is not None and not LEAST_PX <= cutout_px <= MOST_PX:
        raise SourceError(f"cutout_px = {cutout_px} is not between {LEAST_PX} and {MOST_PX}.")
    if scale is not None and not scale > 0:
        raise SourceError(f"pixel_scale_arcsec = {scale} is not positive. Leave it out if unknown.")
    if "{object_id}" not in file_pattern:
        raise SourceError(
            f"file_pattern = {file_pattern!r} gives every galaxy the same picture. Put "
            "{object_id} where the identifier stands in the file names."
        )
    if file_column and "{band}" in file_pattern:
        raise SourceError(
            "file_column and file_pattern both say how the files of each band are called. Leave "
            "one of them out."
        )


def _read_rows(
    path: Path,
    by_hand: dict[str, str | None],
    file_bands: tuple[str, ...],
    options: Mapping[str, Mapping[str, Any]],
    needs_position: bool,
) -> Rows:
    """Return the usable rows of a catalogue."""
    text = (*OBJECT_ID_NAMES, by_hand["object_id"] or "")
    has_file_for_each_band = file_bands != ("",)
    column = by_hand.pop("file") if has_file_for_each_band else None
    band_files = {band: column.replace("{band}", band) for band in file_bands if column}
    try:
        frame, found = read_catalogue(path, text=text)
        names = standard_names(frame, **by_hand, needs_position=needs_position)
        if has_file_for_each_band:
            names = replace(names, file=None)
        frame, described = describe(frame, found, options)
        return usable_rows(frame, described, names, band_files, needs_position=needs_position)
    except CatalogueError as error:
        raise SourceError(str(error)) from error


def _nothing_usable(path: Path, rejected: tuple[Rejected, ...]) -> str:
    return (
        f"None of the {len(rejected):,} rows of {path} can be used; the first one: "
        f"{rejected[0].reason} Check the columns of identifier and position."
    )
