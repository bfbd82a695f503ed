"""The embeddings of one chunk of a cutout store, the same bytes wherever they are computed."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from pipeline import __version__
from pipeline.atlas.errors import PipelineError
from pipeline.atlas.whole_files import file_sha256
from pipeline.config import Config, EmbedConfig, InputConfig
from pipeline.encoder.encoder import Embedder
from pipeline.encoder.hardware import best_device
from pipeline.encoder.weights import load_encoder
from pipeline.store.cutouts import CutoutStore
from pipeline.store.workspace import Workspace
from pipeline.views.field import Field


class EmbeddingError(PipelineError):
    """The encoder, or a process that uses it, gives something that is not an embedding."""


@dataclass(frozen=True)
class ChunkEmbedder:
    """A function from the number of a chunk to its embeddings; picklable, small.

    Other processes, on other machines too, give what this one gives as long as they read the same
    files and their processors are of the same kind.
    """

    input: InputConfig
    embed: EmbedConfig
    store: Path  # folder of the cutout store; absolute, as `weights` is
    weights: Path
    weights_sha256: str  # another file in the place of `weights` is an error
    n_threads: int  # of torch: sums are rounded differently by another number of them
    version: str = __version__

    @classmethod
    def of(cls, config: Config, workspace: Workspace) -> ChunkEmbedder:
        """Return what embeds the chunks of a workspace as this process would."""
        # Other processes have another current directory.
        weights = workspace.encoder_weights.absolute()
        return cls(
            config.input,
            config.embed,
            workspace.cutout_store.absolute(),
            weights,
            file_sha256(weights),
            torch.get_num_threads(),
        )

    def __call__(self, number: int) -> np.ndarray:
        """Embed one chunk.

        Returns
        -------
        ndarray, shape (n, dim)
            At unit length, of the configuration's dtype.

        Raises
        ------
        EmbeddingError
            The encoder returns numbers that are not finite; or this process has other code or
            other weights than the one that asks.
        OSError
            The files are not there.
        """
        if self.version != __version__:
            raise EmbeddingError(
                f"A worker runs version {__version__} of Galaxy Finder, this is {self.version}. "
                "Start the workers in a checkout of this version."
            )
        if torch.get_num_threads() != self.n_threads:
            torch.set_num_threads(self.n_threads)
        embedder = _embedder(self.weights, self.weights_sha256, self.embed.orientations)
        device = next(embedder.parameters()).device
        store = CutoutStore(self.store)
        field = Field.of(self.input, store.survey)
        # The embedder encodes all orientations of a galaxy at once.
        batch_size = max(1, self.embed.batch_size // self.embed.orientations)
        with torch.inference_mode():
            batches = [
                embedder(field.encoder_input(torch.from_numpy(batch).to(device))).cpu()
                for batch in store.batches(batch_size, [number])
            ]
        embeddings = torch.cat(batches).numpy() if batches else np.empty((0, embedder.dim))
        if not np.isfinite(embeddings).all():
            raise EmbeddingError(
                "The encoder returns numbers that are not finite: its weights are damaged. "
                "Train again."
            )
        return embeddings.astype(self.embed.dtype)


# A worker embeds many chunks, and may outlive the weights that it began with.
@functools.lru_cache(maxsize=1)
def _embedder(weights: Path, sha256: str, orientations: int) -> Embedder:
    if file_sha256(weights) != sha256:
        raise EmbeddingError(
            f"{weights} is not the same file here and on a worker. Put the folder of atlases where "
            "all of them see the same files."
        )
    embedder = Embedder(load_encoder(weights), orientations)
    embedder.to(best_device()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return embedder
