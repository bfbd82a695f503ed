"""Whether a galaxy keeps its neighbours when its picture is turned, moved, blurred or noisier."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from pipeline.atlas.engines import exact_neighbours
from pipeline.evaluation.estimate import Estimate, over_galaxies
from pipeline.evaluation.neighbourhood import without_own
from pipeline.evaluation.representations import Representation, pictures_of
from pipeline.store.cutouts import CutoutStore
from pipeline.views.field import Field
from pipeline.views.tensors import binned, gaussian_blur, noise_level

MOST_CHANGED = 250


# From stored cutouts (n, band, y, x) to changed pictures (n, 3, input_px, input_px).
Nuisance = Callable[[Tensor, Field, Generator], Tensor]


class Change(NamedTuple):
    """One way to change a picture, always by the same amount."""

    name: str
    description: str
    apply: Nuisance


def _rotated(cutouts: Tensor, field: Field, generator: Generator) -> Tensor:
    angle = 2 * math.pi * torch.rand(len(cutouts), generator=generator)
    cos, sin = torch.cos(angle), torch.sin(angle)
    matrix = torch.stack([cos, -sin, sin, cos], 1).view(-1, 2, 2)
    return field.colours(field.sample(field.prepare(cutouts), matrix))


def _shifted(cutouts: Tensor, field: Field, generator: Generator) -> Tensor:
    angle = 2 * math.pi * torch.rand(len(cutouts), generator=generator)
    shift = 2 * SHIFT * torch.stack([torch.cos(angle), torch.sin(angle)], 1)  # halves of the field
    return field.colours(field.sample(field.prepare(cutouts), torch.eye(2)[None], shift))


def _blurred(cutouts: Tensor, field: Field, _generator: Generator) -> Tensor:
    sigma_px = torch.full((len(cutouts), 1), BLUR * field.field_px)
    return field.encoder_input(gaussian_blur(binned(cutouts, 1), sigma_px))


def _noisier(cutouts: Tensor, field: Field, generator: Generator) -> Tensor:
    values = binned(cutouts, 1)
    sigma: Tensor | float = noise_level(values)[:, :, None, None] if field.is_flux else NOISE
    noisy = values + sigma * torch.randn(values.shape, generator=generator)
    return field.encoder_input(noisy if field.is_flux else noisy.clamp(0, 1))


SHIFT, BLUR, NOISE = 0.05, 1 / 64, 0.03  # of the field's side, of the field's side, of full scale
CHANGES = (
    Change("rotation", "by a random angle", _rotated),
    Change("shift", f"by {SHIFT:.0%} of the field in a random direction", _shifted),
    Change("blur", "by a Gaussian with a sigma of 1/64 of the field", _blurred),
    Change(
        "noise",
        f"as much again as a flux cutout has; {NOISE:.0%} of full scale in a picture",
        _noisier,
    ),
)


def recall(
    representation: Representation,
    store: CutoutStore,
    rows: np.ndarray,
    sample: np.ndarray,
    change: Change,
    k: int,
    seed: int,
) -> Estimate:
    """Return the share of a galaxy's k neighbours that it keeps when its picture is changed.

    Parameters
    ----------
    representation : Representation
        One that comes from pictures.
    rows : ndarray of int, shape (n,)
        Of its vectors in the store.
    sample : ndarray of int, shape (m,)
        The galaxies to change, as places in ``rows``. All galaxies but itself are candidates.
    """
    assert representation.field is not None  # said above  # nosec B101
    assert representation.encode is not None  # said above  # nosec B101
    generator = Generator().manual_seed(seed)
    changed = np.concatenate(
        [
            representation.encode(pictures)
            for pictures in pictures_of(
                store,
                rows[sample],
                representation.field,
                lambda cutouts, field: change.apply(cutouts, field, generator),
            )
        ]
    )
    before = representation.neighbourhoods[0].rows[sample, :k]
    after = without_own(exact_neighbours(representation.vectors[0], changed, k + 1)[0], sample)
    kept = (before[:, :, None] == after[:, None, :]).any(axis=2)
    return over_galaxies(kept.mean(axis=1))
