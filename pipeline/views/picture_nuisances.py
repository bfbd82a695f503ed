"""Nuisances of pictures: the counterparts, in RGB, of what `sky_nuisances` does to flux.

What the fluxes would be is not known, so that strengths are knobs of `ViewsConfig` and not
distributions of a survey. None of them cuts to [0, 1]: views are cut once, at the end.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from pipeline.views.random_draws import normal, normal_like, uniform
from pipeline.views.tensors import gaussian_blur


class Brightness:
    """Multiply all of a picture by one factor: another exposure, or another stretch.

    The factor is log-normal, so that twice as bright is as likely as half as bright. Source: the
    brightness jitter of Chen et al. 2020 (arXiv 2002.05709), appendix A, a fraction as strong, for
    brightness is physics.

    Parameters
    ----------
    gain : float
        Standard deviation of the factor's natural logarithm.
    """

    def __init__(self, gain: float) -> None:
        self.gain = gain

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        return pictures * _factors(self.gain, 1, pictures, generator)


class ColourBalance:
    """Multiply each channel by a factor of its own: dust in front, and calibration.

    The counterpart of `Reddening`; no hue is rotated. Source: the survey's median E(B-V), 0.035 mag
    (Stein et al. 2021), dims g by 6 % more than z; a few per cent a channel are of that order.

    Parameters
    ----------
    band_gain : float
        Standard deviation of each factor's natural logarithm.
    """

    def __init__(self, band_gain: float) -> None:
        self.band_gain = band_gain

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        return pictures * _factors(self.band_gain, 3, pictures, generator)


class PictureBlur:
    """Blur with a Gaussian: worse seeing; half of the views stay as sharp as the picture is.

    Source: Chen et al. 2020, appendix A, which blurs half of the views, too.

    Parameters
    ----------
    blur_px : float
        Largest sigma, in pixels of the pictures that it is given.
    """

    def __init__(self, blur_px: float) -> None:
        self.blur_px = blur_px

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        sigma_px = self.blur_px * _half_of_them(len(pictures), generator)
        return gaussian_blur(pictures, sigma_px[:, None])


class PictureNoise:
    """Add normal noise: a shorter exposure; half of the views stay as clean as the picture is.

    Source: the noise of Stein et al. 2021, where, too, about half of the galaxies already have more
    than is drawn.

    Parameters
    ----------
    picture_noise : float
        Largest sigma; full scale is 1.
    """

    def __init__(self, picture_noise: float) -> None:
        self.picture_noise = picture_noise

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """Map (n, 3, y, x) to the same shape."""
        sigma = self.picture_noise * _half_of_them(len(pictures), generator)
        level = sigma.to(pictures).view(-1, 1, 1, 1)
        return torch.addcmul(pictures, level, normal_like(pictures, generator))


def _factors(sigma: float, channels: int, pictures: Tensor, generator: Generator) -> Tensor:
    logarithm = sigma * normal((len(pictures), channels), generator)
    return torch.exp(logarithm).to(pictures)[:, :, None, None]


def _half_of_them(n: int, generator: Generator) -> Tensor:
    """Draw (n,) values: 0 for half of them, between 0 and 1 for the others."""
    return (2 * uniform(n, generator) - 1).clamp(min=0)
