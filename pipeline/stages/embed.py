"""Stage 3: export the embedding of every galaxy, chunk by chunk, here or on a cluster."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from pipeline.atlas.whole_files import whole_file
from pipeline.config import Config
from pipeline.encoder.chunk_embedder import ChunkEmbedder
from pipeline.stages.cluster import on_workers
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.store.workspace import Workspace


def run(config: Config, workspace: Workspace, scheduler: str | None = None) -> None:
    """Write ``embeddings.npy``; chunks that exist are not computed again.

    Parameters
    ----------
    scheduler : str, optional
        Address of a Dask cluster that computes. Its workers read cutouts and weights, this process
        writes.

    Raises
    ------
    EmbeddingError
        The encoder returns numbers that are not finite.
    ClusterError
        The cluster cannot be used; what is done is kept.
    """
    store = CutoutStore(workspace.cutout_store)
    embed_chunk = ChunkEmbedder.of(config, workspace)
    parts = [
        workspace.embeddings.with_name(f"embeddings-{number:06d}.npy")
        for number in range(store.n_chunks)
    ]
    missing = [number for number, part in enumerate(parts) if not part.exists()]
    done = len(store) - sum(store.chunk_rows[number] for number in missing)
    chunks = (
        ((number, embed_chunk(number)) for number in missing)
        if scheduler is None
        else on_workers(scheduler, embed_chunk, missing)
    )
    with (
        progress("embed", total=len(store), unit="galaxy", done=done) as bar,
        closing(chunks),
    ):
        for number, embeddings in chunks:
            with whole_file(parts[number]) as partial, partial.open("wb") as file:
                np.save(file, embeddings)
            bar.update(len(embeddings))
    _join(parts, len(store), workspace.embeddings)


def _join(parts: list[Path], n_rows: int, path: Path) -> None:
    """Write the parts one after another; a mapped file would crash on a full disk."""
    first = np.load(parts[0], mmap_mode="r")
    with whole_file(path) as partial, partial.open("wb") as file:
        header = np.lib.format.header_data_from_array_1_0(first)
        header["shape"] = (n_rows, first.shape[1])
        np.lib.format.write_array_header_1_0(file, header)
        for part in parts:
            np.load(part).tofile(file)
