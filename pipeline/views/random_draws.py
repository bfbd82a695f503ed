"""Random numbers for views, drawn on the CPU so that views do not depend on the device."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from pipeline.images.legacy_surveys import ShiftedLogNormal


def uniform(n: int, generator: Generator) -> Tensor:
    """Draw (n,) values between 0 and 1."""
    return torch.rand(n, generator=generator)


def normal(shape: tuple[int, ...], generator: Generator) -> Tensor:
    """Draw standard normal values, for a few numbers per galaxy."""
    return torch.randn(shape, generator=generator)


def normal_like(pictures: Tensor, generator: Generator) -> Tensor:
    """Draw standard normal pixels on the device of ``pictures``.

    Their seed comes from ``generator``: drawing them on the CPU would cost more than all the rest.
    """
    seed = int(torch.randint(2**62, (1,), generator=generator))
    on_device = Generator(device=pictures.device).manual_seed(seed)
    return torch.randn(
        pictures.shape, generator=on_device, device=pictures.device, dtype=pictures.dtype
    )


def draw(distributions: tuple[ShiftedLogNormal, ...], n: int, generator: Generator) -> Tensor:
    """Draw (n, number of distributions) values; the few beyond a limit come to lie on it."""
    values = normal((n, len(distributions)), generator)
    columns = [
        (d.loc + d.scale * torch.exp(d.shape * values[:, i])).clamp(d.low, d.high)
        for i, d in enumerate(distributions)
    ]
    return torch.stack(columns, dim=1)
