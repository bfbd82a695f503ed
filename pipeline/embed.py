"""Stage 3: export the embedding of every galaxy, chunk by chunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.config import Config
from pipeline.cutouts import CutoutStore
from pipeline.encoder import Encoder, load_encoder
from pipeline.errors import PipelineError
from pipeline.field import Field
from pipeline.progress import progress
from pipeline.workspace import Workspace, whole_file


class EmbeddingError(PipelineError):
    """The encoder gives something that is not an embedding."""


def run(config: Config, workspace: Workspace) -> None:
    """Write ``embeddings.npy``; chunks that exist are not computed again.

    Raises
    ------
    EmbeddingError
        The encoder returns numbers that are not finite.
    """
    store = CutoutStore(workspace.cutout_store)
    field = Field.of(config.input, store.survey)
    encoder = load_encoder(workspace.encoder_weights)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts = [
        workspace.embeddings.with_name(f"embeddings-{number:06d}.npy")
        for number in range(store.n_chunks)
    ]
    done = sum(n for part, n in zip(parts, store.chunk_rows, strict=True) if part.exists())
    with progress("embed", total=len(store), unit="galaxy", done=done) as bar:
        for number, part in enumerate(parts):
            if part.exists():
                continue
            batches = [
                embed(encoder, field, torch.from_numpy(batch).to(device), config.embed.orientations)
                for batch in store.batches(config.embed.batch_size, [number])
            ]
            embeddings = torch.cat(batches).cpu().numpy() if batches else np.empty((0, encoder.dim))
            if not np.isfinite(embeddings).all():
                raise EmbeddingError(
                    "The encoder returns numbers that are not finite: its weights are damaged. "
                    "Train again."
                )
            with whole_file(part) as partial, partial.open("wb") as file:
                np.save(file, embeddings.astype(config.embed.dtype))
            bar.update(len(embeddings))
    _join(parts, (len(store), encoder.dim), config.embed.dtype, workspace.embeddings)


def embed(encoder: Encoder, field: Field, cutouts: Tensor, orientations: int) -> Tensor:
    """Return embeddings: representations averaged over orientations, at unit length.

    Parameters
    ----------
    cutouts : Tensor, shape (n, band, y, x)
        As stored.
    orientations : int
        The first of four quarter turns, and the same of the mirror image.

    Returns
    -------
    Tensor, shape (n, dim), float32
    """
    pictures = field.encoder_input(cutouts)
    total = torch.zeros(len(pictures), encoder.dim, device=pictures.device)
    with torch.inference_mode():
        for orientation in range(orientations):
            turned = torch.rot90(pictures, orientation % 4, (2, 3))
            if orientation >= 4:
                turned = turned.flip(3)
            turned = turned.contiguous(memory_format=torch.channels_last)
            total += F.normalize(encoder(turned).float(), dim=1)
    return F.normalize(total, dim=1)


def _join(parts: list[Path], shape: tuple[int, int], dtype: str, path: Path) -> None:
    """Write the parts one after another; a mapped file would crash on a full disk."""
    with whole_file(path) as partial, partial.open("wb") as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for part in parts:
            np.load(part).tofile(file)
