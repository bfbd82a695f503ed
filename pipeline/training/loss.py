"""Losses that draw the two views of a galaxy together and all others apart.

Source: Chen et al. 2020 (SimCLR, arXiv 2002.05709), equation 1; Yeh et al. 2021 (decoupled
contrastive learning, arXiv 2110.06848), equation 6.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Loss = Callable[[Tensor, Tensor, float], Tensor]


def nt_xent(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Return the normalised-temperature cross entropy of positive pairs.

    Row i of ``first`` and row i of ``second`` are two views of galaxy i; the other 2n - 2 rows are
    its negatives. The loss of n pairs that are all alike is log(2n - 1).

    Parameters
    ----------
    first, second : Tensor, shape (n, head_dim)
        Projections, of any length.

    Returns
    -------
    Tensor, scalar, at least float32
    """
    similarity, partner = _similarity(first, second, temperature)
    return F.cross_entropy(similarity, partner)


def dcl(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Return the decoupled contrastive loss: NT-Xent without the positive in the denominator.

    In NT-Xent a pair that agrees already takes the force from its negatives, the more so the
    smaller the batch. The loss of n pairs that are all alike is log(2n - 2); it can be negative.
    Parameters as of `nt_xent`, but n > 1.
    """
    similarity, partner = _similarity(first, second, temperature)
    positive = similarity.gather(1, partner[:, None])
    negatives = similarity.scatter(1, partner[:, None], -torch.inf)
    return (negatives.logsumexp(dim=1) - positive[:, 0]).mean()


LOSSES: dict[str, Loss] = {"nt_xent": nt_xent, "dcl": dcl}


def _similarity(first: Tensor, second: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Return cosines over temperature (2n, 2n), -inf on the diagonal, and each row's partner."""
    n = len(first)
    projections = torch.cat([first, second])
    exact = torch.promote_types(projections.dtype, torch.float32)
    projections = F.normalize(projections.to(exact), dim=1)
    similarity = projections @ projections.T / temperature
    similarity.fill_diagonal_(-torch.inf)
    return similarity, torch.arange(2 * n, device=first.device).roll(n)
