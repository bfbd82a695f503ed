"""The cutout service of the Legacy Surveys: its limits, and what it is asked for."""

from __future__ import annotations

import math
import re

import numpy as np
from pydantic import ConfigDict, PositiveFloat
from pydantic.dataclasses import dataclass

VIEWER_URL = "https://www.legacysurvey.org/viewer"
# The documented maximum; the service clips larger requests in silence.
MOST_CUTOUT_PX = 512
# One degree: no galaxy needs more, and the service would put thousands of exposures together.
MOST_FIELD_ARCSEC = 3600.0
LAYER = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class CutoutService:
    """A Legacy-Surveys-like picture service, for atlases without thumbnails of their own."""

    base_url: str  # address of ``jpeg-cutout``, without parameters
    layer: str  # the service's name for a survey, such as ``ls-dr9``
    # Column with the angular diameter of each galaxy, arcmin: a picture then shows a field in
    # proportion to its galaxy. None: all pictures have the pixel scale of the atlas.
    field_column: str | None = None
    field_diameters: PositiveFloat = 1.6  # that the side of a picture spans
    least_field_arcsec: PositiveFloat = 30.0  # catalogues have diameters that are far too small
    default_field_arcsec: PositiveFloat = 90.0  # where the diameter is not known

    def fields_arcsec(self, diameters_arcmin: np.ndarray) -> np.ndarray:
        """Return the side of each galaxy's field, as the function does."""
        return fields_arcsec(
            diameters_arcmin,
            n_diameters=self.field_diameters,
            least_arcsec=self.least_field_arcsec,
            default_arcsec=self.default_field_arcsec,
        )


def fields_arcsec(
    diameters_arcmin: np.ndarray, *, n_diameters: float, least_arcsec: float, default_arcsec: float
) -> np.ndarray:
    """Return the sides of fields in proportion to galaxies, at most `MOST_FIELD_ARCSEC`.

    Where a diameter is not known or not positive, the default is taken; both are of shape (n,).
    """
    # No diameter in arcmin is as large as this number, and larger ones would overflow.
    sides = n_diameters * (60 * np.minimum(diameters_arcmin, MOST_FIELD_ARCSEC))
    return np.clip(np.where(sides > 0, sides, default_arcsec), least_arcsec, MOST_FIELD_ARCSEC)


def cutout_parameters(
    ra_deg: float, dec_deg: float, size_px: int, layer: str, pixel_scale_arcsec: float | None
) -> dict[str, str]:
    """Return the parameters of the address of a cutout.

    Raises
    ------
    ValueError
        A number or the layer is not what a cutout service takes.

    Notes
    -----
    Source: Legacy Survey Viewer, "URL patterns": jpeg-cutout?ra=&dec=&size=&layer=&pixscale=.
    """
    if not (0 <= ra_deg < 360 and -90 <= dec_deg <= 90):
        raise ValueError(f"({ra_deg}, {dec_deg}) is not a position in degrees.")
    if not LAYER.fullmatch(layer):
        raise ValueError(f"'{layer}' is not the name of a layer.")
    size = str(min(int(size_px), MOST_CUTOUT_PX))
    parameters = {"ra": f"{ra_deg:.6f}", "dec": f"{dec_deg:.6f}", "size": size, "layer": layer}
    if pixel_scale_arcsec is not None:
        if not (math.isfinite(pixel_scale_arcsec) and pixel_scale_arcsec > 0):
            raise ValueError(f"{pixel_scale_arcsec} arcsec is not a pixel scale.")
        parameters["pixscale"] = f"{pixel_scale_arcsec:g}"
    return parameters
