"""Whitening: principal components of representations, each stretched to the same variance.

A few directions, which brightness and size rule, hold most of the variance of what SimCLR learns,
and rule the cosine. Whitened, every direction that galaxies differ in counts alike.

Source: Jegou & Chum 2012 (ECCV, "Negative evidences and co-occurences in image retrieval").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pipeline.atlas.errors import PipelineError

# Of the largest eigenvalue. A direction with less than a thousandth of the largest standard
# deviation is rounding of half-precision training, and would be blown up to count like the others.
LEAST_EIGENVALUE = 1e-6


class WhiteningError(PipelineError):
    """No whitening can be fitted."""


class Whitening(nn.Module):
    """Map representations to principal components of unit variance.

    Attributes
    ----------
    mean : Tensor, shape (dim,)
        Subtracted from a representation.
    matrix : Tensor, shape (dim, whitened_dim)
        What it is then multiplied by: eigenvectors over the square roots of their eigenvalues.
    """

    mean: Tensor
    matrix: Tensor

    def __init__(self, mean: Tensor, matrix: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.float())
        self.register_buffer("matrix", matrix.float())

    @classmethod
    def of(cls, representations: Tensor, dim: int) -> Whitening:
        """Fit the whitening of (n, dim_in) representations to at most ``dim`` components.

        Raises
        ------
        WhiteningError
            The representations are all the same, or not finite.
        """
        if not torch.isfinite(representations).all():
            raise WhiteningError(
                "The representations that the whitening is to be fitted on are not finite: the "
                "encoder's weights are damaged. Train again."
            )
        x = representations.detach().double().cpu()
        mean = x.mean(dim=0)
        covariance = (x - mean).T @ (x - mean) / max(1, len(x) - 1)
        eigenvalues, vectors = torch.linalg.eigh(covariance)
        eigenvalues, vectors = eigenvalues.flip(0), vectors.flip(1)
        # Against the representations' own scale, too, lest rounding pass for variance.
        floor = max(LEAST_EIGENVALUE * float(eigenvalues[0]), 1e-12 * float(x.square().mean()))
        rank = int((eigenvalues > floor).sum())
        if rank == 0:
            raise WhiteningError(
                f"The {len(x)} representations that the whitening is to be fitted on are all the "
                "same. Train longer or at a lower rate, or set train.whitened_dim = 0."
            )
        kept = vectors[:, : min(dim, rank)]
        # The sign of an eigenvector is nobody's: let its largest number be positive.
        largest = kept.gather(0, kept.abs().argmax(dim=0, keepdim=True))
        matrix = kept * largest.sign() / eigenvalues[: kept.shape[1]].sqrt()
        return cls(mean, matrix)

    @property
    def dim(self) -> int:
        """Length of what it returns."""
        return self.matrix.shape[1]

    def forward(self, representations: Tensor) -> Tensor:
        """Map (n, dim) to (n, whitened_dim)."""
        return (representations - self.mean) @ self.matrix
