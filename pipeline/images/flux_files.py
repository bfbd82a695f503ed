"""Fluxes in FITS files: cubes, and one file for each band."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.atlas.picture_files import FitsImage, named_planes, pixel_scale_arcsec
from pipeline.images.legacy_surveys import AB_ZERO_POINT
from pipeline.images.pictures import (
    PictureError,
    check_middle,
    check_picture,
    is_fits,
    picture_faults,
    read_fits_image,
)

# Of the pixel scale: the tangent plane stretches a field of a degree by far less than this.
SCALE_TOLERANCE = 0.01


@dataclass(frozen=True)
class FluxLayout:
    """How the fluxes of a survey lie in its files.

    Files are FITS, compressed or not; the first image in them counts. Pixels that are not finite
    become 0, as those that no exposure saw.

    Attributes
    ----------
    bands : tuple of str
        The three bands that are read, in the order of the result.
    planes : tuple of str
        Bands of the planes of a cube whose header does not name them (BAND0, BAND1... or BANDS, as
        the cutouts of the Legacy Surveys have); empty where the header must.
    zero_point_mag : float or None
        AB magnitude of one unit of flux. None: by BUNIT of the header, nanomaggies without it.
    pixel_scale_arcsec : float or None
        What the WCS of a header, where there is one, must say; None to let it say anything.
    """

    bands: tuple[str, ...]
    planes: tuple[str, ...] = ()
    zero_point_mag: float | None = None
    pixel_scale_arcsec: float | None = None

    def read_cube(self, path: Path) -> np.ndarray:
        """Read a file with a plane for each band.

        Returns
        -------
        ndarray, shape (3, y, x)
            float32 nanomaggies; the first line is the upper one.

        Raises
        ------
        PictureError
            It is no such file, broken, blank, too small or too large, lacks a band, or its unit or
            pixel scale is not what it should be.
        """
        data, header = self._read(path)
        planes = named_planes(header, len(data)) or self.planes
        if data.ndim != 3 or (planes and len(planes) != len(data)):
            raise PictureError(
                f"{path.name} holds an image of shape {data.shape}, not a plane for each of the "
                f"bands {', '.join(planes or self.bands)}."
            )
        if not planes:
            raise PictureError(
                f"{path.name} does not say which bands its planes are. Set bands in the [source] "
                "table."
            )
        if missing := [band for band in self.bands if band not in planes]:
            raise PictureError(
                f"{path.name} has the bands {', '.join(planes)}; {', '.join(missing)} is missing."
            )
        return self._checked(data[[planes.index(band) for band in self.bands]], path.name)

    def read_bands(self, paths: Mapping[str, Path]) -> np.ndarray:
        """Read a file for each band.

        Returns
        -------
        ndarray, shape (3, y, x)
            As of `read_cube`.

        Raises
        ------
        PictureError
            As of `read_cube`, or the bands have different sizes.
        """
        found = {band: self._read(paths[band]).data for band in self.bands}
        for band, data in found.items():
            if data.ndim != 2:
                raise PictureError(
                    f"{paths[band].name} holds an image of shape {data.shape}, not of one band."
                )
        if len({data.shape for data in found.values()}) > 1:
            sizes = (f"{band} {data.shape[1]} x {data.shape[0]}" for band, data in found.items())
            raise PictureError(f"Its bands have different sizes: {', '.join(sizes)} pixels.")
        return self._checked(np.stack(list(found.values())), "Its image")

    def _read(self, path: Path) -> FitsImage:
        """Return the image of a file in nanomaggies, float32, 0 where not finite."""
        with picture_faults(path):
            if not is_fits(path):
                raise PictureError(
                    f"{path.name} is not FITS; bands {', '.join(self.bands)} need fluxes, which "
                    "only FITS holds."
                )
            data, header = read_fits_image(path)
            self._check_scale(header, path.name)
            factor = self._nanomaggies_per_unit(header, path.name)
            with np.errstate(over="ignore"):  # beyond single precision is not finite either
                flux = (data * np.float64(factor)).astype(np.float32)
        return FitsImage(np.nan_to_num(flux, nan=0.0, posinf=0.0, neginf=0.0), header)

    def _checked(self, flux: np.ndarray, name: str) -> np.ndarray:
        check_picture(flux, name, self.bands)
        check_middle(flux, name, self.bands)
        return flux

    def _nanomaggies_per_unit(self, header: Any, name: str) -> float:
        if self.zero_point_mag is not None:
            return float(10 ** (0.4 * (AB_ZERO_POINT - self.zero_point_mag)))
        unit = str(header.get("BUNIT", "")).strip()
        factor = nanomaggies_per(unit) if unit else 1.0
        if factor is None:
            raise PictureError(
                f"{name} is in '{unit}', which is no flux density that we know. Set zero_point_mag "
                "in the [source] table, the AB magnitude of one such unit."
            )
        return factor

    def _check_scale(self, header: Any, name: str) -> None:
        if self.pixel_scale_arcsec is None:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of non-standard cards, which most headers have
            found = pixel_scale_arcsec(header)
        if found and abs(found / self.pixel_scale_arcsec - 1) > SCALE_TOLERANCE:
            raise PictureError(
                f"{name} has {found:.4g} arcsec per pixel, not {self.pixel_scale_arcsec:.4g} as "
                "pixel_scale_arcsec says."
            )


@lru_cache
def nanomaggies_per(unit: str) -> float | None:
    """Return the nanomaggies in one unit of flux density, None for anything else.

    Examples
    --------
    >>> nanomaggies_per("nanomaggy"), round(nanomaggies_per("uJy"), 4), nanomaggies_per("adu")
    (1.0, 0.2754, None)
    """
    from astropy import units

    # As files write them: fluxes are those of a pixel anyhow, and maggies have a plural.
    name = re.sub(r"\s*/\s*pix(el)?s?$", "", unit.strip(), flags=re.IGNORECASE)
    name = re.sub("^micro", "u", name)
    if re.fullmatch("(nano)?magg(y|ies)", name, re.IGNORECASE):
        name = name.lower().replace("ies", "y")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", units.UnitsWarning)
            # A maggy is the flux density of magnitude 0, here in the AB system.
            in_ab = units.zero_point_flux(1 * units.ABflux)
            return float(units.Unit(name).to("nmgy", equivalencies=in_ab))
    except (ValueError, TypeError):
        return None
