"""Encoders: any network that maps pictures to representations; embedder and SimCLR's head."""

from __future__ import annotations

from abc import abstractmethod
from pkgutil import resolve_name
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.config import ENCODERS
from pipeline.encoder.whitening import Whitening


class Encoder(nn.Module):
    """Map pictures to representations.

    Training compares what `last` returns, export takes what the network itself does. Which network
    it is, the type of its configuration says: see `pipeline.config.ENCODERS`.

    Parameters
    ----------
    config : dataclass
        Its knobs; also ``head_layers`` and ``head_dim`` of the projection head, and ``mean`` and
        ``std``, by which pictures are normalised.

    Attributes
    ----------
    dim : int
        Length of a representation.
    last_dim : int
        Length of what `last` returns.
    whitening : Whitening or None
        What makes embeddings of representations, if it was fitted; `Embedder` applies it.
    """

    # As buffers they follow the network to its device; weights know them by their configuration.
    mean: Tensor
    std: Tensor
    dim: int
    last_dim: int

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self.whitening: Whitening | None = None
        self.register_buffer("mean", torch.tensor(config.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(1, 3, 1, 1), persistent=False)

    @property
    @abstractmethod
    def name(self) -> str:
        """Kind and size, as in the name of a model."""

    @property
    @abstractmethod
    def size(self) -> str:
        """What a file of weights must fit, in words."""

    @abstractmethod
    def forward(self, pictures: Tensor) -> Tensor:
        """Map pictures (n, 3, y, x), RGB in [0, 1], to representations (n, dim)."""

    @abstractmethod
    def last(self, pictures: Tensor) -> Tensor:
        """Map pictures (n, 3, y, x) to what training compares (n, last_dim)."""

    def normalised(self, pictures: Tensor) -> Tensor:
        """Return pictures as the first layer sees them."""
        return (pictures - self.mean) / self.std


def new_encoder(config: Any) -> Encoder:
    """Return the network that a configuration describes, with random weights."""
    encoder: Encoder = resolve_name(ENCODERS[type(config)])(config)
    return encoder


class Embedder(nn.Module):
    """Make embeddings: what the atlas is made with, and what ``encoder.onnx`` holds.

    The representation is averaged over orientations, and whitened if the encoder has a whitening.

    Parameters
    ----------
    encoder : Encoder
        In evaluation mode.
    orientations : int
        The first of four quarter turns, and the same of the mirror image: 1, 4 or 8.
    """

    def __init__(self, encoder: Encoder, orientations: int) -> None:
        super().__init__()
        self.encoder, self.orientations = encoder, orientations

    @property
    def dim(self) -> int:
        """Length of the embeddings."""
        whitening = self.encoder.whitening
        return self.encoder.dim if whitening is None else whitening.dim

    def representations(self, pictures: Tensor) -> Tensor:
        """Map pictures (n, 3, y, x) to representations (n, encoder.dim) at unit length."""
        turned = torch.cat([self._turned(pictures, which) for which in range(self.orientations)])
        turned = turned.contiguous(memory_format=torch.channels_last)
        single = F.normalize(self.encoder(turned).float(), dim=1)
        return F.normalize(single.unflatten(0, (self.orientations, -1)).mean(dim=0), dim=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Embed pictures.

        Parameters
        ----------
        pictures : Tensor, shape (n, 3, input_px, input_px)
            RGB in [0, 1], of `Field.encoder_input`. All orientations are encoded at once, so that
            this takes the memory of n times as many.

        Returns
        -------
        Tensor, shape (n, dim), float32
            At unit length.
        """
        representations = self.representations(pictures)
        if self.encoder.whitening is None:
            return representations
        return F.normalize(self.encoder.whitening(representations), dim=1)

    @staticmethod
    def _turned(pictures: Tensor, which: int) -> Tensor:
        turned = torch.rot90(pictures, which % 4, (2, 3))
        return turned.flip(3) if which >= 4 else turned


class ProjectionHead(nn.Sequential):
    """SimCLR's perceptron, used in training only.

    Source: Chen et al. 2020 (arXiv 2002.05709).

    Parameters
    ----------
    dim, head_dim : int
        Lengths of representation and projection.
    layers : int
        1 is linear; each further one comes before it, as wide as the representation, with batch
        norm and ReLU.
    """

    def __init__(self, dim: int, head_dim: int, layers: int = 2) -> None:
        hidden: list[nn.Module] = []
        for _ in range(layers - 1):
            hidden += [
                nn.Linear(dim, dim, bias=False),
                nn.BatchNorm1d(dim),
                nn.ReLU(inplace=True),
            ]
        super().__init__(*hidden, nn.Linear(dim, head_dim))


def fit_whitening(encoder: Encoder, representations: Tensor, dim: int) -> None:
    """Give the encoder the whitening of some galaxies instead of a former one; none if dim is 0.

    Parameters
    ----------
    representations : Tensor, shape (n, encoder.dim)
        At unit length and averaged over orientations, of `Embedder.representations`.
    dim : int
        Length of the embeddings, or less where galaxies do not vary in so many directions.

    Raises
    ------
    WhiteningError
        The galaxies' representations are all the same, or not finite.
    """
    fitted = Whitening.of(representations, dim) if dim else None
    encoder.whitening = fitted.to(encoder.mean.device) if fitted else None
