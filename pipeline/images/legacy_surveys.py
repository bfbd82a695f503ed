"""Numbers of the DESI Legacy Imaging Surveys that several modules share.

Unless a line says otherwise the source is Stein et al. 2022 (arXiv 2110.00023) and its code, which
measured these distributions on DR9 south. Tuples over bands are in the order of `BANDS`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class ShiftedLogNormal(NamedTuple):
    """A log-normal distribution shifted by `loc` and cut to ``[low, high]``.

    Attributes
    ----------
    shape, loc, scale : float
        As in `scipy.stats.lognorm`: ``loc + scale * exp(shape * normal)``.
    low, high : float
        Values outside are drawn again.
    """

    shape: float
    loc: float
    scale: float
    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one value, in the unit of `loc` and `scale`."""
        while True:
            value = self.loc + self.scale * float(np.exp(self.shape * rng.standard_normal()))
            if self.low <= value <= self.high:
                return value

    def times(self, factor: float) -> ShiftedLogNormal:
        """Return the distribution of the same quantity in a unit `factor` times smaller."""
        return ShiftedLogNormal(
            self.shape, *(factor * value for value in (self.loc, self.scale, self.low, self.high))
        )


BANDS = ("g", "r", "z")

PIXEL_SCALE_ARCSEC = 0.262  # arcsec per pixel of the published cutouts

CUTOUT_PX = 152  # side of the published cutouts, px

AB_ZERO_POINT = 22.5  # mag of one nanomaggy; Legacy Surveys DR9, "Description"

FWHM_OVER_SIGMA = 2.3548  # of a Gaussian: 2 sqrt(2 ln 2)

# The source's code uses these numbers as the standard deviation of a Gaussian in pixels. Read as
# FWHM in arcsec they would be 1.6 times the survey's seeing (medians 1.5, 1.3, 1.2 arcsec).
PSF_SIGMA_PX = (
    ShiftedLogNormal(0.211, 1.081, 1.315, 1.32, 5.0),
    ShiftedLogNormal(0.301, 1.239, 0.916, 1.27, 4.5),
    ShiftedLogNormal(0.347, 1.193, 0.823, 1.21, 4.25),
)

PSF_FWHM_ARCSEC = tuple(  # arcsec
    sigma.times(FWHM_OVER_SIGMA * PIXEL_SCALE_ARCSEC) for sigma in PSF_SIGMA_PX
)

PIXEL_NOISE_NMGY = (  # nanomaggies per pixel, one standard deviation
    ShiftedLogNormal(0.2265, -0.00067, 0.00376, 0.0011, 0.013),
    ShiftedLogNormal(0.2431, -0.00237, 0.00674, 0.0011, 0.018),
    ShiftedLogNormal(0.1335, -0.01434, 0.02608, 0.0011, 0.061),
)

EBV_MAG = ShiftedLogNormal(0.673, 0.00115, 0.0334, 0.0, 1.0)  # mag

LOG10_TRANSMISSION_PER_EBV = (-1.2856, -0.866, -0.4844)  # dex of flux per mag of E(B-V)

NORTH_SOUTH_DEC_DEG = 32.375  # deg; DR9 north (BASS, MzLS) lies above, south (DECam) below
