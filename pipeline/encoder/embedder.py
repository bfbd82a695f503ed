"""From pictures to embeddings: what the atlas is made with, and what ``encoder.onnx`` holds."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.encoder.encoder import Encoder


class Embedder(nn.Module):
    """Average the representation over orientations, and whiten it if the encoder has a whitening.

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
