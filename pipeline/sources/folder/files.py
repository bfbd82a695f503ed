"""The files of a folder of galaxies: its catalogue, and the picture of each row."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.atlas.formats import READING_ERRORS, catalogue_format, first_fits_table
from pipeline.images.pictures import PictureError
from pipeline.sources.source import SourceError

IMAGES = "images"
DEFAULT_PATTERN = "{object_id}.*"
# Tried in this order, in both cases, for a pattern that leaves the suffix open.
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".fits", ".fit", ".fits.gz", ".fits.fz")
_CASED_SUFFIXES = tuple(cased for suffix in PICTURE_SUFFIXES for cased in (suffix, suffix.upper()))
# More FITS files than this beside each other are pictures, and none is opened in search of a table.
MOST_FITS_TABLES = 20


def find_catalogue(folder: Path, catalogue: str | None) -> Path:
    """Return the catalogue of a folder: the one chosen by hand, else the only candidate.

    Sub-folders are not searched; FITS files count only where they hold a table.

    Raises
    ------
    SourceError
        If there is no candidate or more than one.
    """
    if not folder.is_dir():
        raise SourceError(
            f"There is no folder {folder}. Set folder in the [source] table to where the catalogue "
            "and the pictures are."
        )
    if catalogue is not None:
        return folder / catalogue
    found = [path for path in sorted(folder.iterdir()) if catalogue_format(path) and path.is_file()]
    fits_files = [path for path in found if catalogue_format(path) == "FITS"]
    if len(fits_files) > MOST_FITS_TABLES:
        found = [path for path in found if path not in set(fits_files)]
    else:
        found = [path for path in found if path not in fits_files or _holds_table(path)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SourceError(
            f"{folder} has no catalogue. Put a table (CSV, ECSV, FITS, VOTable, Parquet) beside "
            "the pictures, or name it as catalogue in the [source] table."
        )
    raise SourceError(
        f"{folder} has {len(found)} possible catalogues: {', '.join(path.name for path in found)}. "
        "Name the right one as catalogue in the [source] table."
    )


def find_images(folder: Path, images: str | None) -> Path:
    """Return the folder of the pictures, without links.

    One chosen by hand is relative to the folder of the catalogue, and may lie elsewhere; otherwise
    it is ``images/`` if there is one, else `folder` itself.

    Raises
    ------
    SourceError
        If it is missing, or was found by itself and is a link that leads out of `folder`.
    """
    chosen = folder / (images or IMAGES)
    if images is not None and not chosen.is_dir():
        raise SourceError(
            f"There is no folder {chosen}. Set images in the [source] table to where the pictures "
            "are, relative to the folder of the catalogue."
        )
    if not chosen.is_dir():
        return folder.resolve()
    if images is None and not chosen.resolve().is_relative_to(folder.resolve()):
        raise SourceError(
            f"{chosen} is a link that leads out of its folder. If you trust it, set "
            f'images = "{IMAGES}" in the [source] table.'
        )
    return chosen.resolve()


@dataclass(frozen=True)
class PictureFiles:
    """Finds the picture of a row.

    Attributes
    ----------
    folder, images : Path
        The folder of the catalogue and that of the pictures, both without links.
    pattern : str
        Name of a picture where the catalogue has none; ``{object_id}`` stands for the identifier,
        ``{band}`` for the band where each has a file, ``*`` and ``?`` as in a shell.
    """

    folder: Path
    images: Path
    pattern: str

    def named(self, name: str) -> Path:
        """Return the picture that a catalogue names, below the images or else the folder.

        Raises
        ------
        PictureError
            If there is no such file, or it lies elsewhere.
        """
        if not name:
            raise PictureError("The catalogue names no picture for it.")
        for root in (self.images, self.folder):
            if path := self._inside(root, name):
                return path
        raise PictureError(f"There is no picture {name}.")

    def of_object(self, object_id: str, band: str = "") -> Path:
        """Return the picture whose name follows from the identifier and the band; see `named`."""
        pattern = self.pattern.replace("{band}", band)
        stem = pattern.removesuffix(".*")
        if not glob.has_magic(stem):
            # A look at each suffix, where a shell pattern would list the whole folder for each row.
            suffixes = _CASED_SUFFIXES if stem != pattern else ("",)
            names = [stem.replace("{object_id}", object_id) + suffix for suffix in suffixes]
        else:
            literal = pattern.replace("{object_id}", glob.escape(object_id))
            matches = sorted(self.images.glob(literal)) if self._is_local(literal) else []
            names = [str(match.relative_to(self.images)) for match in matches]
        for name in names:
            if path := self._inside(self.images, name):
                return path
        raise PictureError(f"There is no picture {pattern.replace('{object_id}', object_id)}.")

    def _inside(self, root: Path, name: str) -> Path | None:
        """Return the file below a folder, None if there is none."""
        if not self._is_local(name):
            raise PictureError(f"The picture {name} lies outside the folder of the catalogue.")
        try:
            path = (root / name).resolve()
            if not path.is_file():
                return None
        except (OSError, ValueError, RuntimeError):  # name too long, null byte, loop of links
            return None
        if not (path.is_relative_to(self.images) or path.is_relative_to(self.folder)):
            raise PictureError(f"The picture {name} is a link to outside the folder.")
        return path

    @staticmethod
    def _is_local(name: str) -> bool:
        return not os.path.isabs(name) and ".." not in Path(name).parts


def _holds_table(path: Path) -> bool:
    from astropy.io import fits

    try:
        with open(path, "rb") as file, fits.open(file) as hdus:
            return first_fits_table(hdus) is not None
    except (*READING_ERRORS, fits.VerifyError):
        return False
