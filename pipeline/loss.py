"""NT-Xent, the loss of SimCLR.

Source: Chen et al. 2020, arXiv 2002.05709, equation 1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def nt_xent(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Return the normalised-temperature cross entropy of positive pairs.

    Row i of ``first`` and row i of ``second`` are two views of galaxy i; the other 2n - 2 rows are
    its negatives. The loss of n pairs that are all alike is log(2n - 1).

    Parameters
    ----------
    first, second : Tensor, shape (n, head_dim)
        Projections, of any length.
    temperature : float

    Returns
    -------
    Tensor, scalar, float32
    """
    n = len(first)
    projections = F.normalize(torch.cat([first, second]).float(), dim=1)
    similarity = projections @ projections.T / temperature
    similarity.fill_diagonal_(-torch.inf)
    partner = torch.arange(2 * n, device=first.device).roll(n)
    return F.cross_entropy(similarity, partner)
