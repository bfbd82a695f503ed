"""The frame in which the embeddings of an atlas are compared: they are counted from their mean.

Embeddings of a survey unlike those that the model was trained on share a direction, so that the
cosine of two unrelated galaxies is far from 0. An atlas therefore publishes the mean of what its
model gives, its centre, and keeps embeddings less that mean, at unit length again (decision 014).
Whatever comes from elsewhere, a picture or a galaxy of another atlas, goes *into* the frame before
it is compared, and *out of* it to be understood by another atlas of the same model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Fewer galaxies leave their mean to chance: measured in decision 014.
FEWEST = 50
# Nearer to the mean than this, half-precision embeddings have no direction of their own.
_SHORTEST = 1e-2
_DECIMALS = 7  # of the centre, as the manifest keeps it


@dataclass(frozen=True, eq=False)
class Frame:
    """Takes embeddings from the frame of the model into that of an atlas, and back.

    Attributes
    ----------
    centre : ndarray of float64, shape (dim,), or None
        What embeddings are counted from; shorter than 1. None: both frames are the same, as in
        atlases of earlier releases.
    """

    centre: np.ndarray | None = None

    def into(self, embeddings: np.ndarray) -> np.ndarray:
        """Return what the model gives as this atlas has it.

        Parameters
        ----------
        embeddings : ndarray, shape (dim,) or (n, dim)
            Unit length.

        Returns
        -------
        ndarray of float32
            Of the same shape, unit length.
        """
        embeddings = np.asarray(embeddings)
        if self.centre is None:
            return embeddings.astype(np.float32)
        return _unit(embeddings - self.centre)

    def out_of(self, embeddings: np.ndarray) -> np.ndarray:
        """Return embeddings of this atlas as the model gives them: the inverse of `into`.

        Parameters
        ----------
        embeddings : ndarray, shape (dim,) or (n, dim)
            Unit length.

        Returns
        -------
        ndarray of float32
            Of the same shape, unit length.

        Notes
        -----
        From the centre, which lies within the unit sphere, each direction meets the sphere once.
        """
        embeddings = np.asarray(embeddings, dtype=np.float64)
        if self.centre is None:
            return embeddings.astype(np.float32)
        along = embeddings @ self.centre
        way = np.sqrt(along**2 + 1 - self.centre @ self.centre) - along
        return _unit(self.centre + way[..., None] * embeddings)

    @classmethod
    def around(cls, mean: np.ndarray, n: int) -> Frame:
        """Return the frame of ``n`` galaxies with this mean embedding, shape (dim,).

        Few galaxies keep the frame of the model, and so do those that all look the same.
        """
        centre = np.round(np.asarray(mean, dtype=np.float64), _DECIMALS)
        if n < FEWEST or not np.linalg.norm(centre) < 1 - _SHORTEST:
            return cls()
        return cls(centre)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / length, dtype=np.float32)
