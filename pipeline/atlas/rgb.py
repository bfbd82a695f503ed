"""Images to 8 bits: fluxes as the Legacy Surveys viewer does, or Lupton et al., and any range."""

from __future__ import annotations

import numpy as np
from pydantic import ConfigDict, Field, PositiveFloat
from pydantic.dataclasses import dataclass

# The viewer's `dr2_rgb`; order of the bands g, r, z.
SCALES = (6.0, 3.4, 2.2)  # per nanomaggy; g becomes blue, r green, z red
OFFSET = 0.03  # lifts the sky off black, pure number
SOFTENING = 20.0  # Q of the asinh stretch, pure number

# The stretch to 8 bits: these percentiles become black and white, and the knee, a fraction of
# that range, is where the scale turns from linear to logarithmic.
_BLACK_PERCENTILE = 1.0
_WHITE_PERCENTILE = 99.8
_KNEE = 0.1


def nanomaggies_to_rgb(flux_nmgy: np.ndarray) -> np.ndarray:
    """Turn g, r, z fluxes into the colours of the Legacy Surveys viewer.

    Parameters
    ----------
    flux_nmgy : ndarray, shape (..., 3, y, x)
        Nanomaggies per pixel in g, r, z. NaN counts as no flux, as in a pixel that no exposure saw.

    Returns
    -------
    ndarray, shape (..., y, x, 3)
        uint8, red (z), green (r), blue (g): the layout that image files and matplotlib use. Rows
        keep their order.

    Notes
    -----
    Source: ``dr2_rgb`` of the Legacy Surveys viewer. With ``s = flux * scale + m`` and
    ``I = mean(max(0, s))``, each channel is ``s * asinh(Q I) / (sqrt(Q) I)``, cut to [0, 1] and
    rounded to the nearest of 256 levels. Empty sky is the grey level 32.
    """
    flux_nmgy = np.asarray(flux_nmgy)
    if flux_nmgy.ndim < 3 or flux_nmgy.shape[-3] != len(SCALES):
        raise ValueError(
            f"Expected fluxes of shape (..., 3, y, x) in the bands g, r, z, got "
            f"{flux_nmgy.shape}. Put the bands on the third axis from the end."
        )
    # Beyond 1e6 nanomaggies a pixel is white in any case; the bound keeps infinities out of I.
    flux = np.nan_to_num(flux_nmgy.astype(np.float32), nan=0.0, posinf=1e6, neginf=-1e6)
    scaled = np.clip(flux, -1e6, 1e6) * np.asarray(SCALES, np.float32)[:, None, None] + OFFSET
    intensity = np.maximum(scaled, 0).mean(axis=-3, keepdims=True)
    brightness = np.arcsinh(SOFTENING * intensity) / np.sqrt(np.float32(SOFTENING))
    # Where no band is positive the brightness is zero too, so any positive divisor gives black.
    scaled *= brightness / np.where(intensity > 0, intensity, 1)
    levels = np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(levels[..., ::-1, :, :], -3, -1))


def stretch(values: np.ndarray) -> np.ndarray:
    """Stretch an image of any range to 8 bits, with detail in both the halo and the core.

    Values of any unit and shape become uint8: ``asinh(x / a) / asinh(1 / a)`` with a = 0.1, where x
    runs from 0 at the 1st percentile to 1 at the 99.8th, or from the least to the largest value
    where those percentiles are equal. Black where not finite. All planes are stretched alike, which
    keeps the colours.
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return np.zeros(values.shape, np.uint8)
    black, white = np.percentile(finite, (_BLACK_PERCENTILE, _WHITE_PERCENTILE))
    if black == white:
        black, white = finite.min(), finite.max()
    scaled = (values.astype(np.float64) - black) / ((white - black) or 1.0)
    scaled = np.clip(np.nan_to_num(scaled, nan=0.0, posinf=0.0, neginf=0.0), 0.0, 1.0)
    return np.rint(255 * np.arcsinh(scaled / _KNEE) / np.arcsinh(1 / _KNEE)).astype(np.uint8)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class LuptonColours:
    """Colours of any three bands: asinh of the mean brightness, hue as the fluxes have it.

    Notes
    -----
    Source: Lupton et al. 2004, PASP 116, 133, as `astropy.visualization.make_lupton_rgb` has it.
    """

    red: str
    green: str
    blue: str
    # Softening: the larger, the sooner the scale turns from linear to logarithmic.
    q: float = Field(default=8.0, gt=0)
    # Where it turns, nanomaggies per pixel: the smaller, the brighter the picture.
    stretch: float = Field(default=0.2, gt=0)
    minimum: float = 0.0  # what is shown black, nanomaggies per pixel
    # Factors of red, green and blue before all else, to balance the colours.
    scales: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = (1.0, 1.0, 1.0)

    @property
    def bands(self) -> tuple[str, str, str]:
        """Red, green and blue."""
        return self.red, self.green, self.blue

    def rgb(self, flux_nmgy: np.ndarray) -> np.ndarray:
        """Turn finite nanomaggies per pixel in `bands`, (3, y, x), into uint8 of that shape."""
        from astropy.visualization import make_lupton_rgb

        # Double precision: the brightest pixels must not overflow. It divides 0 by 0 in empty ones.
        flux = np.asarray(flux_nmgy) * np.asarray(self.scales)[:, None, None]
        with np.errstate(invalid="ignore"):
            picture = make_lupton_rgb(*flux, minimum=self.minimum, stretch=self.stretch, Q=self.q)
        return np.moveaxis(picture, -1, 0)
