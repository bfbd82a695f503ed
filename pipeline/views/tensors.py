"""Operations on batches of cutouts as tensors: binning, colours, blur, dust, noise."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.atlas.rgb import OFFSET, SCALES, SOFTENING
from pipeline.images.legacy_surveys import LOG10_TRANSMISSION_PER_EBV

_NEIGHBOUR_MAD_TO_SIGMA = 1 / (0.6745 * math.sqrt(2))  # median |difference of two normals|


def binned(cutouts: Tensor, binning: int) -> Tensor:
    """Return float cutouts whose pixels are means of ``binning`` x ``binning``; uint8 in [0, 1].

    A mean over a pixel that is not finite is 0.

    Parameters
    ----------
    cutouts : Tensor, shape (n, band, y, x)
        uint8 RGB, or nanomaggies.
    """
    height, width = (n - n % binning for n in cutouts.shape[-2:])
    # Sums of every so-many-th row, then column: a third of the time of `avg_pool2d`.
    rows = reduce(add, [cutouts[..., i:height:binning, :].float() for i in range(binning)])
    total = reduce(add, [rows[..., i:width:binning] for i in range(binning)])
    if cutouts.dtype == torch.uint8:
        return total / (255 * binning**2)
    return torch.nan_to_num(total / binning**2)


def flux_to_rgb(flux_nmgy: Tensor) -> Tensor:
    """Turn g, r, z fluxes (n, 3, y, x) into the colours of the Legacy Surveys viewer, in [0, 1].

    The batched counterpart of `pipeline.atlas.nanomaggies_to_rgb`, before rounding to 8 bits.
    """
    scales = flux_nmgy.new_tensor(SCALES).view(1, 3, 1, 1)
    scaled = torch.nan_to_num(flux_nmgy, 0.0, 1e6, -1e6).mul_(scales).add_(OFFSET)
    intensity = scaled.clamp(min=0).mean(dim=1, keepdim=True)
    stretch = _asinh(SOFTENING * intensity) / math.sqrt(SOFTENING)
    return scaled.mul_(stretch.div_(intensity.clamp_(min=1e-12))).clamp_(0, 1).flip(1)


def _asinh(x: Tensor) -> Tensor:
    """Return the inverse hyperbolic sine of numbers that are not negative."""
    # As exact as torch.asinh, and nine times faster: on the CPU that goes number by number.
    return torch.log1p(x + x**2 / (1 + (1 + x**2).sqrt()))


def redden(flux: Tensor, ebv_mag: Tensor) -> Tensor:
    """Multiply g, r, z fluxes (n, 3, y, x) by the transmission of ``ebv_mag`` (n,)."""
    exponent = ebv_mag[:, None] * flux.new_tensor(LOG10_TRANSMISSION_PER_EBV)
    return flux * (10**exponent)[:, :, None, None]


def gaussian_blur(pictures: Tensor, sigma_px: Tensor) -> Tensor:
    """Blur each picture and band with a Gaussian of its own; total flux is kept.

    Parameters
    ----------
    pictures : Tensor, shape (n, band, y, x)
    sigma_px : Tensor, shape (n, band) or (n, 1)
        0 leaves a picture as it is.
    """
    n, bands, height, width = pictures.shape
    sigma = sigma_px.to(pictures).expand(n, bands).reshape(-1, 1)
    radius = 1 + math.ceil(4 * float(sigma.max()))
    # The Gaussian of the integers (Lindeberg 1990): its variance is sigma^2 however small sigma is,
    # which a sampled exponential misses below one pixel.
    frequency = torch.linspace(0, 2 * math.pi, 2 * radius + 2, device=pictures.device)[: radius + 1]
    spectrum = torch.exp(sigma**2 * (torch.cos(frequency) - 1))
    kernel = torch.fft.irfft(spectrum.to(torch.complex64), n=2 * radius + 1).roll(radius, 1)
    kernel = kernel.to(pictures)
    flat = pictures.reshape(1, n * bands, height, width)
    flat = F.pad(flat, (radius, radius, radius, radius), mode="replicate")
    flat = F.conv2d(flat, kernel.view(n * bands, 1, 1, -1), groups=n * bands)
    flat = F.conv2d(flat, kernel.view(n * bands, 1, -1, 1), groups=n * bands)
    return flat.view(n, bands, height, width)


def noise_level(flux: Tensor) -> Tensor:
    """Estimate the standard deviation of pixel noise, (n, band) of (n, band, y, x), robustly."""
    step = (flux[..., ::2, 1::2] - flux[..., ::2, :-1:2]).abs().flatten(2)
    return step.median(dim=2).values * _NEIGHBOUR_MAD_TO_SIGMA
