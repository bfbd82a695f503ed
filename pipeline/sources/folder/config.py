"""The knobs of a folder of galaxies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.rgb import LuptonColours
from pipeline.images.pictures import LEAST_PX
from pipeline.sources.folder.files import (
    DEFAULT_PATTERN,
    PICTURE_SUFFIXES,
    find_catalogue,
    find_images,
)
from pipeline.sources.source import STRICT, SourceConfig, SourceError

MOST_PX = 1024


@dataclass(frozen=True, config=STRICT)
class FolderConfig(SourceConfig):
    """The knobs of `pipeline.sources.folder.source.FolderSource`.

    Attributes
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
    north_up : bool
        Whether every picture has North up and East left.
    simulated : bool
        Whether the sky is made up; every screen then says so.
    bands : sequence of str, optional
        ``("R", "G", "B")`` for pictures, which is the default. Otherwise files hold fluxes, and
        these are the planes of cubes whose header does not name them. Cutouts are the fluxes in g,
        r and z, unless there is an `rgb`.
    zero_point_mag : float, optional
        AB magnitude of one unit of flux; by default as the header says, else nanomaggies.
    rgb : LuptonColours, optional
        Makes pictures of fluxes in any three bands.
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
        A knob is out of range, or two contradict each other.
    """

    folder: str | Path
    catalogue: str | None = None
    images: str | None = None
    file_pattern: str = DEFAULT_PATTERN
    name: str | None = None
    title: str | None = None
    cutout_px: int | None = None
    pixel_scale_arcsec: float | None = None
    north_up: bool = False
    simulated: bool = False
    bands: Sequence[str] | None = None
    zero_point_mag: float | None = None
    rgb: LuptonColours | None = None
    brightness_column: str | None = None
    citations: Sequence[str] = ()
    needs_position: bool = True
    object_id_column: str | None = None
    ra_column: str | None = None
    dec_column: str | None = None
    file_column: str | None = None
    columns: Mapping[str, Mapping[str, Any]] | None = None
    keep: Sequence[str] | None = None
    kind: Literal["folder"] = "folder"
    opened_by: ClassVar = "pipeline.sources.folder.source:FolderSource"

    @model_validator(mode="after")
    def _possible(self) -> FolderConfig:
        cutout_px, scale = self.cutout_px, self.pixel_scale_arcsec
        if cutout_px is not None and not LEAST_PX <= cutout_px <= MOST_PX:
            raise SourceError(f"cutout_px = {cutout_px} is not between {LEAST_PX} and {MOST_PX}.")
        if scale is not None and not scale > 0:
            raise SourceError(
                f"pixel_scale_arcsec = {scale:g} is not positive. Leave it out if unknown."
            )
        if "{object_id}" not in self.file_pattern:
            raise SourceError(
                f"file_pattern = {self.file_pattern!r} gives every galaxy the same picture. Put "
                "{object_id} where the identifier stands in the file names."
            )
        if self.file_column and "{band}" in self.file_pattern:
            raise SourceError(
                "file_column and file_pattern both say how the files of each band are called. "
                "Leave one of them out."
            )
        return self

    def files(self) -> list[Path]:
        """Return the catalogue and whatever may be a picture."""
        catalogue = find_catalogue(Path(self.folder), self.catalogue)
        images = find_images(Path(self.folder), self.images)
        pictures = (p for p in images.rglob("*") if p.name.lower().endswith(PICTURE_SUFFIXES))
        return [catalogue, *sorted(pictures)]
