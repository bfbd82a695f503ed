"""What the files of a folder of galaxies hold, and what cutouts are made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.atlas.rgb import LuptonColours
from pipeline.images.flux_files import FluxLayout
from pipeline.images.legacy_surveys import BANDS
from pipeline.images.pictures import RGB, read_picture
from pipeline.sources.source import SourceError


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
    def of(
        cls,
        bands: Sequence[str] | None,
        colours: LuptonColours | None,
        zero_point_mag: float | None,
        pixel_scale_arcsec: float | None,
        *,
        has_file_for_each_band: bool,
    ) -> FolderLayout:
        """Return the layout that the knobs of `FolderConfig` describe.

        Raises
        ------
        SourceError
            They contradict each other.
        """
        planes = tuple(bands or ())
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
        flux = FluxLayout(wanted, planes, zero_point_mag, pixel_scale_arcsec)
        return cls(flux, colours, wanted if has_file_for_each_band else ("",))

    @property
    def survey_bands(self) -> tuple[str, ...]:
        """Bands of the cutouts."""
        return RGB if self.flux is None or self.colours is not None else BANDS

    def read(self, paths: Mapping[str, Path]) -> np.ndarray:
        """Read a galaxy.

        Parameters
        ----------
        paths : mapping of str to Path
            A file for each of `file_bands`.

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
