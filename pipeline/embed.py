"""Stage 3: export the embedding of every galaxy, chunk by chunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from pipeline.config import Config
from pipeline.cutouts import CutoutStore
from pipeline.embedder import Embedder
from pipeline.encoder_weights import load_encoder
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
    embedder = Embedder(load_encoder(workspace.encoder_weights), config.embed.orientations)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    embedder.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    # The embedder encodes all orientations of a galaxy at once.
    batch_size = max(1, config.embed.batch_size // config.embed.orientations)
    parts = [
        workspace.embeddings.with_name(f"embeddings-{number:06d}.npy")
        for number in range(store.n_chunks)
    ]
    done = sum(n for part, n in zip(parts, store.chunk_rows, strict=True) if part.exists())
    with progress("embed", total=len(store), unit="galaxy", done=done) as bar:
        for number, part in enumerate(parts):
            if part.exists():
                continue
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
            with whole_file(part) as partial, partial.open("wb") as file:
                np.save(file, embeddings.astype(config.embed.dtype))
            bar.update(len(embeddings))
    _join(parts, (len(store), embedder.dim), config.embed.dtype, workspace.embeddings)


def _join(parts: list[Path], shape: tuple[int, int], dtype: str, path: Path) -> None:
    """Write the parts one after another; a mapped file would crash on a full disk."""
    with whole_file(path) as partial, partial.open("wb") as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for part in parts:
            np.load(part).tofile(file)
