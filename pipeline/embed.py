"""Stage 3: export the embedding of every galaxy, chunk by chunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.augmentations import encoder_input
from pipeline.config import Config
from pipeline.cutouts import CutoutStore
from pipeline.encoder import Encoder, load_encoder
from pipeline.errors import PipelineError
from pipeline.progress import progress
from pipeline.workspace import Workspace, whole_file

STAGE = "embed"


class EmbeddingError(PipelineError):
    """The encoder gives something that is not an embedding."""


def run(config: Config, workspace: Workspace) -> None:
    """Write ``embeddings.npy``; chunks that exist are not computed again.

    Raises
    ------
    EmbeddingError
        The encoder returns numbers that are not finite.
    """
    folder = workspace.folder(STAGE)
    store = CutoutStore(workspace.cutout_store)
    encoder = load_encoder(workspace.encoder_weights)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts = []
    with progress("embed", total=len(store), unit="galaxy") as bar:
        for number, chunk in enumerate(store.chunks()):
            part = folder / f"embeddings-{number:06d}.npy"
            if not part.exists():
                embeddings = _embed_chunk(encoder, chunk, config, store.survey.is_flux, device)
                with whole_file(part) as partial, partial.open("wb") as file:
                    np.save(file, embeddings)
            parts.append(part)
            bar.update(len(chunk))
    _join(parts, len(store), encoder.dim, config.embed.dtype, workspace.embeddings)


def embed(encoder: Encoder, cutouts: Tensor, config: Config, *, is_flux: bool) -> Tensor:
    """Return embeddings: representations averaged over orientations, at unit length.

    Parameters
    ----------
    cutouts : Tensor, shape (n, band, y, x)
        As stored.

    Returns
    -------
    Tensor, shape (n, dim), float32
    """
    pictures = encoder_input(cutouts, config.input, is_flux=is_flux)
    total = torch.zeros(len(pictures), encoder.dim, device=pictures.device)
    with torch.inference_mode():
        for orientation in range(config.embed.orientations):
            turned = torch.rot90(pictures, orientation % 4, (2, 3))
            if orientation >= 4:
                turned = turned.flip(3)
            turned = turned.contiguous(memory_format=torch.channels_last)
            total += F.normalize(encoder(turned).float(), dim=1)
    return F.normalize(total, dim=1)


def _embed_chunk(
    encoder: Encoder, chunk: np.ndarray, config: Config, is_flux: bool, device: torch.device
) -> np.ndarray:
    size = config.embed.batch_size
    parts = [
        embed(
            encoder,
            torch.from_numpy(np.array(chunk[start : start + size])).to(device),
            config,
            is_flux=is_flux,
        )
        for start in range(0, len(chunk), size)
    ]
    embeddings = torch.cat(parts).cpu().numpy()
    if not np.isfinite(embeddings).all():
        raise EmbeddingError(
            "The encoder returns numbers that are not finite: its weights are damaged. Train again."
        )
    return embeddings.astype(config.embed.dtype)


def _join(parts: list[Path], n_objects: int, dim: int, dtype: str, path: Path) -> None:
    with whole_file(path) as partial:
        joined = np.lib.format.open_memmap(partial, "w+", np.dtype(dtype), (n_objects, dim))
        start = 0
        for part in parts:
            embeddings = np.load(part, mmap_mode="r")
            joined[start : start + len(embeddings)] = embeddings
            start += len(embeddings)
        joined.flush()
